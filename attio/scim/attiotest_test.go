package scim_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"scim-sync/attio"
	"scim-sync/attio/attiotest"
	"scim-sync/internal/transport"
)

// smallAttio is the emulator with one admin, whose token it is.
func smallAttio(t *testing.T, change func(*attiotest.Site, *attiotest.Behaviour)) *attiotest.Server {
	t.Helper()
	site := attiotest.Site{
		Workspace: attiotest.Workspace{Slug: "acme", VerifiedDomains: []string{"acme.com"}},
		Members:   []attiotest.Member{{Email: "root@acme.com", Role: "admin"}},
		Tokens:    []attiotest.Token{{Token: token, AuthorizedBy: "root@acme.com"}},
	}
	behaviour := attiotest.DefaultBehaviour()
	if change != nil {
		change(&site, &behaviour)
	}
	s, err := attiotest.New(site, attiotest.WithRateLimits(0, 0), attiotest.WithBehaviour(behaviour))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestAttio: the promises hold with the emulator of Attio, whichever way it
// turns out where Attio's pages are silent.
func TestAttio(t *testing.T) {
	for name, change := range map[string]func(*attiotest.Site, *attiotest.Behaviour){
		"as documented": nil,
		"answers 204": func(_ *attiotest.Site, b *attiotest.Behaviour) {
			b.PatchAnswers204, b.DeactivationAnswers204 = true, true
		},
		"lists no people": func(_ *attiotest.Site, b *attiotest.Behaviour) { b.ListOmitsMembers, b.ItemsPerPageLies = true, true },
		"pages of ten": func(_ *attiotest.Site, b *attiotest.Behaviour) {
			b.PageCap, b.DefaultCount, b.IDsEqualRest = 10, 10, false
		},
		"REST errors": func(_ *attiotest.Site, b *attiotest.Behaviour) {
			b.ErrorShape, b.EmailFilterCaseSensitive = attiotest.RESTErrors, false
		},
		"replaces when adding": func(_ *attiotest.Site, b *attiotest.Behaviour) { b.AddReplacesMembers = true },
	} {
		t.Run(name, func(t *testing.T) {
			conformance(t, func(t *testing.T) (http.Handler, string) { return smallAttio(t, change), "acme" })
		})
	}
}

// TestOverTransport: the promises hold over the transport of the program, which
// repeats what may be repeated; a deletion that failed is looked at first.
func TestOverTransport(t *testing.T) {
	server := httptest.NewServer(smallAttio(t, nil))
	defer server.Close()
	rt := transport.New(transport.Options{Side: "attio", Poison: true, Hosts: []string{server.Listener.Addr().String()}})
	r, w := clientOver(t, server.URL, rt)
	promisesForPeople(t, r, w)
	promisesForUnknown(t, r, w)

	o := newOdd(t)
	o.on("DELETE /scim/v2/Users/i1", says(500, `{"detail":"oops"}`))
	failing := httptest.NewServer(o)
	defer failing.Close()
	_, w = clientOver(t, failing.URL, transport.New(transport.Options{Side: "attio", Hosts: []string{failing.Listener.Addr().String()}}))
	receipt, err := w.CancelInvite(t.Context(), "i1")
	if err != nil || !receipt.Found || o.count("DELETE /scim/v2/Users/i1") != 1 {
		t.Fatalf("got %+v, %v after %d deletions", receipt, err, o.count("DELETE /scim/v2/Users/i1"))
	}
}

// TestInvites: someone of another domain is invited, shows as such once REST is
// asked too, and the invite can be cancelled.
func TestInvites(t *testing.T) {
	r, w := client(t, smallAttio(t, nil))
	ctx := t.Context()
	m, _, err := w.Provision(ctx, attio.NewMember{Email: "bea@other.org", Role: attio.RoleAdmin})
	if err != nil {
		t.Fatal(err)
	}
	team, _, err := w.CreateTeam(ctx, "Friends", []string{m.ID})
	if err != nil || team.Members.Len() != 1 {
		t.Fatalf("a team with an invite gave %+v, %v", team, err)
	}
	ws, err := r.Workspace(ctx, nil)
	if err != nil || len(ws.Members) != 2 || ws.OwnEmail != "root@acme.com" {
		t.Fatalf("got %+v, %v", ws, err)
	}
	for _, m := range ws.Members {
		if want := map[string]attio.Status{"root@acme.com": attio.Active, "bea@other.org": attio.Invited}[m.Email]; m.Status != want || m.Role != attio.RoleAdmin {
			t.Errorf("%s is %s and %s, want %s", m.Email, m.Status, m.Role, want)
		}
	}
	for range 2 {
		if _, err := w.CancelInvite(ctx, m.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok, err := r.FindMember(ctx, "bea@other.org"); ok || err != nil {
		t.Fatalf("after cancelling there is still an invite: %t, %v", ok, err)
	}
	m.Status = attio.Invited
	if _, _, err := w.ChangeEmail(ctx, m, "new@other.org"); !attio.Is(err, attio.Refused) {
		t.Fatalf("changing the address of an invite gave %v", err)
	}
}

// TestRefusals: Attio's refusals come back as the kinds that a run decides by.
func TestRefusals(t *testing.T) {
	provisioning := func(t *testing.T, s http.Handler) error {
		_, w := client(t, s)
		_, _, err := w.Provision(t.Context(), attio.NewMember{Email: "ada@acme.com"})
		return err
	}
	demoting := func(t *testing.T, s http.Handler) error {
		r, w := client(t, s)
		root, _, err := r.FindMember(t.Context(), "root@acme.com")
		if err != nil {
			return err
		}
		_, _, err = w.SetRole(t.Context(), root.ID, attio.RoleMember)
		return err
	}
	suspending := func(t *testing.T, s http.Handler) error {
		r, w := client(t, s)
		root, _, err := r.FindMember(t.Context(), "root@acme.com")
		if err != nil {
			return err
		}
		_, err = w.Suspend(t.Context(), root.ID)
		return err
	}
	// checking: the write alone does not tell what is at fault, and the cheap read
	// that follows it does.
	checking := func(t *testing.T, s http.Handler) error {
		r, w := client(t, s)
		_, _, err := w.Provision(t.Context(), attio.NewMember{Email: "ada@acme.com"})
		if e, ok := errors.AsType[*attio.Error](err); !ok || !e.ReachUnknown || e.Kind != attio.Refused {
			t.Errorf("provisioning gave %v", err)
		}
		return r.Check(t.Context())
	}
	no := false
	for name, c := range map[string]struct {
		change func(*attiotest.Site, *attiotest.Behaviour)
		do     func(*testing.T, http.Handler) error
		want   attio.ErrorKind
	}{
		"no seat": {func(s *attiotest.Site, _ *attiotest.Behaviour) { s.Workspace.Seats = 1 }, provisioning, attio.NoSeat},
		"no seat, REST": {func(s *attiotest.Site, b *attiotest.Behaviour) {
			s.Workspace.Seats, b.ErrorShape = 1, attiotest.RESTErrors
		}, provisioning, attio.NoSeat},
		"no SCIM": {func(s *attiotest.Site, _ *attiotest.Behaviour) { s.Workspace.Plan = "plus" }, checking, attio.NoSCIM},
		"scope":   {func(s *attiotest.Site, _ *attiotest.Behaviour) { s.Tokens[0].Scopes = []string{attiotest.ScopeRead} }, checking, attio.MissingScope},
		"revoked, and checked": {func(s *attiotest.Site, _ *attiotest.Behaviour) { s.Tokens[0].Active = &no }, func(t *testing.T, s http.Handler) error {
			r, _ := client(t, s)
			return r.Check(t.Context())
		}, attio.NotSignedIn},
		"revoked":                    {func(s *attiotest.Site, _ *attiotest.Behaviour) { s.Tokens[0].Active = &no }, provisioning, attio.NotSignedIn},
		"last admin":                 {nil, demoting, attio.LastAdmin},
		"last admin gone":            {nil, suspending, attio.LastAdmin},
		"a 200 that suspends nobody": {func(_ *attiotest.Site, b *attiotest.Behaviour) { b.SilentNoop = true }, suspending, attio.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.do(t, smallAttio(t, c.change)); !attio.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
		})
	}
}
