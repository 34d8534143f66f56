package state

import (
	"context"
	"io"
	"time"
)

// Backend is a place for the bytes of one state: files, a database, a bucket.
// It knows nothing of what they say. A call that waits for something ends
// with its context.
type Backend interface {
	Source
	// Lock makes the caller the only writer until Release, or until it is
	// Lost. While another one is, it gives *LockedError at once. None of the
	// other methods needs the lock or creates anything. What ctx ends is the
	// wait for the lock, not the hold on it.
	Lock(ctx context.Context, h Holder) (BackendWriter, error)
	// Standing says who holds the lock, nil while nobody does.
	Standing(ctx context.Context) (*Standing, error)
	// Break frees a lock that stands as it did then, for people who know that
	// its holder is gone. It gives *LockedError where the holder has shown
	// since that it is there.
	Break(ctx context.Context, s Standing) error
	// Cache gives what SaveCache has kept for the identity provider, nil without
	// any. It may be lost at any time, and who reads it finds out whether it is
	// whole; SaveCache is for the holder of the lock.
	Cache(ctx context.Context) ([]byte, error)
	SaveCache(ctx context.Context, content []byte) error
	// Probe looks whether a run could write here now. It leaves nothing behind.
	Probe(ctx context.Context) Probe
}

// Source is what a state is read from: a Backend, or a file that one was backed
// up into.
type Source interface {
	// Snapshot gives the present snapshot, nil when there is none. One that was
	// there and is gone, as far as can be seen, is a *CorruptError.
	Snapshot(ctx context.Context) ([]byte, error)
	// Parts lists the parts of the journal, oldest first. Lines are appended
	// to the last one, or begin another one behind it.
	Parts(ctx context.Context) ([]Part, error)
	// Open reads a part from the byte offset on; past its end there is
	// nothing to read, which is no error.
	Open(ctx context.Context, part string, offset int64) (io.ReadCloser, error)
	// Paths says where things are, for messages.
	Paths() Paths
}

// BackendWriter is a Backend to its only writer. Append is called by one
// goroutine at a time, and so is Swap, but both may run at once.
//
// A writer that is not the only one any more, or finds that somebody else has
// written, writes nothing: it closes Lost and gives an error that is ErrLost,
// from then on at every call but Release.
type BackendWriter interface {
	// Lost is closed once the lock is lost: a lease ran out, a connection
	// broke, somebody else wrote. It stays open after Release.
	Lost() <-chan struct{}
	// Held gives an ErrLost once the lock is lost, and at once where the time of
	// a lease is over, though nobody has noticed yet. It asks nobody.
	Held() error
	// Append adds whole lines to the journal that ends at after, and returns
	// when they are durable. After any other error than ErrLost it is not
	// known how much was written.
	Append(ctx context.Context, after Position, lines []byte) error
	// Swap replaces the snapshot in one go, and gives a *ConflictError when
	// another one is there than the caller knows. The serial is for the body to
	// say: it grows, and may skip some.
	Swap(ctx context.Context, next Next) error
	// Cut shortens the last part to where at ends, keeping what it cuts off
	// under a name, which it returns; empty when there is nothing worth it.
	Cut(ctx context.Context, at Position) (aside string, err error)
	// Rotate sets the part that ends at after aside and begins another one
	// with the line first, which is durable when it returns.
	Rotate(ctx context.Context, after Position, first []byte) error
	// Prune removes the parts before first, which begins with the line seq, and
	// what was kept beside them: cut off ends, previous snapshots that need a
	// line which is gone. After an error it may have done a part of it.
	Prune(ctx context.Context, first Part, seq uint64) error
	// Aside keeps content beside the state under a name of letters, digits, dots
	// and hyphens, over what has that name, and says where. Nothing removes it.
	Aside(ctx context.Context, name string, content []byte) (place string, err error)
	// Clear removes the whole journal, what was kept beside it, the previous
	// snapshots and the cache. The snapshot stays, and what Aside keeps. After an
	// error it may have done a part of it; then the journal is empty, and begins
	// at the zero Position.
	Clear(ctx context.Context) error
	// Release gives up the lock. The writer is of no use after it.
	Release(ctx context.Context) error
}

// Part is one part of the journal.
type Part struct {
	Name string
	Size int64 // bytes
}

// Position is a place in the journal: after the line with that seq and hash.
// Offset is where the next line begins, in bytes of the part that was the last
// one then. The zero Position is the beginning of an empty journal.
type Position struct {
	Seq    uint64 `json:"seq"`
	Hash   string `json:"hash"`
	Offset int64  `json:"offset"`
}

// Next is a snapshot on its way to replace another.
type Next struct {
	Was  uint64 // serial of the one that it replaces; 0: there is none
	Body []byte
	// Keep: the one that it replaces goes among the previous ones.
	Keep bool
	// Force: it replaces whatever is there, though that be nothing or no snapshot
	// at all; Was says nothing then.
	Force bool
}

// Paths say where the parts of a state are, in words for messages: nobody
// opens them. One that a backend does not have is empty.
type Paths struct {
	Kind     string // of store: files, PostgreSQL, S3
	Snapshot string
	Journal  string
	Lock     string
	Previous string
}

// Holder is who holds a lock.
type Holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Since   time.Time `json:"since"`
	RunID   string    `json:"run_id"`
	Command string    `json:"command"`
}

// Standing is what a lock says of itself.
type Standing struct {
	Holder Holder
	// Renewed is when the holder last showed that it is there, Until when the
	// lock is free by itself, both by the clock of where it lies; zero where a
	// lock is the process's own.
	Renewed, Until time.Time
	// Every is how often a holder that is there renews it; zero: it does not.
	Every time.Duration
	// Mark is another one after each renewal.
	Mark string
}

// Probe is what a look at a backend from outside found.
type Probe struct {
	Place string // where the state would be written
	Reach error  // why nothing can be kept there at all; the others are nil then
	Write error  // why it could not be written now
	Lock  error  // *LockedError while a run holds it
	// Server says what answered there, in its own words; empty: it does not say.
	Server string
	// Ahead is how far the store's clock is before this machine's, zero where it
	// has none of its own or does not tell.
	Ahead time.Duration
	// Notes say what is odd and stops nothing, a sentence each.
	Notes []string
}
