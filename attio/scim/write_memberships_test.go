package scim_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"scim-sync/attio"
	"scim-sync/attio/scim"
	"scim-sync/internal/idset"
)

// oddTeam is a team whose server takes changes of members in its own way.
type oddTeam struct {
	members []string
	// change says what becomes of the members by one operation.
	remove func(members []string, ops []string, i int) []string
	add    func(members, ids []string) []string
	body   bool // answer with one
}

func (o *oddTeam) patch(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Operations []struct {
			Op    string
			Path  string
			Value []struct{ Value string }
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		says(400, `{}`)(w, r)
		return
	}
	var removed []string
	for _, op := range body.Operations {
		removed = append(removed, strings.TrimSuffix(strings.TrimPrefix(op.Path, `members[value eq "`), `"]`))
	}
	for i, op := range body.Operations {
		if op.Op == "remove" {
			o.members = o.remove(slices.Clone(o.members), removed, i)
			continue
		}
		var ids []string
		for _, v := range op.Value {
			ids = append(ids, v.Value)
		}
		o.members = o.add(slices.Clone(o.members), ids)
	}
	if !o.body {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	_, _ = fmt.Fprint(w, teamJSON("g1", "One", o.members...))
}

func removeOne(members []string, ops []string, i int) []string {
	return slices.DeleteFunc(members, func(m string) bool { return m == ops[i] })
}

// TestMembers: afterwards exactly the meant people are in the team, and those
// who were never meant are as before, whatever the server takes a change for.
func TestMembers(t *testing.T) {
	appendAll := func(members, ids []string) []string { return append(members, ids...) }
	everybody := func([]string, []string, int) []string { return nil }
	lastOnly := func(members, ops []string, i int) []string {
		if i < len(ops)-1 {
			return members
		}
		return removeOne(members, ops, i)
	}
	wrongOnes := func(members, ops []string, i int) []string {
		if len(ops) > 1 {
			return members[1:] // whoever comes first
		}
		return removeOne(members, ops, i)
	}
	replaces := func(_, ids []string) []string { return ids }
	keeps := func(members, _ []string) []string { return members }
	for name, c := range map[string]struct {
		team oddTeam
		kind attio.ErrorKind
		want string // after removing c and d, then adding e; default: a b e f
	}{
		"as it should be":              {team: oddTeam{remove: removeOne, add: appendAll, body: true}},
		"204":                          {team: oddTeam{remove: removeOne, add: appendAll}},
		"removes everybody":            {team: oddTeam{remove: everybody, add: appendAll, body: true}},
		"removes the last one only":    {team: oddTeam{remove: lastOnly, add: appendAll, body: true}},
		"removes the wrong ones":       {team: oddTeam{remove: wrongOnes, add: appendAll}},
		"adding replaces":              {team: oddTeam{remove: removeOne, add: replaces, body: true}},
		"both of the worst":            {team: oddTeam{remove: everybody, add: replaces}},
		"removes nobody":               {team: oddTeam{remove: func(m []string, _ []string, _ int) []string { return m }, add: appendAll}, want: "a b c d e f"},
		"removes everybody, adds none": {team: oddTeam{remove: everybody, add: keeps}, kind: attio.Refused, want: ""},
	} {
		t.Run(name, func(t *testing.T) {
			c.team.members = []string{"a", "b", "c", "d", "f"}
			o := newOdd(t)
			o.on("PATCH /scim/v2/Groups/g1", c.team.patch)
			o.on("GET /scim/v2/Groups/g1", func(w http.ResponseWriter, _ *http.Request) {
				_, _ = fmt.Fprint(w, teamJSON("g1", "One", c.team.members...))
			})
			var users []string
			for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
				users = append(users, user(id, id+"@acme.com", true))
			}
			o.on("GET /scim/v2/Users", says(200, list(len(users), users...)))
			_, w := o.client()
			got, _, err := w.RemoveMembers(t.Context(), "g1", []string{"c", "d", "x"})
			if c.kind != 0 {
				if !attio.Is(err, c.kind) || !strings.Contains(err.Error(), "3 others") {
					t.Fatalf("got %v", err)
				}
				return
			}
			if err != nil || !got.Members.Equal(idset.Of(c.team.members...)) {
				t.Fatalf("removing gave %v, %v; there are %v", got.Members, err, c.team.members)
			}
			got, _, err = w.AddMembers(t.Context(), "g1", []string{"a", "e"})
			if c.want == "" {
				c.want = "a b e f"
			}
			if have := strings.Join(got.Members.IDs(), " "); err != nil || have != c.want {
				t.Fatalf("then adding gave %s, %v; want %s", have, err, c.want)
			}
		})
	}
}

// TestRefusedMembersAreDivisible: where fewer people in a request may be taken, the
// refusal says so; where it concerns the team, or one person alone, it does not.
func TestRefusedMembersAreDivisible(t *testing.T) {
	for _, c := range []struct {
		status    int
		team      bool // is there
		people    []string
		kind      attio.ErrorKind
		divisible bool
	}{
		{400, true, []string{"x", "y"}, attio.Refused, true},
		{400, true, []string{"x"}, attio.Refused, false},
		{404, true, []string{"x", "y"}, attio.Refused, true},
		{404, true, []string{"x"}, attio.Refused, false},
		{404, false, []string{"x", "y"}, attio.Gone, false},
		{409, true, []string{"x", "y"}, attio.Conflict, true},
		{413, true, []string{"x", "y"}, attio.Refused, true},
		{422, true, []string{"x", "y"}, attio.Refused, true},
		{403, true, []string{"x", "y"}, attio.Refused, false},
		{503, true, []string{"x", "y"}, attio.Unavailable, false},
	} {
		for name, change := range map[string]func(*scim.Writer) error{
			"add":    func(w *scim.Writer) error { _, _, err := w.AddMembers(t.Context(), "g1", c.people); return err },
			"remove": func(w *scim.Writer) error { _, _, err := w.RemoveMembers(t.Context(), "g1", c.people); return err },
		} {
			o := newOdd(t)
			members := []string{"a"}
			if name == "remove" {
				members = append(members, c.people...)
			}
			gone := false
			o.on("GET /scim/v2/Groups/g1", func(w http.ResponseWriter, r *http.Request) {
				if gone {
					says(404, `{}`)(w, r)
					return
				}
				_, _ = fmt.Fprint(w, teamJSON("g1", "One", members...))
			})
			o.on("PATCH /scim/v2/Groups/g1", func(w http.ResponseWriter, r *http.Request) {
				gone = !c.team
				says(c.status, `{"detail":"no"}`)(w, r)
			})
			_, w := o.client()
			e, ok := errors.AsType[*attio.Error](change(w))
			if !ok || e.Kind != c.kind || e.Divisible != c.divisible || e.Status != c.status {
				t.Errorf("%s of %v answered %d, the team there: %t, gave %v, divisible: %t", name, c.people, c.status, c.team, e, e != nil && e.Divisible)
			}
		}
	}
	for status, want := range map[int]bool{400: true, 404: true, 413: true, 409: false, 403: false} {
		o := newOdd(t)
		o.on("POST /scim/v2/Groups", says(status, `{"detail":"no"}`))
		_, w := o.client()
		_, _, err := w.CreateTeam(t.Context(), "One", []string{"x"})
		if e, ok := errors.AsType[*attio.Error](err); !ok || e.Divisible != want {
			t.Errorf("a creation answered %d gave %v", status, err)
		}
		_, _, err = w.CreateTeam(t.Context(), "One", nil)
		if e, ok := errors.AsType[*attio.Error](err); !ok || e.Divisible {
			t.Errorf("a creation without members answered %d gave %v", status, err)
		}
	}
}
