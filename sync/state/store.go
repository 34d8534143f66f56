package state

import (
	"context"
	"io"
	"time"
)

// Store keeps one state: that of one workspace. It holds no lock and no open
// file; it may be used from several goroutines.
type Store struct {
	reader
	backend Backend
	// rotateAt is the size in bytes from which a journal is set aside when a
	// run begins, interval the least time between two snapshots of a run.
	rotateAt int64
	interval time.Duration
	// longReplay is how many lines a run may replay before it takes a snapshot,
	// even though it has changed nothing: else each run would begin with all
	// that was noted since the last change. So many cost a fifth of what a run
	// that changes nothing takes with 200 people; a snapshot costs as much as
	// one or two such runs.
	longReplay int
	keep       time.Duration
	scrub      scrubber
	patience   Patience
}

// DefaultKeep is how long the journal is kept where nothing else is said.
const DefaultKeep = 400 * 24 * time.Hour

// Options say how a state is kept. The zero value is right for most.
type Options struct {
	// Keep is how long the journal is kept: 0 for DefaultKeep, less for ever.
	// What counts in a window (removals of 31 days, plans of a year) is part of
	// the state and not forgotten with it; no line younger than 31 days is
	// removed.
	Keep time.Duration
	// Patience is how long a run waits for the lock.
	Patience Patience
	// Scrub takes secrets out of a text. It is asked about every text of
	// others that goes into the journal: errors, request ids, reasons. It is
	// called from several goroutines.
	Scrub func(string) string
}

// New gives the store on a backend.
func New(b Backend, o Options) *Store {
	s := &Store{reader: reader{b, migrations()}, backend: b, rotateAt: 32 << 20, interval: time.Second, longReplay: 150, keep: o.Keep, scrub: o.Scrub, patience: o.Patience}
	if s.keep == 0 {
		s.keep = DefaultKeep
	}
	if s.scrub == nil {
		s.scrub = func(text string) string { return text }
	}
	return s
}

// Cache gives what SaveCache has kept for the identity provider; nil without any.
// It may be lost at any time.
func (s *Store) Cache(ctx context.Context) ([]byte, error) { return s.backend.Cache(ctx) }

// SaveCache keeps something for the identity provider. Only who holds the lock
// calls it.
func (s *Store) SaveCache(ctx context.Context, content []byte) error {
	return s.backend.SaveCache(ctx, content)
}

// Standing says who holds the lock, nil while nobody does.
func (s *Store) Standing(ctx context.Context) (*Standing, error) { return s.backend.Standing(ctx) }

// Break frees a lock that stands as it did then. Error: *LockedError where its
// holder is there.
func (s *Store) Break(ctx context.Context, at Standing) error { return s.backend.Break(ctx, at) }

// Close gives back what the store's backend holds, such as connections. A run
// ends before.
func (s *Store) Close() error {
	if c, ok := s.backend.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// Probe looks whether a run could begin here now. It leaves nothing behind.
func (s *Store) Probe(ctx context.Context) Probe { return s.backend.Probe(ctx) }
