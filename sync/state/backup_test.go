package state

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	core "scim-sync/sync"
)

func backUp(t *testing.T, s *Store) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.backup")
	if _, err := s.Backup(t.Context(), path, runInfo("backing-up"), false, false); err != nil {
		t.Fatal(err)
	}
	return path
}

func openBackup(t *testing.T, path string) *Backup {
	t.Helper()
	b, err := OpenBackup(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// restore puts a backup back, and gives the file that keeps what was there; empty
// when nothing was.
func restore(t *testing.T, s *Store, backup, id string) string {
	t.Helper()
	aside := filepath.Join(t.TempDir(), "aside.backup")
	kept, err := s.Restore(t.Context(), openBackup(t, backup), aside, runInfo(id), codeOne)
	if err != nil {
		t.Fatal(err)
	}
	if !kept {
		return ""
	}
	return aside
}

// TestBackupHoldsTheStateAndItsHistory: one file of the owner's alone, which an
// empty store takes in with all that was.
func TestBackupHoldsTheStateAndItsHistory(t *testing.T) {
	s, _ := files(t)
	m := lived(t, s)
	path := backUp(t, s)
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st.Mode(), err)
	}
	if h := openBackup(t, path).Head; h.WorkspaceID != "ws-1" || h.People != 6 || h.Seq == 0 || h.By != "ann" || len(h.Parts) != 2 {
		t.Errorf("%+v", h)
	}
	fresh, _ := files(t)
	if aside := restore(t, fresh, path, "restoring"); aside != "" {
		t.Error("nothing was there, and is kept")
	}
	got, _, info := read(t, fresh)
	same(t, "managed", m, got)
	if v := verified(t, fresh); v.First != 1 || info.LastRun.Info.RunID != "restoring" {
		t.Errorf("%+v, %+v", v, info.LastRun)
	}
	runs, _, err := fresh.LastRuns(t.Context(), 0)
	if err != nil || len(runs) != 3 || runs[0].Info.RunID != "first" {
		t.Errorf("%+v, %v", runs, err)
	}
}

// TestBackupIsNotOverwritten unless somebody says so.
func TestBackupIsNotOverwritten(t *testing.T) {
	s, _ := files(t)
	lived(t, s)
	path := backUp(t, s)
	if _, err := s.Backup(t.Context(), path, runInfo("x"), false, false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	if _, err := s.Backup(t.Context(), path, runInfo("x"), true, false); err != nil {
		t.Errorf("forced: %v", err)
	}
}

// TestRestoreGoesOnFromWhatIsThere: neither serial nor line goes back, the history
// stays, and says that and by whom; what was there is kept as another backup.
func TestRestoreGoesOnFromWhatIsThere(t *testing.T) {
	s, _ := files(t)
	m := lived(t, s)
	path := backUp(t, s)
	r := begin(t, s, "later")
	write(t, r, provision(8), provisioned(8))
	finish(t, r, 0)
	now, _, before := read(t, s)
	aside := restore(t, s, path, "restoring")
	got, _, after := read(t, s)
	same(t, "people", m.People, got.People)
	if after.Serial <= before.Serial || after.Seq <= before.Seq {
		t.Errorf("from %+v to %+v", before, after)
	}
	verified(t, s)
	var line *Restored
	for e, err := range s.History(t.Context(), Filter{Run: "restoring"}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == LineRestored {
			if line = e.Restored; e.By == nil || e.By.Operator != "ann" {
				t.Errorf("by %+v", e.By)
			}
		}
	}
	if line == nil || line.Seq == 0 || line.Made.IsZero() {
		t.Errorf("the journal says %+v", line)
	}
	r = begin(t, s, "last")
	write(t, r, provision(9), provisioned(9))
	finish(t, r, 0)
	if err := os.Remove(s.Paths().Snapshot); err != nil {
		t.Fatal(err)
	}
	if alone, _, _ := read(t, s); len(alone.People) != len(m.People)+1 {
		t.Errorf("the journal alone gives %d people", len(alone.People))
	}
	restore(t, s, aside, "back again")
	got, _, _ = read(t, s)
	same(t, "what was kept", now.People, got.People)
	verified(t, s)
}

// TestRestoreForgetsNothingThatProtects: removals in the window, invites and
// applied plans of both count, and so do writes whose end is not known.
func TestRestoreForgetsNothingThatProtects(t *testing.T) {
	s, _ := files(t)
	lived(t, s)
	path := backUp(t, s)
	r := begin(t, s, "later")
	out := provisioned(2)
	out.Change = core.Change{Removal: &core.Removal{At: day0.Add(time.Hour), OktaID: "00u0002", Action: core.Suspend}}
	write(t, r, suspend(2), out)
	if err := r.Learn(t.Context(), nil, core.Change{PlanApplied: &core.AppliedPlan{ID: "sha256:p", At: day0}}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Announce(t.Context(), provision(7)); err != nil {
		t.Fatal(err)
	}
	finish(t, r, 0)
	for _, over := range []*Store{s, Memory(core.Managed{})} {
		if over != s {
			aside := backUp(t, s)
			restore(t, over, aside, "elsewhere")
		}
		restore(t, over, path, "restoring")
		m, unfinished, _ := read(t, over)
		counts := slices.ContainsFunc(m.Removals, func(r core.Removal) bool { return r.OktaID == "00u0002" && r.At.Equal(day0.Add(time.Hour)) })
		if !counts || len(m.PlansApplied) != 1 || len(unfinished) != 2 {
			t.Errorf("removals %+v, plans %+v, unfinished %+v", m.Removals, m.PlansApplied, unfinished)
		}
	}
}

// TestRestoreOverAShorterJournal: the backup's journal comes in its place, as
// after a state that was begun anew by mistake.
func TestRestoreOverAShorterJournal(t *testing.T) {
	s, _ := files(t)
	m := lived(t, s)
	path := backUp(t, s)
	anew, _ := files(t)
	r := begin(t, anew, "by mistake")
	bind(t, r)
	if _, err := r.Announce(t.Context(), provision(3)); err != nil {
		t.Fatal(err)
	}
	finish(t, r, 0)
	aside := restore(t, anew, path, "restoring")
	got, unfinished, info := read(t, anew)
	same(t, "people", m.People, got.People)
	if len(unfinished) != 2 || info.Seq < openBackup(t, path).Head.Seq {
		t.Errorf("unfinished %+v, %+v", unfinished, info)
	}
	verified(t, anew)
	runs, _, err := anew.LastRuns(t.Context(), 0)
	if err != nil || len(runs) != 3 || aside == "" {
		t.Errorf("%d runs, %v, kept in %q", len(runs), err, aside)
	}
}

// TestRestoreOverADamagedState: whatever is damaged; what is left of it is kept,
// and is not taken for a backup.
func TestRestoreOverADamagedState(t *testing.T) {
	for name, damage := range map[string]func(*memBackend){
		"snapshot": func(m *memBackend) { m.snapshot[20] = '}' },
		"journal":  func(m *memBackend) { m.parts[0][10] ^= 1; m.snapshot = nil },
		"both":     func(m *memBackend) { m.parts[1][30] ^= 1; m.snapshot = []byte("\xff") },
	} {
		t.Run(name, func(t *testing.T) {
			s := Memory(core.Managed{})
			m := lived(t, s)
			path := backUp(t, s)
			_, _, before := read(t, s)
			damage(s.backend.(*memBackend))
			aside := restore(t, s, path, "restoring")
			got, _, after := read(t, s)
			same(t, "people", m.People, got.People)
			verified(t, s)
			if after.Serial <= before.Serial && name != "both" {
				t.Errorf("serial %d after %d", after.Serial, before.Serial)
			}
			if _, err := OpenBackup(aside); err == nil || !strings.Contains(err.Error(), "could not be read when it was written") {
				t.Errorf("what was kept: %v", err)
			}
		})
	}
}

// TestDamagedBackupIsRefused: any byte that is another, and any end that is
// missing; nothing is written then.
func TestDamagedBackupIsRefused(t *testing.T) {
	s, _ := files(t)
	lived(t, s)
	path := backUp(t, s)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, content []byte) {
		t.Helper()
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := OpenBackup(path)
		if err == nil {
			b.Close()
		}
		if _, corrupt := errors.AsType[*CorruptError](err); !corrupt {
			t.Errorf("%s: %v", what, err)
		}
	}
	for at := 0; at < len(raw); at += 211 {
		spoilt := bytes.Clone(raw)
		spoilt[at] ^= 4
		refused("another byte", spoilt)
		refused("cut off", raw[:at])
	}
	refused("a byte more", append(bytes.Clone(raw), '\n'))
	if err := os.WriteFile(path, bytes.Replace(raw, []byte(`"scim_sync_backup":1`), []byte(`"scim_sync_backup":2`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenBackup(path); !errors.As(err, new(*FormatError)) {
		t.Errorf("of a newer program: %v", err)
	}
}

// TestRestoreThatWasKilledIsCarriedOutAgain: at every write, what is there is the
// former state, the restored one, or marked as not whole.
func TestRestoreThatWasKilledIsCarriedOutAgain(t *testing.T) {
	source := Memory(core.Managed{})
	want := lived(t, source)
	path := backUp(t, source)
	for _, shorter := range []bool{false, true} {
		for _, after := range []bool{false, true} {
			for n := 1; ; n++ {
				s := Memory(core.Managed{})
				r := begin(t, s, "present")
				bind(t, r)
				if !shorter {
					for i := range 20 {
						write(t, r, provision(i), provisioned(i))
					}
				}
				finish(t, r, 0)
				was, _, _ := read(t, s)
				p := &mortal{lives: n, after: after}
				_, err := mortally(s, p).Restore(t.Context(), openBackup(t, path), filepath.Join(t.TempDir(), "x"), runInfo("killed"), codeOne)
				if p.lives > 0 {
					if err != nil || n < 4 {
						t.Fatalf("shorter %v, write %d: %v", shorter, n, err)
					}
					break
				}
				if m, _, _, err := s.Read(t.Context()); err == nil && len(m.People) != len(was.People) && len(m.People) != len(want.People) {
					t.Errorf("shorter %v, write %d: %d people", shorter, n, len(m.People))
				} else if moved, ok := errors.AsType[*MovedError](err); err != nil && (!ok || !strings.Contains(moved.Error(), "is not whole")) {
					t.Errorf("shorter %v, write %d: %v", shorter, n, err)
				}
				restore(t, s, path, "again")
				got, _, _ := read(t, s)
				same(t, "people", want.People, got.People)
				verified(t, s)
			}
		}
	}
}

// TestStateThatWasMovedIsBackedUpOnRequestAlone: for the case that the new place is
// lost; it can then be restored.
func TestStateThatWasMovedIsBackedUpOnRequestAlone(t *testing.T) {
	a, _ := files(t)
	b, _ := files(t)
	m := lived(t, a)
	if err := moveTo(t, a, b, "moving"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "b")
	if _, err := a.Backup(t.Context(), path, runInfo("x"), false, false); !errors.As(err, new(*MovedError)) {
		t.Errorf("got %v", err)
	}
	if _, err := a.Backup(t.Context(), path, runInfo("x"), false, true); err != nil {
		t.Fatal(err)
	}
	c, _ := files(t)
	for _, s := range []*Store{c, a} {
		restore(t, s, path, "restoring")
		got, _, _ := read(t, s)
		same(t, "managed", m, got)
		verified(t, s)
	}
}

// TestBackupBesideARun: a run that writes meanwhile spoils nothing.
func TestBackupBesideARun(t *testing.T) {
	s, _ := files(t)
	lived(t, s)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	s.interval = time.Millisecond
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			r, err := s.Begin(t.Context(), runInfo("beside"))
			if err != nil {
				t.Error(err)
				return
			}
			write(t, r, provision(3), provisioned(3))
			finish(t, r, 0)
		}
	}()
	for range 5 {
		openBackup(t, backUp(t, s))
	}
	stop()
	<-done
}

// TestRebuildMakesTheSnapshotFromTheJournal: missing or damaged, which is kept;
// a whole one is left as it is.
func TestRebuildMakesTheSnapshotFromTheJournal(t *testing.T) {
	s, dir := files(t)
	m := lived(t, s)
	rebuild := func() (Rebuilt, error) { return s.Rebuild(t.Context(), runInfo("rebuilding"), codeOne) }
	before := tree(t, dir)
	if done, err := rebuild(); err != nil || !done.Needless {
		t.Errorf("a whole one: %+v, %v", done, err)
	}
	same(t, "files", before, tree(t, dir))
	for _, content := range []string{"", "\xff\x00", `{"format":1,"serial":900,"people":[{]}`, "missing"} {
		_, _, was := read(t, s)
		if content == "missing" {
			if err := os.Remove(s.Paths().Snapshot); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(s.Paths().Snapshot, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		done, err := rebuild()
		if err != nil || done.Needless || (done.Aside == "") != (content == "missing") {
			t.Fatalf("%q: %+v, %v", content, done, err)
		}
		if done.Aside != "" {
			if raw, err := os.ReadFile(done.Aside); err != nil || string(raw) != content {
				t.Errorf("kept: %q, %v", raw, err)
			}
		}
		got, _, info := read(t, s)
		same(t, "managed", m, got)
		if info.Serial <= was.Serial && content != "missing" || strings.Contains(content, "900") && info.Serial <= 900 {
			t.Errorf("%q: serial %d after %d", content, info.Serial, was.Serial)
		}
		verified(t, s)
	}
	if err := os.WriteFile(s.Paths().Snapshot, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(s.Paths().Journal, s.Paths().Journal+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "ws-1.journal.1.jsonl")); err != nil {
		t.Fatal(err)
	}
	var corrupt *CorruptError
	if _, err := rebuild(); !errors.As(err, &corrupt) || !strings.Contains(corrupt.Hint(), "state restore") {
		t.Errorf("without a journal: %v", err)
	}
}
