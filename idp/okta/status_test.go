package okta

import (
	"testing"

	"scim-sync/idp"
)

// Every pair of an app user's and an Okta user's status, by the words of both.
func TestStatusesMeanAccess(t *testing.T) {
	app := map[string]idp.Access{
		"ACTIVE": idp.Granted, "PROVISIONED": idp.Granted,
		"STAGED": idp.Waiting, "PENDING": idp.Waiting, "APPROVED": idp.Waiting, "IMPORTED": idp.Waiting,
		"MATCHED": idp.Waiting, "UNASSIGNED": idp.Waiting, "IMPLICIT": idp.Waiting,
		"INACTIVE": idp.Revoked, "SUSPENDED": idp.Revoked, "REVOKED": idp.Revoked, "DEPROVISIONED": idp.Revoked,
		"SOMETHING_NEW": idp.Waiting, "": idp.Waiting,
	}
	user := map[string]idp.Access{
		"": idp.Waiting, "ACTIVE": idp.Granted, "PROVISIONED": idp.Granted, "RECOVERY": idp.Granted,
		"LOCKED_OUT": idp.Granted, "PASSWORD_EXPIRED": idp.Granted,
		"STAGED": idp.Waiting, "SOMETHING_NEW": idp.Waiting,
		"SUSPENDED": idp.Suspended, "DEPROVISIONED": idp.Revoked,
	}
	table := newStatusTable()
	if len(table.app) != len(app)-2 || len(table.user) != len(user)-2 {
		t.Errorf("%d and %d words are known, %d and %d are tested", len(table.app), len(table.user), len(app)-2, len(user)-2)
	}
	for a, fromApp := range app {
		for u, fromUser := range user {
			want := max(fromApp, fromUser) // in the order granted, waiting, suspended, revoked
			v := table.judge(a, &u)
			if alone := table.judge(a, nil); alone.access != fromApp || alone.says != alone.app || alone.user != "" {
				t.Errorf("app %q alone: %+v", a, alone)
			}
			if v.access != want {
				t.Errorf("app %q, user %q: %v, want %v", a, u, v.access, want)
			}
			if (v.unknown != "") != (a == "" || a == "SOMETHING_NEW" || u == "SOMETHING_NEW" || u == "" && fromApp == idp.Granted) {
				t.Errorf("app %q, user %q: unknown word %q", a, u, v.unknown)
			}
			if v.says == "" || v.says != v.app && v.says != v.user && (u != "" || v.says != noUserStatus) {
				t.Errorf("app %q, user %q: decided by %q", a, u, v.says)
			}
		}
	}
}
