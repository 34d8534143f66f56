package manage

import (
	"testing"

	core "scim-sync/sync"
)

// TestReleaseByNameAfterAll: who is released by name stays so when everybody is
// managed again.
func TestReleaseByNameAfterAll(t *testing.T) {
	m := core.Managed{People: map[string]core.ManagedPerson{
		"1": {OktaID: "1", AttioID: "a-1", Email: "ada@acme.com"}, "boss": {OktaID: "boss", AttioID: "a-boss", Email: "boss@acme.com"},
	}}
	do := func(tie Tie, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range tie.Changes {
			m.Apply(c)
		}
	}
	do(ReleaseAll(m, false), nil)
	do(Release(m, "ada@acme.com", nil))
	do(ReleaseAll(m, true), nil)
	if !m.People["1"].Released || m.People["boss"].Released {
		t.Errorf("ada released %v, boss released %v", m.People["1"].Released, m.People["boss"].Released)
	}
}
