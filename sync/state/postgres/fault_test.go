//go:build !windows

package postgres_test

import (
	"fmt"
	"net/url"
	"testing"

	"scim-sync/internal/faultproxy"
	"scim-sync/internal/pgtest"
	"scim-sync/internal/sample"
	"scim-sync/sync/state"
)

// through gives an address that leads through a proxy, and the proxy.
func through(t *testing.T, address string) (string, *faultproxy.Proxy) {
	t.Helper()
	u, err := url.Parse(address)
	ok(t, err)
	p := faultproxy.Start(t, u.Host)
	u.Host = p.Addr()
	u.RawQuery += "&sslmode=disable"
	return u.String(), p
}

// story does everything that a run does to a backend, and says what the journal
// must hold in the end. None of it may fail.
func story(t *testing.T, b state.Backend) (journal string) {
	t.Helper()
	size := len(line(1, "a"))
	w := lock(t, b, "a")
	ok(t, w.Append(t.Context(), after(0, 0), line(1, "a")))
	ok(t, w.Append(t.Context(), after(1, size), lines(2, 4, "a")))
	ok(t, w.Swap(t.Context(), state.Next{Body: snapshot(1)}))
	ok(t, w.Rotate(t.Context(), after(4, 4*size), line(5, "a")))
	ok(t, w.Append(t.Context(), after(5, size), line(6, "a")))
	ok(t, w.Swap(t.Context(), state.Next{Was: 1, Body: snapshot(2), Keep: true}))
	_, err := w.Aside(t.Context(), "format-0.bak", []byte("\x00\xff"))
	ok(t, err)
	ok(t, b.SaveCache(t.Context(), []byte("\xff\x00cache")))
	parts, err := b.Parts(t.Context())
	ok(t, err)
	ok(t, w.Prune(t.Context(), parts[1], 5))
	_, err = w.Cut(t.Context(), after(5, size))
	ok(t, err)
	ok(t, w.Held())
	ok(t, w.Release(t.Context()))
	w = lock(t, b, "b")
	ok(t, w.Append(t.Context(), after(5, size), lines(6, 7, "b")))
	ok(t, w.Release(t.Context()))
	return string(line(5, "a")) + string(lines(6, 7, "b"))
}

// told fails unless a backend holds what the story left.
func told(t *testing.T, b state.Backend, journal string) {
	t.Helper()
	if got := text(t, b); got != journal {
		t.Errorf("the journal holds %q, not %q", got, journal)
	}
	snap, err := b.Snapshot(t.Context())
	ok(t, err)
	cache, err := b.Cache(t.Context())
	ok(t, err)
	if string(snap) != string(snapshot(2)) || string(cache) != "\xff\x00cache" {
		t.Errorf("snapshot %q, cache %q", snap, cache)
	}
	standing, err := b.Standing(t.Context())
	if err != nil || standing != nil {
		t.Errorf("the lock says %+v, %v", standing, err)
	}
}

// TestLostAnswersToEveryRequestChangeNothing: each request of a run is cut, once
// before it reaches the server and once after, and every call gives what it gives
// without that: nothing is written twice, nothing is missing, and the lock is not
// taken for lost.
func TestLostAnswersToEveryRequestChangeNothing(t *testing.T) {
	ways(t, func(t *testing.T, address string) {
		lock(t, open(t, address), "makes the tables").Release(t.Context())
		through1, p := through(t, address)
		story(t, open(t, through1))
		all := p.Requests()
		if all < 15 {
			t.Fatalf("only %d requests", all)
		}
		var cases []int
		for n := 1; n <= all; n++ {
			cases = append(cases, n)
		}
		faults := map[faultproxy.Fault]string{faultproxy.CutBefore: "before", faultproxy.CutAfter: "after"}
		for fault, when := range faults {
			for _, n := range sample.Of(cases, 5) {
				t.Run(fmt.Sprintf("request %d is cut %s it arrives", n, when), func(t *testing.T) {
					s := address + fmt.Sprintf("-%s-%d", when, n)
					broken, p := through(t, s)
					p.Nth(n, fault)
					journal := story(t, open(t, broken))
					told(t, open(t, s), journal)
				})
			}
		}
	})
}

// TestTablesAreMadeThoughAnswersAreLost: the first run of all is cut at each of
// its requests; the tables are made once.
func TestTablesAreMadeThoughAnswersAreLost(t *testing.T) {
	s := pgtest.Shared(t)
	first := func(t *testing.T, n int, f faultproxy.Fault) (requests int) {
		address, p := through(t, s.URL(s.Fresh(t), s.Port)+"?workspace=w")
		p.Nth(n, f)
		b := open(t, address)
		ok(t, lock(t, b, "a").Release(t.Context()))
		ok(t, lock(t, b, "b").Release(t.Context()))
		return p.Requests()
	}
	all := first(t, 0, faultproxy.Pass)
	for n := 1; n <= all; n += sample.Times(7, 1) {
		t.Run(fmt.Sprint("request ", n), func(t *testing.T) {
			first(t, n, faultproxy.CutAfter)
			first(t, n, faultproxy.CutBefore)
		})
	}
}

// TestServerThatRestartsStopsNoRun: what was sent and not answered is sent again.
func TestServerThatRestartsStopsNoRun(t *testing.T) {
	sample.Long(t)
	s := pgtest.Own(t)
	b := open(t, s.URL("postgres", s.Port))
	w := lock(t, b, "a")
	for seq := range 20 {
		if seq%7 == 3 {
			s.Stop()
			restarted := make(chan error)
			go func() { restarted <- s.Start() }()
			defer func() { ok(t, <-restarted) }()
		}
		ok(t, w.Append(t.Context(), after(seq, len(lines(1, seq, "a"))), line(seq+1, "a")))
	}
	ok(t, w.Held())
	if got := text(t, b); got != string(lines(1, 20, "a")) {
		t.Errorf("the journal holds %q", got)
	}
	ok(t, w.Release(t.Context()))
}

// TestConnectionsThatTheServerEndsStopNoRun: an administrator, a pooler that
// restarts or an idle_session_timeout may end any of them at any time.
func TestConnectionsThatTheServerEndsStopNoRun(t *testing.T) {
	ways(t, func(t *testing.T, address string) {
		b := open(t, address)
		admin := pgtest.Shared(t).Connect(t, "postgres")
		w := lock(t, b, "a")
		for seq := range 10 {
			if _, err := admin.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'scim-sync'`); err != nil {
				t.Fatal(err)
			}
			ok(t, w.Append(t.Context(), after(seq, len(lines(1, seq, "a"))), line(seq+1, "a")))
		}
		if got := text(t, b); got != string(lines(1, 10, "a")) {
			t.Errorf("the journal holds %q", got)
		}
		ok(t, w.Release(t.Context()))
	})
}
