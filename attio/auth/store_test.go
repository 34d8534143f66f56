package auth_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"scim-sync/attio/auth"
)

// TestDamagedCredentialStore: what cannot be understood is said with its name, is not
// overwritten, and is put aside by mending, which saves what can be read.
func TestDamagedCredentialStore(t *testing.T) {
	const acme = `{"workspace_id": "id-1", "workspace_slug": "acme", "workspace_name": "Acme", "signed_in_at": "2026-01-02T03:04:05Z", "kept": "keyring"}`
	for name, c := range map[string]struct {
		text  string
		saved string // the slugs
	}{
		"cut off":        {text: `{"format": 1, "logins": [` + acme + `, {"workspace_id": "id-2", "worksp`, saved: "acme"},
		"garbled before": {text: "\x00\x00garbage" + acme, saved: "acme"},
		"twice":          {text: "{" + acme + acme, saved: "acme"},
		"no id":          {text: `{"logins": [{"workspace_slug": "acme"}`, saved: ""},
		"empty":          {text: "", saved: ""},
		"another shape":  {text: "[]", saved: ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "logins.json")
			put(t, path, c.text)
			put(t, filepath.Join(dir, "token-id%2F3.json"), `{}`)
			v := auth.NewCredentialStore(dir, noRing{})
			var store *auth.StoreError
			if _, err := v.Find(""); !errors.As(err, &store) || !store.Damaged || !strings.Contains(err.Error(), path) || !strings.Contains(store.Hint(), "scim-sync login") {
				t.Fatalf("got %v", err)
			}
			if _, _, err := v.Keep(t.Context(), login("id-1", "acme"), auth.NewToken("at-1", "", time.Time{})); err == nil {
				t.Error("it was overwritten")
			}
			m, err := v.Repair(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if text, err := os.ReadFile(m.Aside); err != nil || string(text) != c.text {
				t.Errorf("put aside: %q %v", text, err)
			}
			all, err := v.Logins()
			var slugs []string
			for _, l := range all {
				slugs = append(slugs, l.WorkspaceSlug)
			}
			if got, want := strings.Join(slugs, " "), strings.TrimSpace(c.saved+" id/3"); got != want || err != nil {
				t.Errorf("saved %q %v, want %q", got, err, want)
			}
			if m, err := v.Repair(t.Context()); err != nil || m.Aside != "" {
				t.Errorf("mended again: %+v %v", m, err)
			}
		})
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestUnusableCredentialStore: where the system refuses, the words say what and why, and
// what to do.
func TestUnusableCredentialStore(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	put(t, file, "")
	newer := t.TempDir()
	put(t, filepath.Join(newer, "logins.json"), `{"format": 99}`)
	inTheWay := t.TempDir()
	if err := os.MkdirAll(filepath.Join(inTheWay, "token-id-1.json", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ dir, says string }{
		"a file in place of the folder": {filepath.Join(file, "data"), "where sign-ins are kept"},
		"of a newer program":            {newer, "by a newer scim-sync"},
		"a folder in place of a file":   {inTheWay, "token-id-1.json, where sign-ins are kept"},
	} {
		v := auth.NewCredentialStore(c.dir, noRing{})
		_, _, err := v.Keep(t.Context(), login("id-1", "acme"), auth.NewToken("at-1", "", time.Time{}))
		var store *auth.StoreError
		if !errors.As(err, &store) || !strings.Contains(err.Error(), c.says) || store.Hint() == "" || store.Damaged {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := auth.NewCredentialStore(filepath.Join(file, "data"), noRing{}).Ready(t.Context()); err == nil {
		t.Error("a file is ready to be a folder")
	}
}

// TestExposed: a file or folder that others can read or write is told, with
// the command that closes it.
func TestExposed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are elsewhere")
	}
	dir := filepath.Join(t.TempDir(), "data")
	v := auth.NewCredentialStore(dir, noRing{})
	l, _, err := v.Keep(t.Context(), login("id-1", "acme"), auth.NewToken("at-1", "", time.Time{}))
	if err != nil {
		t.Fatal(err)
	}
	token := filepath.Join(dir, "token-id-1.json")
	for _, c := range []struct {
		folder, file os.FileMode
		want         []auth.Exposure
	}{
		{0o700, 0o600, nil},
		{0o700, 0o644, []auth.Exposure{{What: "others on this machine can read " + token + ", which holds the token", Remedy: "Run: chmod 600 " + token}}},
		{0o777, 0o600, []auth.Exposure{{What: "others on this machine can read and write " + dir + ", the folder of the sign-ins", Remedy: "Run: chmod 700 " + dir}}},
		{0o711, 0o620, []auth.Exposure{{What: "others on this machine can write " + token + ", which holds the token", Remedy: "Run: chmod 600 " + token}}},
	} {
		if err := errors.Join(os.Chmod(token, c.file), os.Chmod(dir, c.folder)); err != nil {
			t.Fatal(err)
		}
		if got := v.Exposed(l); !slices.Equal(got, c.want) {
			t.Errorf("%o %o: %v", c.folder, c.file, got)
		}
	}
}
