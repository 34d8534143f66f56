package state

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/gofrs/flock"
)

// fileJournal is the last part of a journal, open for appending. Beside the
// state's own lock it is locked itself (flock(2)): whoever removes the lock's
// file, and begins a second run, cannot have two of them write into one file.
type fileJournal struct {
	path  string
	file  appender
	guard *flock.Flock
	size  int64 // bytes, as this process left it
}

// appender is a file that is open for appending.
type appender interface {
	io.WriteCloser
	Sync() error
	Stat() (fs.FileInfo, error)
}

// errTaken says that another process writes the file.
var errTaken = errors.New("another run writes it, though the lock was free: was the lock's file removed?")

// openJournal opens the part, which create may make. Errors: fs.ErrNotExist,
// errTaken.
func openJournal(path string, create bool) (*fileJournal, error) {
	flag := os.O_RDWR
	if create {
		flag |= os.O_CREATE
	}
	guard := flock.New(path, flock.SetFlag(flag), flock.SetPermissions(fileMode))
	got, err := guard.TryLock()
	if err == nil && !got {
		err = errTaken
	}
	if err != nil {
		return nil, errors.Join(err, guard.Close())
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, fileMode)
	if err != nil {
		return nil, errors.Join(err, guard.Close())
	}
	j := &fileJournal{path: path, file: file, guard: guard}
	st, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, j.close())
	}
	j.size = st.Size()
	return j, nil
}

// changed says what somebody else has done to the file; empty: nothing.
func (j *fileJournal) changed() (string, error) {
	mine, err := j.file.Stat()
	if err != nil {
		return "", err
	}
	there, err := os.Stat(j.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "the file was taken away", nil
	case err != nil:
		return "", err
	case !os.SameFile(mine, there):
		return "another file has come into its place", nil
	case there.Size() != j.size:
		return fmt.Sprintf("it has %d bytes where this run left %d", there.Size(), j.size), nil
	}
	return "", nil
}

func (j *fileJournal) append(lines []byte) error {
	n, err := j.file.Write(lines)
	j.size += int64(n)
	if err != nil {
		return err
	}
	return j.file.Sync()
}

// cut shortens the file and gives what it cut off.
func (j *fileJournal) cut(size int64, keep func(tail []byte) error) error {
	file, err := os.OpenFile(j.path, os.O_RDWR, fileMode)
	if err != nil {
		return err
	}
	defer file.Close()
	tail, err := io.ReadAll(io.NewSectionReader(file, size, 1<<62))
	if err == nil {
		err = keep(tail)
	}
	if err != nil {
		return err
	}
	j.size = size
	return errors.Join(file.Truncate(size), file.Sync())
}

func (j *fileJournal) close() error { return errors.Join(j.file.Close(), j.guard.Close()) }
