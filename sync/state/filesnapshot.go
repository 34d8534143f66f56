package state

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"scim-sync/internal/atomicfile"
)

// previousKept is how many former snapshots are kept.
const previousKept = 10

// replace puts the next snapshot into the place of the one that it names.
func (f fileSet) replace(next Next) error {
	if next.Force {
		return atomicfile.Write(f.Snapshot, next.Body, fileMode)
	}
	have, err := f.serial()
	if err != nil {
		return err
	}
	if have != next.Was {
		return &ConflictError{Place: f.Snapshot, Want: next.Was, Have: have}
	}
	if next.Keep {
		if err := f.keep(next.Was); err != nil {
			return err
		}
	}
	return atomicfile.Write(f.Snapshot, next.Body, fileMode)
}

// serial reads the serial of the snapshot that is there now, 0 without one.
func (f fileSet) serial() (uint64, error) {
	file, err := os.Open(f.Snapshot)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer file.Close()
	head := make([]byte, 128)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return 0, err
	}
	if h, ok := leading(head[:n]); ok {
		return h.Serial, nil
	}
	raw, err := os.ReadFile(f.Snapshot)
	if err != nil {
		return 0, err
	}
	return serialOf(raw)
}

// keep puts the present snapshot among the previous ones under its serial and
// forgets the oldest. A hard link will do: snapshots are replaced, not changed.
func (f fileSet) keep(serial uint64) error {
	if err := os.MkdirAll(f.Previous, folderMode); err != nil {
		return err
	}
	name := f.previous(serial)
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if os.Link(f.Snapshot, name) != nil {
		raw, err := os.ReadFile(f.Snapshot)
		if err != nil {
			return err
		}
		if err := atomicfile.Write(name, raw, fileMode); err != nil {
			return err
		}
	}
	names, err := f.kept()
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names[:max(0, len(names)-previousKept)] {
		errs = append(errs, os.Remove(name))
	}
	return errors.Join(errs...)
}

// kept lists the previous snapshots, oldest first.
func (f fileSet) kept() ([]string, error) {
	entries, err := os.ReadDir(f.Previous)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if name := e.Name(); len(name) == len("000000000000.json") && strings.HasSuffix(name, ".json") {
			names = append(names, filepath.Join(f.Previous, name))
		}
	}
	slices.Sort(names)
	return names, nil
}

// dropKept removes the previous snapshots that need a line before seq to be
// brought up to now.
func (f fileSet) dropKept(seq uint64) error {
	names, err := f.kept()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, name := range names {
		at, err := endOf(name)
		if err == nil && at.Seq+1 < seq {
			err = os.Remove(name)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// endOf reads the position at the end of a snapshot; one that does not end so
// is not ours to judge, and gives the last of all.
func endOf(name string) (Position, error) {
	file, err := os.Open(name)
	if err != nil {
		return Position{}, err
	}
	defer file.Close()
	st, err := file.Stat()
	if err != nil {
		return Position{}, err
	}
	tail := make([]byte, min(st.Size(), 256))
	if _, err := file.ReadAt(tail, st.Size()-int64(len(tail))); err != nil {
		return Position{}, err
	}
	at, ok := trailing(tail)
	if !ok {
		at.Seq = everything - 1
	}
	return at, nil
}
