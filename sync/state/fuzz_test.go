package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	core "scim-sync/sync"
)

// Whatever a snapshot holds, it is read wholly or refused, and what was read
// is written and read again the same.
func FuzzSnapshot(f *testing.F) {
	g := newReplay()
	g.managed.People["00u0001"] = person(1)
	g.managed.Removals = []core.Removal{{At: day0, Action: core.Suspend, OktaID: "x"}}
	g.open[3] = pending{Ticket: 3, At: day0, Run: "r", Intent: suspend(1)}
	g.pos = Position{Seq: 3, Hash: "ab", Offset: 77}
	whole, err := snapshotOf(g, 5).encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-9])
	f.Add([]byte(`{"format":1,"serial":1,"people":null,"teams":[{"group_id":"g"}],"journal":{"seq":0}}`))
	f.Add([]byte(`{"format":2}`))
	f.Add([]byte(`{"format":1,"serial":1,"people":[{"okta_id":"a"},{"okta_id":"a"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, _, err := decodeSnapshot(raw, migrations())
		if err != nil {
			return
		}
		g := s.replay()
		once, err := snapshotOf(g, s.Serial).encode()
		if err != nil {
			t.Fatal(err)
		}
		s, _, err = decodeSnapshot(once, migrations())
		if err != nil {
			t.Fatalf("not read again: %v", err)
		}
		twice, err := snapshotOf(s.replay(), s.Serial).encode()
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%v\n%s\n%s", err, once, twice)
		}
	})
}

// Whatever a journal holds, a reader never panics, a run that begins after it
// sees what the reader saw, and leaves a journal that is whole.
func FuzzJournal(f *testing.F) {
	s := Memory(core.Managed{})
	r, err := s.Begin(f.Context(), runInfo("seed"))
	if err != nil {
		f.Fatal(err)
	}
	ticket, _ := r.Announce(f.Context(), provision(1))
	r.Complete(f.Context(), ticket, provisioned(1))
	r.Announce(f.Context(), suspend(2))
	if err := r.Finish(f.Context(), Summary{}); err != nil {
		f.Fatal(err)
	}
	for _, id := range []string{"idle-1", "idle-2", "idle-3"} {
		idle, err := s.Begin(f.Context(), runInfo(id))
		if err == nil {
			err = idle.Finish(f.Context(), Summary{})
		}
		if err != nil {
			f.Fatal(err)
		}
	}
	journal := s.backend.(*memBackend).parts[0]
	f.Add(journal, false)
	f.Add(journal, true)
	f.Add(journal[:len(journal)-20], false)
	f.Add([]byte("\n\n{}\n"), false)
	f.Add([]byte(`{"kind":"intent","intent":{}}`+"\n"+`{"kind":"outcome","ticket":1,"outcome":{"error":"x"}}`+"\n"+`{"kind":"settled","settled":[1,1]}`), true)
	f.Add([]byte(`{"kind":"rotated","rotated":{"state":{"format":1,"serial":1}}}`+"\n"+`{"kind":"learn","change":{"unlatch":true}}`), true)
	f.Fuzz(func(t *testing.T, raw []byte, chained bool) {
		if chained {
			raw = rechain(raw)
		}
		s := New(&memBackend{parts: [][]byte{raw}, aside: map[string][]byte{}}, Options{})
		l, err := s.load(t.Context())
		if err != nil {
			var corrupt *CorruptError
			var format *FormatError
			if !errors.As(err, &corrupt) && !errors.As(err, &format) {
				t.Fatalf("untyped: %v", err)
			}
			return
		}
		if l.torn == 0 && len(l.parts) > 0 && !bytes.Contains(raw, []byte(`"rotated"`)) && bytes.HasPrefix(raw, []byte(`{"seq":1,`)) {
			if slow := expect(t, raw); !reflect.DeepEqual(slow.lastRun, l.replay.lastRun) || slow.pos != l.replay.pos {
				t.Fatalf("line by line it comes to %+v at %+v, not %+v at %+v", slow.lastRun, slow.pos, l.replay.lastRun, l.replay.pos)
			}
		}
		r, err := s.Begin(t.Context(), runInfo("after"))
		if err != nil {
			t.Fatal(err)
		}
		if m := r.Managed(); !reflect.DeepEqual(m, l.replay.view(everything)) {
			t.Fatal("the run begins with something else than was read")
		}
		if err := r.Finish(t.Context(), Summary{}); err != nil {
			t.Fatal(err)
		}
		v, err := s.Verify(t.Context())
		cutInFront := v.Bad != nil && strings.Contains(v.Bad.Why, "begins no part")
		if err != nil || v.Bad != nil && !cutInFront || v.TornBytes != 0 {
			t.Fatalf("%+v, %v", v, err)
		}
	})
}

// rechain makes lines that hold anything into lines of a whole chain, so that
// what they hold is looked at.
func rechain(raw []byte) []byte {
	var out []byte
	var prev Line
	for text := range bytes.SplitSeq(raw, []byte("\n")) {
		var l Line
		if json.Unmarshal(text, &l) != nil {
			continue
		}
		l.Seq, l.Prev = prev.Seq+1, prev.Hash
		line, err := l.encode()
		if err != nil {
			continue
		}
		prev = l
		out = append(out, line...)
	}
	return out
}
