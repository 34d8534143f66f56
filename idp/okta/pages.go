package okta

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"scim-sync/internal/transport"
)

const (
	// smallestPage is where halving ends.
	smallestPage = 25
	// forPage is what each page adds to the deadline of a list: a window of
	// Okta's limits, of which the smallest share still lets one page go.
	forPage = time.Minute
)

// listing is a list that Okta gives page by page.
type listing struct {
	op    string
	path  string
	query url.Values
	limit int // entries asked for a page; Okta may give fewer
	need  need
	thing string // as of a task
}

// entry is one element of a list.
type entry interface {
	// flaw says why it cannot be believed, "" if it can; a null element has one,
	// as it has no id.
	flaw() string
	// kept are the fields that are looked at.
	kept() fields
	// most is how large what is kept of it may be, in bytes.
	most() int
}

// eachPage reads a list to its end, its entries as encoding/json reads them: see
// eachRead.
func eachPage[T entry](ctx context.Context, s *Source, l listing, take func(page []T, got reply) error) error {
	return eachRead[T](ctx, s, l, decoded[T], take)
}

// eachRead reads a list of entries W to its end; read makes of each of them what
// is kept. take gets every page in a slice that is used for the next one as well. Any
// doubt ends it with an error: an element that is null or has no id, a next link that
// leads elsewhere or back, too many pages.
func eachRead[W entry, T any](ctx context.Context, s *Source, l listing, read readEntry[T], take func(page []T, got reply) error) error {
	t := task{op: l.op, path: l.path, page: 1, need: l.need, thing: l.thing}
	query := maps.Clone(l.query)
	if query == nil {
		query = url.Values{}
	}
	limit := l.limit
	seen := map[string]bool{}
	until := time.Now().Add(s.deadline)
	page := &arriving[W, T]{read: read}
	for {
		got, err := readInTime[W](ctx, s, t, query, &limit, until, page)
		if err != nil {
			return s.fail(ctx, t, err)
		}
		if err := take(page.items, got); err != nil {
			return s.fail(ctx, t, err)
		}
		if got.next == "" {
			return nil
		}
		if query, err = follow(l, got.next, seen); err != nil {
			return s.fail(ctx, t, err)
		}
		until = until.Add(forPage)
		if t.page++; t.page > s.maxPages {
			return s.fail(ctx, t, &refusal{why: fmt.Sprintf("the list has more than %d pages", s.maxPages)})
		}
	}
}

// follow reads the next link: its query, once it is sure that it leads on in
// the same list. What was asked of the first page is asked of all: Okta's own
// links have left expand out (OKTA-1230324, until 2026.08.0).
func follow(l listing, next string, seen map[string]bool) (url.Values, error) {
	u, err := url.Parse(next)
	if err != nil {
		return nil, &refusal{why: "the link to the next page is no address"}
	}
	if u.Path != l.path {
		return nil, &refusal{why: "the link to the next page leads to another list"}
	}
	query := u.Query()
	cursor := query.Get("after")
	if cursor == "" {
		return nil, &refusal{why: "the link to the next page has no cursor"}
	}
	if seen[cursor] {
		return nil, &refusal{why: "the list goes in circles: the same cursor came twice"}
	}
	seen[cursor] = true
	maps.Copy(query, l.query)
	return query, nil
}

// readInTime is readPage, until then at most.
func readInTime[W entry](ctx context.Context, s *Source, t task, query url.Values, limit *int, until time.Time, into sink) (reply, error) {
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	var none W
	return readPage(ctx, s, t, query, limit, shape{keep: none.kept(), entry: none.most(), into: into})
}

// readPage reads one page. A page that Okta could not make in time is asked
// for again from the same place at half the size, down to smallestPage; the
// smaller size stays. Okta advises it for a 500 on a list. What asks to wait is
// waited for, at the same size.
func readPage(ctx context.Context, s *Source, t task, query url.Values, limit *int, what shape) (reply, error) {
	attempts := 0
	for slow := 2; ; slow = 1 {
		query.Set("limit", strconv.Itoa(*limit))
		what.entries = *limit
		call := shaped(ctx, what)
		if *limit > smallestPage || attempts > 0 {
			call = transport.WithCallOptions(call, transport.CallOptions{SlowAttempts: slow})
		}
		got, err := s.get(call, t.path+"?"+query.Encode(), what.into)
		if err == nil {
			return got, what.into.wrong(got.status)
		}
		if failed, ok := errors.AsType[*transport.Error](err); ok {
			attempts += failed.Attempts
			failed.Attempts = attempts // of this page, whatever its size
		}
		if ctx.Err() != nil || !tooMuch(err) || *limit <= smallestPage {
			return reply{}, err
		}
		*limit = max(*limit/2, smallestPage)
		s.log.Info("Okta could not give a page of that size, asking for a smaller one",
			"what", t.op, "page", t.page, "limit", *limit)
	}
}

// tooMuch: the answer may come if less is asked for.
func tooMuch(err error) bool {
	if failed, ok := errors.AsType[*transport.Error](err); ok {
		return failed.TimedOut || failed.Kind == transport.TooLarge || failed.Kind == transport.Failed && slow(failed.Status)
	}
	var answer *rejection
	return errors.As(err, &answer) && slow(answer.status)
}

func slow(status int) bool {
	return status == http.StatusInternalServerError || status == http.StatusGatewayTimeout
}
