package state

import (
	"context"
	"time"
)

// Store keeps one state: that of one workspace. It holds no lock and no open
// file; it may be used from several goroutines.
type Store struct {
	reader
	// rotateAt is the size in bytes from which a journal is set aside when a
	// run begins, interval the least time between two snapshots of a run.
	rotateAt int64
	interval time.Duration
}

// New gives the store on a backend.
func New(b Backend) *Store {
	return &Store{reader: reader{b, migrations()}, rotateAt: 32 << 20, interval: time.Second}
}

// CachePath is the file beside the state in which the identity provider's
// cache may be kept; empty where there is no such place. It may be deleted at
// any time.
func (s *Store) CachePath() string {
	if files, ok := s.backend.(interface{ CachePath() string }); ok {
		return files.CachePath()
	}
	return ""
}

// Probe looks whether a run could begin here now. It leaves nothing behind.
func (s *Store) Probe(ctx context.Context) Probe { return s.backend.Probe(ctx) }
