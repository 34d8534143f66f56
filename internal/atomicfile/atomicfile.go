// Package atomicfile writes files that are either wholly there or not at all,
// also when the process is killed or the machine loses power in between.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Write puts data under path: into a temporary file in the same folder, which
// is fsynced and then renamed over path; at last the folder is fsynced. A
// reader sees the old content or the new one, never a part. The folder must
// exist.
func Write(path string, data []byte, perm fs.FileMode) error {
	return WriteBy(path, perm, func(w *os.File) error {
		_, err := w.Write(data)
		return err
	})
}

// WriteBy is [Write] for what write writes, piece by piece.
func WriteBy(path string, perm fs.FileMode, write func(*os.File) error) error {
	dir, base := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	f, err := os.CreateTemp(dir, pattern(base))
	if err != nil {
		return notWritten(path, err)
	}
	err = fill(f, perm, write)
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(notWritten(path, err), os.Remove(f.Name()))
	}
	if err := SyncDir(dir); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// notWritten names the file that was asked for, and not the one beside it that takes
// its place.
func notWritten(path string, err error) error {
	at, ofPath := errors.AsType[*fs.PathError](err)
	if ofPath && strings.HasPrefix(filepath.Base(at.Path), ".") && strings.HasSuffix(at.Path, "~") {
		err = at.Err
	}
	if move, ok := errors.AsType[*os.LinkError](err); ok {
		err = move.Err
	}
	return fmt.Errorf("write %s: %w", path, err)
}

func fill(f *os.File, perm fs.FileMode, write func(*os.File) error) error {
	err := f.Chmod(perm)
	if err == nil {
		err = write(f)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// SyncDir makes the names in a folder durable: a new file survives a power
// cut only after that. Windows has no such call and needs none.
func SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Sweep removes temporary files that a Write to path left behind when its
// process was killed. Call it only where nobody else writes to path.
func Sweep(path string) error {
	dir, base := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	before, after, _ := strings.Cut(pattern(base), "*")
	var errs []error
	for _, e := range entries {
		if name := e.Name(); strings.HasPrefix(name, before) && strings.HasSuffix(name, after) {
			errs = append(errs, os.Remove(filepath.Join(dir, name)))
		}
	}
	return errors.Join(errs...)
}

// pattern names the temporary files of base. A star in base would be taken
// for the place of the random part.
func pattern(base string) string {
	return "." + strings.ReplaceAll(base, "*", "_") + ".tmp-*~"
}
