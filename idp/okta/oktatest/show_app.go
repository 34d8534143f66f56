package oktatest

import (
	"encoding/json"
	"slices"
)

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
		if !slices.Contains(v.custom, c) && !isBaseAttribute(c) {
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
		{"features", features}, {"signOnMode", "SAML_2_0"},
		{"credentials", ordered{{"userNameTemplate", ordered{{"template", "${source.login}"}, {"type", "BUILT_IN"}}}}},
		{"universalLogout", nil},
		{"settings", ordered{{"app", ordered{}}, {"manualProvisioning", false}, {"implicitAssignment", false}, {"emOptInStatus", "NONE"}, {"notes", ordered{{"admin", nil}, {"enduser", nil}}}}},
		{"_links", ordered{{"groups", link(self + "/groups")}, {"users", link(self + "/users")}, {"self", link(self)}, {other, link(self + "/lifecycle/" + other)}}},
	})
}
