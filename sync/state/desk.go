package state

import (
	"bytes"
	"errors"
	"fmt"
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

// desk is a folder to the holder of its lock.
type desk struct {
	*folder
	lock    *fileLock
	journal appender // once something was appended
	kept    bool     // the snapshot that was there first is among the previous ones
}

// appender is a file that is open for appending.
type appender interface {
	io.WriteCloser
	Sync() error
}

// sweep removes what a killed process left half written.
func (d *desk) sweep() error { return atomicfile.Sweep(d.places.Snapshot) }

func (d *desk) Append(lines []byte) error {
	if d.journal == nil {
		file, err := os.OpenFile(d.places.Journal, os.O_APPEND|os.O_CREATE|os.O_WRONLY, fileMode)
		if err != nil {
			return err
		}
		d.journal = file
		if err := atomicfile.SyncDir(filepath.Dir(d.places.Journal)); err != nil {
			return err
		}
	}
	if _, err := d.journal.Write(lines); err != nil {
		return err
	}
	return d.journal.Sync()
}

func (d *desk) Swap(was uint64, next []byte) error {
	have, err := d.serial()
	if err != nil {
		return err
	}
	if have != was {
		return &ConflictError{Place: d.places.Snapshot, Want: was, Have: have}
	}
	if was > 0 && !d.kept {
		if err := d.keep(was); err != nil {
			return err
		}
		d.kept = true
	}
	return atomicfile.Write(d.places.Snapshot, next, fileMode)
}

// serial reads the serial of the snapshot that is there now, 0 without one.
func (d *desk) serial() (uint64, error) {
	file, err := os.Open(d.places.Snapshot)
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
	raw, err := os.ReadFile(d.places.Snapshot)
	if err != nil {
		return 0, err
	}
	return serialOf(raw)
}

// keep puts the present snapshot among the previous ones under its serial and
// forgets the oldest. A hard link will do: snapshots are replaced, not changed.
func (d *desk) keep(serial uint64) error {
	if err := os.MkdirAll(d.places.Previous, folderMode); err != nil {
		return err
	}
	name := filepath.Join(d.places.Previous, fmt.Sprintf("%012d.json", serial))
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if os.Link(d.places.Snapshot, name) != nil {
		raw, err := os.ReadFile(d.places.Snapshot)
		if err != nil {
			return err
		}
		if err := atomicfile.Write(name, raw, fileMode); err != nil {
			return err
		}
	}
	return d.forget()
}

func (d *desk) forget() error {
	entries, err := os.ReadDir(d.places.Previous)
	if err != nil {
		return err
	}
	var names []string
	for _, e := range entries {
		if name := e.Name(); len(name) == len("000000000000.json") && strings.HasSuffix(name, ".json") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var errs []error
	for _, name := range names[:max(0, len(names)-previousKept)] {
		errs = append(errs, os.Remove(filepath.Join(d.places.Previous, name)))
	}
	return errors.Join(errs...)
}

func (d *desk) Cut(size int64, seq uint64) (string, error) {
	file, err := os.OpenFile(d.places.Journal, os.O_RDWR, fileMode)
	if err != nil {
		return "", err
	}
	defer file.Close()
	tail, err := io.ReadAll(io.NewSectionReader(file, size, 1<<62))
	if err != nil {
		return "", err
	}
	aside := ""
	// A file system may leave zeros where data was to be: nothing to keep.
	if len(bytes.Trim(tail, "\x00")) > 0 {
		aside = strings.TrimSuffix(d.places.Journal, ".jsonl") + fmt.Sprintf(".torn-%d", seq)
		if err := atomicfile.Write(aside, tail, fileMode); err != nil {
			return "", err
		}
	}
	return aside, errors.Join(file.Truncate(size), file.Sync())
}

// Rotate is safe at any moment: when a crash comes between the two steps, the
// journal has no last part, and the next line begins it.
func (d *desk) Rotate(first []byte) error {
	numbers, err := d.aside()
	if err != nil {
		return err
	}
	n := 1
	if len(numbers) > 0 {
		n = numbers[len(numbers)-1] + 1
	}
	if err := os.Rename(d.places.Journal, d.asideName(n)); err != nil {
		return err
	}
	return atomicfile.Write(d.places.Journal, first, fileMode)
}

func (d *desk) Backup(format int, snapshot []byte) error {
	return atomicfile.Write(fmt.Sprintf("%s.format-%d.bak", d.places.Snapshot, format), snapshot, fileMode)
}

func (d *desk) Release() error {
	var err error
	if d.journal != nil {
		err = d.journal.Close()
	}
	return errors.Join(err, d.lock.release())
}
