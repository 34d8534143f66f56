package serve

import (
	"os"
	"path/filepath"
	"testing"
)

// TestASandboxReplacesOnlyWhatASandboxWrote: its own mark, or nothing at all to
// lose; whatever else stands under one of the three names stays.
func TestASandboxReplacesOnlyWhatASandboxWrote(t *testing.T) {
	const own = mark + " and more\n"
	for name, c := range map[string]struct {
		files map[string]string // a name that ends with / is a folder
		links map[string]string
		taken bool
	}{
		"nothing there":            {},
		"its own":                  {files: map[string]string{"box": own, "box.yaml": own, "box.state/.gitignore": own, "box.state/state.json": "{}", "box.state/state.previous/1.json": "{}", "box.state/.state.json.tmp-1~": ""}},
		"empty ones":               {files: map[string]string{"box": "", "box.yaml": "", "box.state/": ""}},
		"somebody's variables":     {files: map[string]string{"box": "export A=1\n"}, taken: true},
		"somebody's settings":      {files: map[string]string{"box.yaml": "okta: {}\n"}, taken: true},
		"the mark further down":    {files: map[string]string{"box.yaml": "okta: {}\n" + mark}, taken: true},
		"a folder for a file":      {files: map[string]string{"box.yaml/": ""}, taken: true},
		"somebody's folder":        {files: map[string]string{"box.state/state.json": "{}"}, taken: true},
		"somebody's ignore file":   {files: map[string]string{"box.state/.gitignore": "*\n"}, taken: true},
		"an empty ignore file":     {files: map[string]string{"box.state/.gitignore": "", "box.state/state.json": "{}"}, taken: true},
		"a file put among its own": {files: map[string]string{"box.state/.gitignore": own, "box.state/notes": "x"}, taken: true},
		"a file for a folder":      {files: map[string]string{"box.state": own}, taken: true},
		"a link to its own":        {files: map[string]string{"else/.gitignore": own}, links: map[string]string{"box.state": "else"}, taken: true},
		"a link to nowhere":        {links: map[string]string{"box": "gone"}, taken: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for at, text := range c.files {
				path := filepath.Join(dir, at)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if at[len(at)-1] == '/' {
					if err := os.MkdirAll(path, 0o700); err != nil {
						t.Fatal(err)
					}
				} else if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for at, to := range c.links {
				if err := os.Symlink(to, filepath.Join(dir, at)); err != nil {
					t.Skip(err)
				}
			}
			f, err := newEnvFile(filepath.Join(dir, "box"))
			if err != nil {
				t.Fatal(err)
			}
			if err := f.mayReplace(); (err != nil) != c.taken {
				t.Errorf("%v", err)
			}
		})
	}
	f, err := newEnvFile(filepath.Join(t.TempDir(), "none", "box"))
	if err != nil || f.mayReplace() == nil {
		t.Errorf("a folder that is not there: %v", err)
	}
}
