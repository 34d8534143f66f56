package scim_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/attio"
	"scim-sync/attio/attiotest"
	"scim-sync/internal/transport"
)

// inProcess answers without a network, so that time can be of the test's making.
type inProcess struct{ http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, in)
	return w.Result(), nil
}

// What the plan has just read is not asked for again: neither what the token
// is, nor a team before its people change. After a while it is.
func TestNothingIsReadTwice(t *testing.T) {
	emulator := smallAttio(t, func(s *attiotest.Site, _ *attiotest.Behaviour) {
		s.Members = append(s.Members, attiotest.Member{Email: "ada@acme.com"}, attiotest.Member{Email: "bo@acme.com"})
		s.Teams = []attiotest.Team{{Name: "Sales", Members: []string{"ada@acme.com"}}}
	})
	synctest.Test(t, func(t *testing.T) {
		r, w := clientOver(t, "http://localhost", inProcess{emulator})
		asked := func() (list []string) {
			for _, q := range emulator.Requests() {
				list = append(list, q.Method+" "+q.Path)
			}
			emulator.ResetLog()
			return list
		}
		if _, err := r.Identity(t.Context()); err != nil {
			t.Fatal(err)
		}
		ws, err := r.Workspace(t.Context(), nil)
		if err != nil || ws.Identity.WorkspaceSlug != "acme" {
			t.Fatal(ws.Identity, err)
		}
		if n := len(asked()); n != 4 {
			t.Errorf("%d requests to sign in and read everything, want 4", n)
		}
		var bo attio.Member
		for _, m := range ws.Members {
			if m.Email == "bo@acme.com" {
				bo = m
			}
		}
		team := ws.Teams[0].ID
		if _, _, err := w.AddMembers(t.Context(), team, []string{bo.ID}); err != nil {
			t.Fatal(err)
		}
		if list := asked(); len(list) != 1 || list[0] != "PATCH /scim/v2/Groups/"+team {
			t.Errorf("an addition asked %v", list)
		}
		<-time.After(6 * time.Second)
		if _, _, err := w.RemoveMembers(t.Context(), team, []string{bo.ID}); err != nil {
			t.Fatal(err)
		}
		if list := asked(); len(list) != 2 || list[0] != "GET /scim/v2/Groups/"+team {
			t.Errorf("a removal after a while asked %v", list)
		}
		<-time.After(6 * time.Second)
		if _, err := r.Workspace(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if n := len(asked()); n != 4 {
			t.Errorf("%d requests to read everything after a while, want 4", n)
		}
	})
}

// An answer that the transport has in memory is not copied.
func TestAnswersAreTakenAsTheyAre(t *testing.T) {
	server := httptest.NewServer(smallAttio(t, nil))
	defer server.Close()
	rt := transport.New(transport.Options{Side: "attio", Hosts: []string{server.Listener.Addr().String()}})
	req := httptest.NewRequestWithContext(t.Context(), "GET", server.URL+"/v2/self", nil)
	req.RequestURI = ""
	resp, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, ok := resp.Body.(transport.Body); !ok || len(b.Whole()) == 0 || int64(len(b.Whole())) != resp.ContentLength {
		t.Errorf("the body is %T", resp.Body)
	}
}
