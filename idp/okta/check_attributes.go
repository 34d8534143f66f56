package okta

import (
	"context"
	"fmt"
	"net/http"

	"scim-sync/idp"
)

// attributes looks for those that the settings name in the app's profile schema.
// A run can do without the schema, so that a credential which may not read it is
// no fault.
func (c *checking) attributes(ctx context.Context) {
	wanted := []string{checkEmail, checkRole}
	if c.s.role == "" {
		c.good(checkRole, "none is used (okta.role_attribute is empty)")
		wanted = wanted[:1]
	}
	if c.app != nil {
		c.skip("the app could not be read", wanted...)
		return
	}
	var schema wireSchema
	t := task{op: "read the app's profile schema", path: c.s.schemaPath(),
		need: need{"okta.schemas.read", "an admin role that may see the app (Read-only Administrator is enough)"}}
	err := c.look(ctx, t, nil, &schema)
	status := statusOf(err)
	for _, code := range wanted {
		switch {
		case err != nil && (status == http.StatusForbidden || status == http.StatusNotFound):
			c.skip("the credential may not read the app's profile schema; a run looks at the people's profiles instead", code)
		case err != nil:
			c.bad(code, err)
		case code == checkEmail:
			c.email(schema)
		default:
			c.role(schema)
		}
	}
}

// role is for an app without the attribute, too. Where groups say who is an
// admin, that may be meant; else it is a setting that names nothing.
func (c *checking) role(schema wireSchema) {
	if schema.has(c.s.role) == idp.Yes {
		c.good(checkRole, c.s.role)
		return
	}
	detail := fmt.Sprintf("the app's user profile has no attribute %q, so nobody's role can come from it", plain(c.s.role))
	fix := addAttribute(c.s.role, "string or string array", ", values member and admin") + " Or set okta.role_attribute to the one that is there."
	if len(c.q.AdminGroups) > 0 {
		c.add(checkRole, Odd, detail, fix+" Or leave it so: roles.admin_groups says who is an admin.", nil)
		return
	}
	c.missing(checkRole, "okta.role_attribute", detail, fix)
}

// email is for an app without the attribute, too. The usual one may well be
// missing; one that was named and is not there is a slip.
func (c *checking) email(schema wireSchema) {
	if schema.has(c.s.email) == idp.Yes {
		c.good(checkEmail, c.s.email)
		return
	}
	detail := fmt.Sprintf("the app's user profile has no attribute %q, so that everybody goes by the address of their Okta account", plain(c.s.email))
	fix := addAttribute(c.s.email, "string", "") + " Or set okta.email_attribute to the one that is there."
	if c.s.email == usualEmail {
		c.add(checkEmail, Odd, detail, fix, nil)
		return
	}
	c.missing(checkEmail, "okta.email_attribute", detail, fix)
}

func (c *checking) missing(code, setting, detail, fix string) {
	c.add(code, Bad, detail, fix, &idp.Error{Kind: idp.Setting, Op: "read the app's profile schema", Subject: setting, Detail: detail, Hint: fix})
}

func addAttribute(name, kind, more string) string {
	return "In Okta: Directory > Profile Editor > the app's User profile > Add Attribute, with the variable name " + plain(name) + " (" + kind + ")" + more + "."
}
