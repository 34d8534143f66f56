package manage

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// An account passes with all that is known of it, and only where it is certain
// whose it would be.
func TestAccountsPassToWhoWasMadeAnew(t *testing.T) {
	entry := func(id, email string) core.ManagedPerson {
		return core.ManagedPerson{OktaID: id, AttioID: "a-" + id, Email: email, Adopted: true, Applied: core.Applied{Role: attio.RoleAdmin, Active: true}}
	}
	released := entry("released", "released@x.example")
	released.Released = true
	m := core.Managed{People: map[string]core.ManagedPerson{
		"old": entry("old", "ADA@x.example"), "stays": entry("stays", "stays@x.example"), "gone": entry("gone", "gone@x.example"), "released": released,
		"double": entry("double", "double@x.example"), "one": entry("one", "shared@x.example"), "two": entry("two", "shared@x.example"),
		"known": entry("known", "was-known@x.example"), "moved": entry("moved", "known@x.example"), "off": entry("off", "off@x.example"),
	}}
	person := func(id, email string, a idp.Access) idp.Person { return idp.Person{ID: id, Email: email, Access: a} }
	dir := idp.Directory{People: []idp.Person{
		person("new", "ada@x.example", idp.Granted), person("stays", "stays@x.example", idp.Granted), person("n1", "stays@x.example", idp.Granted),
		person("n2", "released@x.example", idp.Granted), person("n3", "double@x.example", idp.Granted), person("n4", "double@x.example", idp.Granted),
		person("n5", "shared@x.example", idp.Granted), person("known", "known@x.example", idp.Granted), person("n6", "gone@x.example", idp.Waiting),
		person("off", "off@x.example", idp.Revoked), person("n7", "off@x.example", idp.Granted),
	}}
	list := FindRemade(m, dir)
	for _, c := range HandOver(list) {
		m.Apply(c)
	}
	var passed []string
	for _, r := range list {
		passed = append(passed, r.Was.OktaID+" "+r.Now.ID)
	}
	if diff := cmp.Diff([]string{"off n7", "old new"}, passed); diff != "" {
		t.Fatal(diff)
	}
	want := entry("old", "ADA@x.example")
	want.OktaID = "new"
	if diff := cmp.Diff(want, m.People["new"]); diff != "" || m.People["old"].OktaID != "" || len(m.People) != 10 {
		t.Errorf("%s\n%v", diff, m.People)
	}
}
