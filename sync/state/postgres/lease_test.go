//go:build !windows

package postgres_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"scim-sync/internal/pgtest"
	"scim-sync/internal/sample"
	"scim-sync/sync/state"
)

// expire ends a lease as time does, without waiting for it.
func expire(t *testing.T, address string) {
	t.Helper()
	pgtest.Shared(t).Exec(t, "postgres", `UPDATE scim_sync.state SET until = clock_timestamp() - interval '1 second' WHERE workspace = '`+
		address[strings.LastIndex(address, "=")+1:]+`'`)
}

// TestOneOfManyTakesTheLock: eight who try at once, each over connections of its
// own, in many rounds, the first of which makes the tables.
func TestOneOfManyTakesTheLock(t *testing.T) {
	s := pgtest.Shared(t)
	fresh := s.Fresh(t)
	ports := []int{s.Port, s.Bouncer(t).Port}
	var all []state.Backend
	for i := range 8 {
		all = append(all, open(t, s.URL(fresh, ports[i%2])))
	}
	for round := range sample.Times(20, 90) {
		var wg sync.WaitGroup
		won := make(chan state.BackendWriter, len(all))
		for i, b := range all {
			wg.Go(func() {
				w, err := b.Lock(t.Context(), state.Holder{PID: i})
				var locked *state.LockedError
				switch {
				case err == nil:
					won <- w
				case !errors.As(err, &locked):
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		wg.Wait()
		close(won)
		if len(won) != 1 {
			t.Fatalf("round %d: %d have it", round, len(won))
		}
		for w := range won {
			ok(t, w.Release(t.Context()))
		}
	}
}

// TestHolderThatIsOutWritesNothing: after a takeover the former holder can
// neither add lines nor replace the snapshot, and is told at each of them that it
// is out.
func TestHolderThatIsOutWritesNothing(t *testing.T) {
	size := len(line(1, "a"))
	for what, try := range map[string]func(context.Context, state.Backend, state.BackendWriter) error{
		"append": func(ctx context.Context, _ state.Backend, w state.BackendWriter) error {
			return w.Append(ctx, after(1, size), line(2, "a"))
		},
		"rotate": func(ctx context.Context, _ state.Backend, w state.BackendWriter) error {
			return w.Rotate(ctx, after(1, size), line(2, "a"))
		},
		"swap": func(ctx context.Context, _ state.Backend, w state.BackendWriter) error {
			return w.Swap(ctx, state.Next{Was: 1, Body: snapshot(2)})
		},
		"keep aside": func(ctx context.Context, _ state.Backend, w state.BackendWriter) error {
			_, err := w.Aside(ctx, "format-1.bak", snapshot(1))
			return err
		},
		"clear": func(ctx context.Context, _ state.Backend, w state.BackendWriter) error { return w.Clear(ctx) },
		"cut": func(ctx context.Context, _ state.Backend, w state.BackendWriter) error {
			_, err := w.Cut(ctx, after(0, 0))
			return err
		},
		"prune": func(ctx context.Context, b state.Backend, w state.BackendWriter) error {
			parts, _ := b.Parts(ctx)
			return w.Prune(ctx, parts[0], 1)
		},
	} {
		t.Run(what, func(t *testing.T) {
			address := direct(t)
			old, next := open(t, address), open(t, address)
			w := lock(t, old, "a")
			ok(t, w.Append(t.Context(), after(0, 0), line(1, "a")))
			ok(t, w.Swap(t.Context(), state.Next{Body: snapshot(1)}))
			expire(t, address)
			taken := lock(t, next, "b")
			err := try(t.Context(), old, w)
			if !errors.Is(err, state.ErrLost) || !strings.Contains(err.Error(), "apply b on here") {
				t.Errorf("got %v", err)
			}
			select {
			case <-w.Lost():
			default:
				t.Error("nobody is told")
			}
			if err := w.Held(); !errors.Is(err, state.ErrLost) {
				t.Errorf("held: %v", err)
			}
			ok(t, w.Release(t.Context()))
			ok(t, taken.Held())
			ok(t, taken.Append(t.Context(), after(1, size), line(2, "b")))
			snap, err := next.Snapshot(t.Context())
			if want := string(line(1, "a")) + string(line(2, "b")); err != nil || text(t, next) != want || string(snap) != string(snapshot(1)) {
				t.Errorf("%q, %q, %v", text(t, next), snap, err)
			}
			ok(t, taken.Release(t.Context()))
		})
	}
}

// TestStatementThatWaitsForATakeoverWritesNothing: the holder's statement is at
// the server, behind a takeover that is not yet committed.
func TestStatementThatWaitsForATakeoverWritesNothing(t *testing.T) {
	size := len(line(1, "a"))
	for what, write := range map[string]func(context.Context, state.BackendWriter) error{
		"append": func(ctx context.Context, w state.BackendWriter) error {
			return w.Append(ctx, after(1, size), line(2, "a"))
		},
		"swap": func(ctx context.Context, w state.BackendWriter) error {
			return w.Swap(ctx, state.Next{Was: 1, Body: snapshot(2)})
		},
	} {
		t.Run(what, func(t *testing.T) {
			address := direct(t)
			name := address[strings.LastIndex(address, "=")+1:]
			b := open(t, address)
			w := lock(t, b, "a")
			ok(t, w.Append(t.Context(), after(0, 0), line(1, "a")))
			ok(t, w.Swap(t.Context(), state.Next{Body: snapshot(1)}))
			admin, watch := pgtest.Shared(t).Connect(t, "postgres"), pgtest.Shared(t).Connect(t, "postgres")
			tx, err := admin.Begin(t.Context())
			ok(t, err)
			_, err = tx.Exec(t.Context(), `update scim_sync.state set owner = 'somebody', fence = fence + 1, holder = '{"run_id":"b","host":"there","command":"apply"}' where workspace = $1`, name)
			ok(t, err)
			result := make(chan error)
			go func() { result <- write(t.Context(), w) }()
			for waiting := 0; waiting == 0; {
				ok(t, watch.QueryRow(t.Context(), `select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%scim_sync%'`).Scan(&waiting))
			}
			ok(t, tx.Commit(t.Context()))
			if err := <-result; !errors.Is(err, state.ErrLost) {
				t.Errorf("got %v", err)
			}
			snap, err := b.Snapshot(t.Context())
			if err != nil || text(t, b) != string(line(1, "a")) || string(snap) != string(snapshot(1)) {
				t.Errorf("%q, %q, %v", text(t, b), snap, err)
			}
		})
	}
}

// TestLeaseIsRenewedAndTakenOnceItsHolderIsGone: with a short lease, a holder that
// is cut off is out before another one is in.
func TestLeaseIsRenewedAndTakenOnceItsHolderIsGone(t *testing.T) {
	const length = 600 * time.Millisecond
	address := direct(t)
	behind, p := through(t, address)
	old, next := lasting(t, behind, length), lasting(t, address, length)
	w := lock(t, old, "a")
	first, err := next.Standing(t.Context())
	ok(t, err)
	for mark := first.Mark; mark == first.Mark; <-time.After(pause) { // it is renewed
		s, err := next.Standing(t.Context())
		if err != nil || s == nil {
			t.Fatal(s, err)
		}
		mark = s.Mark
	}
	var locked *state.LockedError
	if err := next.Break(t.Context(), *first); !errors.As(err, &locked) {
		t.Errorf("a lock that was renewed since is broken: %v", err)
	}
	p.StallAll()
	for {
		taken, err := next.Lock(t.Context(), state.Holder{RunID: "b"})
		if err == nil {
			if w.Held() == nil {
				t.Error("two hold it")
			}
			<-w.Lost()
			p.Heal()
			ok(t, taken.Release(t.Context()))
			break
		}
		if !errors.As(err, &locked) {
			t.Fatal(err)
		}
		<-time.After(pause)
	}
	ok(t, w.Release(t.Context()))
}

// TestLockOfADeadRunIsBroken: for people who know that it is gone.
func TestLockOfADeadRunIsBroken(t *testing.T) {
	ways(t, func(t *testing.T, address string) {
		old, next := open(t, address), open(t, address)
		w := lock(t, old, "a")
		s, err := next.Standing(t.Context())
		ok(t, err)
		if s.Holder.RunID != "a" || s.Every <= 0 || s.Until.Before(s.Renewed) || s.Renewed.IsZero() {
			t.Errorf("the lock says %+v", s)
		}
		ok(t, next.Break(t.Context(), *s))
		ok(t, lock(t, next, "b").Release(t.Context()))
		if err := w.Append(t.Context(), after(0, 0), line(1, "a")); !errors.Is(err, state.ErrLost) {
			t.Errorf("got %v", err)
		}
	})
}

// TestDatabaseThatIsSetBackEndsARun: a restore from a backup takes lines away
// that the run has written.
func TestDatabaseThatIsSetBackEndsARun(t *testing.T) {
	address, size := direct(t), len(line(1, "a"))
	name := address[strings.LastIndex(address, "=")+1:]
	b := open(t, address)
	w := lock(t, b, "a")
	ok(t, w.Append(t.Context(), after(0, 0), lines(1, 2, "a")))
	s := pgtest.Shared(t)
	s.Exec(t, "postgres", `CREATE TABLE backup_state AS SELECT * FROM scim_sync.state WHERE workspace = '`+name+`'`)
	t.Cleanup(func() { s.Exec(t, "postgres", `DROP TABLE backup_state`) })
	ok(t, w.Append(t.Context(), after(2, 2*size), line(3, "a")))
	s.Exec(t, "postgres", `DELETE FROM scim_sync.state WHERE workspace = '`+name+`';
		DELETE FROM scim_sync.journal WHERE workspace = '`+name+`' AND seq > 2; INSERT INTO scim_sync.state SELECT * FROM backup_state`)
	err := w.Append(t.Context(), after(3, 3*size), line(4, "a"))
	if !errors.Is(err, state.ErrLost) || !strings.Contains(err.Error(), "set back") {
		t.Errorf("got %v", err)
	}
	if got := text(t, open(t, address)); got != string(lines(1, 2, "a")) {
		t.Errorf("the journal holds %q", got)
	}
}
