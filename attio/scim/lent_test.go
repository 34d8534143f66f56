package scim_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"scim-sync/attio/attiotest"
	"scim-sync/internal/transport"
)

// TestNothingIsKeptOfALentAnswer: what is read through a transport that writes over
// every answer once it is given back is what is read without one.
func TestNothingIsKeptOfALentAnswer(t *testing.T) {
	server := httptest.NewServer(smallAttio(t, func(s *attiotest.Site, _ *attiotest.Behaviour) {
		team := attiotest.Team{Name: "Every — one"}
		for i := range 330 {
			email := fmt.Sprintf("many%03d@acme.com", i)
			s.Members = append(s.Members, attiotest.Member{Email: email, GivenName: "Zoë", FamilyName: fmt.Sprintf("N \"%d\"", i)})
			team.Members = append(team.Members, email)
		}
		s.Teams = append(s.Teams, team)
	}))
	defer server.Close()
	read := func(rt http.RoundTripper) string {
		r, _ := clientOver(t, server.URL, rt)
		w, err := r.Workspace(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(w.Members) < 330 {
			t.Fatalf("%d members", len(w.Members))
		}
		said := fmt.Sprint(w.Identity, w.Members, w.OwnEmail, w.Unread)
		for _, team := range w.Teams {
			said += fmt.Sprint(team.ID, team.Name, team.Members)
		}
		return said
	}
	lent := read(transport.New(transport.Options{Side: "attio", Poison: true, Hosts: []string{server.Listener.Addr().String()}}))
	if own := read(server.Client().Transport); lent != own {
		t.Errorf("through a transport that lends: %.2000s\nwithout: %.2000s", lent, own)
	}
}
