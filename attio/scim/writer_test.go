package scim_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio"
	"scim-sync/attio/scim"
	"scim-sync/internal/transport"
)

// TestBodies: what goes over the wire is what Attio documents, field for field.
func TestBodies(t *testing.T) {
	o := newOdd(t)
	o.on("POST /scim/v2/Users", says(201, user("u1", "ada@acme.com", true)))
	o.on("POST /scim/v2/Groups", says(201, teamJSON("g1", "One", "u1")))
	o.on("GET /scim/v2/Users/u1", says(200, user("u1", "ada@acme.com", true)))
	for _, route := range []string{"PATCH /scim/v2/Users/u1", "PUT /scim/v2/Users/u1"} {
		o.on(route, says(200, user("u1", "ada@acme.com", false)))
	}
	o.on("PATCH /scim/v2/Groups/g1", says(200, teamJSON("g1", "Two", "u1")))
	o.on("GET /scim/v2/Groups/g1", says(200, teamJSON("g1", "Two", "u1", `a"b\c`)))
	_, w := o.client()
	ctx := t.Context()
	ops := func(ops string) string {
		return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + ops + `]}`
	}
	for _, c := range []struct {
		route string
		do    func() error
		want  string
	}{
		{"POST /scim/v2/Users", func() error {
			_, _, err := w.Provision(ctx, attio.NewMember{Email: " ada@acme.com ", Profile: attio.Profile{GivenName: "Ada <A&B>"}, Role: attio.RoleAdmin})
			return err
		}, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@acme.com","name":{"givenName":"Ada <A&B>"},"active":true,"appRole":"admin"}`},
		{"PATCH /scim/v2/Users/u1", func() error { _, err := w.Suspend(ctx, "u1"); return err },
			ops(`{"op":"replace","path":"active","value":false}`)},
		{"PATCH /scim/v2/Users/u1", func() error { _, _, err := w.Reactivate(ctx, "u1", attio.RoleMember); return err },
			ops(`{"op":"replace","path":"active","value":true},{"op":"replace","path":"appRole","value":"member"}`)},
		{"PATCH /scim/v2/Users/u1", func() error { _, _, err := w.SetRole(ctx, "u1", attio.RoleAdmin); return err },
			ops(`{"op":"replace","path":"appRole","value":"admin"}`)},
		{"PATCH /scim/v2/Users/u1", func() error {
			_, _, err := w.SetName(ctx, "u1", attio.Profile{GivenName: "Ada", FamilyName: "Byron"})
			return err
		},
			ops(`{"op":"replace","path":"name.givenName","value":"Ada"},{"op":"replace","path":"name.familyName","value":"Byron"}`)},
		{"PUT /scim/v2/Users/u1", func() error {
			_, _, err := w.ChangeEmail(ctx, attio.Member{ID: "u1", Email: "a@acme.com", Profile: attio.Profile{GivenName: "Ada", FamilyName: "Byron"}, Status: attio.Active, Role: attio.RoleAdmin}, "ada@acme.com")
			return err
		}, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@acme.com","name":{"givenName":"Ada","familyName":"Byron"},"active":true,"appRole":"admin"}`},
		{"PUT /scim/v2/Users/u1", func() error {
			_, _, err := w.ChangeEmail(ctx, attio.Member{ID: "u1", Email: "a@acme.com", Status: attio.Suspended}, "ada@acme.com")
			return err
		}, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@acme.com","active":false}`},
		{"POST /scim/v2/Groups", func() error { _, _, err := w.CreateTeam(ctx, "One", []string{"u1"}); return err },
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"One","members":[{"value":"u1"}]}`},
		{"PATCH /scim/v2/Groups/g1", func() error { _, _, err := w.RenameTeam(ctx, "g1", "Two"); return err },
			ops(`{"op":"replace","path":"displayName","value":"Two"}`)},
		{"PATCH /scim/v2/Groups/g1", func() error { _, _, err := w.RemoveMembers(ctx, "g1", []string{`a"b\c`}); return err },
			ops(`{"op":"remove","path":"members[value eq \"a\\\"b\\\\c\"]"}`)},
		{"PATCH /scim/v2/Groups/g1", func() error { _, _, err := w.AddMembers(ctx, "g1", []string{"u1", "u2", "u3"}); return err },
			ops(`{"op":"add","path":"members","value":[{"value":"u2"},{"value":"u3"}]}`)},
	} {
		if err := c.do(); err != nil {
			t.Errorf("%s: %v", c.route, err)
		}
		if diff := cmp.Diff(c.want, o.sent(c.route)); diff != "" {
			t.Errorf("%s: %s", c.route, diff)
		}
	}
}

// TestNotSent: what can only be wrong is refused before anything leaves.
func TestNotSent(t *testing.T) {
	_, w := clientOver(t, "https://a.example", never{fail: func(r *http.Request) error {
		t.Errorf("%s %s was sent", r.Method, r.URL)
		return http.ErrAbortHandler
	}})
	ctx := t.Context()
	_, _, role := w.Provision(ctx, attio.NewMember{Email: "a@acme.com", Role: "owner"})
	_, _, address := w.Provision(ctx, attio.NewMember{Email: " "})
	_, _, invite := w.ChangeEmail(ctx, attio.Member{ID: "i1", Status: attio.Invited}, "b@acme.com")
	_, _, noRole := w.SetRole(ctx, "u1", "")
	_, dots := w.Suspend(ctx, "..")
	_, empty := w.DeleteTeam(ctx, "")
	_, _, many := w.AddMembers(ctx, "g1", make([]string, attio.MembersPerWrite+1))
	_, _, nobody := w.RemoveMembers(ctx, "g1", []string{""})
	_, _, name := w.CreateTeam(ctx, " ", nil)
	for i, err := range []error{role, address, invite, noRole, dots, empty, many, nobody, name} {
		if !attio.Is(err, attio.Refused) {
			t.Errorf("%d: got %v", i, err)
		}
	}
}

// TestLostCreation: a creation whose answer was lost is looked up before it is
// sent again; nobody is ever made twice.
func TestLostCreation(t *testing.T) {
	lost := func(r *http.Request) error {
		return &transport.Error{Kind: transport.Lost, Method: r.Method, Path: r.URL.Path, Err: io.ErrUnexpectedEOF}
	}
	for name, c := range map[string]struct {
		// answer says what becomes of the n-th POST: "ok", "done, lost",
		// "lost", "late" (done after the next look-up), "500", "unreachable".
		answers []string
		posts   int64
		found   bool
		kind    attio.ErrorKind
	}{
		"done and lost":              {[]string{"done, lost"}, 1, true, 0},
		"lost on the way":            {[]string{"lost", "ok"}, 2, false, 0},
		"done and 500":               {[]string{"done, 500"}, 1, true, 0},
		"500 and not done":           {[]string{"500", "500", "ok"}, 3, false, 0},
		"lost, then a late conflict": {[]string{"late", "ok"}, 2, true, 0},
		"always lost":                {[]string{"lost", "lost", "lost"}, 3, false, attio.Unavailable},
		"never left":                 {[]string{"unreachable"}, 1, false, attio.Unavailable},
		"somebody else's":            {[]string{"conflict"}, 1, false, attio.Conflict},
	} {
		t.Run(name, func(t *testing.T) {
			var posts, made atomic.Int64
			var hidden atomic.Bool
			o := newOdd(t)
			o.on("GET /scim/v2/Users", func(w http.ResponseWriter, r *http.Request) {
				if n := made.Load(); n > 0 && !hidden.Load() {
					_, _ = fmt.Fprint(w, list(1, user("u1", "ada@acme.com", true)))
					return
				}
				_, _ = fmt.Fprint(w, list(0))
			})
			o.on("POST /scim/v2/Users", func(w http.ResponseWriter, r *http.Request) {
				hidden.Store(false)
				if made.Load() > 0 {
					says(409, `{"scimType":"uniqueness"}`)(w, r)
					return
				}
				made.Add(1)
				says(201, user("u1", "ada@acme.com", true))(w, r)
			})
			server := httptest.NewServer(o)
			defer server.Close()
			base := server.Client().Transport
			_, w := clientOver(t, server.URL, roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.Method != http.MethodPost {
					return base.RoundTrip(r)
				}
				switch answer := c.answers[posts.Add(1)-1]; answer {
				case "done, lost", "late", "done, 500":
					resp, err := base.RoundTrip(r)
					if err != nil {
						return nil, err
					}
					_ = resp.Body.Close()
					hidden.Store(answer == "late")
					if answer == "done, 500" {
						return &http.Response{StatusCode: 500, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
					}
					return nil, lost(r)
				case "lost":
					return nil, lost(r)
				case "500":
					return nil, &transport.Error{Kind: transport.Failed, Status: 500, Method: r.Method, Path: r.URL.Path}
				case "unreachable":
					return nil, &transport.Error{Kind: transport.Unreachable, Method: r.Method, Path: r.URL.Path, Attempts: 5}
				case "conflict":
					made.Add(1)
				}
				return base.RoundTrip(r)
			}))
			m, receipt, err := w.Provision(t.Context(), attio.NewMember{Email: "ada@acme.com"})
			if attio.KindOf(err) != c.kind || (err != nil) != (c.kind != 0) {
				t.Fatalf("got %v, want %v", err, c.kind)
			}
			if posts.Load() != c.posts || made.Load() > 1 {
				t.Errorf("%d POSTs made %d people, want %d POSTs", posts.Load(), made.Load(), c.posts)
			}
			if err == nil && (m.ID != "u1" || receipt.Found != c.found || receipt.Found != (receipt.Status == 0)) {
				t.Errorf("got %+v with %+v", m, receipt)
			}
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestCreationWithoutBody: 201 or 204 with nothing in it is looked up; a
// creation that made nobody is an error.
func TestCreationWithoutBody(t *testing.T) {
	for _, answer := range []http.HandlerFunc{says(201, ``), says(204, ``), says(200, `<html>`), says(201, user("u9", "other@acme.com", true))} {
		o := newOdd(t)
		o.on("POST /scim/v2/Users", answer)
		o.on("POST /scim/v2/Groups", answer)
		_, w := o.client()
		m, _, err := w.Provision(t.Context(), attio.NewMember{Email: "root@acme.com"})
		if err != nil || m.ID != "u1" {
			t.Errorf("got %+v, %v", m, err)
		}
		if _, _, err = w.Provision(t.Context(), attio.NewMember{Email: "ada@acme.com"}); !attio.Is(err, attio.NotMade) || !strings.Contains(err.Error(), "no such member or invite afterwards") {
			t.Errorf("nobody was made, and got %v", err)
		}
		if _, _, err = w.CreateTeam(t.Context(), "One", nil); !attio.Is(err, attio.NotMade) {
			t.Errorf("no team was made, and got %v", err)
		}
	}
}

// TestSuspend: done is what Attio has afterwards, not what it answers.
func TestSuspend(t *testing.T) {
	active, inactive := says(200, user("u1", "a@acme.com", true)), says(200, user("u1", "a@acme.com", false))
	for name, c := range map[string]struct {
		patch, read http.HandlerFunc
		kind        attio.ErrorKind
		reads       int
	}{
		"200":                             {inactive, says(500, ``), 0, 0},
		"204":                             {says(204, ``), inactive, 0, 1},
		"204, and the id is gone":         {says(204, ``), says(404, ``), 0, 1},
		"200 and nothing changed":         {active, active, attio.Refused, 1},
		"200 that shows the old, changed": {active, inactive, 0, 1},
		"200 without a word of active":    {says(200, `{"id":"u1","userName":"a@acme.com"}`), inactive, 0, 1},
		"200 for somebody else":           {says(200, user("u2", "b@acme.com", false)), active, attio.Refused, 2},
		"refused, suspended already":      {says(400, `{"detail":"already inactive"}`), inactive, 0, 1},
		"refused":                         {says(400, `{"detail":"no"}`), active, attio.Refused, 1},
		"last admin":                      {says(400, `{"detail":"the last admin"}`), active, attio.LastAdmin, 1},
		"last admin, suspended already":   {says(400, `{"detail":"the last admin"}`), inactive, 0, 1},
		"unknown":                         {says(404, ``), says(404, ``), attio.Gone, 0},
		"500 but done":                    {says(500, ``), inactive, 0, 1},
		"500 and not done":                {says(500, ``), active, attio.Unavailable, 1},
		"not readable afterwards":         {says(204, ``), says(503, ``), attio.Unavailable, 1},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOdd(t)
			o.on("PATCH /scim/v2/Users/u1", c.patch)
			o.on("GET /scim/v2/Users/u1", c.read)
			_, w := o.client()
			_, err := w.Suspend(t.Context(), "u1")
			if attio.KindOf(err) != c.kind || (err != nil) != (c.kind != 0) {
				t.Errorf("got %v, want %v", err, c.kind)
			}
			if got := o.count("GET /scim/v2/Users/u1"); got != c.reads {
				t.Errorf("%d reads, want %d", got, c.reads)
			}
			if strings.Contains(name, "nothing changed") && !strings.Contains(err.Error(), "answered 200 and changed nothing") {
				t.Errorf("the error does not say so: %v", err)
			}
		})
	}
}

// TestDelete: what is gone is done, whatever the answer was; what is there
// still is not.
func TestDelete(t *testing.T) {
	there, gone := says(200, teamJSON("g1", "One")), says(404, ``)
	for name, c := range map[string]struct {
		del, read http.HandlerFunc
		kind      attio.ErrorKind
		found     bool
		deletes   int
	}{
		"204":              {says(204, ``), gone, 0, false, 1},
		"404":              {gone, gone, 0, false, 1},
		"500 but done":     {says(500, ``), gone, 0, true, 1},
		"500, then done":   {inTurn(says(500, ``), says(204, ``)), inTurn(there, there, gone), 0, false, 2},
		"500 for ever":     {says(500, ``), there, attio.Unavailable, false, 2},
		"204 and not done": {says(204, ``), there, attio.Refused, false, 1},
		"refused":          {says(403, `{"detail":"no"}`), there, attio.Refused, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOdd(t)
			o.on("DELETE /scim/v2/Groups/g1", c.del)
			o.on("GET /scim/v2/Groups/g1", c.read)
			_, w := o.client()
			receipt, err := w.DeleteTeam(t.Context(), "g1")
			if attio.KindOf(err) != c.kind || (err != nil) != (c.kind != 0) || receipt.Found != c.found {
				t.Errorf("got %+v, %v; want %v", receipt, err, c.kind)
			}
			if got := o.count("DELETE /scim/v2/Groups/g1"); got != c.deletes {
				t.Errorf("%d deletions were sent, want %d", got, c.deletes)
			}
		})
	}
}

// TestLostChange: a change whose answer was lost counts as done when a read
// shows it, and only then.
func TestLostChange(t *testing.T) {
	s, h := newIndependent(t)
	server := httptest.NewServer(h)
	defer server.Close()
	lose := func(r *http.Request) bool { return r.Method == http.MethodPatch || r.Method == http.MethodPut }
	_, calm := clientOver(t, server.URL, server.Client().Transport)
	_, w := clientOver(t, server.URL, lossy{server.Client().Transport, lose})
	ids := provision(t, calm, 3)
	ctx := t.Context()
	_, a, err1 := w.SetRole(ctx, ids[0], attio.RoleAdmin)
	b, err2 := w.Suspend(ctx, ids[0])
	_, c, err3 := w.Reactivate(ctx, ids[0], attio.RoleMember)
	_, d, err4 := w.ChangeEmail(ctx, attio.Member{ID: ids[0], Email: "x", Role: attio.RoleMember, Status: attio.Active}, "new@acme.com")
	team, _, err5 := calm.CreateTeam(ctx, "One", ids[:1])
	_, e, err6 := w.AddMembers(ctx, team.ID, ids[1:])
	_, f, err7 := w.RemoveMembers(ctx, team.ID, ids[:2])
	_, g, err8 := w.RenameTeam(ctx, team.ID, "Two")
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7, err8); err != nil {
		t.Fatal(err)
	}
	for i, r := range []attio.Receipt{a, b, c, d, e, f, g} {
		if !r.Found || r.Status != 0 {
			t.Errorf("receipt %d is %+v", i, r)
		}
	}
	if len(s.groups.byID[team.ID]["members"].([]any)) != 1 {
		t.Error("the team is not as it should be")
	}
	_, dead := clientOver(t, server.URL, never{server.Client().Transport, func(r *http.Request) error {
		if lose(r) {
			return &transport.Error{Kind: transport.Lost, Method: r.Method}
		}
		return nil
	}})
	if _, _, err := dead.SetName(ctx, ids[0], attio.Profile{GivenName: "Never", FamilyName: "Done"}); !attio.Is(err, attio.Unavailable) {
		t.Errorf("a change that was lost on the way gave %v", err)
	}
}

var _ attio.Writer = (*scim.Writer)(nil)

// TestLimitedAfterALostAttempt: a change that may have been carried out before the
// limit refused its repetition was not left undone, whoever interrupts the wait.
func TestLimitedAfterALostAttempt(t *testing.T) {
	_, h := newIndependent(t)
	server := httptest.NewServer(h)
	defer server.Close()
	_, calm := clientOver(t, server.URL, server.Client().Transport)
	id := provision(t, calm, 1)[0]
	for doubt, want := range map[bool]attio.ErrorKind{false: attio.RateLimited, true: attio.Unavailable} {
		_, w := clientOver(t, server.URL, never{server.Client().Transport, func(r *http.Request) error {
			if r.Method == http.MethodPatch {
				return &transport.Error{Kind: transport.Limited, Method: r.Method, Status: http.StatusTooManyRequests, Doubt: doubt, Err: context.Canceled}
			}
			return nil
		}})
		receipt, err := w.Suspend(t.Context(), id)
		var e *attio.Error
		if !errors.As(err, &e) || e.Kind != want || e.Unsent == doubt || doubt && receipt.Status != 0 {
			t.Errorf("doubt %v: %+v, %+v", doubt, receipt, e)
		}
	}
}
