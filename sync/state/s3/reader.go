package s3

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"scim-sync/sync/state"
	"scim-sync/sync/state/s3/bucket"
)

// reader reads a state in a bucket, which needs no lock.
type reader struct {
	at  *bucket.Bucket
	log *slog.Logger

	mu    sync.Mutex // guards what follows
	own   *holding   // while this process holds the lock
	known contents   // of the journal, as Parts last saw it
}

// Paths says where things are, for messages.
func (b *reader) Paths() state.Paths {
	return state.Paths{Kind: "S3", Snapshot: b.at.Place(stateName), Journal: b.at.Place(journal), Lock: b.at.Place(lockName), Previous: b.at.Place(previous)}
}

// held is this process's hold on the lock, nil without one.
func (b *reader) held() *holding {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.own
}

// hold lets the holder be asked first from now on.
func (b *reader) hold(own *holding) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.own = own
}

// left forgets the holder.
func (b *reader) left(own *holding) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.own == own {
		b.own = nil
	}
}

// Snapshot gives the present snapshot, nil when there is none. None, or an older
// one than lock.json knows of, is asked for again for a while.
func (b *reader) Snapshot(ctx context.Context) ([]byte, error) {
	o, err := b.at.Read(ctx, stateName)
	if err != nil {
		return nil, err
	}
	own := b.held()
	known := uint64(0)
	switch {
	case own != nil:
		known = own.serialKnown()
	case o == nil:
		lock, err := b.at.Read(ctx, lockName)
		if err != nil {
			return nil, err
		}
		if lock != nil {
			known = lock.Serial
		}
	}
	if o == nil && known > 0 || o != nil && o.Serial < known {
		if o, err = b.at.Insist(ctx, stateName, func(o *bucket.Object) bool { return o != nil && o.Serial >= known }); err != nil {
			return nil, err
		}
	}
	if o == nil && known > 0 {
		return nil, b.at.Broken(stateName, fmt.Sprintf("it is not there, though one with serial %d was written", known))
	}
	if o != nil && o.Serial < known {
		// The journal holds all that came after it.
		b.log.Warn("the state is older than the one that was written last, as after a restore from a backup; what came after it is read from the journal",
			"place", b.at.Place(stateName), "serial", o.Serial, "last", known)
	}
	if own != nil {
		own.saw(o)
	}
	if o == nil {
		return nil, nil
	}
	return o.Content, nil
}

// Parts lists the parts of the journal. Its holder knows them; others read
// lock.json, and while it does not say all, what lies beside it.
func (b *reader) Parts(ctx context.Context) ([]state.Part, error) {
	c, err := b.view(ctx)
	if err != nil {
		return nil, err
	}
	var parts []state.Part
	for i := range c.Parts {
		size := c.Parts[i].size()
		if i == len(c.Parts)-1 {
			size = c.size()
		}
		parts = append(parts, state.Part{Name: b.partName(c.Parts[i].N), Size: size})
	}
	return parts, nil
}

func (b *reader) partName(n uint64) string {
	return fmt.Sprintf("%s, part %d", b.at.Place(journal), n)
}

func (b *reader) partNumber(name string) (n uint64, err error) {
	rest, ok := strings.CutPrefix(name, b.at.Place(journal))
	if _, bad := fmt.Sscanf(rest, ", part %d", &n); !ok || bad != nil {
		return 0, fmt.Errorf("%s: there is no such part", name)
	}
	return n, nil
}

// view is what the journal is made of now.
func (b *reader) view(ctx context.Context) (contents, error) {
	if own := b.held(); own != nil {
		return own.contents(), nil
	}
	c, err := b.look(ctx)
	if err == nil {
		b.mu.Lock()
		b.known = c
		b.mu.Unlock()
	}
	return c, err
}

// look reads what the journal is made of.
func (b *reader) look(ctx context.Context) (contents, error) {
	o, doc, err := readLock(ctx, b.at)
	switch {
	case err != nil:
		return contents{}, err
	case o == nil:
		return b.rebuild(ctx)
	case doc.Clean:
		return doc.contents, nil
	}
	return b.extend(ctx, doc.contents)
}

// extend adds the objects that were written since lock.json was.
func (b *reader) extend(ctx context.Context, c contents) (contents, error) {
	names, err := b.at.List(ctx, journal, lineName(c.next()-1))
	if err != nil {
		return c, err
	}
	var single []string
	for _, name := range names {
		if _, one, ok := firstOf(name); ok && one {
			single = append(single, name)
		}
	}
	objects, err := b.readAll(ctx, single)
	if err != nil {
		return c, err
	}
	c = c.clone()
	for i, o := range objects {
		if o == nil {
			return c, b.at.Broken(single[i], "it was listed, and is not there")
		}
		if err := b.follow(&c, single[i], o); err != nil {
			return c, err
		}
	}
	return c, nil
}

// follow takes in the next object of the journal.
func (b *reader) follow(c *contents, name string, o *bucket.Object) error {
	if o.Last+1 == o.First && o.First == c.next() {
		c.Slot = o.ETag
		return nil
	}
	from := int64(0)
	if len(c.Parts) > 0 && c.last().N == o.Part {
		from = c.last().size()
	}
	if o.First != c.next() || o.From != from || len(c.Parts) > 0 && o.Part < c.last().N {
		return b.at.Broken(name, fmt.Sprintf("it begins with line %d, where line %d should follow", o.First, c.next()))
	}
	c.add(o.Part, span{Name: name, First: o.First, Last: o.Last, From: o.From, Size: int64(len(o.Content)), Fence: o.Fence}, o.Content)
	return nil
}

// rebuild finds out what the journal is made of where lock.json is gone: from
// all objects, of which each line may be in more than one.
func (b *reader) rebuild(ctx context.Context) (contents, error) {
	names, err := b.at.List(ctx, journal, "")
	if err != nil || len(names) == 0 {
		return contents{}, err
	}
	objects, err := b.readAll(ctx, names)
	if err != nil {
		return contents{}, err
	}
	var c contents
	for i := range objects {
		if objects[i] != nil && len(c.Parts) == 0 {
			c.Seq = objects[i].First - 1 // older parts may have been put away
		}
		best := -1
		for j, o := range objects {
			if o != nil && o.First == c.Seq+1 && (best < 0 || o.Last > objects[best].Last) {
				best = j
			}
		}
		if best < 0 {
			break
		}
		o := objects[best]
		if err := b.follow(&c, names[best], o); err != nil {
			return c, err
		}
		if o.Last < o.First {
			break
		}
	}
	return c, nil
}

// readAll reads objects side by side; nil is one that is not there.
func (b *reader) readAll(ctx context.Context, names []string) ([]*bucket.Object, error) {
	objects := make([]*bucket.Object, len(names))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i, name := range names {
		g.Go(func() (err error) {
			objects[i], err = b.at.Read(ctx, name)
			return err
		})
	}
	return objects, g.Wait()
}

// errGone says that an object of the journal is not there.
var errGone = errors.New("the object is not there")

// lines reads an object of the journal. One that lock.json names and that is not
// there is asked for again for a while: a server's node may have just started.
// Error: errGone.
func (b *reader) lines(ctx context.Context, s span) ([]byte, error) {
	if s.lines != nil {
		return s.lines, nil
	}
	o, err := b.at.Read(ctx, s.Name)
	if err == nil && o == nil && b.held() != nil {
		o, err = b.at.Insist(ctx, s.Name, func(o *bucket.Object) bool { return o != nil })
	}
	switch {
	case err != nil:
		return nil, err
	case o == nil:
		return nil, errGone
	case o.First != s.First || o.Last != s.Last || int64(len(o.Content)) != s.Size:
		return nil, b.at.Broken(s.Name, "it is not the object that lock.json names")
	}
	return o.Content, nil
}
