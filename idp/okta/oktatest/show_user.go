package oktatest

// showUser appends a user; whole adds the links that only a single user has.
func showUser(b []byte, u *user, base string, whole bool) []byte {
	b = append(b, `{"id":"`...)
	b = append(b, u.id...)
	b = append(b, `","status":"`...)
	b = append(b, u.status...)
	b = moment(append(b, `","created":`...), u.created)
	b = moment(append(b, `,"activated":`...), u.activated)
	b = moment(append(b, `,"statusChanged":`...), u.changed)
	b = moment(append(b, `,"lastLogin":null,"lastUpdated":`...), u.updated)
	b = append(b, `,"passwordChanged":null,"type":{"id":"`+userTypeID+`"},"profile":{"firstName":`...)
	b = text(b, u.first)
	b = text(append(b, `,"lastName":`...), u.last)
	b = showExtra(b, u)
	b = quote(append(b, `,"login":`...), u.login)
	b = quote(append(b, `,"email":`...), u.email)
	b = append(b, `},"credentials":{`...)
	if !isOneOf(u.status, "STAGED", "PROVISIONED", "DEPROVISIONED") {
		b = quote(append(b, `"password":{},"emails":[{"value":`...), u.email)
		b = append(b, `,"status":"VERIFIED","type":"PRIMARY"}],`...)
	}
	b = append(b, `"provider":{"type":"OKTA","name":"OKTA"}},"_links":{`...)
	if whole {
		b = userActions(b, u, base)
	}
	b = href(b, "self", base, "/api/v1/users/", u.id)
	return append(b, `}}`...)
}

const (
	userTypeID   = "oty1scimsync0type0d7"
	userSchemaID = "osc1scimsync0type0d7"
)

// showExtra appends further attributes; two of the base schema are always
// there.
func showExtra(b []byte, u *user) []byte {
	for _, name := range []string{"mobilePhone", "secondEmail"} {
		if _, set := u.extra[name]; !set {
			b = append(quote(append(b, ','), name), ":null"...)
		}
	}
	for _, name := range u.extra.names() {
		b = append(quote(append(b, ','), name), ':')
		b = append(b, u.extra[name]...)
	}
	return b
}

// userActions appends the links to what may be done to a user in their status.
func userActions(b []byte, u *user, base string) []byte {
	self := "/api/v1/users/" + u.id
	lifecycle := func(name, action string) { b = append(act(b, name, "POST", base, self, "/lifecycle/", action), ',') }
	b = append(href(b, "schema", base, "/api/v1/meta/schemas/user/", userSchemaID), ',')
	b = append(href(b, "type", base, "/api/v1/meta/types/user/", userTypeID), ',')
	switch u.status {
	case "DEPROVISIONED":
		lifecycle("activate", "activate")
		b = append(act(b, "delete", "DELETE", base, self), ',')
		return b
	case "STAGED":
		lifecycle("activate", "activate")
	case "SUSPENDED":
		lifecycle("unsuspend", "unsuspend")
	case "ACTIVE":
		lifecycle("suspend", "suspend")
		lifecycle("resetPassword", "reset_password")
		lifecycle("expirePassword", "expire_password")
	}
	lifecycle("resetFactors", "reset_factors")
	lifecycle("deactivate", "deactivate")
	return b
}
