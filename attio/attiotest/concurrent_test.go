package attiotest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"

	"scim-sync/attio/attiotest"
)

// Requests, changes by hand and looks at the state may come all at once; every
// observed state agrees with itself.
func TestManyAtOnce(t *testing.T) {
	p := serve(t, crowd(50), attiotest.WithObserver(func(s attiotest.Snapshot) {
		if broken := miscount(s); broken != "" && s.Workspace.Seats > 0 {
			t.Error(broken)
		}
	}), behaving(func(b *attiotest.Behaviour) { b.ListSuspended = false }))
	if err := p.SetSeats(1000, false); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for k := range 15 {
				email := fmt.Sprintf("p%d@acme.test", (i*15+k)%50)
				id := p.member(email).ID
				p.as(writer, "PATCH", "/scim/v2/Users/"+id, setTo("active", fmt.Sprint(k%2 == 0)))
				p.as(writer, "POST", "/scim/v2/Users", newUser(fmt.Sprintf("n%d@acme.test", k), ""))
				p.as(writer, "GET", "/scim/v2/Users", "")
				p.as(writer, "PATCH", p.teamPath("Engineering"), patch(`{"op":"add","path":"members","value":[{"value":"`+id+`"}]}`))
				_ = p.RenamePerson(email, "X", fmt.Sprint(k))
				p.as("", "GET", "/sandbox", "")
			}
		})
	}
	wg.Wait()
	made := map[int]int{}
	for _, r := range p.Requests() {
		if r.Method == http.MethodPost {
			made[r.Status]++
		}
	}
	if made[201] != 15 || made[409] != 8*15-15 {
		t.Errorf("fifteen people were each added once: %v", made)
	}
}

// A world file says what a site holds.
func TestSiteFromYAML(t *testing.T) {
	d := yaml.NewDecoder(strings.NewReader(`
workspace: {slug: acme, name: Acme, verified_domains: [acme.test], seats: 9, automatic_seats: true}
members:
  - {email: ada@acme.test, given_name: Ada, family_name: Byron, role: admin, sessions: 2}
  - {email: ivy@partner.test, status: invited}
  - {email: pro@agency.test, expert: true}
teams: [{name: Engineering, members: [ada@acme.test]}]
accounts: [{email: old@acme.test, name: Olga Diaz}]
tokens: [{token: token-of-the-world, scopes: ["user_management:read"], authorized_by: ada@acme.test, active: true}]
apps: [{client_id: a, client_secret: b, name: scim-sync, redirect_uris: ["http://localhost:8910/callback"], token_expires_in: 1h, refresh: true}]
other_workspaces: [{slug: globex, members: [ada@acme.test]}]
`))
	d.KnownFields(true)
	var s attiotest.Site
	if err := d.Decode(&s); err != nil {
		t.Fatal(err)
	}
	p := serve(t, s)
	if p.member(ada).Sessions != 2 || p.Snapshot().Workspace.Seats != 9 || p.as("token-of-the-world", "GET", "/scim/v2/Users", "").status != 200 {
		t.Errorf("holds %+v", p.Snapshot())
	}
}
