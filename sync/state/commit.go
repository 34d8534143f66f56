package state

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"scim-sync/internal/group"
)

// entry is a line that waits to become durable.
type entry struct {
	line Line
	done chan answer // holds one
}

type answer struct {
	seq uint64
	err error
}

// submit hands a line to the loop and waits until it is durable. Once the loop
// has it, the wait goes on although ctx ends: what was written is then known.
func (r *Run) submit(ctx context.Context, line Line) (uint64, error) {
	if err := context.Cause(ctx); err != nil {
		return 0, fmt.Errorf("write the journal: %w", err)
	}
	e := &entry{line: line, done: make(chan answer, 1)}
	select {
	case r.queue <- e:
	case <-ctx.Done():
		return 0, fmt.Errorf("write the journal: %w", context.Cause(ctx))
	case <-r.ended:
		return 0, r.whyClosed()
	}
	a := <-e.done
	return a.seq, a.err
}

func (r *Run) whyClosed() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken != nil {
		return r.broken
	}
	return ErrClosed
}

// loop is the only writer of the journal while the run lasts. It gathers all
// lines that wait into one durable write, and takes snapshots in between.
func (r *Run) loop() {
	defer close(r.ended)
	var fault error
	defer func() {
		if fault != nil {
			r.fail(fault)
		}
	}()
	defer group.Recover(&fault)
	var due *time.Timer
	var tick <-chan time.Time
	var saved chan struct{}
	for {
		if tick == nil && saved == nil && r.unsaved() {
			due = time.NewTimer(r.pause)
			tick = due.C
		}
		select {
		case e := <-r.queue:
			r.commit(r.gather(e))
		case <-tick:
			tick = nil
			saved = r.saveAside()
		case <-saved:
			saved = nil
		case <-r.quit:
			if tick != nil {
				due.Stop()
			}
			if saved != nil {
				<-saved
			}
			return
		}
	}
}

func (r *Run) unsaved() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dirty
}

// saveAside takes a snapshot while the loop goes on. A failure is not lost: it
// is tried again, at the latest at the end, where it is told.
func (r *Run) saveAside() chan struct{} {
	saved := make(chan struct{})
	snap, due := r.copy()
	if !due {
		close(saved)
		return saved
	}
	go func() {
		defer close(saved)
		_ = r.save(snap)
	}()
	return saved
}

// gather adds everybody who waits by now.
func (r *Run) gather(first *entry) []*entry {
	batch := []*entry{first}
	for {
		select {
		case e := <-r.queue:
			batch = append(batch, e)
		default:
			return batch
		}
	}
}

// commit makes the lines of a batch durable, carries them out and answers
// everybody who waits for one.
func (r *Run) commit(batch []*entry) {
	errs, err := r.write(batch)
	if err != nil {
		r.fail(err)
	}
	for i, e := range batch {
		a := answer{seq: e.line.Seq, err: err}
		if err == nil {
			a.err = errs[i]
		}
		if a.err != nil {
			a.seq = 0
		}
		e.done <- a
	}
}

// write gives one error an entry, or one for all of them. After that one the
// journal is broken: how much of it is on the disk is not known, so that
// nothing more may be announced; the next run reads what is there.
func (r *Run) write(batch []*entry) (errs []error, err error) {
	defer group.Recover(&err)
	errs, lines, err := r.seals(batch)
	if err != nil || len(lines) == 0 {
		return errs, err
	}
	if err := r.desk.Append(bytes.Join(lines, nil)); err != nil {
		return nil, fmt.Errorf("write the journal: %w", err)
	}
	return errs, r.carryOut(lines)
}

// seals makes the lines of a batch, each with its newline.
func (r *Run) seals(batch []*entry) (errs []error, lines [][]byte, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken != nil {
		return nil, nil, r.broken
	}
	b := batchLines{run: r, at: r.ledger.pos}
	errs = make([]error, len(batch))
	for i, e := range batch {
		errs[i] = b.add(&e.line)
	}
	return errs, b.raw, nil
}

// fail keeps the first thing that went wrong.
func (r *Run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken == nil {
		r.broken = err
	}
}

// batchLines are the lines of one durable write, chained one by one.
type batchLines struct {
	run  *Run
	at   position // after the last of them
	raw  [][]byte // each with its newline
	done []uint64 // tickets that are completed here
}

// add puts a line behind the others, and the run's first line before it where
// that is not written yet.
func (b *batchLines) add(line *Line) error {
	if line.Kind == LineOutcome {
		if !b.run.isOpen(line.Ticket) || slices.Contains(b.done, line.Ticket) {
			return fmt.Errorf("complete: %d is no announced and open write of this run", line.Ticket)
		}
		b.done = append(b.done, line.Ticket)
	}
	if opening := b.run.opening(line); opening != nil {
		if err := b.seal(opening); err != nil {
			return err
		}
		b.run.begun, b.run.told = true, true
	}
	return b.seal(line)
}

func (b *batchLines) seal(line *Line) error {
	raw, err := b.run.seal(line, b.at)
	if err != nil {
		return err
	}
	b.at.Seq, b.at.Hash = line.Seq, line.Hash
	b.raw = append(b.raw, raw)
	return nil
}

// carryOut applies lines as a replay would: from their bytes, so that memory
// and disk cannot differ and nothing is shared with the caller.
func (r *Run) carryOut(lines [][]byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, raw := range lines {
		var line Line
		if err := json.Unmarshal(raw, &line); err != nil {
			return fmt.Errorf("read back a journal line: %w", err)
		}
		if line.Kind.changes() {
			r.dirty = true
		}
		if err := r.ledger.take(line, len(raw)); err != nil {
			return err
		}
	}
	return nil
}

// opening gives the line that must come before the run's first one. The end of
// a run that wrote nothing needs none: it says who ran in itself.
func (r *Run) opening(line *Line) *Line {
	info := r.info
	if line.Kind == LineEnd {
		if !r.begun {
			line.Format = Format
		}
		if !r.told {
			line.Info = &info
			r.told = true
		}
		return nil
	}
	if r.begun {
		return nil
	}
	return &Line{Kind: LineRun, Format: Format, Info: &info}
}

// isOpen says whether the ticket is that of a write which this run announced
// and has not completed.
func (r *Run) isOpen(ticket uint64) bool {
	p, ok := r.ledger.open[ticket]
	return ok && p.Ticket > r.former && !p.Unknown
}
