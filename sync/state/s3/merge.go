package s3

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"scim-sync/sync/state"
	"scim-sync/sync/state/s3/bucket"
)

const (
	// mergeAt is after how many objects a run merges them before its end, so
	// that a crash leaves no more than this to be found and read.
	mergeAt = 256
	// mergedUpTo is how long merged objects become, in bytes: they are read and
	// written as a whole.
	mergedUpTo = 8 << 20
)

// merger makes few objects of many. Its caller holds the writer's journal.
type merger struct {
	*holding
	in      *reader
	objects int            // how many of the run are not merged
	unsure  bool           // an object may have been written that doc knows nothing of
	sweeps  sync.WaitGroup // objects that are being deleted
}

// mergeMidway makes one object of those that this run has written since the last
// time. A failure stops nothing: the lines are where they were.
func (m *merger) mergeMidway(ctx context.Context) error {
	gone, err := m.merge(ctx, 0)
	if err == nil {
		err = m.renew(ctx)
	}
	if err == nil {
		m.sweep(gone)
	} else if !errors.Is(err, state.ErrLost) {
		m.in.log.Warn("the journal's objects were not merged; that is tried again", "err", err)
	}
	return m.Held()
}

// merge makes one object of those that this run has written, and of those before
// them that are not at least ratio times as long as what follows: so there are
// few, however many runs there were, and each line is copied a few times only. It
// gives the names that may be deleted once lock.json says so.
func (m *merger) merge(ctx context.Context, ratio int64) (gone []string, err error) {
	if m.unsure || m.objects == 0 {
		return nil, nil
	}
	parts, fresh := m.contents().Parts, m.objects
	for i := len(parts) - 1; i >= 0 && fresh > 0; i-- {
		p := &parts[i]
		own := min(fresh, len(p.Objects))
		fresh -= own
		from := mergeFrom(p.Objects, own, ratio)
		if len(p.Objects)-from < 2 {
			continue
		}
		one, err := m.join(ctx, p.N, p.Objects[from:])
		if err != nil {
			return nil, err
		}
		for _, o := range p.Objects[from:] {
			if !o.Fence {
				gone = append(gone, o.Name)
			}
		}
		p.Objects = append(slices.Clone(p.Objects[:from]), one)
	}
	m.objects = 0
	for i := range parts {
		for j := range parts[i].Objects {
			parts[i].Objects[j].lines = nil
		}
	}
	m.note(func(d *lockDoc) { d.Parts = parts })
	return gone, nil
}

// mergeFrom is the index of the first object that is merged with all behind it.
func mergeFrom(objects []span, own int, ratio int64) int {
	from, total := len(objects), int64(0)
	for from > 0 {
		size := objects[from-1].Size
		fresh := len(objects)-from < own
		if !fresh && size > ratio*total || total > 0 && total+size > mergedUpTo {
			break
		}
		from, total = from-1, total+size
	}
	return from
}

// join writes one object with the lines of several.
func (m *merger) join(ctx context.Context, n uint64, objects []span) (span, error) {
	lines := make([][]byte, len(objects))
	g, some := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i, o := range objects {
		g.Go(func() (err error) {
			lines[i], err = m.in.lines(some, o)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return span{}, err
	}
	first, last := objects[0], objects[len(objects)-1]
	all := slices.Concat(lines...)
	one := span{Name: mergedName(first.First, last.Last, m.doc.Holder.RunID), First: first.First, Last: last.Last, From: first.From, Size: int64(len(all))}
	h := m.head()
	h.Part, h.From, h.First, h.Last = n, one.From, one.First, one.Last
	_, err := m.at.Write(ctx, one.Name, h, all, "", m.mine)
	if changed, ok := errors.AsType[*bucket.ChangedError](err); ok && changed.Now != nil && changed.Now.Size == len(all) {
		err = nil // the same lines, by a run of the same name that did not come to its end
	}
	return one, err
}

// sweep deletes objects in the background: nobody needs them any more.
func (m *merger) sweep(names []string) {
	m.sweeps.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := m.at.RemoveAll(ctx, names); err != nil {
			m.in.log.Debug("merged objects were not deleted", "err", err)
		}
	})
}
