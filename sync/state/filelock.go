package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// fileLock is a lock that the operating system holds for the process: when
// the process dies, however that happens, the lock is gone (flock(2)). The
// file stays; what it says is for people and for the loser of a race.
type fileLock struct {
	path string
	held *flock.Flock
}

// takeLock takes the lock or gives *LockedError. It does not wait for the
// holder, only a moment for what the holder says of itself: between taking the
// lock and writing that down, the file is empty or names somebody long dead.
func takeLock(ctx context.Context, path string, h Holder) (*fileLock, error) {
	// Whoever has just taken the lock may need a while to sign it.
	const tries = 200
	for try := 1; ; try++ {
		held := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(fileMode))
		got, err := held.TryLock()
		if err != nil {
			return nil, errors.Join(fmt.Errorf("lock the state: %w", err), held.Close())
		}
		if got {
			l := &fileLock{path: path, held: held}
			if err := l.sign(h); err != nil {
				return nil, errors.Join(fmt.Errorf("lock the state: %w", err), l.release())
			}
			return l, nil
		}
		if err := held.Close(); err != nil {
			return nil, fmt.Errorf("lock the state: %w", err)
		}
		holder := readHolder(path)
		if try == tries || holder.PID != 0 && (holder.Host != h.Host || alive(holder.PID)) {
			return nil, &LockedError{Holder: holder, Place: path}
		}
		if err := wait(ctx, 10*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// sign writes into the lock's file who holds it. The file itself must stay: a
// new one under the same name could be locked a second time.
func (l *fileLock) sign(h Holder) error {
	raw, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return l.fill(append(raw, '\n'))
}

func (l *fileLock) fill(content []byte) error {
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// release empties the file, unless somebody has put another one in its place:
// what that one says is not ours.
func (l *fileLock) release() error {
	var err error
	mine, errMine := l.held.Stat()
	there, errThere := os.Stat(l.path)
	if errMine == nil && errThere == nil && os.SameFile(mine, there) {
		err = l.fill(nil)
	}
	return errors.Join(err, l.held.Close())
}

func readHolder(path string) Holder {
	var h Holder
	raw, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(raw, &h) != nil {
		return Holder{}
	}
	return h
}

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

// alive says whether a process of this machine is there; signal 0 only asks.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.EPERM)
}
