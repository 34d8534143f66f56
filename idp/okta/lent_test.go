package okta

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"scim-sync/idp"
	"scim-sync/internal/idset"
	"scim-sync/internal/transport"
)

// TestNothingIsKeptOfALentAnswer: what is read through a transport that writes over
// every answer once it is given back is what is read without one.
func TestNothingIsKeptOfALentAnswer(t *testing.T) {
	o := newOrg(t)
	var users []string
	for i := range 1100 {
		u := appUser(i)
		if i%2 == 1 { // from one of many groups, some with a text that is not plain
			u = strings.Replace(u, `"scope":"USER"`, `"scope":"GROUP"`, 1)
			u = strings.Replace(u, `"_links":{`, fmt.Sprintf(`"_links":{"group":{"name":"G\u00e9 %d","href":"https://x/api/v1/groups/%s"},`, i%7, groupIDN(i%7)), 1)
			u = strings.Replace(u, `["member"]`, fmt.Sprintf(`["member","r%d"]`, i%11), 1)
		}
		if i%3 == 0 {
			u = strings.Replace(u, `"status":"ACTIVE"`, `"status":"NEW_`+fmt.Sprint(i%5)+`"`, 1)
			u = strings.Replace(u, `"firstName":"Person"`, `"firstName":"Zo\u00eb"`, 1)
		}
		users = append(users, u)
	}
	o.on(appRoot+"/users", paged(users, 500))
	o.on(appRoot+"/groups", paged([]string{assignment(1, "One"), assignment(2, "Two")}, 200))
	o.on("/api/v1/groups", paged(nil, 200))
	o.on("/api/v1/groups/"+groupIDN(1)+"/users", paged(members(2300), 1000))
	o.on("/api/v1/groups/"+groupIDN(2)+"/users", paged(members(900), 1000))
	read := func(rt http.RoundTripper) string {
		s, err := New(t.Context(), Options{OrgURL: o.URL, AppID: testApp, APIToken: fixedToken(testToken), RoleAttribute: "roles", Transport: rt})
		if err != nil {
			t.Fatal(err)
		}
		dir, err := s.Directory(t.Context(), idp.Query{Teams: idp.AssignedGroups})
		if err != nil {
			t.Fatal(err)
		}
		for i := range dir.People {
			dir.People[i].Proof.At = time.Time{} // each reading has its own
		}
		said, _ := json.Marshal([]any{dir.People, dir.Notes})
		for _, g := range dir.Groups {
			said = fmt.Append(said, g.GroupRef, g.Members)
		}
		return string(said)
	}
	lent := read(transport.New(transport.Options{Hosts: []string{strings.TrimPrefix(o.URL, "http://")}, Poison: true}))
	if own := read(http.DefaultTransport); lent != own {
		for i := range min(len(lent), len(own)) {
			if lent[i] != own[i] {
				t.Fatalf("through a transport that lends: …%.200s\nwithout: …%.200s", lent[max(0, i-50):], own[max(0, i-50):])
			}
		}
		t.Fatal("one is longer")
	}
}

// TestOktasOwnFormIsReadWhereItStands: else every entry would be decoded at several
// times the cost, and nobody would see it.
func TestOktasOwnFormIsReadWhereItStands(t *testing.T) {
	var cut entries
	list := "[" + appUser(1) + "," + member(2) + "]"
	for i, keep := range []fields{wireAppUser{}.kept(), wireMember{}.kept()} {
		if _, odd, ok := filterJSON([]byte(list), shape{keep: keep, entries: 2, entry: 1 << 20, into: &cut}); !ok || odd != "" {
			t.Fatal(odd, ok)
		}
		switch i {
		case 0:
			var u lentUser
			if !u.read([]byte(cut[0])) || string(u.id) != userID(1) || !u.whole || string(u.userName) != "person1@example.com" {
				t.Errorf("%s was read as %+v", cut[0], u)
			}
		case 1:
			if want := `{"id":"` + userID(2) + `"}`; cut[1] != want {
				t.Errorf("a member is cut to %s", cut[1])
			}
		}
	}
}

// FuzzLentUser: an entry that is read where it stands comes out as encoding/json
// reads it.
func FuzzLentUser(f *testing.F) {
	f.Add([]byte(appUser(1)))
	for _, s := range []string{
		`{"id":"a","id":"b"}`, `{"id":"a","ID":"b"}`, `{"id":"a","credentials":null}`, `{"id":"a","credentials":{"userName":7}}`, `{"id":"\u0061"}`, "{\"id\":\"a\",\"status\":\"\xff\"}",
		`{"id":"a","_embedded":{"user":null}}`, `{"id":"a","_embedded":{"user":{"id":"b"}}}`, `{"id":"a","_embedded":{"user":{"id":"a"},"user":{}}}`, `{"id":"a","profile":null,"_links":{"group":null}}`,
		`{"id":"a","_links":{"group":[{"name":"G","href":"x/00g1"}]},"profile":{"email":"x","roles":["r"]},"scope":null}`, `null`, `[]`, `{"id":null}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, entry []byte) {
		var cut entries
		list := append(append([]byte("["), entry...), ']')
		if _, _, ok := filterJSON(list, shape{keep: wireAppUser{}.kept(), entries: 1, entry: 1 << 20, into: &cut}); !ok || len(cut) != 1 {
			return
		}
		got, flaw, err := readLent([]byte(cut[0]))
		want, wantFlaw, wantErr := decoded[wireAppUser]([]byte(cut[0]))
		if (err == nil) != (wantErr == nil) || flaw != wantFlaw {
			t.Fatalf("%s: %q, %v, want %q, %v", cut[0], flaw, err, wantFlaw, wantErr)
		}
		if err != nil || flaw != "" {
			return
		}
		s := &Source{role: "roles", email: usualEmail}
		a, b := s.newUserDecoder(idset.NewDictionary()), s.newUserDecoder(idset.NewDictionary())
		p, q := a.person(got), b.person(want.lent())
		if !reflect.DeepEqual(p, q) || a.hasRole != b.hasRole || a.hasEmail != b.hasEmail || a.whole != b.whole {
			t.Fatalf("%s:\n%+v\n%+v", cut[0], p, q)
		}
		// and of a member's id
		texts := idset.NewDictionary()
		if n, flaw, err := memberNumber([]byte(cut[0]), texts); err == nil && flaw == "" && texts.IDs()[n] != p.ID {
			t.Fatalf("%s has the id %q", cut[0], texts.IDs()[n])
		}
	})
}
