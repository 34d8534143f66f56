package s3_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"scim-sync/internal/sample"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// run is a run of the program on a machine: it reads the cache, and changes what
// change changes.
func (p place) run(l *line, id string, change func(*state.Run)) {
	p.Helper()
	s := state.New(p.machine(longLease, l), state.Options{})
	r, err := s.Begin(p.Context(), state.RunInfo{RunID: id, Command: "apply", ToolVersion: "v1.2.3", Now: time.Now})
	p.ok(err)
	_, err = s.Cache(p.Context())
	p.ok(err)
	if change != nil {
		change(r)
	}
	p.ok(r.Finish(p.Context(), state.Summary{}))
}

func bind(p place) func(*state.Run) {
	return func(r *state.Run) { p.ok(r.Bind(p.Context(), "ws", "https://acme.okta.com", "0oa1")) }
}

// write announces a write and completes it.
func write(p place) func(*state.Run) {
	return func(r *state.Run) {
		ticket, err := r.Announce(p.Context(), core.Intent{Step: core.Step{N: 1, Action: core.CreateTeam}})
		p.ok(err)
		p.ok(r.Complete(p.Context(), ticket, core.Outcome{Status: 201}))
	}
}

// TestRunThatFindsNothingToDoCostsSixRequests: of these one each is for the
// snapshot and the cache; a year of such runs makes few objects.
func TestRunThatFindsNothingToDoCostsSixRequests(t *testing.T) {
	sample.Long(t)
	p := newPlace(t)
	p.run(nil, "first", bind(p))
	p.run(nil, "second", write(p))
	l := &line{}
	runs := sample.Times(150, 260)
	total := 0
	for i := range runs {
		p.run(l, fmt.Sprintf("run-%d", i), nil)
		n := l.reset()
		total += len(n)
		if i < 140 && len(n) > 6 {
			t.Fatalf("run %d made %d requests: %s", i, len(n), strings.Join(n, ", "))
		}
	}
	if total > runs*6+20 {
		t.Errorf("%d runs made %d requests", runs, total)
	}
	names := objects(p)
	if len(names) > 10 {
		t.Errorf("%d objects after that: %v", len(names), names)
	}
	s := state.New(p.machine(longLease, nil), state.Options{})
	v, err := s.Verify(t.Context())
	p.ok(err)
	if v.Bad != nil || v.Lines < runs+4 {
		t.Errorf("the journal: %+v", v)
	}
	m, _, _, err := s.Read(t.Context())
	p.ok(err)
	if m.WorkspaceID != "ws" {
		t.Errorf("it manages %+v", m)
	}
}

// TestRunLeavesOneObject: however many lines it wrote, at once or one by one.
func TestRunLeavesOneObject(t *testing.T) {
	sample.Long(t)
	p := newPlace(t)
	runs := sample.Times(15, 40)
	for i := range runs {
		p.run(nil, fmt.Sprintf("run-%d", i), func(r *state.Run) {
			if i == 0 {
				bind(p)(r)
			}
			for range 3 {
				write(p)(r)
			}
		})
	}
	var journal []string
	for _, name := range objects(p) {
		if strings.HasPrefix(name, "journal/") {
			journal = append(journal, name)
		}
	}
	if len(journal) > 8 {
		t.Errorf("%d runs left %d objects: %v", runs, len(journal), journal)
	}
	v, err := state.New(p.machine(longLease, nil), state.Options{}).Verify(t.Context())
	p.ok(err)
	if v.Bad != nil || v.Lines < runs*7 {
		t.Errorf("the journal: %+v", v)
	}
}
