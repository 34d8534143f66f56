package okta

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"scim-sync/idp"
	"scim-sync/internal/transport"
)

// limits tells of a limit that is used up, else of the tightest that an answer
// has shown.
func (c *checking) limits() {
	switch {
	case c.spent != nil:
		c.add(checkLimit, Bad, c.spent.Detail, c.spent.Hint, c.spent)
		return
	case c.lowest < 0:
		c.skip("Okta's answers do not tell it", checkLimit)
		return
	}
	detail := fmt.Sprintf("%d of %d requests a minute are left for %s; scim-sync takes %d of them at most", c.left, c.limit, c.tight, max(1, int(float64(c.limit)*c.q.Share)))
	if c.lowest < 0.1 {
		c.add(checkLimit, Odd, detail,
			"Something else uses the limit up: see Reports > Rate Limits in Okta. scim-sync waits rather than take the last tenth, so runs will be slow.", nil)
		return
	}
	c.good(checkLimit, detail)
}

// UsedUp words a failure by a rate limit in which there was nothing left: until
// when, where Okta said so. Not ok: it was something else.
func UsedUp(err error) (words string, ok bool) {
	f := limitIn(err)
	if f == nil {
		return "", false
	}
	return "Okta's rate limit is used up" + untilWords(resetIn(f.Header)), true
}

// limitIn finds a failure by a rate limit in a chain: of the request itself, or
// of the sign-in that it needed.
func limitIn(err error) *transport.Error {
	for {
		f, ok := errors.AsType[*transport.Error](err)
		if !ok || f.Kind == transport.Limited {
			return f
		}
		err = f.Err
	}
}

// resetIn is when a window of a limit ends, zero where an answer does not say.
// A limit of 0 is that of requests at once: its end is only a guess
// (https://developer.okta.com/docs/reference/rl2-concurrency/).
func resetIn(h http.Header) time.Time {
	at, err := strconv.ParseInt(h.Get("X-Rate-Limit-Reset"), 10, 64)
	if err != nil || at <= 0 || at >= 1<<40 || h.Get("X-Rate-Limit-Limit") == "0" {
		return time.Time{}
	}
	return time.Unix(at, 0).UTC()
}

func untilWords(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return " until " + at.Format("15:04:05 UTC")
}

// exhausted is the failure of a request for which the limit had nothing left.
func (c *checking) exhausted(t task, f *transport.Error) error {
	at := resetIn(f.Header)
	if at.IsZero() {
		at = c.resets[bucketOf(f.Path)] // the pacer has held it back
	}
	e := &idp.Error{Kind: idp.Unavailable, Op: t.op, Subject: f.Path, Status: f.Status, RequestID: plain(f.RequestID), Err: f,
		Detail: "used up" + untilWords(at) + " for " + f.Path,
		Hint:   "Run doctor again after that. A run would wait; if it is used up often, something else takes it: see Reports > Rate Limits in Okta."}
	if c.spent == nil {
		c.spent = e
	}
	return e
}

func bucketOf(path string) string { return Bucket(&http.Request{URL: &url.URL{Path: path}}) }

// mostSkew is how far apart the clocks may be: signed requests are valid for
// minutes, and what a journal says should be true to the minute.
const mostSkew = 60 * time.Second

// clock compares the two clocks.
func (c *checking) clock() {
	if !c.dated {
		c.skip("Okta's answers have no date", checkClock)
		return
	}
	if c.skew.Abs() <= mostSkew {
		c.good(checkClock, "within a minute of Okta's")
		return
	}
	way := "behind"
	if c.skew < 0 {
		way = "ahead of"
	}
	c.add(checkClock, Bad, fmt.Sprintf("it is %s %s Okta's", c.skew.Abs().Round(time.Second), way),
		"Set this machine's clock, best by NTP: signed requests and limits go by it.", nil)
}

// A check is not worth waiting for: not for a service that fails, not for a
// limit to have room again, not for a host that is silent.
const (
	checkAttempts = 2
	checkPatience = 3 * time.Second
	checkDeadline = 10 * time.Second
)

// hurried asks one thing, without waiting long, and words what came of it.
func (c *checking) hurried(ctx context.Context, t task, ask func(context.Context) error) error {
	hasty := transport.WithCallOptions(ctx, transport.CallOptions{Attempts: checkAttempts, Patience: checkPatience})
	hasty, cancel := context.WithTimeout(hasty, checkDeadline)
	defer cancel()
	err := ask(hasty)
	if err == nil {
		return nil
	}
	c.note(headerOf(err), t)
	if f := limitIn(err); f != nil {
		return c.exhausted(t, f)
	}
	if ctx.Err() == nil && hasty.Err() != nil {
		return &idp.Error{Kind: idp.Unavailable, Op: t.op, Subject: t.path, Err: context.DeadlineExceeded,
			Detail: "no answer within " + checkDeadline.String(), Hint: c.s.unreachedHint()}
	}
	return c.s.fail(ctx, t, err)
}

// look makes one request, and notes what its headers say.
func (c *checking) look(ctx context.Context, t task, q url.Values, v any) error {
	target := t.path
	if len(q) > 0 {
		target += "?" + q.Encode()
	}
	return c.hurried(ctx, t, func(ctx context.Context) error {
		return contained(func() error {
			re := *c.s.executor
			req, err := re.NewRequest(http.MethodGet, target, nil)
			if err != nil {
				return fmt.Errorf("make the request: %w", err)
			}
			var raw json.RawMessage
			resp, err := re.Do(ctx, req, &raw)
			if err != nil {
				return err
			}
			c.note(resp.Header, t)
			return json.Unmarshal(raw, v)
		})
	})
}

// looked is a page that a check has looked at.
type looked interface {
	list() any // what it is read into
	// believable says why the page cannot be believed, in the words of a run that
	// reads it; nil if it can.
	believable(ctx context.Context, s *Source, t task) error
}

type page[T entry] []T

func (p *page[T]) list() any { return (*[]T)(p) }

func (p *page[T]) believable(ctx context.Context, s *Source, t task) error {
	if err := flawIn(*p, http.StatusOK); err != nil {
		return s.fail(ctx, t, err)
	}
	return nil
}

// headerOf is the header of the answer behind a failure, nil if there was none.
func headerOf(err error) http.Header {
	var (
		failed  *transport.Error
		answer  *rejection
		refused *refusal
	)
	switch {
	case errors.As(err, &failed):
		return failed.Header
	case errors.As(err, &answer):
		return answer.header
	case errors.As(err, &refused):
		return refused.header
	}
	return nil
}

func (c *checking) note(h http.Header, t task) {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		c.skew, c.dated = at.Sub(c.q.Now()), true
	}
	if at := resetIn(h); !at.IsZero() {
		c.resets[bucketOf(t.path)] = at
	}
	var limit, left int
	if _, err := fmt.Sscan(h.Get("X-Rate-Limit-Limit"), &limit); err != nil || limit <= 0 {
		return
	}
	if _, err := fmt.Sscan(h.Get("X-Rate-Limit-Remaining"), &left); err != nil {
		return
	}
	if part := float64(left) / float64(limit); c.lowest < 0 || part < c.lowest {
		c.lowest, c.left, c.limit, c.tight = part, left, limit, t.path
	}
}
