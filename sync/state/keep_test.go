package state

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	core "scim-sync/sync"
)

const day = 24 * time.Hour

// idleRun is a run at that moment that changes nothing.
func idleRun(t *testing.T, s *Store, id string, now time.Time) {
	t.Helper()
	info := runInfo(id)
	info.Now = at(now)
	finish(t, beginAt(t, s, info), 0)
}

// changingRun provisions a person at that moment.
func changingRun(t *testing.T, s *Store, n int, now time.Time) {
	t.Helper()
	info := runInfo(fmt.Sprint("run-", n))
	info.Now = at(now)
	r := beginAt(t, s, info)
	bind(t, r)
	write(t, r, provision(n), provisioned(n))
	finish(t, r, 0)
}

func replayed(t *testing.T, s *Store) int {
	t.Helper()
	l, err := s.load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return l.lines
}

// TestRunsThatChangeNothingDoNotAddUp: however many there were, the next one
// replays so many lines at most. The snapshots that this takes put no
// previous one away, and say what the one before said.
func TestRunsThatChangeNothingDoNotAddUp(t *testing.T) {
	s := Memory(core.Managed{})
	if s.longReplay > 1000 {
		t.Errorf("a snapshot comes after %d lines", s.longReplay)
	}
	s.longReplay = 100
	kept := 0
	w := &watched{Backend: s.backend, swapping: func(n Next) {
		if n.Keep {
			kept++
		}
	}}
	s.backend = w
	changingRun(t, s, 1, day0)
	changingRun(t, s, 2, day0)
	want, _, before := read(t, s)
	kept = 0
	for n := range 2 * s.longReplay {
		idleRun(t, s, fmt.Sprint("idle-", n), day0)
		if n%10 == 0 && replayed(t, s) > s.longReplay+2 {
			t.Fatalf("after %d runs the next one replays %d lines", n, replayed(t, s))
		}
	}
	m, _, info := read(t, s)
	same(t, "managed", want, m)
	if info.Serial != before.Serial+1 || kept != 0 {
		t.Errorf("%d snapshots, and %d previous ones were kept", info.Serial-before.Serial, kept)
	}
	if last := info.LastRun; last.Info.RunID != fmt.Sprint("idle-", 2*s.longReplay-1) {
		t.Errorf("last run %+v", last)
	}
	changingRun(t, s, 3, day0)
	if kept != 1 {
		t.Errorf("a run that changed something kept %d snapshots", kept)
	}
	verified(t, s)
}

// TestIdleRunsAreReplayedAsAnyOther: their lines are not read in full, and yet
// come to the same; one that was changed is found.
func TestIdleRunsAreReplayedAsAnyOther(t *testing.T) {
	s := Memory(core.Managed{})
	mem := s.backend.(*memBackend)
	changingRun(t, s, 1, day0)
	for n := range 5 {
		idleRun(t, s, fmt.Sprint("idle-", n), day0)
	}
	idleRun(t, s, `with "quotes" & <marks>`, day0)
	idleRun(t, s, "idle-9", day0)
	changingRun(t, s, 2, day0)
	idleRun(t, s, "idle-10", day0)
	mem.snapshot = nil
	journal := mem.parts[0]
	want := expect(t, journal)
	l, err := s.load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "managed", want.view(everything), l.replay.view(everything))
	same(t, "position", want.pos, l.replay.pos)
	same(t, "last run", want.lastRun, l.replay.lastRun)
	for _, text := range []string{"idle-2", `"exit_code":0`, `"format":1`} {
		changed := []byte(strings.ReplaceAll(string(journal), text, strings.ToUpper(text[:len(text)-1])+"7"))
		other := New(&memBackend{parts: [][]byte{changed}, aside: map[string][]byte{}}, Options{})
		if _, err := other.load(t.Context()); err == nil {
			t.Errorf("a journal in which %s is something else was taken", text)
		}
	}
}

// aged gives a file store that was used every five days for so many days, with
// a change each time, and keeps its journal for 40 days.
func aged(t *testing.T, days int) (*Store, string) {
	t.Helper()
	s, dir := files(t)
	s.keep = 40 * day
	for n := 0; n <= days/5; n++ {
		changingRun(t, s, n, day0.Add(time.Duration(n)*5*day))
	}
	return s, dir
}

func names(t *testing.T, dir, pattern string) (names []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		names = append(names, filepath.Base(p))
	}
	return names
}

// TestOldJournalIsPutAwayAndTheChainSaysWhereItBegins: parts, torn ends and
// previous snapshots that are older than journal.keep go; what is left
// verifies, and carries the hash of the line before it.
func TestOldJournalIsPutAwayAndTheChainSaysWhereItBegins(t *testing.T) {
	s, dir := aged(t, 60)
	first := map[uint64]Line{}
	for e, err := range s.History(t.Context(), Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		first[e.Seq] = e.Line
	}
	if err := os.WriteFile(filepath.Join(dir, "ws-1.journal.torn-3"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for n := 13; n < 60; n++ {
		changingRun(t, s, n, day0.Add(time.Duration(n)*5*day))
	}
	v := verified(t, s)
	if v.Pruned == nil || v.Pruned.Before != v.First || v.First < 10 || v.Lost != "" {
		t.Fatalf("got %+v", v)
	}
	if age := day0.Add(59 * 5 * day).Sub(v.Pruned.Until); age < 40*day || age > 60*day {
		t.Errorf("the journal reaches %s back", age)
	}
	if parts := names(t, dir, "*.jsonl"); len(parts) != v.Parts || len(parts) > 8 {
		t.Errorf("parts %v", parts)
	}
	if torn := names(t, dir, "*.torn-*"); len(torn) > 0 {
		t.Errorf("left: %v", torn)
	}
	m, _, _ := read(t, s)
	if len(m.People) != 60 {
		t.Fatalf("%d people", len(m.People))
	}
	previous, _ := filepath.Glob(filepath.Join(dir, "ws-1.previous", "*"))
	if len(previous) == 0 {
		t.Error("no previous snapshot is left")
	}
	for _, name := range append(previous, "") { // each of them and the journal make the present state
		if err := os.Remove(filepath.Join(dir, "ws-1.json")); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if name != "" {
			if err := os.Link(name, filepath.Join(dir, "ws-1.json")); err != nil {
				t.Fatal(err)
			}
		}
		again, _, _ := read(t, s)
		same(t, "from "+name, m, again)
	}
	// Somebody takes another part away: no line says that it may be missing.
	if err := os.Remove(filepath.Join(dir, names(t, dir, "*.journal.*.jsonl")[0])); err != nil {
		t.Fatal(err)
	}
	if v := verified(t, s); v.Pruned != nil || v.First < 10 {
		t.Errorf("after another part was taken away: %+v", v)
	}
}

// TestRunsAreNumberedOn: each has one more than the one before, runs that changed
// nothing too, and keeps it whatever of the journal is put away.
func TestRunsAreNumberedOn(t *testing.T) {
	s, _ := aged(t, 60)
	numbers := map[string]uint64{}
	note := func() (last uint64) {
		for r, err := range s.Runs(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if was, ok := numbers[r.Info.RunID]; ok && was != r.Info.Number || r.Info.Number <= last {
				t.Errorf("%s was #%d and is #%d, after #%d", r.Info.RunID, was, r.Info.Number, last)
			}
			last = r.Info.Number
			numbers[r.Info.RunID] = last
		}
		return last
	}
	before := note()
	for n := 13; n < 60; n++ {
		changingRun(t, s, n, day0.Add(time.Duration(n)*5*day))
		idleRun(t, s, fmt.Sprint("idle-", n), day0.Add(time.Duration(n)*5*day))
	}
	_, _, info := read(t, s)
	if last := note(); verified(t, s).Pruned == nil || last != before+2*(60-13) || info.LastRun.Info.Number != last {
		t.Errorf("after #%d: #%d, the state says #%d", before, last, info.LastRun.Info.Number)
	}
}

// TestWindowsOutliveTheJournal: removals and applied plans count as long as
// they have to, though the lines that tell of them are gone, even where the
// state has to be made again from what is left.
func TestWindowsOutliveTheJournal(t *testing.T) {
	s, dir := files(t)
	s.keep = 1 // no less than the window of removals
	info := runInfo("first")
	info.Now = at(day0)
	r := beginAt(t, s, info)
	bind(t, r)
	plan := core.AppliedPlan{ID: "sha256:old", CreatedAt: day0, At: day0}
	if err := r.Learn(t.Context(), nil, core.Change{PlanApplied: &plan}); err != nil {
		t.Fatal(err)
	}
	finish(t, r, 0)
	for n := 1; n < 60; n++ {
		changingRun(t, s, n, day0.Add(time.Duration(n)*5*day))
	}
	if v := verified(t, s); v.Pruned == nil || day0.Add(59*5*day).Sub(v.Pruned.Until) < 31*day {
		t.Fatalf("got %+v", v.Pruned)
	}
	if err := os.Remove(filepath.Join(dir, "ws-1.json")); err != nil {
		t.Fatal(err)
	}
	if m, _, _ := read(t, s); len(m.PlansApplied) != 1 {
		t.Errorf("applied plans: %+v", m.PlansApplied)
	}
}

// TestJournalIsKeptForEverWhereSaidSo, and by the default for 400 days.
func TestJournalIsKeptForEverWhereSaidSo(t *testing.T) {
	for keep, pruned := range map[time.Duration]bool{-1: false, DefaultKeep: true} {
		s, _ := files(t)
		s.keep = keep
		for n := range 30 {
			changingRun(t, s, n, day0.Add(time.Duration(n)*40*day))
		}
		if v := verified(t, s); (v.Pruned != nil) != pruned || (v.First != 1) != pruned {
			t.Errorf("keep %s: %+v", keep, v)
		}
	}
}

// TestOneClockThatIsAheadPutsNothingAway: what a run far in the future would
// put away stays until another one says the same time.
func TestOneClockThatIsAheadPutsNothingAway(t *testing.T) {
	s, _ := aged(t, 45)
	before := verified(t, s)
	changingRun(t, s, 100, day0.Add(5000*day))
	changingRun(t, s, 101, day0.Add(46*day))
	if v := verified(t, s); v.First != before.First {
		t.Errorf("%+v became %+v", before, v)
	}
}

// TestPuttingAwayThatWasCutOffIsDoneByTheNextRun: a run does not fail because
// an old part could not be removed, and the next one removes it without
// beginning yet another part.
func TestPuttingAwayThatWasCutOffIsDoneByTheNextRun(t *testing.T) {
	s, _ := files(t)
	s.keep = 40 * day
	fails := &noPrune{Backend: s.backend}
	s.backend = fails
	for n := range 16 {
		changingRun(t, s, n, day0.Add(time.Duration(n)*5*day))
	}
	if v := verified(t, s); v.First != 1 || fails.tried == 0 {
		t.Fatalf("got %+v after %d tries", v, fails.tried)
	}
	info := runInfo("warned")
	info.Now = at(day0.Add(76 * day))
	r := beginAt(t, s, info)
	if warnings := r.Info().Warnings; len(warnings) != 1 || !strings.Contains(warnings[0], "journal.keep") {
		t.Errorf("warnings %q", warnings)
	}
	finish(t, r, 0)
	before := verified(t, s)
	s.backend = fails.Backend
	changingRun(t, s, 16, day0.Add(77*day))
	if v := verified(t, s); v.Pruned == nil || v.First == 1 || v.Last > before.Last+6 || v.Parts >= before.Parts {
		t.Errorf("%+v became %+v", before, v)
	}
}

// noPrune is a backend that cannot remove anything.
type noPrune struct {
	Backend
	tried int
}

type noPruneWriter struct {
	BackendWriter
	b *noPrune
}

func (b *noPrune) Lock(ctx context.Context, h Holder) (BackendWriter, error) {
	w, err := b.Backend.Lock(ctx, h)
	return noPruneWriter{w, b}, err
}

func (w noPruneWriter) Prune(context.Context, Part, uint64) error {
	w.b.tried++
	return errDisk
}

// TestBeginningThatIsNotTheOneSaidIsFound: the line that says where the
// journal begins must name the line before it.
func TestBeginningThatIsNotTheOneSaidIsFound(t *testing.T) {
	snap, err := snapshotOf(newReplay(), 1).encode()
	if err != nil {
		t.Fatal(err)
	}
	for said, whole := range map[string]bool{"ab": true, "cd": false} {
		line := Line{Seq: 7, At: day0, Run: "r", Kind: LineRotated, Prev: "ab",
			Rotated: &Rotated{Pruned: &Pruned{Before: 7, Hash: said, Until: day0}, State: snap}}
		raw, err := line.encode()
		if err != nil {
			t.Fatal(err)
		}
		s := New(&memBackend{parts: [][]byte{raw}}, Options{})
		if v, err := s.Verify(t.Context()); err != nil || (v.Bad == nil) != whole || (v.Pruned != nil) != whole {
			t.Errorf("it names %s: %+v, %v", said, v, err)
		}
	}
}
