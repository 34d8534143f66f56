package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// platforms are those of a release.
func platforms() []string {
	return []string{"darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm64", "windows/amd64", "windows/arm64"}
}

// module is one that is linked into the program, and on which platforms.
type module struct {
	Path, Version, Dir string
	Platforms          []string
}

// linked are the modules of the build list that are linked into the program on
// any platform, sorted by path.
func linked() ([]module, error) {
	of := map[string]*module{}
	for _, platform := range platforms() {
		list, err := linkedOn(platform)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			if of[m.Path] == nil {
				of[m.Path] = &m
			}
			of[m.Path].Platforms = append(of[m.Path].Platforms, platform)
		}
	}
	var all []module
	for _, m := range of {
		all = append(all, *m)
	}
	slices.SortFunc(all, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	if len(all) == 0 {
		return nil, errors.New("the build list is empty")
	}
	return all, nil
}

func linkedOn(platform string) ([]module, error) {
	system, arch, _ := strings.Cut(platform, "/")
	cmd := exec.Command("go", "list", "-deps", "-json=Module", ".") //nolint:noctx // it ends by itself
	cmd.Env = append(cmd.Environ(), "GOOS="+system, "GOARCH="+arch, "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		if failed, ok := errors.AsType[*exec.ExitError](err); ok {
			err = fmt.Errorf("%w: %s", err, failed.Stderr)
		}
		return nil, fmt.Errorf("go list for %s: %w", platform, err)
	}
	seen := map[string]bool{}
	var list []module
	d := json.NewDecoder(bytes.NewReader(out))
	for {
		var p struct {
			Module *struct {
				Path, Version, Dir string
				Main               bool
			}
		}
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return nil, err
		case p.Module == nil, p.Module.Main, seen[p.Module.Path]:
			continue
		}
		seen[p.Module.Path] = true
		list = append(list, module{Path: p.Module.Path, Version: p.Module.Version, Dir: p.Module.Dir})
	}
}

// noticesOf gathers the texts under which others gave what is linked in. A module
// without one is an error: it must not be given on.
func noticesOf(modules []module) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("scim-sync is made with the work of others. These are their licences and notices.\n")
	all := append([]module{{Path: "Go's standard library", Version: runtime.Version(), Dir: runtime.GOROOT()}}, modules...) //nolint:staticcheck // the Go that runs this builds the release
	for _, m := range all {
		texts, err := licences(m.Dir)
		if err != nil {
			return nil, err
		}
		if len(texts) == 0 {
			return nil, fmt.Errorf("%s %s has no licence", m.Path, m.Version)
		}
		for _, text := range texts {
			fmt.Fprintf(&b, "\n%s\n%s %s: %s\n\n%s\n", strings.Repeat("=", 78), m.Path, m.Version, filepath.Base(text), strings.Repeat("=", 78))
			content, err := os.ReadFile(text)
			if err != nil {
				return nil, err
			}
			b.Write(bytes.TrimSpace(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))))
			b.WriteByte('\n')
		}
	}
	return b.Bytes(), nil
}

// licences are the files of that kind in a module, those of copied code inside it
// included.
func licences(dir string) (found []string, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		depth := strings.Count(strings.TrimPrefix(path, dir), string(filepath.Separator))
		switch {
		case err != nil:
			return err
		case e.IsDir() && path != dir && (depth > 2 || skipped(e.Name()) || dir == runtime.GOROOT()): //nolint:staticcheck // as above
			return filepath.SkipDir
		case !e.IsDir() && licence(e.Name()):
			found = append(found, path)
		}
		return nil
	})
	return found, err
}

func skipped(folder string) bool {
	return strings.HasPrefix(folder, ".") || slices.Contains([]string{"testdata", "vendor", "node_modules", "docs"}, folder)
}

func licence(name string) bool {
	name = strings.ToUpper(name)
	for _, start := range []string{"LICENSE", "LICENCE", "UNLICENSE", "COPYING", "NOTICE", "COPYRIGHT"} {
		if rest, ok := strings.CutPrefix(name, start); ok && (rest == "" || strings.HasPrefix(rest, ".MD") || strings.HasPrefix(rest, ".TXT") || strings.HasPrefix(rest, "-")) {
			return true
		}
	}
	return false
}
