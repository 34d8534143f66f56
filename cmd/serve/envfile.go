package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/sandbox"
	"scim-sync/internal/atomicfile"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// mark begins each file that a sandbox writes. Only what has it is replaced.
const mark = "# Points scim-sync at the sandbox."

// ignoreFile is in the folder of the state: its mark, and what keeps git from
// taking anything there.
const ignoreFile = ".gitignore"

// envFile is the file of variables, and what lies beside it.
type envFile struct{ path, settings, state string }

func newEnvFile(name string) (envFile, error) {
	path, err := filepath.Abs(name)
	return envFile{path, path + ".yaml", path + ".state"}, err
}

func (f envFile) location() state.Location {
	return state.Location{Path: filepath.Join(f.state, "state.json")}
}

// mayReplace refuses what another program, or somebody by hand, has put there.
func (f envFile) mayReplace() error {
	if st, err := os.Stat(filepath.Dir(f.path)); err != nil || !st.IsDir() {
		return cli.Usagef("--env-file %s: there is no folder %s", f.path, filepath.Dir(f.path))
	}
	for _, path := range []string{f.path, f.settings} {
		if err := ownFile(path); err != nil {
			return notOwn(path, err)
		}
	}
	if err := ownFolder(f.state); err != nil {
		return notOwn(f.state, err)
	}
	return nil
}

func notOwn(path string, why error) error {
	return &cli.UsageError{Text: fmt.Sprintf("--env-file: %s: %v; nothing was touched", path, why), Advice: "Give another name, or move that away first."}
}

var errNoMark = errors.New("it was not written by a sandbox and would be replaced")

// ownFile gives no error for a file that is missing, empty or a sandbox's own.
func ownFile(path string) error {
	st, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return reason(err)
	case !st.Mode().IsRegular():
		return errors.New("it is no ordinary file")
	case st.Size() == 0:
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return reason(err)
	}
	defer func() { _ = file.Close() }()
	head := make([]byte, len(mark))
	if _, err := io.ReadFull(file, head); err != nil || string(head) != mark {
		return errNoMark
	}
	return nil
}

// ownFolder gives no error for a folder that is missing, empty or a sandbox's
// own, and then holds nothing but the files of a state.
func ownFolder(path string) error {
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return reason(err)
	}
	if st, err := os.Lstat(path); err != nil || !st.IsDir() {
		return errors.New("it is a link")
	}
	if len(entries) == 0 {
		return nil
	}
	if st, err := os.Lstat(filepath.Join(path, ignoreFile)); err != nil || st.Size() == 0 || ownFile(filepath.Join(path, ignoreFile)) != nil {
		return errNoMark
	}
	for _, e := range entries {
		if e.Name() != ignoreFile && !strings.HasPrefix(e.Name(), "state.") && !strings.HasPrefix(e.Name(), ".state.") {
			return fmt.Errorf("it holds %s, which no sandbox put there", e.Name())
		}
	}
	return nil
}

// reason is what is wrong with a file, without its name.
func reason(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}

// write writes the variables that point scim-sync at the sandbox, and beside
// them the world's settings and state. The variables come last: who waits for
// the file finds everything ready.
func (f envFile) write(ctx context.Context, p *cli.Program, s *sandbox.Sandbox) error {
	settings, err := s.Settings()
	if err != nil {
		return err
	}
	if err := atomicfile.Write(f.settings, append([]byte(mark+" Settings of its world.\n"), settings...), 0o600); err != nil {
		return err
	}
	if err := f.emptyState(); err != nil {
		return err
	}
	if s.HasState {
		if err := writeState(ctx, p, s, f.location()); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	fmt.Fprintln(&b, mark+" Its credentials open nothing else.")
	for _, v := range f.environment(s) {
		fmt.Fprintf(&b, "export %s=%s\n", v.Name, core.Quote(v.Value))
	}
	return atomicfile.Write(f.path, b.Bytes(), 0o600)
}

// environment gives the variables that point scim-sync at the sandbox.
func (f envFile) environment(s *sandbox.Sandbox) []sandbox.Variable {
	return append(s.Environment(),
		sandbox.Variable{Name: "SCIM_SYNC_CONFIG", Value: f.settings},
		sandbox.Variable{Name: "SCIM_SYNC_STATE_URL", Value: "file://" + filepath.ToSlash(f.location().Path)})
}

// emptyState leaves the folder of the state with its mark alone, which it has at
// every moment.
func (f envFile) emptyState() error {
	if err := os.MkdirAll(f.state, 0o700); err != nil {
		return err
	}
	if err := atomicfile.Write(filepath.Join(f.state, ignoreFile), []byte(mark+" The next one empties this folder.\n*\n"), 0o600); err != nil {
		return err
	}
	entries, err := os.ReadDir(f.state)
	for _, e := range entries {
		if e.Name() != ignoreFile {
			err = errors.Join(err, os.RemoveAll(filepath.Join(f.state, e.Name())))
		}
	}
	return err
}

// writeState writes down what the world says was managed before.
func writeState(ctx context.Context, p *cli.Program, s *sandbox.Sandbox, at state.Location) error {
	store, err := state.Open(ctx, at)
	if err != nil {
		return err
	}
	info := state.RunInfo{RunID: cli.RunID(p.Now()), Command: "sandbox", ToolVersion: p.Version, Now: p.Now}
	code := func(err error) int { return cli.Code(ctx, err) }
	return store.WriteThrough(ctx, info, code, func(run *state.Run) error {
		m := s.Managed
		if err := run.Bind(ctx, m.WorkspaceID, m.OrgURL, m.AppID); err != nil {
			return err
		}
		for _, e := range m.People {
			if err := run.Learn(ctx, nil, core.Change{Person: &e}); err != nil {
				return err
			}
		}
		for _, t := range m.Teams {
			if err := run.Learn(ctx, nil, core.Change{Teams: []core.ManagedTeam{t}}); err != nil {
				return err
			}
		}
		return nil
	})
}
