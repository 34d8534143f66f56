package state

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"scim-sync/internal/atomicfile"
)

// fileBackend keeps a state in files beside each other. It needs a file system
// with atomic renames and flock(2): any local one.
type fileBackend struct{ files fileSet }

func newFileBackend(path string) *fileBackend { return &fileBackend{fileSetOf(path)} }

func (f *fileBackend) Paths() Paths { return f.files.Paths }

func (f *fileBackend) Cache(context.Context) ([]byte, error) {
	raw, err := os.ReadFile(f.files.cache)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return raw, denied(err)
}

func (f *fileBackend) SaveCache(_ context.Context, content []byte) error {
	err := atomicfile.Sweep(f.files.cache)
	if err == nil {
		err = atomicfile.Write(f.files.cache, content, fileMode)
	}
	return denied(err)
}

func (f *fileBackend) Snapshot(context.Context) ([]byte, error) {
	raw, err := os.ReadFile(f.files.Snapshot)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case raw == nil && err == nil:
		return []byte{}, nil
	}
	return raw, denied(err)
}

// Parts lists W.journal.1.jsonl, W.journal.2.jsonl … and W.journal.jsonl. The
// last one is listed even when a crash came between setting the old one aside
// and beginning it.
func (f *fileBackend) Parts(context.Context) ([]Part, error) {
	numbers, err := f.files.setAside()
	if err != nil {
		return nil, denied(err)
	}
	var parts []Part
	for _, n := range numbers {
		p, err := partAt(f.files.part(n))
		if errors.Is(err, fs.ErrNotExist) {
			continue // put away just now
		}
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	p, err := partAt(f.files.Journal)
	if errors.Is(err, fs.ErrNotExist) {
		if err = nil; len(parts) == 0 {
			return nil, nil
		}
	}
	return append(parts, p), err
}

func partAt(name string) (Part, error) {
	st, err := os.Stat(name)
	if err != nil {
		return Part{Name: name}, err
	}
	return Part{Name: name, Size: st.Size()}, nil
}

func (f *fileBackend) Open(_ context.Context, name string, offset int64) (io.ReadCloser, error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return io.NopCloser(strings.NewReader("")), nil
	}
	if err != nil {
		return nil, denied(err)
	}
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func (f *fileBackend) Lock(ctx context.Context, h Holder) (BackendWriter, error) {
	if err := os.MkdirAll(f.files.folder(), folderMode); err != nil {
		return nil, denied(fmt.Errorf("make the state's folder: %w", err))
	}
	lock, err := takeLock(ctx, f.files.Lock, h)
	if err != nil {
		return nil, denied(err)
	}
	if err := f.tidy(); err != nil {
		return nil, errors.Join(err, lock.release())
	}
	w, err := newFileWriter(f.files, lock)
	if err != nil {
		return nil, errors.Join(denied(err), lock.release())
	}
	return w, nil
}

// tidy removes what a killed process left half written, and looks whether
// there is room: a run that could not note what it does had better not begin.
func (f *fileBackend) tidy() error {
	if err := atomicfile.Sweep(f.files.Snapshot); err != nil {
		return denied(fmt.Errorf("tidy the state's folder: %w", err))
	}
	return f.writable(f.files.folder())
}

// writable says whether a run could write all that it has to: the files that it
// opens, and new ones in the folder and in that of the former snapshots.
func (f *fileBackend) writable(folder string) error {
	for _, name := range []string{f.files.Lock, f.files.Journal} {
		file, err := os.OpenFile(name, os.O_WRONLY, fileMode)
		if err == nil {
			err = file.Close()
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return denied(err)
		}
	}
	for _, dir := range []string{folder, f.files.Previous} {
		if _, err := os.Stat(dir); err != nil {
			continue // it is made where it is needed
		}
		if err := tryWriting(dir, roomFor(f.files.Snapshot)); err != nil {
			return err
		}
	}
	return nil
}

func (f *fileBackend) Probe(context.Context) Probe {
	dir, err := nearestFolder(f.files.folder())
	if err != nil {
		return Probe{Place: dir, Reach: &UnwritableError{Dir: dir, Err: err}}
	}
	return Probe{Place: dir, Write: f.writable(dir), Lock: lockTaken(f.files.Lock)}
}

// Standing says whose process holds the lock.
func (f *fileBackend) Standing(context.Context) (*Standing, error) {
	err := lockTaken(f.files.Lock)
	if taken, ok := errors.AsType[*LockedError](err); ok {
		return &Standing{Holder: taken.Holder}, nil
	}
	return nil, denied(err)
}

// Break never frees the lock of a process that lives: it would go on writing.
func (f *fileBackend) Break(context.Context, Standing) error { return denied(lockTaken(f.files.Lock)) }
