package s3_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"scim-sync/internal/sample"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// TestReadersBesideARun: who reads while a run writes, merges and replaces the
// snapshot sees the state as it was at some moment, and never an error.
func TestReadersBesideARun(t *testing.T) {
	sample.Long(t)
	p := newPlace(t)
	p.run(nil, "first", bind(p))
	lines, done := sample.Times(150, 320), make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		s := state.New(p.machine(longLease, nil), state.Options{})
		readers.Go(func() {
			for last := uint64(0); ; {
				m, _, info, err := s.Read(t.Context())
				if err != nil || m.WorkspaceID != "ws" || info.Seq < last {
					t.Errorf("it reads line %d after line %d of %q: %v", info.Seq, last, m.WorkspaceID, err)
					return
				}
				last = info.Seq
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	p.run(nil, "second", func(r *state.Run) {
		for n := range lines {
			p.ok(r.Learn(t.Context(), nil, core.Change{Person: &core.ManagedPerson{OktaID: fmt.Sprintf("00u%d", n)}}))
		}
	})
	close(done)
	readers.Wait()
	v, err := state.New(p.machine(longLease, nil), state.Options{}).Verify(t.Context())
	p.ok(err)
	if v.Bad != nil || v.Lines < lines {
		t.Errorf("the journal: %+v", v)
	}
	if names := objects(p); len(names) > 8 {
		t.Errorf("left: %v", names)
	}
}

// TestRunThatDiedIsMergedByTheNext: its many objects do not stay.
func TestRunThatDiedIsMergedByTheNext(t *testing.T) {
	p := newPlace(t)
	s := &tape{place: p, w: p.lock(p.machine(longLease, nil), "one")}
	for range 20 {
		p.ok(s.put("intent", "outcome"))
	}
	heir := p.heir()
	next := &tape{place: p, w: heir.w, at: s.at, told: s.told}
	p.ok(next.put("run", "end"))
	p.ok(heir.w.Release(t.Context()))
	if got := p.text(p.machine(longLease, nil)); got != next.told {
		t.Errorf("told:\n%sthere is:\n%s", next.told, got)
	}
	if names := objects(p); len(names) > 4 {
		t.Errorf("left: %v", names)
	}
}

// TestOldPartsGo: and with them what else speaks of their lines alone.
func TestOldPartsGo(t *testing.T) {
	p := newPlace(t)
	b := p.machine(longLease, nil)
	s := &tape{place: p, w: p.lock(b, "one")}
	p.ok(s.put("one", "two"))
	p.ok(s.w.Swap(t.Context(), state.Next{Body: []byte(`{"format":1,"serial":1,"journal":{"seq":2,"hash":"","offset":0}}`)}))
	p.ok(s.w.Rotate(t.Context(), s.at, []byte(entry(3, "three"))))
	p.ok(s.w.Swap(t.Context(), state.Next{Was: 1, Keep: true, Body: []byte(`{"format":1,"serial":2,"journal":{"seq":3,"hash":"","offset":0}}`)}))
	parts, err := b.Parts(t.Context())
	p.ok(err)
	p.ok(s.w.Rotate(t.Context(), state.Position{Seq: 3, Offset: parts[1].Size}, []byte(entry(4, "four"))))
	if parts, err = b.Parts(t.Context()); err != nil || len(parts) != 3 {
		t.Fatalf("%+v, %v", parts, err)
	}
	p.ok(s.w.Prune(t.Context(), parts[2], 4))
	p.ok(s.w.Release(t.Context()))
	if got := p.text(p.machine(longLease, nil)); got != entry(4, "four") {
		t.Errorf("left:\n%s", got)
	}
	for _, name := range objects(p) {
		if strings.HasPrefix(name, "previous/") || strings.Contains(name, "0000000000000000001") {
			t.Errorf("%s is still there", name)
		}
	}
}
