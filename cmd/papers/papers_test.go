package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scim-sync/internal/sample"
)

// TestPapersAreTheSameTwice: nothing in them says when they were made, and nothing
// in them is missing.
func TestPapersAreTheSameTwice(t *testing.T) {
	sample.Long(t)
	t.Chdir("../..")
	first, second := filepath.Join(t.TempDir(), "papers"), filepath.Join(t.TempDir(), "papers")
	for _, folder := range []string{first, second} {
		if err := write(folder, "1.2.3-rc1", "1796007600"); err != nil {
			t.Fatal(err)
		}
	}
	texts := map[string]string{}
	err := filepath.WalkDir(first, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, _ := filepath.Rel(first, path)
		one, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		other, err := os.ReadFile(filepath.Join(second, name))
		if string(one) != string(other) {
			t.Errorf("%s is another the second time", name)
		}
		texts[filepath.ToSlash(name)] = string(one)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, part := range map[string]string{
		"man/scim-sync.1":            `.TH "SCIM-SYNC" "1" "Nov 2026" "scim-sync 1.2.3-rc1"`,
		"man/scim-sync-apply.1":      `\-\-allow\-removals`,
		"man/scim-sync-show.1":       ".SH EXIT STATUS\n.TP\n\\fB0\\fR\ndone, or nothing to do\n",
		"man/scim-sync-state-move.1": "scim-sync state move postgres://",
		"completions/scim-sync":      "bash completion V2 for scim-sync",
		"completions/_scim-sync":     "#compdef scim-sync",
		"completions/scim-sync.ps1":  "Register-ArgumentCompleter",
		"THIRD-PARTY-NOTICES":        "github.com/spf13/cobra v1.",
	} {
		if !strings.Contains(strings.ReplaceAll(texts[name], "‐", "-"), part) && !strings.Contains(texts[name], strings.ReplaceAll(part, `\`, "")) {
			t.Errorf("%s has no %q: %.300s", name, part, texts[name])
		}
	}
	for name, text := range texts {
		if strings.HasPrefix(name, "man/") && (!strings.Contains(text, ".SH EXAMPLE\n") || !strings.Contains(text, ".SH EXIT STATUS\n") || !strings.Contains(text, "scim-sync ")) {
			t.Errorf("%s lacks examples or exit codes", name)
		}
	}
	var list bill
	if err := json.Unmarshal([]byte(texts["scim-sync.cdx.json"]), &list); err != nil {
		t.Fatal(err)
	}
	on := map[string]string{}
	for _, c := range list.Components {
		on[c.Name] = ""
		if len(c.Properties) > 0 {
			on[c.Name] = c.Properties[0].Value
		}
	}
	if where, ok := on["github.com/danieljoos/wincred"]; !ok || where != "windows/amd64 windows/arm64" {
		t.Errorf("Windows' keyring is linked in on %q", where)
	}
	if where, ok := on["github.com/spf13/cobra"]; !ok || where != "" {
		t.Errorf("the command line is linked in on %q alone", where)
	}
	if _, ok := on["github.com/google/go-cmp"]; ok {
		t.Error("what only tests use is no part of a release")
	}
}
