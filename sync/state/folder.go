package state

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// folder is the medium of files beside each other. It needs a file system with
// atomic renames and flock(2): any local one.
type folder struct {
	places Places
}

func newFolder(path string) *folder { return &folder{places: beside(path)} }

func (f *folder) Places() Places { return f.places }

func (f *folder) Snapshot(context.Context) ([]byte, error) {
	raw, err := os.ReadFile(f.places.Snapshot)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case raw == nil && err == nil:
		return []byte{}, nil
	}
	return raw, err
}

// Parts lists W.journal.1.jsonl, W.journal.2.jsonl … and W.journal.jsonl. The
// last one is listed even when a crash came between setting the old one aside
// and beginning it.
func (f *folder) Parts(context.Context) ([]Part, error) {
	numbers, err := f.aside()
	if err != nil {
		return nil, err
	}
	var parts []Part
	for _, n := range numbers {
		p, err := part(f.asideName(n))
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	p, err := part(f.places.Journal)
	if errors.Is(err, fs.ErrNotExist) {
		if err = nil; len(parts) == 0 {
			return nil, nil
		}
	}
	return append(parts, p), err
}

func part(name string) (Part, error) {
	st, err := os.Stat(name)
	if err != nil {
		return Part{Name: name}, err
	}
	return Part{Name: name, Size: st.Size()}, nil
}

// aside lists the numbers of the parts that were set aside, in order.
func (f *folder) aside() ([]int, error) {
	dir, base := filepath.Split(f.places.Journal)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var numbers []int
	for _, e := range entries {
		text, ok := strings.CutPrefix(e.Name(), strings.TrimSuffix(base, "jsonl"))
		text, ok2 := strings.CutSuffix(text, ".jsonl")
		if n, err := strconv.Atoi(text); ok && ok2 && err == nil && n > 0 && strconv.Itoa(n) == text {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, err
}

func (f *folder) asideName(n int) string {
	return fmt.Sprintf("%s.%d.jsonl", strings.TrimSuffix(f.places.Journal, ".jsonl"), n)
}

func (f *folder) Open(_ context.Context, name string, offset int64) (io.ReadCloser, error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return io.NopCloser(strings.NewReader("")), nil
	}
	if err != nil {
		return nil, err
	}
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func (f *folder) Lock(ctx context.Context, h Holder) (Desk, error) {
	if err := os.MkdirAll(filepath.Dir(f.places.Snapshot), folderMode); err != nil {
		return nil, fmt.Errorf("make the state's folder: %w", err)
	}
	lock, err := takeLock(ctx, f.places.Lock, h)
	if err != nil {
		return nil, err
	}
	d := &desk{folder: f, lock: lock}
	if err := d.sweep(); err != nil {
		return nil, errors.Join(fmt.Errorf("tidy the state's folder: %w", err), d.Release())
	}
	// A run that could not note what it does had better not begin.
	for _, dir := range []string{filepath.Dir(f.places.Snapshot), f.places.Previous} {
		if _, err := os.Stat(dir); err != nil {
			continue // it is made where it is needed
		}
		if err := TryWriting(dir, f.places.Room()); err != nil {
			return nil, errors.Join(err, d.Release())
		}
	}
	return d, nil
}
