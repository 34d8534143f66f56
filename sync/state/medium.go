package state

import (
	"context"
	"io"
	"time"
)

// Medium is a place for the bytes of one state: a folder, a database, a
// bucket. It knows nothing of what they say.
type Medium interface {
	// Snapshot gives the present snapshot, nil when there is none.
	Snapshot(ctx context.Context) ([]byte, error)
	// Parts lists the parts of the journal, oldest first. Lines are appended
	// to the last one.
	Parts(ctx context.Context) ([]Part, error)
	// Open reads a part from the byte offset on; past its end there is
	// nothing to read, which is no error.
	Open(ctx context.Context, part string, offset int64) (io.ReadCloser, error)
	// Lock makes the caller the only writer until Release, or until its
	// process has died. While another one is, it gives *LockedError at once.
	// None of the other methods needs the lock or creates anything.
	Lock(ctx context.Context, h Holder) (Desk, error)
	// Places says where things are, for messages.
	Places() Places
}

// Desk is a Medium to its only writer. Append is called by one goroutine at a
// time, and so is Swap, but both may run at once.
type Desk interface {
	// Append adds whole lines to the last part and returns when they are
	// durable. After an error it is not known how much was written.
	Append(lines []byte) error
	// Swap replaces the snapshot that carries the serial was (0: there is
	// none) in one go, and gives a *ConflictError when another is there.
	// The one that this Desk found first is kept among the previous ones.
	Swap(was uint64, next []byte) error
	// Cut shortens the last part to size bytes, keeping what it cuts off under
	// a name that holds the seq, which it returns.
	Cut(size int64, seq uint64) (aside string, err error)
	// Rotate sets the last part aside and begins another one with first,
	// which is durable when it returns.
	Rotate(first []byte) error
	// Backup keeps a copy of the snapshot as it was in a former format.
	Backup(format int, snapshot []byte) error
	// Release gives up the lock. The Desk is of no use after it.
	Release() error
}

// Part is one part of the journal.
type Part struct {
	Name string
	Size int64 // bytes
}

// Places say where the parts of a state are, for messages. A place that a
// medium does not have is empty.
type Places struct {
	Snapshot string
	Journal  string
	Lock     string
	Previous string
	Cache    string
}

// Holder is who holds a lock.
type Holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Since   time.Time `json:"since"`
	RunID   string    `json:"run_id"`
	Command string    `json:"command"`
}
