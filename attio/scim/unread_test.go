package scim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio"
)

// One odd entry says nothing of the others: it is given apart, with its id and
// what it lacks. Many of them say that the list is none.
func TestOneOddEntryLeavesTheOthers(t *testing.T) {
	nameless := func(n int) (entries []string) {
		for i := range n {
			entries = append(entries, fmt.Sprintf(`{"id":"bot%d","active":true}`, i))
		}
		return entries
	}
	const boss = `{"id":{"workspace_member_id":"r1"},"email_address":"root@acme.com","access_level":"admin"}`
	for name, c := range map[string]struct {
		users, joined, groups []string
		want                  []attio.Unread
		err                   string
	}{
		"a user without an address": {users: append(people(3), nameless(1)...), want: []attio.Unread{{List: attio.ListUsers, ID: "bot0", Reason: "has no address"}}},
		"five of them":              {users: append(people(9), nameless(5)...), want: []attio.Unread{{List: attio.ListUsers, ID: "bot0", Reason: "has no address"}}},
		"six of them":               {users: append(people(90), nameless(6)...), err: "6 of 96 entries of a list cannot be read; the first: user bot0 has no address"},
		"more than half":            {users: append(people(1), nameless(2)...), err: "2 of 3 entries"},
		"a user without an id":      {users: append(people(3), `{"userName":"a@acme.com"}`), err: "has no id"},
		"a group without a name":    {groups: []string{teamJSON("t1", "One"), `{"id":"t2","displayName":" "}`}, want: []attio.Unread{{List: attio.ListGroups, ID: "t2", Reason: "has no name"}}},
		"who joined, without an address": {joined: []string{boss, `{"id":{"workspace_member_id":"r2"},"access_level":"member"}`},
			want: []attio.Unread{{List: attio.ListJoined, ID: "r2", Reason: "has no address"}}},
		"who joined, without an access level": {joined: []string{boss, `{"id":{"workspace_member_id":"r2"},"email_address":"a@acme.com"}`},
			want: []attio.Unread{{List: attio.ListJoined, ID: "r2", Email: "a@acme.com", Reason: "has no access level"}}},
		"who joined, without an id": {joined: []string{boss, `{"email_address":"a@acme.com","access_level":"member"}`}, err: "has no id"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOdd(t)
			if c.users != nil {
				o.on("GET /scim/v2/Users", says(200, list(len(c.users), c.users...)))
			}
			if c.groups != nil {
				o.on("GET /scim/v2/Groups", says(200, list(len(c.groups), c.groups...)))
			}
			if c.joined != nil {
				o.on("GET /v2/workspace_members", says(200, `{"data":[`+strings.Join(c.joined, ",")+`]}`))
			}
			r, _ := o.client()
			w, err := r.Workspace(t.Context(), nil)
			if c.err != "" {
				if !attio.Is(err, attio.Untrusted) || !strings.Contains(err.Error(), c.err) {
					t.Errorf("gave %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, w.Unread[:min(1, len(w.Unread))]); diff != "" {
				t.Error(diff)
			}
			for _, m := range w.Members {
				if m.Email == "" {
					t.Errorf("a member without an address: %+v", m)
				}
			}
			if n := o.count("GET /scim/v2/Groups/t2"); n != 0 {
				t.Errorf("the nameless team was asked for %d times", n)
			}
		})
	}
}
