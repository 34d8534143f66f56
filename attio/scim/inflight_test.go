package scim_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"scim-sync/attio"
	"scim-sync/attio/scim"
	"scim-sync/internal/transport"
)

// TestInterruptedBeforeItsTurn: a write that waits for its turn when the run is
// interrupted is not sent and says so; one that is on its way is finished; reads
// go on.
func TestInterruptedBeforeItsTurn(t *testing.T) {
	waits, interrupt := context.WithCancel(t.Context())
	o := newOdd(t)
	o.on("GET /scim/v2/Users/u1", says(200, user("u1", "ada@acme.com", true)))
	o.on("PATCH /scim/v2/Users/u1", func(w http.ResponseWriter, r *http.Request) {
		interrupt()
		says(200, user("u1", "ada@acme.com", true))(w, r)
	})
	o.on("PATCH /scim/v2/Users/u2", says(200, user("u2", "bea@acme.com", true)))
	server := httptest.NewServer(o)
	defer server.Close()
	options := scim.Options{APIURL: server.URL, SCIMURL: server.URL + "/scim/v2", Waits: waits,
		Token:     func(context.Context) (string, error) { return token, nil },
		Transport: transport.New(transport.Options{Side: "attio", Hosts: []string{server.Listener.Addr().String()}, Pacer: transport.NewRatePacer(1, 1)})}
	r, err := scim.NewReader(options)
	if err != nil {
		t.Fatal(err)
	}
	w, err := scim.NewWriter(r, options)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.SetRole(t.Context(), "u1", attio.RoleMember); err != nil {
		t.Errorf("what was on its way gave %v", err)
	}
	_, _, err = w.SetRole(t.Context(), "u2", attio.RoleMember)
	if e, ok := errors.AsType[*attio.Error](err); !ok || !e.Unsent || o.count("PATCH /scim/v2/Users/u2") != 0 {
		t.Errorf("what waited gave %v", err)
	}
	if _, err := r.Member(t.Context(), "u1"); err != nil {
		t.Errorf("a read gave %v", err)
	}
}

// TestInterruptedAfterALostAttempt: a creation whose first answer was lost may have
// been carried out, though the second attempt was interrupted before it left.
func TestInterruptedAfterALostAttempt(t *testing.T) {
	waits, interrupt := context.WithCancel(t.Context())
	o := newOdd(t)
	o.on("POST /scim/v2/Users", says(201, user("u1", "ada@acme.com", true)))
	o.on("GET /scim/v2/Users", says(200, list(0)))
	server := httptest.NewServer(o)
	defer server.Close()
	options := scim.Options{APIURL: server.URL, SCIMURL: server.URL + "/scim/v2", Waits: waits, Settle: time.Millisecond,
		Token: func(context.Context) (string, error) { return token, nil },
		Transport: lossy{next: http.DefaultTransport, lose: func(r *http.Request) bool {
			if r.Method == "POST" {
				interrupt()
			}
			return r.Method == "POST"
		}}}
	r, err := scim.NewReader(options)
	if err != nil {
		t.Fatal(err)
	}
	w, err := scim.NewWriter(r, options)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, true} {
		_, _, err = w.Provision(t.Context(), attio.NewMember{Email: "ada@acme.com"})
		if e, ok := errors.AsType[*attio.Error](err); !ok || e.Unsent != want || o.count("POST /scim/v2/Users") != 1 {
			t.Errorf("attempt %d: %+v after %d POSTs", i, err, o.count("POST /scim/v2/Users"))
		}
	}
}

// TestWritesInFlight: no more writes are under way than were allowed, however many
// are asked for.
func TestWritesInFlight(t *testing.T) {
	s := smallAttio(t, nil)
	server := httptest.NewServer(s)
	defer server.Close()
	options := scim.Options{APIURL: server.URL, SCIMURL: server.URL + "/scim/v2", Writes: 3, Settle: -1, Transport: http.DefaultTransport,
		Token: func(context.Context) (string, error) { return token, nil }}
	r, _ := scim.NewReader(options)
	w, err := scim.NewWriter(r, options)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			if _, _, err := w.Provision(t.Context(), attio.NewMember{Email: fmt.Sprintf("p%d@acme.com", i)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if _, writes := s.Peak(); writes > 3 || len(s.Writes()) != 30 {
		t.Errorf("%d writes at once, %d in all", writes, len(s.Writes()))
	}
}
