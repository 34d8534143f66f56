package scim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"

	"scim-sync/attio"
	"scim-sync/internal/group"
)

const (
	pageSize = 100    // Attio caps count at 100 (https://docs.attio.com/rest-api/scim/list-users)
	maxPages = 10_000 // a million entries; a list that goes on longer is a loop
	// heldAtOnce is how much of a list is in memory as it came, in bytes, but for two
	// pages: those of teams with many members have megabytes.
	heldAtOnce = 16 << 20
)

// listing is a SCIM list to be read whole: where it is, and what becomes of
// one entry.
type listing[R any] struct {
	what  string // "users", "groups"
	path  string
	query url.Values
	read  func(entry []byte, left *budget) (R, error)
	id    func(R) string
	same  func(a, b R) bool
	tell  func(n int) // hears how many entries each page brought, less than zero when they are read again; may be nil
}

// page is one page of a list: what the server says there is, what arrived, and how
// many bytes that was.
type page[R any] struct {
	total int
	items []R
	size  int
}

// errUneven means that pages read in parallel do not make one list: the server
// counts pages in its own way, or the list changed meanwhile.
var errUneven = errors.New("pages do not fit together")

// all reads the whole list. The first page tells how many there are; the rest
// is read in parallel, and once more in sequence if that does not fit together.
func (l listing[R]) all(ctx context.Context, r *Reader) ([]R, error) {
	told := new(atomic.Int64)
	if tell := l.tell; tell != nil {
		l.tell = func(n int) { told.Add(int64(n)); tell(n) }
	}
	first, a, err := l.page(ctx, r, 1)
	if err != nil {
		return nil, err
	}
	got := len(first.items)
	if got > 0 && got < first.total && (first.total-1)/got < maxPages {
		items, err := l.parallel(ctx, r, first)
		if !errors.Is(err, errUneven) {
			return items, err
		}
		if l.tell != nil {
			l.tell(-int(told.Load()))
		}
		if first, a, err = l.page(ctx, r, 1); err != nil {
			return nil, err
		}
	}
	return l.sequence(ctx, r, first, a)
}

// page reads the page that begins at the given entry, counted from 1.
func (l listing[R]) page(ctx context.Context, r *Reader, start int) (page[R], answer, error) {
	query := url.Values{"startIndex": {strconv.Itoa(start)}, "count": {strconv.Itoa(pageSize)}}
	maps.Copy(query, l.query)
	c := call{op: fmt.Sprintf("list %s from %d", l.what, start), root: r.client.scim, path: l.path, query: query}
	get := r.getPlain
	if query.Has("filter") {
		get = r.get // which a server may refuse
	}
	a, err := get(ctx, c)
	if err != nil {
		if start == 1 {
			err = unlisted(err, r.client.scim)
		} else if e, ok := errors.AsType[*attio.Error](err); ok && e.Status == http.StatusNotFound {
			err = answer{call: c, status: e.Status, requestID: e.RequestID}.untrusted("the list of " + l.what + " is there up to its " + strconv.Itoa(start-1) + ". entry, and then it is not")
		}
		return page[R]{}, a, err
	}
	size := len(a.body)
	p, err := l.parse(a)
	p.size = size
	a.done()
	a.body = nil
	if err == nil && l.tell != nil {
		l.tell(len(p.items))
	}
	return p, a, err
}

// parse reads a ListResponse (RFC 7644 section 3.4.2). itemsPerPage is not
// looked at: servers put the page size, the count asked for, or nonsense there.
// More entries than were asked for are no page of this list.
func (l listing[R]) parse(a answer) (page[R], error) {
	var (
		p      page[R]
		total  *count
		listed bool
		left   = fullBudget
	)
	entry := func(raw []byte) error {
		if len(p.items) == pageSize {
			return fmt.Errorf("it has more than the %d entries that were asked for", pageSize)
		}
		if p.items == nil {
			p.items = make([]R, 0, pageSize)
		}
		item, err := l.read(raw, &left)
		p.items = append(p.items, item)
		return err
	}
	err := a.walk(func(key name, value []byte) error {
		switch {
		case key.is("totalResults"):
			return json.Unmarshal(value, &total)
		case key.is("Resources") && !isNull(value):
			if listed {
				return errors.New("it has Resources twice")
			}
			listed = true
			return inField(key, walkList(value, entry))
		}
		return valid(value)
	})
	switch {
	case err != nil:
		return page[R]{}, err
	case total == nil:
		return page[R]{}, a.untrusted("it is no list: totalResults is missing")
	case !listed && *total > 0:
		return page[R]{}, a.untrusted(fmt.Sprintf("totalResults is %d, but there are no Resources", *total))
	}
	p.total = int(*total)
	return p, nil
}

// parallel reads the pages after the first at once. They must have the size of
// the first, name the same total and bring no id twice, else errUneven.
func (l listing[R]) parallel(ctx context.Context, r *Reader, first page[R]) ([]R, error) {
	size := len(first.items)
	pages := make([][]R, (first.total+size-1)/size)
	pages[0] = first.items
	g, ctx := group.WithContext(ctx)
	g.SetLimit(min(r.parallel, max(2, heldAtOnce/max(first.size, 1))))
	for i := 1; i < len(pages); i++ {
		g.Go(func() error {
			p, _, err := l.page(ctx, r, 1+i*size)
			if err != nil {
				return err
			}
			want := min(size, first.total-i*size)
			if p.total != first.total || len(p.items) != want {
				return errUneven
			}
			pages[i] = p.items
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	one := gathered[R]{listing: l, items: make([]R, 0, first.total), at: make(map[string]int, first.total)}
	for _, p := range pages {
		if one.add(p) != nil {
			return nil, errUneven
		}
	}
	return one.items, nil
}

// gathered is what pages of a list have brought so far.
type gathered[R any] struct {
	listing[R]
	items   []R
	arrived int            // entries, those that came twice included
	at      map[string]int // id → place in items
}

// twiceError is an id that came again in a later page, or in the same page with
// something else beside it.
type twiceError struct{ id string }

func (e *twiceError) Error() string { return plain(e.id, 64) + " came twice" }

// add takes one page. An entry that stands in a page twice, alike to the letter,
// is one: it says nothing of the others, and would stop every run for good.
func (g *gathered[R]) add(page []R) error {
	if g.at == nil {
		g.at = make(map[string]int, len(page))
	}
	begun := len(g.items)
	for _, item := range page {
		i, twice := g.at[g.id(item)]
		if twice && (i < begun || !g.same(g.items[i], item)) {
			return &twiceError{g.id(item)}
		}
		if !twice {
			g.at[g.id(item)] = len(g.items)
			g.items = append(g.items, item)
		}
		g.arrived++
	}
	return nil
}

// sequence reads page after page by what arrives, until there are as many as
// the server says. An id that comes again before that means that the server
// repeats itself; a page that is empty before that, that something is missing.
func (l listing[R]) sequence(ctx context.Context, r *Reader, p page[R], a answer) ([]R, error) {
	all := gathered[R]{listing: l}
	for n := 1; ; n++ {
		err := all.add(p.items)
		switch {
		case err != nil && all.arrived == p.total:
			return all.items, nil // from the start again, past the end
		case err != nil:
			return nil, a.untrusted(fmt.Sprintf("%s in the list of %s, of which %d of %d had arrived", err, l.what, all.arrived, p.total))
		case all.arrived == p.total:
			return all.items, nil
		case all.arrived > p.total:
			return nil, a.untrusted(fmt.Sprintf("more %s arrived than there should be: %d, and totalResults is %d", l.what, all.arrived, p.total))
		case len(p.items) == 0:
			return nil, a.untrusted(fmt.Sprintf("fewer %s arrived than there should be: %d, and totalResults is %d", l.what, all.arrived, p.total))
		case n == maxPages:
			return nil, a.untrusted(fmt.Sprintf("the list of %s does not end after %d pages", l.what, maxPages))
		}
		if p, a, err = l.page(ctx, r, all.arrived+1); err != nil {
			return nil, err
		}
	}
}

// unlisted sharpens the error of a list that is not there at all at an address:
// that is no entry that has gone, but a wrong address; or, at the right one, a
// plan without SCIM.
func unlisted(err error, at *url.URL) error {
	var e *attio.Error
	if !errors.As(err, &e) || e.Kind != attio.Gone && e.Kind != attio.Untrusted || e.Status != http.StatusNotFound {
		return err
	}
	sharper := *e
	sharper.Kind = attio.Misplaced
	sharper.Hint = hint(attio.Misplaced)
	if at.Host == "api.attio.com" && at.Path == "/scim/v2" {
		sharper.Kind, sharper.Hint = attio.NoSCIM, hint(attio.NoSCIM)
	}
	return &sharper
}

// counter adds up what pages bring and passes it on, one call at a time.
type counter struct {
	mu       sync.Mutex
	progress func(what string, n int)
	n        map[string]int
}

func newCounter(progress func(what string, n int)) *counter {
	return &counter{progress: progress, n: map[string]int{}}
}

// add gives the function that counts entries of one sort.
func (c *counter) add(what string) func(n int) {
	if c.progress == nil {
		return nil
	}
	return func(n int) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.n[what] += n
		c.progress(what, c.n[what])
	}
}
