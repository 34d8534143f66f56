package oktatest

import (
	"encoding/json"
	"slices"
	"time"
)

// baseAttribute is one attribute of the profile that an app with SCIM
// provisioning has, with the names that Okta gives it
// (https://developer.okta.com/docs/guides/scim-provisioning-integration-connect/main/).
type baseAttribute struct {
	name, title, external string
}

// baseAttributes are those in the order in which they are shown; userName stands
// in the credentials.
func baseAttributes() []baseAttribute {
	return []baseAttribute{
		{"givenName", "Given name", "name.givenName"},
		{"familyName", "Family name", "name.familyName"},
		{"middleName", "Middle name", "name.middleName"},
		{"honorificPrefix", "Honorific prefix", "name.honorificPrefix"},
		{"honorificSuffix", "Honorific suffix", "name.honorificSuffix"},
		{"email", "Email", "emails.value"},
		{"title", "Title", "title"},
		{"displayName", "Display name", "displayName"},
		{"nickName", "Nickname", "nickName"},
		{"profileUrl", "Profile Url", "profileUrl"},
		{"primaryPhone", "Primary phone", "phoneNumbers.value"},
		{"streetAddress", "Street address", "addresses.streetAddress"},
		{"locality", "Locality", "addresses.locality"},
		{"region", "Region", "addresses.region"},
		{"postalCode", "Postal code", "addresses.postalCode"},
		{"country", "Country", "addresses.country"},
		{"formatted", "Formatted", "addresses.formatted"},
		{"preferredLanguage", "Preferred language", "preferredLanguage"},
		{"locale", "Locale", "locale"},
		{"timezone", "Time zone", "timezone"},
		{"userType", "User type", "userType"},
		{"employeeNumber", "Employee number", "employeeNumber"},
		{"costCenter", "Cost center", "costCenter"},
		{"organization", "Organization", "organization"},
		{"division", "Division", "division"},
		{"department", "Department", "department"},
		{"managerValue", "Manager value", "manager.value"},
		{"managerDisplayName", "Manager display name", "manager.displayName"},
	}
}

func isBaseAttribute(name string) bool {
	return slices.ContainsFunc(baseAttributes(), func(a baseAttribute) bool { return a.name == name })
}

// mapped appends what the org's standard mapping gives for a base attribute.
func mapped(b []byte, u *user, name string) []byte {
	switch name {
	case "givenName":
		return text(b, u.first)
	case "familyName":
		return text(b, u.last)
	case "email":
		return text(b, u.email)
	}
	if set, ok := u.extra[name]; ok {
		return append(b, set...)
	}
	return append(b, "null"...)
}

// changed are the base attributes that the mapping writes anew after a change.
func (c userChange) changed() []string {
	var names []string
	for name, to := range map[string]*string{"givenName": c.first, "familyName": c.last, "email": c.email} {
		if to != nil {
			names = append(names, name)
		}
	}
	for name := range c.extra {
		if isBaseAttribute(name) {
			names = append(names, name)
		}
	}
	return names
}

// follow lets an assignment take over what has changed of its person: the
// mapping applies on each update, also to what was given with the assignment.
func (a *appUser) follow(c userChange, now time.Time) {
	for _, name := range c.changed() {
		delete(a.own, name)
	}
	a.updated = now
}

// customProperties are the attributes that the schema has beside the base.
func (d *directory) customProperties() ordered {
	out := ordered{}
	for _, name := range d.viewAppUsers("", "").custom {
		p := ordered{{"title", name}, {"type", "string"}}
		if name == d.app.roleAttribute && d.app.roleType == "array" {
			p = ordered{{"title", name}, {"type", "array"}, {"items", ordered{{"type", "string"}}}}
		}
		out = append(out, pair{name, append(p, pair{"externalName", name}, pair{"scope", "NONE"}, pair{"master", ordered{{"type", "PROFILE_MASTER"}}})})
	}
	return out
}

// showSchema appends the schema of the app's user profile.
func (d *directory) showSchema(b []byte, base string) []byte {
	props := ordered{{"userName", ordered{{"title", "Username"}, {"type", "string"}, {"required", true}, {"scope", "NONE"}, {"maxLength", 100}}}}
	for _, a := range baseAttributes() {
		p := ordered{{"title", a.title}, {"type", "string"}, {"externalName", a.external}, {"scope", "NONE"}}
		if isOneOf(a.name, "givenName", "familyName", "email") {
			p = append(p, pair{"required", true})
		}
		props = append(props, pair{a.name, p})
	}
	return encoded(b, ordered{
		{"id", base + "/meta/schemas/apps/" + d.app.id + "/default"}, {"$schema", "http://json-schema.org/draft-04/schema#"},
		{"name", d.app.name}, {"title", d.app.label + " User"},
		{"lastUpdated", json.RawMessage(moment(nil, d.app.created))}, {"created", json.RawMessage(moment(nil, d.app.created))},
		{"definitions", ordered{
			{"custom", ordered{{"id", "#custom"}, {"type", "object"}, {"properties", d.customProperties()}, {"required", []string{}}}},
			{"base", ordered{{"id", "#base"}, {"type", "object"}, {"properties", props}, {"required", []string{"userName", "givenName", "familyName", "email"}}}},
		}},
		{"type", "object"},
		{"properties", ordered{{"profile", ordered{{"allOf", []any{ordered{{"$ref", "#/definitions/custom"}}, ordered{{"$ref", "#/definitions/base"}}}}}}}},
	})
}
