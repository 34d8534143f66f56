package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// Begin takes the lock and begins a run. What is managed, and what former
// runs left unfinished, is then for the run to say. Nothing is written for
// the run itself until it has something to write; only the torn end that a
// crash has left is cut off and kept aside, and a journal that has grown
// large is set aside.
//
// Errors: *LockedError while another run holds the lock, else those of Read.
func (s *Store) Begin(ctx context.Context, info RunInfo) (*Run, error) {
	if info.RunID == "" || info.Now == nil {
		return nil, errors.New("begin a run: it needs an id and a clock")
	}
	info.Began = info.Now()
	host, _ := os.Hostname() // without a name the process still says enough
	desk, err := s.medium.Lock(ctx, Holder{PID: os.Getpid(), Host: host, Since: info.Began,
		RunID: info.RunID, Command: info.Command})
	if err != nil {
		return nil, err
	}
	l, err := s.load(ctx)
	if err != nil {
		return nil, errors.Join(err, desk.Release())
	}
	if l.ledger.pos.Offset > s.rotateAt {
		if err := s.measure(ctx, l); err != nil {
			return nil, errors.Join(err, desk.Release())
		}
	}
	r := newRun(desk, info, l, s)
	if err := r.repair(l, s.rotateAt); err != nil {
		return nil, errors.Join(err, desk.Release())
	}
	go r.loop()
	return r, nil
}

// measure finds how much of the last part is the state at its beginning. That
// does not count as growth: else a large state would be rotated at each run.
func (s *Store) measure(ctx context.Context, l *loaded) error {
	first, ok, err := s.firstLine(ctx, l.parts[len(l.parts)-1].Name)
	if ok && first.Rotated != nil {
		l.embedded = int64(len(first.Rotated.State))
	}
	return err
}

// repair brings the journal into order before the run's first line. A part
// begins with the state, so that it can stand alone, unless it is the first.
func (r *Run) repair(l *loaded, rotateAt int64) error {
	var why *Recovered
	if l.torn > 0 {
		aside, err := r.desk.Cut(r.ledger.pos.Offset, r.ledger.pos.Seq+1)
		if err != nil {
			return fmt.Errorf("cut off the torn end of the journal: %w", err)
		}
		why = &Recovered{CutBytes: l.torn, Aside: aside}
	}
	at := r.ledger.pos
	switch {
	case at.Offset == 0 && (l.snapshot != nil || at.Seq > 0):
		if why == nil && len(l.parts) == 0 {
			why = &Recovered{Note: "there was no journal beside the snapshot"}
		}
		return r.embed(r.desk.Append, why)
	case why != nil:
		return r.put(&Line{Kind: LineRecovered, Recovered: why})
	case at.Offset-l.embedded > rotateAt:
		return r.embed(r.desk.Rotate, nil)
	}
	return nil
}

// embed writes a line with the whole state in it, as the first one of a part.
func (r *Run) embed(write func([]byte) error, why *Recovered) error {
	snap := snapshotOf(r.ledger, max(r.serial, 1))
	state, err := snap.encode()
	if err != nil {
		return err
	}
	line := Line{Kind: LineRotated, Rotated: &Rotated{State: json.RawMessage(state)}, Recovered: why}
	raw, err := r.seal(&line, r.ledger.pos)
	if err != nil {
		return err
	}
	if err := write(raw); err != nil {
		return fmt.Errorf("begin a new part of the journal: %w", err)
	}
	r.ledger.pos.Offset = 0
	r.dirty = true
	return r.ledger.take(line, len(raw))
}

// put writes one line by itself, before the loop runs.
func (r *Run) put(line *Line) error {
	raw, err := r.seal(line, r.ledger.pos)
	if err != nil {
		return err
	}
	if err := r.desk.Append(raw); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return r.ledger.take(*line, len(raw))
}

// seal makes the line the one after the position and gives its bytes.
func (r *Run) seal(line *Line, after position) ([]byte, error) {
	line.Seq, line.Prev = after.Seq+1, after.Hash
	line.At, line.Run = r.now(), r.info.RunID
	return line.encode()
}
