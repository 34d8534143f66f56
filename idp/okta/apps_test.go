package okta

import (
	"fmt"
	"testing"

	"scim-sync/idp"
)

// listed is an app as Okta's list has it, with a sign-on of its own.
func listed(n int, label, name, status, settings string) string {
	return fmt.Sprintf(`{"id":"0oa%017d","orn":"orn:x","name":%q,"label":%q,"status":%q,"features":[],"signOnMode":"SAML_2_0","settings":%s,"_links":{"users":{"href":"x"}}}`, n, name, label, status, settings)
}

func (o *org) options(token string) Options {
	return Options{OrgURL: o.URL, APIToken: fixedToken(token)}
}

// TestAppsAreListed reads an org's apps page by page, and tells by their names and
// addresses which of them are Attio's.
func TestAppsAreListed(t *testing.T) {
	o := newOrg(t)
	entries := []string{
		listed(1, "Slack", "slack", "ACTIVE", `{"signOn":{"ssoAcsUrl":"https://acme.slack.com/sso"}}`),
		listed(2, "CRM", "acme_crm_1", "ACTIVE", `{"signOn":{"ssoAcsUrl":"https://sso.attio.com/acs","audience":null}}`),
		listed(3, "attio (old)", "attio", "INACTIVE", `{"signOn":null}`),
		listed(4, "Odd", "odd", "ACTIVE", `{"signOn":{"ssoAcsUrl":{"no":"text"},"audience":7},"oauthClient":{"redirect_uris":["https://app.attio.com/callback"]}}`),
	}
	for n := 5; n <= 450; n++ {
		entries = append(entries, listed(n, fmt.Sprintf("Tool %03d", n), "tool", "ACTIVE", "{}"))
	}
	o.on("/api/v1/apps", paged(entries, 200))
	apps, err := Apps(t.Context(), o.options(testToken))
	if err != nil || len(apps) != 450 || len(o.requests("/api/v1/apps")) != 3 {
		t.Fatalf("%d apps in %d pages: %v", len(apps), len(o.requests("/api/v1/apps")), err)
	}
	var like []string
	for _, a := range apps {
		if a.Speaks("attio") {
			like = append(like, fmt.Sprintf("%s %v", a.Label, a.Active()))
		}
	}
	if got := fmt.Sprint(like); got != "[attio (old) false CRM true Odd true]" {
		t.Error(got)
	}
}

// TestAppsOfAWrongTokenAreNone: who may not look is told so.
func TestAppsOfAWrongTokenAreNone(t *testing.T) {
	o := newOrg(t)
	if _, err := Apps(t.Context(), o.options("00another")); idp.KindOf(err) != idp.Credential {
		t.Error(err)
	}
}
