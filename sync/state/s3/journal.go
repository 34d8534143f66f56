package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/sync/errgroup"

	"scim-sync/sync/state"
	"scim-sync/sync/state/s3/bucket"
)

// Parts lists the parts of the journal. Its holder knows them; others read
// lock.json, and while it does not say all, what lies beside it.
func (b *Backend) Parts(ctx context.Context) ([]state.Part, error) {
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

func (b *Backend) partName(n uint64) string {
	return fmt.Sprintf("%s, part %d", b.at.Place(journal), n)
}

func (b *Backend) partNumber(name string) (n uint64, err error) {
	rest, ok := strings.CutPrefix(name, b.at.Place(journal))
	if _, bad := fmt.Sscanf(rest, ", part %d", &n); !ok || bad != nil {
		return 0, fmt.Errorf("%s: there is no such part", name)
	}
	return n, nil
}

// view is what the journal is made of now.
func (b *Backend) view(ctx context.Context) (contents, error) {
	if w := b.held(); w != nil {
		return w.contents(), nil
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
func (b *Backend) look(ctx context.Context) (contents, error) {
	o, doc, err := b.lock(ctx)
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
func (b *Backend) extend(ctx context.Context, c contents) (contents, error) {
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
func (b *Backend) follow(c *contents, name string, o *bucket.Object) error {
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
func (b *Backend) rebuild(ctx context.Context) (contents, error) {
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
func (b *Backend) readAll(ctx context.Context, names []string) ([]*bucket.Object, error) {
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

// Open reads a part from the byte offset on. It asks for an object when it is
// read that far.
func (b *Backend) Open(ctx context.Context, name string, offset int64) (io.ReadCloser, error) {
	n, err := b.partNumber(name)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	c := b.known
	b.mu.Unlock()
	if w := b.held(); w != nil {
		c = w.contents()
	}
	if c.part(n) == nil {
		if c, err = b.view(ctx); err != nil {
			return nil, err
		}
	}
	return &stream{ctx: ctx, b: b, c: c, n: n, at: offset}, nil
}

// part gives the part with the number, nil when there is none.
func (c *contents) part(n uint64) *part {
	for i := range c.Parts {
		if c.Parts[i].N == n {
			return &c.Parts[i]
		}
	}
	return nil
}

// stream reads a part of the journal.
type stream struct {
	ctx  context.Context
	b    *Backend
	c    contents
	n    uint64
	at   int64
	left []byte // read, and not given yet
	// again: what the journal is made of was read a second time.
	again bool
}

func (s *stream) Read(p []byte) (int, error) {
	if len(s.left) == 0 {
		var err error
		if s.left, err = s.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.left)
	s.left, s.at = s.left[n:], s.at+int64(n)
	return n, nil
}

func (s *stream) Close() error { return nil }

// next gives what stands at the place: what lock.json repeats, or an object.
func (s *stream) next() ([]byte, error) {
	p := s.c.part(s.n)
	if p == nil || s.at < 0 {
		return nil, io.EOF
	}
	size, isLast := p.size(), p == s.c.last()
	switch {
	case s.at >= size && (!isLast || s.at-size >= int64(len(s.c.tail))):
		return nil, io.EOF
	case s.at >= size:
		return s.c.tail[s.at-size:], nil
	case s.at < int64(len(p.Head)):
		return p.Head[s.at:], nil
	case isLast && s.at >= size-int64(len(s.c.End)):
		return s.c.End[s.at-(size-int64(len(s.c.End))):], nil
	}
	for _, o := range p.Objects {
		if s.at < o.From || s.at >= o.From+o.Size {
			continue
		}
		lines, err := s.b.lines(s.ctx, o)
		if errors.Is(err, errGone) && !s.again && s.b.held() == nil {
			// Its holder has merged it since.
			s.again = true
			if s.c, err = s.b.view(s.ctx); err == nil {
				return s.next()
			}
		}
		if errors.Is(err, errGone) {
			err = s.b.at.Broken(o.Name, "it is not there any more")
		}
		if err != nil {
			return nil, err
		}
		return lines[s.at-o.From:], nil
	}
	return nil, s.b.at.Broken(journal, fmt.Sprintf("no object holds byte %d of part %d", s.at, s.n))
}

// errGone says that an object of the journal is not there.
var errGone = errors.New("the object is not there")

// lines reads an object of the journal. One that lock.json names and that is not
// there is asked for again for a while: a server's node may have just started.
// Error: errGone.
func (b *Backend) lines(ctx context.Context, s span) ([]byte, error) {
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
