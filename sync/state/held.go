package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/gofrs/flock"
)

// Held says whether a run holds the lock of a state in files at this moment,
// and who. It takes the lock for no longer than it takes to look, shared, and
// creates nothing.
func Held(at Places) (Holder, bool, error) {
	if _, err := os.Stat(at.Lock); errors.Is(err, fs.ErrNotExist) {
		return Holder{}, false, nil
	}
	l := flock.New(at.Lock, flock.SetFlag(os.O_RDONLY))
	free, err := l.TryRLock()
	closed := l.Close()
	switch {
	case err != nil:
		return Holder{}, false, fmt.Errorf("look at the lock: %w", err)
	case !free:
		return readHolder(at.Lock), true, closed
	}
	return Holder{}, false, closed
}
