package statetest

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// Commands plays what people do to a state as a whole, on stores over backends
// that fresh gives, each another one with nothing in it.
func Commands(t *testing.T, fresh func(t *testing.T) state.Backend) {
	for promise, holds := range map[string]func(life){
		"a state is moved to and fro":               movedToAndFro,
		"a backup is restored where it was made":    restoredInPlace,
		"a backup is restored into an empty store":  restoredElsewhere,
		"a run waits for the lock, and then has it": lockIsWaitedFor,
	} {
		t.Run(promise, func(t *testing.T) {
			holds(life{t, func() *state.Store {
				return state.New(fresh(t), state.Options{Patience: state.Patience{For: time.Minute}})
			}})
		})
	}
}

// life is a test with stores.
type life struct {
	*testing.T
	empty func() *state.Store
}

func (t life) ok(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func info(run string) state.RunInfo {
	return state.RunInfo{RunID: run, Operator: "ann", Command: run, Now: time.Now}
}

func failed(error) int { return 1 }

// meets is a run that learns of people.
func (t life) meets(s *state.Store, run string, people ...string) {
	t.Helper()
	t.ok(s.WriteThrough(t.Context(), info(run), failed, func(r *state.Run) error {
		if err := r.Bind(t.Context(), "ws-1", "https://acme.okta.com", "0oa1"); err != nil {
			return err
		}
		for _, id := range people {
			if err := r.Learn(t.Context(), nil, core.Change{Person: &core.ManagedPerson{OktaID: id, Email: id + "@acme.example"}}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// holds fails unless that many people are managed, and the journal is whole.
func (t life) holds(s *state.Store, people int) state.Info {
	t.Helper()
	m, _, i, err := s.Read(t.Context())
	t.ok(err)
	v, err := s.Verify(t.Context())
	t.ok(err)
	if len(m.People) != people || v.Bad != nil || v.TornBytes != 0 || v.Last != i.Seq {
		t.Errorf("%d people, not %d; journal %+v, line %d", len(m.People), people, v, i.Seq)
	}
	return i
}

func movedToAndFro(t life) {
	a, b := t.empty(), t.empty()
	t.meets(a, "first", "1", "2")
	for n := range 4 {
		t.ok(a.MoveTo(t.Context(), b, "there", info(fmt.Sprint("move-", n)), failed))
		if _, _, _, err := a.Read(t.Context()); err == nil {
			t.Error("the old place is read")
		}
		if _, err := a.Begin(t.Context(), info("forgotten")); err == nil {
			t.Error("the old place is written")
		}
		t.holds(b, n+2)
		t.meets(b, fmt.Sprint("run-", n), fmt.Sprint("new-", n))
		a, b = b, a
	}
	t.holds(a, 6)
	if runs, _, err := a.LastRuns(t.Context(), 0); err != nil || len(runs) != 9 {
		t.Errorf("%d runs, %v", len(runs), err)
	}
}

func (t life) backup(s *state.Store) *state.Backup {
	t.Helper()
	path := filepath.Join(t.TempDir(), "backup")
	_, err := s.Backup(t.Context(), path, info("backup"), false, false)
	t.ok(err)
	b, err := state.OpenBackup(path)
	t.ok(err)
	t.Cleanup(func() { b.Close() })
	return b
}

func restoredInPlace(t life) {
	s := t.empty()
	t.meets(s, "first", "1", "2")
	b := t.backup(s)
	t.meets(s, "second", "3", "4")
	before := t.holds(s, 4)
	kept, err := s.Restore(t.Context(), b, filepath.Join(t.TempDir(), "aside"), info("restore"), failed)
	t.ok(err)
	if after := t.holds(s, 2); !kept || after.Serial <= before.Serial || after.Seq <= before.Seq {
		t.Errorf("kept: %v; from %+v to %+v", kept, before, after)
	}
	t.meets(s, "third", "5")
	t.holds(s, 3)
}

func restoredElsewhere(t life) {
	s, other := t.empty(), t.empty()
	t.meets(s, "first", "1", "2")
	b := t.backup(s)
	t.meets(other, "by mistake", "9")
	for _, to := range []*state.Store{t.empty(), other} {
		_, err := to.Restore(t.Context(), b, filepath.Join(t.TempDir(), "aside"), info("restore"), failed)
		t.ok(err)
		t.holds(to, 2)
		t.meets(to, "second", "3")
		t.holds(to, 3)
	}
}

func lockIsWaitedFor(t life) {
	s := t.empty()
	first, err := s.Begin(t.Context(), info("first"))
	t.ok(err)
	done := make(chan error, 1)
	go func() {
		second, err := s.Begin(t.Context(), info("second"))
		if err == nil {
			err = second.Finish(t.Context(), state.Summary{})
		}
		done <- err
	}()
	t.ok(first.Finish(t.Context(), state.Summary{}))
	t.ok(<-done)
	t.holds(s, 0)
}
