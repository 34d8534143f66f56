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
// Errors: *LockedError while another run holds the lock, and for longer than the
// store's patience lasts, else those of Read.
func (s *Store) Begin(ctx context.Context, info RunInfo) (*Run, error) {
	return s.beginOn(ctx, info, s.load)
}

// hold takes the lock for a run, which begins when it has it.
func (s *Store) hold(ctx context.Context, info *RunInfo) (BackendWriter, error) {
	host, _ := os.Hostname() // without a name the process still says enough
	return s.patience.lock(ctx, func() (BackendWriter, error) {
		info.Began = info.Now()
		return s.backend.Lock(ctx, Holder{PID: os.Getpid(), Host: host, Since: info.Began, RunID: info.RunID, Command: info.Command})
	})
}

// beginOn is Begin on what load finds.
func (s *Store) beginOn(ctx context.Context, info RunInfo, load func(context.Context) (*loaded, error)) (*Run, error) {
	if info.RunID == "" || info.Now == nil {
		return nil, errors.New("begin a run: it needs an id and a clock")
	}
	info = s.scrub.info(info)
	w, err := s.hold(ctx, &info)
	if err != nil {
		return nil, err
	}
	return s.beginWith(ctx, w, info, load)
}

// beginWith is Begin with the lock; after an error it is given up.
func (s *Store) beginWith(ctx context.Context, w BackendWriter, info RunInfo, load func(context.Context) (*loaded, error)) (*Run, error) {
	// A run that was begun ends by Finish or Close, not by a context: what was
	// announced must be completed.
	whole := context.WithoutCancel(ctx)
	r, err := s.begin(ctx, w, info, load)
	if err != nil {
		return nil, errors.Join(err, w.Release(whole))
	}
	go r.loop(whole)
	return r, nil
}

func (s *Store) begin(ctx context.Context, w BackendWriter, info RunInfo, load func(context.Context) (*loaded, error)) (*Run, error) {
	l, err := load(ctx)
	if err != nil {
		return nil, err
	}
	info.Number = 1
	if last := l.replay.lastRun; last != nil {
		info.Number += last.Info.Number
	}
	r := &Run{
		writer: w, scrub: s.scrub, now: info.Now, former: l.replay.pos.Seq, start: l.info(s.Paths()),
		snaps:   saver{writer: w, now: info.Now, interval: s.interval, pause: s.interval, serial: l.serial, force: l.damaged},
		mailbox: mailbox{queue: make(chan *entry), quit: make(chan struct{}), ended: make(chan struct{})},
		replay:  l.replay, opening: opening{info: info}, stale: l.damaged || l.lines > s.longReplay,
	}
	if l.snapshot != nil && l.stored < Format {
		r.snaps.outdated, r.snaps.stored = l.snapshot, l.stored
	}
	if l.replay.moved != nil {
		return r, repair{r, l, upkeep{}}.do(ctx)
	}
	todo, err := s.upkeep(ctx, l, info.Began)
	if err != nil {
		return nil, err
	}
	return r, repair{r, l, todo}.do(ctx)
}

// repair brings the journal into order before the run's first line. A part
// begins with the state, so that it can stand alone, unless it is the first.
type repair struct {
	run   *Run
	found *loaded
	todo  upkeep
}

func (p repair) do(ctx context.Context) error {
	var why *Recovered
	at, w := p.run.replay.pos, p.run.writer
	if p.found.torn > 0 {
		aside, err := w.Cut(ctx, at)
		if err != nil {
			return fmt.Errorf("cut off the torn end of the journal: %w", err)
		}
		why = &Recovered{CutBytes: p.found.torn, Aside: aside}
	}
	switch {
	case at.Offset == 0 && (p.found.snapshot != nil || at.Seq > 0):
		if why == nil && len(p.found.parts) == 0 {
			why = &Recovered{Note: "there was no journal beside the snapshot"}
		}
		return p.embed(ctx, w.Append, why)
	case why != nil:
		return p.put(ctx, w.Append, &Line{Kind: LineRecovered, Recovered: why})
	case p.todo.rotate:
		if err := p.embed(ctx, w.Rotate, nil); err != nil {
			return err
		}
	case !p.todo.told:
		return nil
	}
	p.prune(ctx)
	return nil
}

// prune removes what is too old, once the journal says so. A run does not fail
// for it: the next one tries again.
func (p repair) prune(ctx context.Context) {
	if p.todo.first.Name == "" {
		return
	}
	if err := p.run.writer.Prune(ctx, p.todo.first, p.todo.pruned.Before); err != nil {
		p.run.start.Warnings = append(p.run.start.Warnings, fmt.Sprintf("what is older than journal.keep could not be removed: %v", err))
	}
}

// place is where a line is written: behind the others, or as the first of a
// new part.
type place func(ctx context.Context, after Position, line []byte) error

// embed writes a line with the whole state in it, as the first one of a part.
func (p repair) embed(ctx context.Context, to place, why *Recovered) error {
	state, err := snapshotOf(p.run.replay, max(p.run.snaps.serial, 1)).encode()
	if err != nil {
		return err
	}
	line := Line{Kind: LineRotated, Rotated: &Rotated{State: json.RawMessage(state)}, Recovered: why}
	if p.todo.first.Name != "" {
		line.Rotated.Pruned = &p.todo.pruned
	}
	if err := p.put(ctx, to, &line); err != nil {
		return fmt.Errorf("begin a new part of the journal: %w", err)
	}
	p.run.stale = true
	return nil
}

// put writes one line by itself, before the loop runs.
func (p repair) put(ctx context.Context, to place, line *Line) error {
	r := p.run
	raw, err := r.seal(line, r.replay.pos)
	if err != nil {
		return err
	}
	if err := to(ctx, r.replay.pos, raw); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if line.Kind == LineRotated {
		r.replay.pos.Offset = 0
	}
	return r.replay.take(*line, len(raw))
}
