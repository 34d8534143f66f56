package scim_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"scim-sync/attio"
	"scim-sync/attio/scim"
	"scim-sync/internal/idset"
)

const token = "test+token/0123456789"

// client gives a reader and a writer of whatever serves Attio's interfaces.
func client(t testing.TB, h http.Handler) (*scim.Reader, *scim.Writer) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return clientOver(t, server.URL, server.Client().Transport)
}

func clientOver(t testing.TB, url string, rt http.RoundTripper) (*scim.Reader, *scim.Writer) {
	t.Helper()
	o := scim.Options{APIURL: url, SCIMURL: url + "/scim/v2", Transport: rt, Settle: time.Millisecond,
		Token: func(context.Context) (string, error) { return token, nil }}
	r, err := scim.NewReader(o)
	if err != nil {
		t.Fatal(err)
	}
	w, err := scim.NewWriter(r, o)
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

// TestIndependentServer: the client keeps its promises with a SCIM server that
// was written by others, whose ids hold spaces, slashes and at signs.
func TestIndependentServer(t *testing.T) {
	conformance(t, func(t *testing.T) (http.Handler, string) {
		_, h := newIndependent(t)
		return h, "acme"
	})
}

// conformance are the promises that hold with any server.
func conformance(t *testing.T, serve func(t *testing.T) (h http.Handler, slug string)) {
	start := func(t *testing.T) (*scim.Reader, *scim.Writer, string) {
		h, slug := serve(t)
		r, w := client(t, h)
		return r, w, slug
	}
	t.Run("identity", func(t *testing.T) {
		r, _, slug := start(t)
		id, err := r.Identity(t.Context())
		if err != nil || !id.Is(slug) || !id.CanWrite() {
			t.Fatalf("got %+v, %v", id, err)
		}
	})
	t.Run("people", func(t *testing.T) {
		r, w, _ := start(t)
		promisesForPeople(t, r, w)
	})
	t.Run("a team of 230", func(t *testing.T) {
		r, w, _ := start(t)
		promisesForTeams(t, r, w)
	})
	t.Run("250 people by pages", func(t *testing.T) {
		r, w, _ := start(t)
		before, err := r.Workspace(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		ids := provision(t, w, 250)
		heard := 0
		all, err := r.Workspace(t.Context(), func(what string, n int) {
			if what == "members" {
				heard = n
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(all.Members) != len(before.Members)+250 || heard != len(all.Members) {
			t.Fatalf("%d members after 250 more than %d; progress said %d", len(all.Members), len(before.Members), heard)
		}
		for _, id := range ids {
			if !slices.ContainsFunc(all.Members, func(m attio.Member) bool { return m.ID == id && m.Status == attio.Active && m.RestID != "" }) {
				t.Fatalf("%s is not listed as active", id)
			}
		}
	})
	t.Run("unknown ids", func(t *testing.T) {
		r, w, _ := start(t)
		promisesForUnknown(t, r, w)
	})
}

func promisesForPeople(t *testing.T, r *scim.Reader, w *scim.Writer) {
	ctx := t.Context()
	ada, receipt, err := w.Provision(ctx, attio.NewMember{Email: "Ada.Byron@acme.com", Profile: attio.Profile{GivenName: "Ada", FamilyName: "Byron"}, Role: attio.RoleAdmin})
	want := attio.Member{ID: ada.ID, Email: "Ada.Byron@acme.com", Profile: attio.Profile{GivenName: "Ada", FamilyName: "Byron"}, Role: attio.RoleAdmin, Status: attio.Active}
	if err != nil || ada != want || receipt.Status != http.StatusCreated || receipt.Found || receipt.Took <= 0 {
		t.Fatalf("provision gave %+v, %+v, %v", ada, receipt, err)
	}
	found, ok, err := r.FindMember(ctx, " ada.byron@ACME.com")
	if err != nil || !ok || found != ada {
		t.Fatalf("adopting by look-up gave %+v, %t, %v", found, ok, err)
	}
	inTheWay, _, err := w.Provision(ctx, attio.NewMember{Email: "ada.byron@acme.com"})
	if !attio.Is(err, attio.Conflict) || inTheWay.ID != ada.ID {
		t.Fatalf("a second provision gave %+v, %v; a conflict was expected", inTheWay, err)
	}
	if _, ok, err := r.FindMember(ctx, "nobody@acme.com"); ok || err != nil {
		t.Fatalf("a stranger was found: %t, %v", ok, err)
	}
	mustHave := func(what string, got attio.Member, err error, change func(*attio.Member)) {
		t.Helper()
		change(&want)
		read, readErr := r.Member(ctx, ada.ID)
		if err != nil || readErr != nil || got != want || read != want {
			t.Fatalf("%s gave %+v, %v; then read %+v, %v; want %+v", what, got, err, read, readErr, want)
		}
	}
	m, _, err := w.SetRole(ctx, ada.ID, attio.RoleMember)
	mustHave("demoting", m, err, func(m *attio.Member) { m.Role = attio.RoleMember })
	m, _, err = w.SetName(ctx, ada.ID, attio.Profile{GivenName: `Ada "A"`})
	mustHave("renaming", m, err, func(m *attio.Member) { m.GivenName = `Ada "A"` })

	for range 2 { // who is suspended already is done
		if _, err := w.Suspend(ctx, ada.ID); err != nil {
			t.Fatal(err)
		}
	}
	if m, err = r.Member(ctx, ada.ID); err != nil || m.Status != attio.Suspended {
		t.Fatalf("after suspending there is %+v, %v", m, err)
	}
	m, _, err = w.Reactivate(ctx, ada.ID, attio.RoleAdmin)
	mustHave("reactivating", m, err, func(m *attio.Member) { m.Role = attio.RoleAdmin })
	m, _, err = w.ChangeEmail(ctx, want, "ada@acme.com")
	mustHave("changing the address", m, err, func(m *attio.Member) { m.Email = "ada@acme.com" })
}

func promisesForTeams(t *testing.T, r *scim.Reader, w *scim.Writer) {
	ctx := t.Context()
	ids := provision(t, w, 230)
	team, receipt, err := w.CreateTeam(ctx, "Engineering", ids[:attio.MembersPerWrite])
	if err != nil || receipt.Status != http.StatusCreated {
		t.Fatal(receipt, err)
	}
	expect := func(what string, got attio.Team, err error, name string, members []string) {
		t.Helper()
		read, readErr := r.Team(ctx, team.ID)
		if err != nil || readErr != nil {
			t.Fatalf("%s: %v; reading: %v", what, err, readErr)
		}
		for _, have := range []attio.Team{got, read} {
			if have.ID != team.ID || have.Name != name || !have.Members.Equal(idset.Of(members...)) {
				t.Fatalf("%s left %s with %d people, want %s with %d", what, have.Name, have.Members.Len(), name, len(members))
			}
		}
	}
	expect("creating", team, err, "Engineering", ids[:100])
	if other, _, err := w.CreateTeam(ctx, "Engineering", nil); !attio.Is(err, attio.Conflict) || other.ID != team.ID {
		t.Fatalf("a second team of that name gave %+v, %v", other, err)
	}
	got, _, err := w.AddMembers(ctx, team.ID, ids[100:200])
	expect("adding", got, err, "Engineering", ids[:200])
	got, _, err = w.AddMembers(ctx, team.ID, ids[190:230])
	expect("adding some who are there", got, err, "Engineering", ids)
	got, _, err = w.RemoveMembers(ctx, team.ID, append(slices.Clone(ids[50:149]), "nobody"))
	expect("removing", got, err, "Engineering", append(slices.Clone(ids[:50]), ids[149:]...))
	got, _, err = w.RenameTeam(ctx, team.ID, `The "Engine" & <Room>`)
	expect("renaming", got, err, `The "Engine" & <Room>`, append(slices.Clone(ids[:50]), ids[149:]...))
	found, ok, err := r.FindTeam(ctx, `The "Engine" & <Room>`)
	if !ok {
		t.Fatal("the team is not found by its name", err)
	}
	expect("finding", found, err, found.Name, got.Members.IDs())
	for range 2 { // a team that is gone is done
		if _, err := w.DeleteTeam(ctx, team.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Team(ctx, team.ID); !attio.Is(err, attio.Gone) {
		t.Fatalf("reading a deleted team gave %v", err)
	}
}

func promisesForUnknown(t *testing.T, r *scim.Reader, w *scim.Writer) {
	ctx := t.Context()
	const id = "00000000-0000-4000-8000-000000000000"
	_, readMember := r.Member(ctx, id)
	_, readTeam := r.Team(ctx, id)
	_, suspend := w.Suspend(ctx, id)
	_, _, setRole := w.SetRole(ctx, id, attio.RoleAdmin)
	_, _, rename := w.RenameTeam(ctx, id, "New")
	_, _, add := w.AddMembers(ctx, id, []string{"a"})
	_, _, remove := w.RemoveMembers(ctx, id, []string{"a"})
	for what, err := range map[string]error{"reading a member": readMember, "reading a team": readTeam, "suspending": suspend,
		"setting a role": setRole, "renaming a team": rename, "adding": add, "removing": remove} {
		if !attio.Is(err, attio.Gone) {
			t.Errorf("%s gave %v, want kind gone", what, err)
		}
	}
	if _, err := w.CancelInvite(ctx, id); err != nil {
		t.Errorf("cancelling an invite that is gone gave %v", err)
	}
}

// provision adds n people and gives their ids.
func provision(t *testing.T, w *scim.Writer, n int) []string {
	t.Helper()
	ids := make([]string, 0, n)
	for i := range n {
		m, _, err := w.Provision(t.Context(), attio.NewMember{Email: fmt.Sprintf("person%03d@acme.com", i), Profile: attio.Profile{GivenName: "Person", FamilyName: fmt.Sprint(i)}})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.ID)
	}
	return ids
}
