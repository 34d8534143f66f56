package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"scim-sync/internal/atomicfile"
)

// fileWriter is a fileBackend to the holder of its lock.
type fileWriter struct {
	fileSet
	lock *fileLock
	lost chan struct{}

	mu      sync.Mutex // guards what follows: held while lines are written
	journal *fileJournal
	why     error // ErrLost, once it is
}

// newFileWriter takes the journal, if there is one. Error: *LockedError when
// somebody else writes it, though the lock was free.
func newFileWriter(f fileSet, lock *fileLock) (*fileWriter, error) {
	w := &fileWriter{fileSet: f, lock: lock, lost: make(chan struct{})}
	j, err := openJournal(f.Journal, false)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return w, nil // the first line makes it
	case errors.Is(err, errTaken):
		return nil, &LockedError{Place: f.Journal, Note: errTaken.Error()}
	case err != nil:
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	w.journal = j
	return w, nil
}

func (w *fileWriter) Lost() <-chan struct{} { return w.lost }

func (w *fileWriter) Held() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.why
}

// lose notes that somebody else writes. The caller holds mu.
func (w *fileWriter) lose(why string) error {
	return w.loseBy(&LostError{Place: w.Journal, Why: why})
}

func (w *fileWriter) loseBy(err error) error {
	if w.why == nil {
		w.why = err
		close(w.lost)
	}
	return w.why
}

// mine gives an error unless the journal is as this process left it. The
// caller holds mu.
func (w *fileWriter) mine() error {
	if w.why != nil {
		return w.why
	}
	if w.journal == nil {
		if _, err := os.Stat(w.Journal); err == nil {
			return w.lose("somebody else has begun the journal")
		}
		return nil
	}
	why, err := w.journal.changed()
	if err == nil && why != "" {
		err = w.lose(why)
	}
	return err
}

// open makes the journal, or takes the one that has just been made.
func (w *fileWriter) open() error {
	j, err := openJournal(w.Journal, true)
	if errors.Is(err, errTaken) {
		return w.lose(errTaken.Error())
	}
	if err != nil {
		return err
	}
	w.journal = j
	return atomicfile.SyncDir(w.folder())
}

// at gives an error unless the journal ends there.
func (w *fileWriter) at(after Position) error {
	if err := w.mine(); err != nil {
		return err
	}
	if w.journal == nil {
		if err := w.open(); err != nil {
			return err
		}
	}
	if w.journal.size != after.Offset {
		return w.lose(fmt.Sprintf("it has %d bytes where this run has read %d", w.journal.size, after.Offset))
	}
	return nil
}

func (w *fileWriter) Append(_ context.Context, after Position, lines []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.at(after); err != nil {
		return err
	}
	return w.journal.append(lines)
}

func (w *fileWriter) Cut(_ context.Context, at Position) (aside string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.mine(); err != nil {
		return "", err
	}
	err = w.journal.cut(at.Offset, func(tail []byte) error {
		// A file system may leave zeros where data was to be: nothing to keep.
		if len(bytes.Trim(tail, "\x00")) == 0 {
			return nil
		}
		aside = w.torn(at.Seq + 1)
		return atomicfile.Write(aside, tail, fileMode)
	})
	return aside, err
}

// Rotate is safe at any moment: when a crash comes between the two steps, the
// journal has no last part, and the next line begins it.
func (w *fileWriter) Rotate(_ context.Context, after Position, first []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.at(after); err != nil {
		return err
	}
	numbers, err := w.setAside()
	if err != nil {
		return err
	}
	n := uint64(1)
	if len(numbers) > 0 {
		n = numbers[len(numbers)-1] + 1
	}
	if err := os.Rename(w.Journal, w.part(n)); err != nil {
		return err
	}
	if err := atomicfile.Write(w.Journal, first, fileMode); err != nil {
		return err
	}
	old := w.journal
	return errors.Join(w.open(), old.close())
}

func (w *fileWriter) Swap(_ context.Context, next Next) error {
	if err := w.stillMine(); err != nil {
		return err
	}
	err := w.replace(next)
	if errors.Is(err, ErrConflict) {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.loseBy(err)
	}
	return err
}

func (w *fileWriter) stillMine() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.mine()
}

// Prune removes the oldest first, so that what is left is one chain.
func (w *fileWriter) Prune(_ context.Context, first Part, seq uint64) error {
	numbers, err := w.setAside()
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if w.part(n) == first.Name {
			break
		}
		if err := os.Remove(w.part(n)); err != nil {
			return err
		}
	}
	torn, err := w.cutOff()
	errs := []error{err, w.dropKept(seq)}
	for _, n := range torn {
		if n < seq {
			errs = append(errs, os.Remove(w.torn(n)))
		}
	}
	return errors.Join(errs...)
}

func (w *fileWriter) Aside(_ context.Context, name string, content []byte) (string, error) {
	place := w.Snapshot + "." + name
	return place, atomicfile.Write(place, content, fileMode)
}

// Clear removes the oldest first: what a crash leaves is the end of a journal,
// which nobody takes for a whole one.
func (w *fileWriter) Clear(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.mine(); err != nil {
		return err
	}
	set, err := w.setAside()
	torn, errTorn := w.cutOff()
	if err := errors.Join(err, errTorn); err != nil {
		return err
	}
	var names []string
	for _, n := range set {
		names = append(names, w.part(n))
	}
	names = append(names, w.Journal, w.cache)
	for _, n := range torn {
		names = append(names, w.torn(n))
	}
	for _, name := range names {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	old := w.journal
	w.journal = nil // the next line makes another one
	err = os.RemoveAll(w.Previous)
	if old != nil {
		err = errors.Join(err, old.close())
	}
	return errors.Join(err, atomicfile.SyncDir(w.folder()))
}

func (w *fileWriter) Release(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var err error
	if w.journal != nil {
		err = w.journal.close()
		w.journal = nil
	}
	return errors.Join(err, w.lock.release())
}
