package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"scim-sync/cmd"
	"scim-sync/cmd/sandbox"
)

var heredoc = regexp.MustCompile(`(?s)scim-sync\.yaml <<'END'\n(.*?)\nEND\n`)

// TestSettingsInTheDocumentsAreSettings: each block of YAML is settings that the
// program takes, or a world that the sandbox takes.
func TestSettingsInTheDocumentsAreSettings(t *testing.T) {
	found := 0
	for _, file := range documents(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range blocks(string(text)) {
			settings := b.text
			if m := heredoc.FindStringSubmatch(b.text); m != nil {
				settings = m[1]
			} else if b.language != "yaml" {
				continue
			}
			found++
			if strings.Contains(settings, "\nmanaged:") {
				if _, err := sandbox.ParseWorld([]byte(settings)); err != nil {
					t.Errorf("%s:%d: %v", file, b.line, err)
				}
				continue
			}
			if said := refusedSettings(t, settings); said != "" {
				t.Errorf("%s:%d: %s", file, b.line, said)
			}
		}
	}
	if found < 8 {
		t.Errorf("only %d blocks of settings were found: the test no longer reads the documents", found)
	}
}

// refusedSettings is what config show says against settings; their variables are set,
// and the files of secrets that they name are there.
func refusedSettings(t *testing.T, settings string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"/etc/scim-sync/", "/run/secrets/", "${CREDENTIALS_DIRECTORY}/"} {
		settings = strings.ReplaceAll(settings, name, "")
	}
	for _, m := range regexp.MustCompile(`_file: ([^\s,}]+)`).FindAllStringSubmatch(settings, -1) {
		if err := os.WriteFile(filepath.Join(dir, m[1]), []byte("https://hooks.example/x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "scim-sync.yaml")
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	var environ []string
	for _, m := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(settings, -1) {
		value := "value"
		if strings.Contains(m[1], "HOOK") || strings.HasSuffix(m[1], "URL") {
			value = "https://hooks.example/x"
		}
		environ = append(environ, m[1]+"="+value)
	}
	args := []string{"config", "show", "--config", file}
	if strings.Contains(settings, "\nworkspaces:") {
		args = append(args, "--workspace", "all")
	}
	var out, complaints bytes.Buffer
	code := cmd.Execute(t.Context(), cmd.System{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &complaints, Dir: dir,
		Environ: environ, Now: time.Now, Version: "test", DefaultWorld: defaultWorld,
	})
	if code == 0 {
		return ""
	}
	return complaints.String()
}
