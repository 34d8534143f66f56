package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	core "scim-sync/sync"
)

func TestFilesAreForTheirOwnerAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	s := openAt(t, filepath.Join(dir, "ws-1.json"))
	for _, id := range []string{"run-1", "run-2"} {
		r := begin(t, s, id)
		write(t, r, provision(1), provisioned(1))
		finish(t, r, 0)
	}
	want := []string{"ws-1.journal.jsonl", "ws-1.json", "ws-1.lock", "ws-1.previous", "ws-1.previous/000000000001.json"}
	var got []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		st, _ := d.Info()
		if mode := st.Mode().Perm(); d.IsDir() && mode != 0o700 || !d.IsDir() && mode != 0o600 {
			t.Errorf("%s has mode %v", path, mode)
		}
		if rel, _ := filepath.Rel(dir, path); rel != "." {
			got = append(got, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "files", want, got)
}

func TestReadingLeavesNoTrace(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "a", "b")
	s := openAt(t, filepath.Join(missing, "ws-1.json"))
	if _, _, info := read(t, s); info.Exists {
		t.Fatal("nothing exists")
	}
	if _, err := s.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("a folder was made: %v", err)
	}
	r := begin(t, s, "run-1")
	write(t, r, provision(1), provisioned(1))
	if _, err := r.Announce(t.Context(), provision(2)); err != nil {
		t.Fatal(err)
	}
	r.Close()
	journal, err := os.OpenFile(filepath.Join(missing, "ws-1.journal.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	journal.WriteString(`{"seq":`)
	journal.Close()
	before := tree(t, dir)
	if _, u, _ := read(t, s); len(u) != 1 {
		t.Fatalf("unfinished %v", u)
	}
	kinds(t, s, Filter{})
	same(t, "the folder", before, tree(t, dir))
}

func TestSnapshotIsReadableAndSorted(t *testing.T) {
	s, dir := files(t)
	r := begin(t, s, "run-1")
	bind(t, r)
	for _, n := range []int{3, 1, 2} {
		write(t, r, provision(n), provisioned(n))
	}
	finish(t, r, 0)
	raw, err := os.ReadFile(filepath.Join(dir, "ws-1.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Format, Serial int
		WorkspaceID    string `json:"workspace_id"`
		OrgURL         string `json:"org_url"`
		AppID          string `json:"app_id"`
		People         []core.ManagedPerson
		Teams          []core.ManagedTeam
		Journal        map[string]any
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Format != 1 || got.Serial != 1 || got.WorkspaceID != "ws-1" || got.AppID != "0oa1" || got.Teams == nil || len(got.Journal) != 3 {
		t.Fatalf("got %+v", got)
	}
	same(t, "people", []core.ManagedPerson{person(1), person(2), person(3)}, got.People)
	if n := bytes.Count(raw, []byte("\n")); n < 5 {
		t.Errorf("one person a line makes more than %d lines", n)
	}
}

func TestLastTenSnapshotsAreKeptOneARun(t *testing.T) {
	s, dir := files(t)
	for n := 1; n <= 13; n++ {
		r := begin(t, s, fmt.Sprint("run-", n))
		write(t, r, provision(n), provisioned(n))
		finish(t, r, 0)
	}
	names, err := filepath.Glob(filepath.Join(dir, "ws-1.previous", "*"))
	if err != nil || len(names) != 10 {
		t.Fatalf("%v, %v", names, err)
	}
	// Any of them and the journal make the present state again.
	want, _, _ := read(t, s)
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "ws-1.json"), raw, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		got, _, _ := read(t, s)
		same(t, name, want, got)
	}
}

func TestNewerStateIsLeftUntouched(t *testing.T) {
	for name, content := range map[string]string{
		"snapshot":           `{"format":2,"serial":"other","people":{"a":1}}`,
		"snapshot as we do":  "{\"format\":7,\"serial\":3,\"workspace_id\":1}",
		"snapshot elsewhere": `{"people":3,"format":9}`,
	} {
		t.Run(name, func(t *testing.T) {
			s, dir := files(t)
			path := filepath.Join(dir, "ws-1.json")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, _, _, err := s.Read(t.Context())
			refusedAsNewer(t, path, err)
			_, err = s.Begin(t.Context(), runInfo("run-1"))
			refusedAsNewer(t, path, err)
			if got, _ := os.ReadFile(path); string(got) != content {
				t.Fatalf("now it is %q", got)
			}
		})
	}
	for name, line := range map[string]Line{
		"journal line of a newer kind": {Seq: 1, Kind: "merge"},
		"run of a newer format":        {Seq: 1, Kind: LineRun, Format: 2},
	} {
		t.Run(name, func(t *testing.T) {
			s, dir := files(t)
			path := filepath.Join(dir, "ws-1.journal.jsonl")
			raw, err := line.encode()
			if err == nil {
				err = os.WriteFile(path, raw, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			_, _, _, err = s.Read(t.Context())
			refusedAsNewer(t, path, err)
			_, err = s.Verify(t.Context())
			refusedAsNewer(t, path, err)
		})
	}
}

func refusedAsNewer(t *testing.T, place string, err error) {
	t.Helper()
	var format *FormatError
	if !errors.As(err, &format) || format.Have <= format.Know || !strings.Contains(err.Error(), place) {
		t.Fatalf("got %v", err)
	}
}

func TestOlderStateIsCopiedBeforeItIsBroughtUp(t *testing.T) {
	s, dir := files(t)
	path := filepath.Join(dir, "ws-1.json")
	old := `{"format":0,"serial":4,"workspace_id":"ws-1","users":[{"okta_id":"00u0001","attio_id":"m-1","kind":"membership"}]}`
	if err := os.WriteFile(path, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	var format *FormatError
	if _, _, _, err := s.Read(t.Context()); !errors.As(err, &format) || format.Have != 0 {
		t.Fatalf("there is no way up from format 0: %v", err)
	}
	s.migrations = map[int]migration{0: func(top map[string]json.RawMessage) error {
		top["people"] = top["users"]
		delete(top, "users")
		return nil
	}}
	m, _, _ := read(t, s)
	if m.People["00u0001"].AttioID != "m-1" {
		t.Fatalf("got %+v", m)
	}
	r := begin(t, s, "run-1")
	write(t, r, provision(2), provisioned(2))
	finish(t, r, 0)
	if got, _ := os.ReadFile(path + ".format-0.bak"); string(got) != old {
		t.Fatalf("the copy is %q", got)
	}
	s.migrations = nil // it is of this format now
	if m, _, info := read(t, s); len(m.People) != 2 || info.Serial != 5 {
		t.Fatalf("got %+v %+v", m, info)
	}
}

func TestCorruptSnapshotNamesItselfAndTheWayBack(t *testing.T) {
	s, dir := files(t)
	r := begin(t, s, "run-1")
	write(t, r, provision(1), provisioned(1))
	finish(t, r, 0)
	path := filepath.Join(dir, "ws-1.json")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, _, _ := read(t, s)
	twice := bytes.Replace(good, []byte("\"people\":[\n"), []byte("\"people\":[{\"okta_id\":\"00u0001\"},\n"), 1)
	for name, content := range map[string][]byte{"empty": {}, "torn": good[:len(good)/2], "twice": twice,
		"array": []byte("[]"), "null": []byte("null"), "no serial": []byte(`{"format":1}`), "trailing": append(bytes.Clone(good), '{')} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, try := range []func() error{
			func() error { _, _, _, err := s.Read(t.Context()); return err },
			func() error { _, err := s.Begin(t.Context(), runInfo("x")); return err },
		} {
			var corrupt *CorruptError
			err := try()
			if !errors.As(err, &corrupt) || !strings.Contains(err.Error(), path) || !strings.Contains(corrupt.Hint(), "ws-1.previous") {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if got, _ := os.ReadFile(path); !bytes.Equal(got, content) {
			t.Fatalf("%s: it was changed", name)
		}
	}
	if err := os.Remove(path); err != nil { // the way back that the error names
		t.Fatal(err)
	}
	got, _, _ := read(t, s)
	same(t, "from the journal", want, got)
}

func TestSnapshotOfSomebodyElseIsNotOverwritten(t *testing.T) {
	s, dir := files(t)
	path := filepath.Join(dir, "ws-1.json")
	r := begin(t, s, "run-1")
	write(t, r, provision(1), provisioned(1))
	finish(t, r, 0)
	r = begin(t, s, "run-2")
	write(t, r, provision(2), provisioned(2))
	theirs := []byte(`{ "serial": 99, "format": 1, "people": [], "teams": [] }`)
	if err := os.WriteFile(path, theirs, 0o600); err != nil {
		t.Fatal(err)
	}
	err := r.Finish(t.Context(), Summary{})
	var conflict *ConflictError
	if !errors.Is(err, ErrConflict) || !errors.As(err, &conflict) || conflict.Have != 99 || conflict.Want != 1 {
		t.Fatalf("got %v", err)
	}
	if got, _ := os.ReadFile(path); !bytes.Equal(got, theirs) {
		t.Fatalf("now it is %s", got)
	}
	begin(t, s, "run-3") // the lock is free again
}

func TestLinkedSnapshotStaysALink(t *testing.T) {
	s, dir := files(t)
	r := begin(t, s, "run-1")
	write(t, r, provision(1), provisioned(1))
	finish(t, r, 0)
	link := filepath.Join(t.TempDir(), "state.json")
	if err := os.Symlink(filepath.Join(dir, "ws-1.json"), link); err != nil {
		t.Fatal(err)
	}
	r = begin(t, openAt(t, link), "run-2")
	write(t, r, provision(2), provisioned(2))
	finish(t, r, 0)
	if m, _, _ := read(t, s); len(m.People) != 2 {
		t.Fatalf("got %d people", len(m.People))
	}
}

func TestLocations(t *testing.T) {
	dir := t.TempDir()
	for address, want := range map[string]string{
		"file://" + dir + "/a%20b.json":          filepath.Join(dir, "a b.json"),
		"file://localhost" + dir + "/state.json": filepath.Join(dir, "state.json"),
		"file://" + dir + "/state":               filepath.Join(dir, "state"),
		"file://" + dir + "/../up.json":          filepath.Join(filepath.Dir(dir), "up.json"),
	} {
		s, err := Open(t.Context(), Location{URL: address, Path: "ignored"})
		if err != nil || s.Paths().Snapshot != want {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"file://" + dir, "file://" + dir + "/", "file://host/x.json", "file:x.json", "x.json",
		"file:///x.json?a=b", "file:///x.json#a", "file:///x%00.json", "postgres://u:hunter2@db/x", "s3://b\x7f:hunter2", "file://",
		"postgres://db/x?password=hunter2", "file:///x.json?password=hunter2", "file:///x.json#hunter2"} {
		_, err := Open(t.Context(), Location{URL: address, Shown: "as it may be shown"})
		var loc *LocationError
		if !errors.As(err, &loc) || strings.Contains(err.Error(), "hunter2") || loc.Location != "as it may be shown" && loc.Location != dir {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := Open(t.Context(), Location{}); err == nil {
		t.Error("no place was taken")
	}
	for _, id := range []string{"ws", "../../etc/passwd", "a/b", "..", "", "a?b"} {
		if got := DefaultPath(dir, id); filepath.Dir(got) != dir || filepath.Ext(got) != ".json" {
			t.Errorf("%q lies at %s", id, got)
		}
	}
}

// recorder is a file that notes what is done to it.
type recorder struct {
	*os.File
	calls []string
}

func (r *recorder) Write(p []byte) (int, error) {
	r.calls = append(r.calls, string(p))
	return r.File.Write(p)
}
func (r *recorder) Sync() error { r.calls = append(r.calls, "sync"); return r.File.Sync() }

func TestAppendReturnsAfterOneWriteAndOneSync(t *testing.T) {
	f := newFileBackend(filepath.Join(t.TempDir(), "ws-1.json"))
	w, err := f.Lock(t.Context(), Holder{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(t.Context(), Position{}, []byte("first\n")); err != nil {
		t.Fatal(err)
	}
	j := w.(*fileWriter).journal
	r := &recorder{File: j.file.(*os.File)}
	j.file = r
	if err := w.Append(t.Context(), Position{Offset: 6}, []byte("line\nline\n")); err != nil {
		t.Fatal(err)
	}
	same(t, "calls", []string{"line\nline\n", "sync"}, r.calls)
	if err := w.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestTornEndIsKeptAsideAndTold(t *testing.T) {
	s, dir := files(t)
	r := begin(t, s, "run-1")
	write(t, r, provision(1), provisioned(1))
	r.Close()
	const torn = `{"seq":4,"at":"2026-`
	journal := filepath.Join(dir, "ws-1.journal.jsonl")
	whole, err := os.ReadFile(journal)
	if err == nil {
		err = os.WriteFile(journal, append(whole, torn...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	finish(t, begin(t, s, "run-2"), 0)
	aside := filepath.Join(dir, "ws-1.journal.torn-4")
	if got, err := os.ReadFile(aside); string(got) != torn {
		t.Fatalf("kept %q, %v", got, err)
	}
	for e, err := range s.History(t.Context(), Filter{Run: "run-2"}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == LineRecovered {
			same(t, "told", &Recovered{CutBytes: int64(len(torn)), Aside: aside}, e.Recovered)
			return
		}
	}
	t.Fatal("the journal does not tell")
}
