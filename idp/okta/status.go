package okta

import (
	"cmp"

	"scim-sync/idp"
)

// standing is what one status word says about the right to the app.
type standing struct {
	word   string
	access idp.Access
}

// appUserWords are the statuses of an app user
// (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/ApplicationUsers/).
// An app without provisioning shows ACTIVE for everyone.
func appUserWords() []standing {
	return []standing{
		{"ACTIVE", idp.Granted},
		{"PROVISIONED", idp.Granted},
		{"STAGED", idp.Waiting}, // provisioning is queued, or failed
		{"PENDING", idp.Waiting},
		{"APPROVED", idp.Waiting},
		{"IMPORTED", idp.Waiting},
		{"MATCHED", idp.Waiting},
		{"UNASSIGNED", idp.Waiting},
		{"IMPLICIT", idp.Waiting},
		{"INACTIVE", idp.Revoked},
		{"SUSPENDED", idp.Revoked},
		{"REVOKED", idp.Revoked},
		{"DEPROVISIONED", idp.Revoked},
	}
}

// userWords are the statuses of the Okta user themselves
// (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/).
// Granted here means: no objection. A deactivated person loses the
// assignments only later, and a suspended one keeps them, so that their own
// status counts as well.
func userWords() []standing {
	return []standing{
		{"ACTIVE", idp.Granted},
		{"PROVISIONED", idp.Granted},
		{"RECOVERY", idp.Granted},
		{"LOCKED_OUT", idp.Granted},
		{"PASSWORD_EXPIRED", idp.Granted},
		{"STAGED", idp.Waiting}, // not activated yet
		{"SUSPENDED", idp.Suspended},
		{"DEPROVISIONED", idp.Revoked},
	}
}

// statusTable finds status words.
type statusTable struct{ app, user map[string]standing }

func newStatusTable() statusTable {
	index := func(words []standing) map[string]standing {
		m := make(map[string]standing, len(words))
		for _, w := range words {
			m[w.word] = w
		}
		return m
	}
	return statusTable{app: index(appUserWords()), user: index(userWords())}
}

// word is a status word as a text: the table's own where it has one.
func (t statusTable) word(b []byte) string {
	if s, known := t.app[string(b)]; known {
		return s.word
	}
	if s, known := t.user[string(b)]; known {
		return s.word
	}
	return string(b)
}

// verdict is what two status words come to.
type verdict struct {
	access    idp.Access
	says      string // the word that decided
	app, user string
	// unknown is a word that is in neither list. It is taken for Waiting,
	// which changes nothing for the person.
	unknown string
}

// noUserStatus stands for an Okta user of whom a list says nothing, though it
// was asked. Somebody may be suspended there, so that it gives nobody access.
const noUserStatus = "no status of the Okta user"

// judge weighs an app user's status and the Okta user's. The stricter word
// wins: the right has ended, else it rests, else it has not begun. user nil:
// the app user's word alone counts.
func (t statusTable) judge(app string, user *string) verdict {
	a, known := t.app[app]
	v := verdict{access: a.access, says: a.word, app: a.word}
	if !known {
		app = cmp.Or(plain(app), "no status")
		v = verdict{access: idp.Waiting, says: app, app: app, unknown: app}
	}
	if user == nil {
		return v
	}
	u, known := t.user[*user]
	if !known {
		u = standing{cmp.Or(plain(*user), noUserStatus), idp.Waiting}
	}
	if v.user = u.word; *user == "" {
		v.user = ""
	}
	if !known && (*user != "" || u.access > v.access) {
		v.unknown = cmp.Or(v.unknown, u.word)
	}
	if u.access > v.access {
		v.access, v.says = u.access, u.word
	}
	return v
}
