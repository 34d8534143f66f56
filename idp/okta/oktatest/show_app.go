package oktatest

import (
	"encoding/json"
	"slices"
)

// baseAttribute is one attribute of an OIDC app's profile, with the names
// that Okta gives it.
type baseAttribute struct {
	name, title, description, external string
}

// baseAttributes are those in the order in which Okta shows them.
func baseAttributes() []baseAttribute {
	return []baseAttribute{
		{"street_address", "Street Address", "Full street address component.", "address.street_address"},
		{"country", "Country", "Country name component.", "address.country"},
		{"website", "Website", "URL of the End-User's Web page or blog.", ""},
		{"zoneinfo", "Time Zone", "String representing the End-User's time zone.", ""},
		{"birthdate", "Birthdate", "End-User's birthday, represented as an ISO 8601:2004 YYYY-MM-DD format.", ""},
		{"gender", "Gender", "End-User's gender.", ""},
		{"formatted", "Formatted", "Full mailing address, formatted for display.", "address.formatted"},
		{"profile", "Profile URL", "URL of the End-User's profile page.", ""},
		{"locality", "Locality", "City or locality component.", "address.locality"},
		{"given_name", "Given Name", "Given name or first name of the End-User.", ""},
		{"middle_name", "Middle Name", "Middle name of the End-User.", ""},
		{"locale", "Locale Name", "End-User's locale.", ""},
		{"picture", "Picture URL", "URL of the End-User's profile picture.", ""},
		{"name", "Name", "End-User's full name in displayable form.", ""},
		{"nickname", "Nickname", "Casual name of the End-User.", ""},
		{"phone_number", "Phone Number", "End-User's preferred telephone number in E.164 format.", ""},
		{"region", "Region", "State, province, prefecture, or region component.", "address.region"},
		{"postal_code", "Postal Code", "Zip code or postal code component.", "address.postal_code"},
		{"family_name", "Family Name", "Surname or last name of the End-User.", ""},
		{"email", "Email", "End-User's preferred e-mail address.", ""},
	}
}

func isBaseAttribute(name string) bool {
	return slices.ContainsFunc(baseAttributes(), func(a baseAttribute) bool { return a.name == name })
}

// mapped appends what the org's standard mapping gives for a base attribute.
func mapped(b []byte, u *user, name string) []byte {
	switch name {
	case "given_name":
		return text(b, u.first)
	case "family_name":
		return text(b, u.last)
	case "name":
		return text(b, u.fullName())
	case "email":
		return text(b, u.email)
	case "locale":
		return append(b, `"en_US"`...)
	case "zoneinfo":
		return append(b, `"America/Los_Angeles"`...)
	}
	return append(b, "null"...)
}

// appUserView shows app users; the attributes are looked up once per answer.
type appUserView struct {
	d      *directory
	base   string
	expand bool // embed the Okta user
	names  []string
	custom []string
}

func (d *directory) viewAppUsers(base, expand string) *appUserView {
	v := &appUserView{d: d, base: base, expand: expand == "user"}
	for _, a := range baseAttributes() {
		v.names = append(v.names, a.name)
	}
	if d.app.roleAttribute != "" {
		v.custom = append(v.custom, d.app.roleAttribute)
	}
	for _, c := range d.app.custom {
		if !slices.Contains(v.custom, c) {
			v.custom = append(v.custom, c)
		}
	}
	return v
}

// show appends one app user.
func (v *appUserView) show(b []byte, a *appUser) []byte {
	u := a.user
	b = append(append(b, `{"id":"`...), u.id...)
	b = append(b, `","externalId":`...)
	if v.d.app.has("PUSH_NEW_USERS") && isOneOf(a.status, "PROVISIONED", "DEPROVISIONED") {
		b = quote(b, makeID("ext", u.id))
	} else {
		b = append(b, "null"...)
	}
	b = moment(append(b, `,"created":`...), a.created)
	b = moment(append(b, `,"lastUpdated":`...), a.updated)
	if a.direct() {
		b = append(b, `,"scope":"USER"`...)
	} else {
		b = append(b, `,"scope":"GROUP"`...)
	}
	b = quote(append(b, `,"status":`...), a.status)
	b = moment(append(b, `,"statusChanged":`...), a.changed)
	b = quote(append(b, `,"passwordChanged":null,"syncState":`...), a.syncState)
	if a.syncState != "DISABLED" {
		b = moment(append(b, `,"lastSync":`...), a.updated)
	}
	b = quote(append(b, `,"credentials":{"userName":`...), a.name())
	b = v.profile(append(b, `},"profile":{`...), a)
	b = v.links(append(b, `},"_links":{`...), a)
	b = append(b, '}')
	if v.expand {
		b = showUser(append(b, `,"_embedded":{"user":`...), u, v.base, true)
		b = append(b, '}')
	}
	return append(b, '}')
}

func (v *appUserView) profile(b []byte, a *appUser) []byte {
	for i, name := range v.names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(quote(b, name), ':')
		if set := a.attribute(name); set != nil {
			b = append(b, set...)
		} else {
			b = mapped(b, a.user, name)
		}
	}
	for _, name := range v.custom {
		b = append(quote(append(b, ','), name), ':')
		if set := a.attribute(name); set != nil {
			b = append(b, set...)
		} else {
			b = append(b, "null"...)
		}
	}
	return b
}

func (v *appUserView) links(b []byte, a *appUser) []byte {
	b = append(href(b, "app", v.base, "/api/v1/apps/", v.d.app.id), ',')
	b = href(b, "user", v.base, "/api/v1/users/", a.user.id)
	if a.via != nil {
		b = quote(append(b, `,"group":{"name":`...), a.via.group.name)
		b = append(b, `,"href":"`...)
		b = append(b, v.base...)
		b = append(append(b, `/api/v1/groups/`...), a.via.group.id...)
		b = append(b, `"}`...)
	}
	return b
}

// showApp appends the app.
func (d *directory) showApp(b []byte, base string) []byte {
	a := d.app
	self := base + "/api/v1/apps/" + a.id
	other := "deactivate"
	if !a.active() {
		other = "activate"
	}
	link := func(href string) map[string]any { return map[string]any{"href": href} }
	features := a.features
	if features == nil {
		features = []string{}
	}
	return encoded(b, ordered{
		{"id", a.id}, {"orn", "orn:okta:idp:00o1scimsync0org00d7:apps:" + a.name + ":" + a.id}, {"name", a.name}, {"label", a.label},
		{"status", a.status}, {"lastUpdated", json.RawMessage(moment(nil, a.updated))}, {"created", json.RawMessage(moment(nil, a.created))},
		{"accessibility", ordered{{"selfService", false}, {"errorRedirectUrl", nil}, {"loginRedirectUrl", nil}}},
		{"visibility", ordered{{"autoLaunch", false}, {"autoSubmitToolbar", false}, {"hide", ordered{{"iOS", true}, {"web", true}}}, {"appLinks", ordered{{a.name + "_link", true}}}}},
		{"features", features}, {"signOnMode", "OPENID_CONNECT"},
		{"credentials", ordered{{"userNameTemplate", ordered{{"template", "${source.login}"}, {"type", "BUILT_IN"}}}}},
		{"universalLogout", nil},
		{"settings", ordered{{"app", ordered{}}, {"manualProvisioning", false}, {"implicitAssignment", false}, {"emOptInStatus", "NONE"}, {"notes", ordered{{"admin", nil}, {"enduser", nil}}}}},
		{"_links", ordered{{"groups", link(self + "/groups")}, {"users", link(self + "/users")}, {"self", link(self)}, {other, link(self + "/lifecycle/" + other)}}},
	})
}

// showSchema appends the schema of the app's user profile.
func (d *directory) showSchema(b []byte, base string) []byte {
	props := ordered{{"userName", ordered{{"title", "Username"}, {"type", "string"}, {"required", true}, {"externalName", "preferred_username"}, {"scope", "SELF"}}}}
	for _, a := range baseAttributes() {
		p := ordered{{"title", a.title}, {"description", a.description}, {"type", "string"}}
		if a.name == "name" {
			p = append(p, pair{"required", true})
		}
		if a.external != "" {
			p = append(p, pair{"externalName", a.external})
		}
		props = append(props, pair{a.name, append(p, pair{"scope", "SELF"})})
	}
	return encoded(b, ordered{
		{"id", base + "/meta/schemas/apps/" + d.app.id + "/default"}, {"$schema", "http://json-schema.org/draft-04/schema#"},
		{"name", d.app.name}, {"title", d.app.label + " User"},
		{"lastUpdated", json.RawMessage(moment(nil, d.app.created))}, {"created", json.RawMessage(moment(nil, d.app.created))},
		{"definitions", ordered{
			{"custom", ordered{{"id", "#custom"}, {"type", "object"}, {"properties", d.customProperties()}, {"required", []string{}}}},
			{"base", ordered{{"id", "#base"}, {"type", "object"}, {"properties", props}, {"required", []string{"userName", "name"}}}},
		}},
		{"type", "object"},
		{"properties", ordered{{"profile", ordered{{"allOf", []any{ordered{{"$ref", "#/definitions/custom"}}, ordered{{"$ref", "#/definitions/base"}}}}}}}},
	})
}

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
