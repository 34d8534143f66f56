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
	// longReplay is how many lines a run may replay before it takes a snapshot,
	// even though it has changed nothing: else each run would begin with all
	// that was noted since the last change. So many cost a fifth of what a run
	// that changes nothing takes with 200 people; a snapshot costs as much as
	// one or two such runs.
	longReplay int
	keep       time.Duration
	scrub      scrubber
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
	// Scrub takes secrets out of a text. It is asked about every text of
	// others that goes into the journal: errors, request ids, reasons. It is
	// called from several goroutines.
	Scrub func(string) string
}

// New gives the store on a backend.
func New(b Backend, o Options) *Store {
	s := &Store{reader: reader{b, migrations()}, rotateAt: 32 << 20, interval: time.Second, longReplay: 250, keep: o.Keep, scrub: o.Scrub}
	if s.keep == 0 {
		s.keep = DefaultKeep
	}
	if s.scrub == nil {
		s.scrub = func(text string) string { return text }
	}
	return s
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
