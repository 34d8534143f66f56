package state

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// upkeep is what a run has to do to the journal's parts before it begins.
type upkeep struct {
	rotate bool // set the last part aside and begin another one
	// first is the part with which the journal is to begin; without a name
	// there is nothing to put away.
	first  Part
	pruned Pruned
	told   bool // the journal says so already: a former run did not come to an end
}

// upkeep looks how large and how old the parts are. A part is set aside when it
// is large, or holds a quarter of what is kept; it goes when all of it is older
// than that. Nothing goes by a clock that went ahead alone: the run before must
// have been that late too.
func (s *Store) upkeep(ctx context.Context, l *loaded, now time.Time) (upkeep, error) {
	var u upkeep
	last := len(l.parts) - 1
	if last < 0 {
		return u, nil
	}
	var err error
	if u.rotate, err = s.grown(ctx, l); err != nil || s.keep < 0 {
		return u, err
	}
	if run := l.replay.lastRun; run != nil && run.Info.Began.Before(now) {
		now = run.Info.Began
	}
	keep := max(s.keep, removalsKept)
	told := uint64(0)
	for i := last; i > 0; i-- {
		h, at, ok, err := s.beginning(ctx, l.parts[i].Name)
		if err != nil {
			return u, err
		}
		if !ok || LineKind(h.kind) != LineRotated {
			continue
		}
		if i == last {
			u.rotate = u.rotate || now.Sub(at) > keep/4
		}
		told = max(told, h.pruned())
		if now.Sub(at) > keep {
			u.first, u.pruned = l.parts[i], Pruned{Before: h.seq, Hash: string(h.prev), Until: at}
			u.told = told >= h.seq
			u.rotate = u.rotate || !u.told
			return u, nil
		}
	}
	if last == 0 {
		_, at, ok, err := s.beginning(ctx, l.parts[0].Name)
		u.rotate = u.rotate || ok && now.Sub(at) > keep/4
		return u, err
	}
	return u, nil
}

// beginning reads the head of a part's first line, and false when it has no
// line that this program wrote.
func (s *reader) beginning(ctx context.Context, part string) (h head, at time.Time, ok bool, err error) {
	body, err := s.from.Open(ctx, part, 0)
	if err != nil {
		return h, at, false, fmt.Errorf("read the journal: %w", err)
	}
	defer body.Close()
	raw := make([]byte, headSize)
	n, err := io.ReadFull(body, raw)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return h, at, false, fmt.Errorf("read the journal %s: %w", part, err)
	}
	if h, ok = headOf(raw[:n]); !ok {
		return h, at, false, nil
	}
	at, bad := h.time()
	return h, at, bad == nil, nil
}

// grown says whether the last part is large. The state at its beginning is no
// growth: else a large one would be set aside at each run. The snapshot tells how
// large that is, nearly: the part itself would have to be read for it, at each run.
func (s *Store) grown(ctx context.Context, l *loaded) (bool, error) {
	size := l.replay.pos.Offset
	if size <= s.rotateAt {
		return false, nil
	}
	h, _, ok, err := s.beginning(ctx, l.parts[len(l.parts)-1].Name)
	if ok && LineKind(h.kind) == LineRotated {
		size -= int64(len(l.snapshot))
	}
	return size > s.rotateAt, err
}
