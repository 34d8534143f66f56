package atomicfile_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scim-sync/internal/atomicfile"
)

func TestWriteReplacesWholeFileAndLeavesNothingElse(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a*b.json")
	for _, content := range []string{"a long first content", "short"} {
		if err := atomicfile.Write(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != content {
			t.Fatalf("got %q, %v; want %q", got, err, content)
		}
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v; want 0600", st.Mode(), err)
	}
	if names := list(t, dir); len(names) != 1 {
		t.Fatalf("left behind: %v", names)
	}
}

func TestFailedWriteLeavesOldContentAndNoTemporaryFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "taken")
	// A folder that is not empty cannot be renamed over.
	if err := os.MkdirAll(filepath.Join(path, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.Write(path, []byte("new"), 0o600); err == nil {
		t.Fatal("no error")
	}
	if names := list(t, dir); len(names) != 1 {
		t.Fatalf("left behind: %v", names)
	}
}

func TestAWriteThatIsCutOffLeavesOldContent(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "plan.json")
	if err := atomicfile.Write(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	cut := errors.New("cut off")
	err := atomicfile.WriteBy(path, 0o600, func(w *os.File) error {
		_, err := io.WriteString(w, "half of")
		return errors.Join(err, cut)
	})
	if !errors.Is(err, cut) {
		t.Errorf("got %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "old" {
		t.Errorf("got %q, %v", got, err)
	}
	if names := list(t, dir); len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
}

func TestSweepRemovesOnlyLeftoversOfThatFile(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".a.json.tmp-123~", ".b.json.tmp-123~", "a.json", "a.json.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := atomicfile.Sweep(filepath.Join(dir, "a.json")); err != nil {
		t.Fatal(err)
	}
	if got := list(t, dir); len(got) != 3 || got[0] != ".b.json.tmp-123~" {
		t.Fatalf("left: %v", got)
	}
}

func list(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestAnErrorNamesTheFileThatWasAskedFor, and not the one that was to take its place.
func TestAnErrorNamesTheFileThatWasAskedFor(t *testing.T) {
	dir := t.TempDir()
	for name, path := range map[string]string{"no folder": filepath.Join(dir, "none", "a.json"), "a folder": dir} {
		err := atomicfile.Write(path, []byte("x"), 0o600)
		if err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), ".tmp-") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := atomicfile.Write(filepath.Join(dir, "none", "a.json"), nil, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not known as a missing folder", err)
	}
}
