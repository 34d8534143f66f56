package scim

import (
	"context"
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
)

// listing is a SCIM list to be read whole: where it is, and what becomes of
// one entry. W is the entry as it arrives, R what is kept.
type listing[W, R any] struct {
	what  string // "users", "groups"
	path  string
	query url.Values
	keep  func(W) (R, error)
	id    func(R) string
	tell  func(n int) // hears how many entries each page brought, less than zero when they are read again; may be nil
}

// page is one page of a list: what the server says there is, and what arrived.
type page[R any] struct {
	total int
	items []R
}

// errUneven means that pages read in parallel do not make one list: the server
// counts pages in its own way, or the list changed meanwhile.
var errUneven = errors.New("pages do not fit together")

// all reads the whole list. The first page tells how many there are; the rest
// is read in parallel, and once more in sequence if that does not fit together.
func (l listing[W, R]) all(ctx context.Context, r *Reader) ([]R, error) {
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
func (l listing[W, R]) page(ctx context.Context, r *Reader, start int) (page[R], answer, error) {
	query := url.Values{"startIndex": {strconv.Itoa(start)}, "count": {strconv.Itoa(pageSize)}}
	maps.Copy(query, l.query)
	c := call{op: fmt.Sprintf("list %s from %d", l.what, start), root: r.client.scim, path: l.path, query: query}
	a, err := r.get(ctx, c)
	if err != nil {
		if start == 1 {
			err = unlisted(err, r.client.scim)
		} else if e, ok := errors.AsType[*attio.Error](err); ok && e.Kind == attio.Gone {
			err = answer{call: c, status: e.Status, requestID: e.RequestID}.untrusted("the list of " + l.what + " is there up to its " + strconv.Itoa(start-1) + ". entry, and then it is not")
		}
		return page[R]{}, a, err
	}
	p, err := l.parse(a)
	if err == nil && l.tell != nil {
		l.tell(len(p.items))
	}
	return p, a, err
}

// parse reads a ListResponse (RFC 7644 section 3.4.2). itemsPerPage is not
// looked at: servers put the page size, the count asked for, or nonsense there.
func (l listing[W, R]) parse(a answer) (page[R], error) {
	var body struct {
		TotalResults *count `json:"totalResults"`
		Resources    *[]W   `json:"Resources"`
	}
	if err := a.decode(&body); err != nil {
		return page[R]{}, err
	}
	if body.TotalResults == nil {
		return page[R]{}, a.untrusted("it is no list: totalResults is missing")
	}
	p := page[R]{total: int(*body.TotalResults)}
	if body.Resources == nil {
		if p.total > 0 {
			return page[R]{}, a.untrusted(fmt.Sprintf("totalResults is %d, but there are no Resources", p.total))
		}
		return p, nil
	}
	p.items = make([]R, 0, len(*body.Resources))
	for _, w := range *body.Resources {
		item, err := l.keep(w)
		if err != nil {
			return page[R]{}, a.untrusted(err.Error())
		}
		p.items = append(p.items, item)
	}
	return p, nil
}

// parallel reads the pages after the first at once. They must have the size of
// the first, name the same total and bring no id twice, else errUneven.
func (l listing[W, R]) parallel(ctx context.Context, r *Reader, first page[R]) ([]R, error) {
	size := len(first.items)
	pages := make([][]R, (first.total+size-1)/size)
	pages[0] = first.items
	g, ctx := group.WithContext(ctx)
	g.SetLimit(r.parallel)
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
	seen := make(map[string]struct{}, first.total)
	items := make([]R, 0, first.total)
	for _, p := range pages {
		for _, item := range p {
			if _, twice := seen[l.id(item)]; twice {
				return nil, errUneven
			}
			seen[l.id(item)] = struct{}{}
			items = append(items, item)
		}
	}
	return items, nil
}

// sequence reads page after page by what arrives, until there are as many as
// the server says. An id that comes again before that means that the server
// repeats itself; a page that is empty before that, that something is missing.
func (l listing[W, R]) sequence(ctx context.Context, r *Reader, p page[R], a answer) ([]R, error) {
	seen := map[string]struct{}{}
	var items []R
	for n := 1; ; n++ {
		for _, item := range p.items {
			_, twice := seen[l.id(item)]
			switch {
			case twice && len(items) == p.total:
				return items, nil // from the start again, past the end
			case twice:
				return nil, a.untrusted(fmt.Sprintf("%s came twice in the list of %s, of which %d of %d had arrived",
					plain(l.id(item), 64), l.what, len(items), p.total))
			}
			seen[l.id(item)] = struct{}{}
			items = append(items, item)
		}
		switch {
		case len(items) == p.total:
			return items, nil
		case len(items) > p.total:
			return nil, a.untrusted(fmt.Sprintf("more %s arrived than there should be: %d, and totalResults is %d", l.what, len(items), p.total))
		case len(p.items) == 0:
			return nil, a.untrusted(fmt.Sprintf("fewer %s arrived than there should be: %d, and totalResults is %d", l.what, len(items), p.total))
		case n == maxPages:
			return nil, a.untrusted(fmt.Sprintf("the list of %s does not end after %d pages", l.what, maxPages))
		}
		var err error
		if p, a, err = l.page(ctx, r, len(items)+1); err != nil {
			return nil, err
		}
	}
}

// unlisted sharpens the error of a list that is not there at all at an address:
// that is no entry that has gone, but a wrong address; or, at the right one, a
// plan without SCIM.
func unlisted(err error, at *url.URL) error {
	var e *attio.Error
	if !errors.As(err, &e) || e.Kind != attio.Gone || e.Status != http.StatusNotFound {
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
