package commands

import (
	"slices"
	"strings"
	"testing"

	"scim-sync/cmd/sandbox"
	"scim-sync/idp/okta/oktatest"
)

// TestDoctorOfAServiceApp: what a service app lacks is told by one red line,
// with what to grant; what could not be looked at because of it is skipped,
// for the true reason.
func TestDoctorOfAServiceApp(t *testing.T) {
	private, public := keyPair(t)
	all := []string{"okta.apps.read", "okta.groups.read"}
	// The two scopes that a run needs do not open the profile schema.
	const noSchema = "the credential may not read the app's profile schema"
	for name, c := range map[string]struct {
		app     oktatest.ServiceApp
		code    string // of the one red line; empty: all is well
		says    []string
		skipped []string
	}{
		"all granted": {app: oktatest.ServiceApp{Scopes: all}, skipped: []string{"okta-email-attribute: " + noSchema, "okta-role-attribute: " + noSchema}},
		"no scope for groups": {app: oktatest.ServiceApp{Scopes: all[:1]}, code: "okta-credential", says: []string{"invalid_scope", "grant okta.apps.read, okta.groups.read on Okta API Scopes"},
			skipped: []string{"clock: Okta does not take the credential", "okta-app: Okta does not take the credential", "okta-email-attribute: Okta does not take the credential", "okta-other-writer: Okta does not take the credential",
				"okta-rate-limit: Okta does not take the credential", "okta-rights: Okta does not take the credential", "okta-role-attribute: Okta does not take the credential", "okta-sight: Okta does not take the credential"}},
		"no admin role": {app: oktatest.ServiceApp{Scopes: all, NoAdminRole: true}, code: "okta-rights", says: []string{"HTTP 403", "an admin role that may see the app"},
			skipped: []string{"okta-app: the app could not be read", "okta-email-attribute: the app could not be read", "okta-other-writer: the app could not be read", "okta-role-attribute: the app could not be read", "okta-sight: groups could not be listed"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.app.ClientID, c.app.KeyID, c.app.DPoP, c.app.PublicKey = "0oaserviceapp0000000", "kid1", true, public
			p := serve(t, func(w *sandbox.World) { w.Okta.ServiceApps = []oktatest.ServiceApp{c.app} })
			delete(p.env, "SCIM_SYNC_OKTA_API_TOKEN")
			for key, value := range map[string]string{"CLIENT_ID": c.app.ClientID, "KEY_ID": "kid1", "PRIVATE_KEY": private, "DPOP": "true"} {
				p.env["SCIM_SYNC_OKTA_SERVICE_APP_"+key] = value
			}
			d, r := p.doctor()
			var skipped []string
			for _, check := range d.Checks {
				switch check.Status {
				case "skipped":
					if !strings.HasPrefix(check.Code, "okta-") && check.Code != "clock" {
						continue // it is so whatever Okta grants
					}
					skipped = append(skipped, check.Code+": "+check.Detail)
				case "fail":
					for _, words := range c.says {
						if check.Code != c.code || !strings.Contains(check.Detail+check.Mend, words) {
							t.Errorf("%s: %s; mend: %s", check.Code, check.Detail, check.Mend)
						}
					}
				}
			}
			slices.Sort(skipped)
			if !slices.EqualFunc(skipped, c.skipped, strings.HasPrefix) || strings.Join(d.with("fail"), " ") != c.code || len(d.with("warn")) != 0 {
				t.Errorf("skipped %q:\n%s", skipped, r.out)
			}
			if want := map[bool]int{true: 0, false: 6}[c.code == ""]; r.code != want {
				t.Errorf("exit %d, want %d", r.code, want)
			}
		})
	}
}
