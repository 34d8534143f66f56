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
func (r *Run) loop(ctx context.Context) {
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
			due = time.NewTimer(r.snaps.pause)
			tick = due.C
		}
		select {
		case e := <-r.queue:
			r.commit(ctx, gather(e, r.queue))
		case <-tick:
			tick = nil
			saved = r.saveAside(ctx)
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
	return r.dirty || r.stale
}

// saveAside takes a snapshot while the loop goes on. A failure is not lost: it
// is tried again, at the latest at the end, where it is told.
func (r *Run) saveAside(ctx context.Context) chan struct{} {
	saved := make(chan struct{})
	go func() {
		defer close(saved)
		_ = r.save(ctx)
	}()
	return saved
}

// gather adds everybody who waits by now.
func gather(first *entry, queue <-chan *entry) []*entry {
	batch := []*entry{first}
	for {
		select {
		case e := <-queue:
			batch = append(batch, e)
		default:
			return batch
		}
	}
}

// commit makes the lines of a batch durable, carries them out and answers
// everybody who waits for one.
func (r *Run) commit(ctx context.Context, batch []*entry) {
	errs, err := r.write(ctx, batch)
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
// journal is broken: how much of it is durable is not known, so that nothing
// more may be announced; the next run reads what is there. A lock that was
// lost while the lines were written breaks it too: somebody else may have
// begun with less than was announced.
func (r *Run) write(ctx context.Context, batch []*entry) (errs []error, err error) {
	defer group.Recover(&err)
	after, errs, lines, err := r.seals(batch)
	if err != nil || len(lines) == 0 {
		return errs, err
	}
	if err := r.Held(); err != nil {
		return nil, err
	}
	if err := r.writer.Append(ctx, after, bytes.Join(lines, nil)); err != nil {
		return nil, fmt.Errorf("write the journal: %w", err)
	}
	if err := r.Held(); err != nil {
		return nil, err
	}
	return errs, r.carryOut(lines)
}

// seals makes the lines of a batch, each with its newline, to follow after.
func (r *Run) seals(batch []*entry) (after Position, errs []error, lines [][]byte, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken != nil {
		return after, nil, nil, r.broken
	}
	after = r.replay.pos
	b := batchLines{run: r, at: after}
	errs = make([]error, len(batch))
	for i, e := range batch {
		errs[i] = b.add(&e.line)
	}
	return after, errs, b.raw, nil
}

// batchLines are the lines of one durable write, chained one by one.
type batchLines struct {
	run  *Run
	at   Position // after the last of them
	raw  [][]byte // each with its newline
	done []uint64 // tickets that are completed here
}

// add puts a line behind the others, and the run's first line before it where
// that is not written yet.
func (b *batchLines) add(line *Line) error {
	if line.Kind == LineOutcome {
		if !b.run.replay.isOpen(line.Ticket, b.run.former) || slices.Contains(b.done, line.Ticket) {
			return fmt.Errorf("complete: %d is no announced and open write of this run", line.Ticket)
		}
		b.done = append(b.done, line.Ticket)
	}
	if first := b.run.opening.before(line); first != nil {
		if err := b.seal(first); err != nil {
			return err
		}
		b.run.opening.begun, b.run.opening.told = true, true
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
		if err := r.replay.take(line, len(raw)); err != nil {
			return err
		}
	}
	return nil
}
