package state

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/gofrs/flock"
)

// lockTaken gives *LockedError while a run holds the lock of a state in files.
// It takes the lock for no longer than it takes to look, shared, and creates
// nothing.
func lockTaken(path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	l := flock.New(path, flock.SetFlag(os.O_RDONLY))
	free, err := l.TryRLock()
	closed := l.Close()
	switch {
	case err != nil:
		return fmt.Errorf("look at the lock: %w", err)
	case !free:
		return &LockedError{Holder: readHolder(path), Place: path}
	}
	return closed
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
