package state

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// tryWriting says whether a file of so many bytes can be written in a folder. It
// leaves nothing behind.
func tryWriting(dir string, bytes int64) error {
	f, err := os.CreateTemp(dir, ".scim-sync-try-*")
	if err != nil {
		return &UnwritableError{dir, err}
	}
	var gone error
	unix := runtime.GOOS != "windows"
	if unix {
		gone = os.Remove(f.Name()) // whoever is killed now leaves nothing either
	}
	_, err = f.Write(make([]byte, bytes))
	err = errors.Join(err, f.Close())
	if !unix {
		gone = os.Remove(f.Name())
	}
	if err = errors.Join(err, gone); err != nil {
		return &UnwritableError{dir, err}
	}
	return nil
}

// roomFor is how many bytes should be free for the state: as much as the
// snapshot takes now, and no less than 64 KiB, no more than 1 MiB.
func roomFor(snapshot string) int64 {
	size := int64(0)
	if st, err := os.Stat(snapshot); err == nil {
		size = st.Size()
	}
	return min(max(size, 64<<10), 1<<20)
}

// nearestFolder is the folder itself, or the first above it that is there.
func nearestFolder(dir string) (string, error) {
	for {
		st, err := os.Stat(dir)
		switch {
		case err == nil && st.IsDir():
			return dir, nil
		case err == nil:
			return dir, errors.New("it is no folder")
		case !errors.Is(err, os.ErrNotExist) || dir == filepath.Dir(dir):
			return dir, err
		}
		dir = filepath.Dir(dir)
	}
}

// UnwritableError is a folder in which no state can be kept.
type UnwritableError struct {
	Dir string
	Err error
}

func (e *UnwritableError) Error() string {
	why := e.Err.Error()
	if path, ok := errors.AsType[*os.PathError](e.Err); ok {
		why = path.Err.Error()
	}
	return "nothing can be written in " + e.Dir + ": " + why
}

func (e *UnwritableError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *UnwritableError) Hint() string {
	return "Give the user that runs scim-sync the right to write there, and the disk some room; or name another place: state.url: file:///path/of/state.json"
}
