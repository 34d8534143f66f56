package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Sources are all the places that settings come from.
type Sources struct {
	// ConfigFlag is the file that --config names; empty without the flag.
	ConfigFlag string
	// Env is the environment: see [EnvMap].
	Env map[string]string
	// WorkDir is the folder that relative paths start from; empty: the
	// process's own.
	WorkDir string
	// Workspace is the name of the workspace that is meant of several; where there is
	// one alone, it has to be that (--workspace).
	Workspace string
	// Overrides are values that flags set.
	Overrides []Override
	// Controls are variables that start with SCIM_SYNC_, are no settings and
	// are known nevertheless, beside SCIM_SYNC_CONFIG.
	Controls []string
	// Text is the content of a settings file, instead of one that is looked
	// for; nil looks for one.
	Text []byte
	// Ignore are keys, or sections, of which the file is not asked: those of a
	// sandbox.
	Ignore []string
	// Open reads files; nil: os.Open.
	Open func(path string) (fs.File, error)
}

// Override is a setting that a flag sets.
type Override struct {
	Key   string // as attio.workspace
	Value string // as an environment variable would have it
	Flag  string // as --workspace
}

// EnvMap makes a map of an environment as os.Environ gives it.
func EnvMap(environ []string) map[string]string {
	m := make(map[string]string, len(environ))
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok && name != "" {
			m[name] = value
		}
	}
	return m
}

const (
	// FileName is the name of the settings file.
	FileName = "scim-sync.yaml"
	// FileVariable names the settings file when --config does not.
	FileVariable = variablePrefix + "CONFIG"
)

// lookup gives a variable; an empty one counts as not set.
func (src Sources) lookup(name string) (string, bool) {
	v := src.Env[name]
	return v, v != ""
}

// defined gives a variable, empty or not.
func (src Sources) defined(name string) (string, bool) {
	v, ok := src.Env[name]
	return v, ok
}

// resolve makes a path that Open can take, starting from base or WorkDir.
func (src Sources) resolve(base, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	if base == "" {
		base = src.WorkDir
	}
	return filepath.Join(base, path)
}

// file is what was found in one file.
type file struct {
	shown  string // as the user would name it
	path   string
	data   []byte
	exists bool
}

// find reads the settings file. Only a file that somebody named must exist.
func (src Sources) find() (file, error) {
	switch name, named := src.lookup(FileVariable); {
	case src.Text != nil:
		return file{shown: FileName, data: src.Text, exists: true}, nil
	case src.ConfigFlag != "":
		return src.load(src.ConfigFlag, "--config")
	case named:
		return src.load(name, FileVariable)
	}
	places := []string{FileName}
	if dir, err := ConfigDir(src.Env); err == nil {
		places = append(places, filepath.Join(dir, FileName))
	}
	for _, place := range places {
		if f, err := src.load(place, ""); err != nil || f.exists {
			return f, err
		}
	}
	return file{}, nil
}

// load reads one settings file; by says who named it, nobody for a usual place.
func (src Sources) load(name, by string) (file, error) {
	f := file{shown: name, path: src.resolve("", name)}
	data, _, err := src.read(f.path, maxFile)
	switch {
	case err == nil:
		f.data, f.exists = data, true
		return f, nil
	case by == "" && errors.Is(err, fs.ErrNotExist):
		return file{}, nil
	}
	message := "cannot be read: " + cause(err)
	if by != "" {
		message += " (" + by + " names it)"
	}
	return file{}, &Error{Problems: []Problem{{File: name, Message: message}}}
}

const (
	maxFile   = 1 << 20
	maxSecret = 64 << 10
)

// read gives the content and the mode of a file of at most limit bytes.
func (src Sources) read(path string, limit int64) ([]byte, fs.FileMode, error) {
	open := src.Open
	if open == nil {
		open = func(path string) (fs.File, error) { return os.Open(path) }
	}
	f, err := open(path)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, 0, err
	}
	if int64(len(data)) > limit {
		return nil, 0, fmt.Errorf("it is larger than %d KiB", limit>>10)
	}
	return data, info.Mode(), nil
}

// cause gives the reason of a file error without operation and path.
func cause(err error) string {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "there is no such file"
	}
	return err.Error()
}

// Variable is the environment variable that gives a setting.
func Variable(key string) string { return variableOf(key) }
