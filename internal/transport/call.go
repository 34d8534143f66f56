package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// errorBody is the most of an answer's body that an Error keeps.
const errorBody = 64 << 10

// errSlow ends an attempt that took longer than Options.Timeout.
var errSlow = errors.New("attempt timed out")

// call is one request of a caller with all its attempts. It is the RoundTripper
// of its own attempts; retryablehttp runs them one after another, so nothing
// here needs a lock.
type call struct {
	t        *Transport
	r        *http.Request // the caller's; never changed
	ctx      context.Context
	cancel   context.CancelCauseFunc
	waits    context.Context             // ends waits, and nothing else; nil: none
	letGo    func()                      // ends what holds the wait in hand
	leaves   func(context.Context) error // the caller's last look; nil: none
	again    bool                        // may be repeated when its fate is unknown
	most     int                         // attempts that may fail
	patience time.Duration               // the most it waits in all
	maxBody  int64                       // that is read of an answer
	attempts int                         // that were begun
	left     int                         // attempts that left
	doubt    bool                        // one of them may have been carried out
	met      map[any]bool                // challenges that were met
	mostSlow int                         // of them those that were not answered in time
	failures int                         // that failed otherwise than by 429
	slow     int                         // of them those that were not answered in time
	limits   int                         // answers 429 in a row
	waited   time.Duration
	pause    time.Duration // the next wait, as check decided
	paused   time.Time     // since when it waits
	last     outcome
}

// outcome is what one attempt came to.
type outcome struct {
	resp     *http.Response // nil when no whole answer came
	body     []byte
	location []string // taken out of resp.Header while http.Client sees it
	kind     ErrorKind
	cause    error
	unsent   bool // certainly never left
	final    bool // another attempt would not help
	slow     bool // ended by the per-attempt time-out
	asked    *Challenge
	header   http.Header
	code     int
}

func (o *outcome) status() int { return o.code }

func newCall(t *Transport, r *http.Request) *call {
	o := callOptions(r.Context())
	most := orMost(o.Attempts, t.o.Attempts)
	c := &call{t: t, r: r, again: t.o.Idempotent(r), most: most, mostSlow: orMost(o.SlowAttempts, most),
		patience: orMost(o.Patience, t.o.Patience), maxBody: orMost(o.MaxBody, t.o.MaxBody), waits: o.Waits, leaves: o.Leaves}
	c.ctx, c.cancel = context.WithCancelCause(r.Context())
	return c
}

// request is a copy of the caller's, with a body that can be rewound.
func (c *call) request(body []byte) (*retryablehttp.Request, error) {
	req := c.r.WithContext(c.ctx)
	req.Header = c.r.Header.Clone()
	if req.Header == nil {
		req.Header = http.Header{}
	}
	if ua := c.t.o.UserAgent; ua != "" {
		req.Header.Set("User-Agent", ua)
	}
	rr := &retryablehttp.Request{Request: req}
	if len(body) == 0 {
		req.Body, req.GetBody, req.ContentLength = nil, nil, 0
		return rr, nil
	}
	return rr, rr.SetBody(body)
}

// RoundTrip makes one attempt: it waits for its turn, sends, and reads the
// whole answer.
func (c *call) RoundTrip(req *http.Request) (*http.Response, error) {
	c.resume()
	if err := c.pace(req); err != nil {
		return nil, err
	}
	if err := c.lastLook(req); err != nil {
		return nil, err
	}
	c.attempts++
	retry := c.left > 0 && c.last.asked == nil
	start := time.Now()
	c.t.counts.leave()
	c.last = c.send(req)
	c.t.clean(&c.last)
	if !c.last.unsent {
		c.left++
		c.doubt = c.doubt || c.last.asked == nil && c.last.code != http.StatusTooManyRequests
	}
	c.t.counts.arrive(req, c.last, retry)
	c.note(start)
	if c.last.resp == nil {
		return nil, c.last.cause
	}
	if c.last.code == http.StatusOK {
		c.last.body = nil // it is lent to the caller alone
	}
	// http.Client would look at the address of a redirect before asking
	// whether to follow it, and fail on a bad one.
	c.last.location = c.last.resp.Header["Location"]
	c.last.resp.Header.Del("Location")
	return c.last.resp, nil
}

// pace waits until the pacer lets the request go.
func (c *call) pace(req *http.Request) error {
	p := c.t.o.Pacer
	if p == nil {
		return nil
	}
	most := c.patience - c.waited
	ctx, cancel := context.WithTimeout(req.Context(), most)
	defer cancel()
	start := time.Now()
	c.t.counts.rest()
	c.hold()
	err := p.Wait(ctx, req, most)
	c.release()
	c.t.counts.goOn()
	if c.ctx.Err() != nil && err == nil {
		p.Observe(req, nil) // its turn had come
		err = c.ctx.Err()
	}
	c.waited += time.Since(start)
	if err == nil {
		return nil
	}
	if req.Context().Err() != nil {
		return err // what became of the last attempt stays
	}
	c.last.resp, c.last.final, c.last.unsent, c.last.slow, c.last.kind = nil, true, true, false, Limited
	var long *TooLong
	switch {
	case errors.As(err, &long):
		c.last.cause = &reason{text: "the rate limit " + beyond(long.For, c.patience)}
	case ctx.Err() != nil:
		c.last.cause = &reason{text: fmt.Sprintf("held back for %s by the rate limit", c.waited.Round(time.Second))}
	default:
		c.last.kind, c.last.cause = Unreachable, c.plain(err)
	}
	return err
}

// lastLook asks the caller once more whether the request may leave.
func (c *call) lastLook(req *http.Request) error {
	if c.leaves == nil {
		return nil
	}
	// What it asks goes by no option of this call, but ends with the same waits.
	err := c.leaves(context.WithValue(req.Context(), callOptionsKey{}, CallOptions{Waits: c.waits}))
	if err == nil {
		return nil
	}
	if p := c.t.o.Pacer; p != nil {
		p.Observe(req, nil)
	}
	c.last = outcome{kind: Withheld, cause: err, unsent: true, final: true}
	return err
}

// send makes the exchange itself, from dial to the last byte.
func (c *call) send(req *http.Request) outcome {
	ctx, cancel := context.WithTimeoutCause(req.Context(), c.t.o.Timeout, errSlow)
	defer cancel()
	var tr trace
	out := req.WithContext(tr.on(ctx))
	c.t.old.once(out)
	resp, err := c.t.o.Base.RoundTrip(out) //nolint:bodyclose // read and closed by scratch.read
	asked, _ := errors.AsType[*Challenge](err)
	switch {
	case asked != nil:
		resp, err = asked.Answer, nil //nolint:bodyclose // likewise
	case err != nil:
		resp = nil
	}
	if resp != nil {
		c.t.clock.learn(resp.Header, c.t.o.Elapsed())
		c.t.old.learn(req.URL.Host, resp)
	}
	if p := c.t.o.Pacer; p != nil {
		p.Observe(req, resp)
	}
	var body []byte
	if err == nil {
		body, err = c.t.scratch.read(resp, req.Method, c.maxBody)
	}
	if err == nil {
		return outcome{resp: resp, body: body, header: resp.Header, code: resp.StatusCode, asked: asked}
	}
	o := outcome{body: body, unsent: resp == nil && tr.unsent(err)}
	if resp != nil {
		o.header, o.code = resp.Header, resp.StatusCode
	}
	if req.Context().Err() == nil && errors.Is(context.Cause(ctx), errSlow) {
		o.slow = true
	}
	c.judge(&o, err)
	return o
}

// judge says what kind of failure it was.
func (c *call) judge(o *outcome, err error) {
	o.kind = Lost
	if o.unsent {
		o.kind = Unreachable
	}
	o.cause = c.plain(err)
	if o.slow {
		o.cause = &reason{text: fmt.Sprintf("timed out after %s", c.t.o.Timeout)}
	}
	var u Unsent
	switch {
	case errors.As(err, &u):
		o.kind, o.unsent, o.final = Unreachable, true, !u.Again()
		if !o.slow {
			o.cause = &reason{text: harmless(c.t.o.Secrets.Clean(u.Error())), err: visible(err)}
		}
	case errors.Is(err, errTooLarge), oversized(err):
		o.kind, o.final = TooLarge, true
	case untrusted(err):
		o.final = true
	}
}

// check is the CheckRetry hook. What it decides rests on c.last, not on what
// http.Client made of it.
func (c *call) check(ctx context.Context, _ *http.Response, err error) (bool, error) {
	o := &c.last
	if err == nil && o.asked != nil && ctx.Err() == nil && c.meets(o) {
		c.pause = 0
		return true, nil
	}
	if err == nil && !passing(o.code) {
		return false, nil // a whole answer counts, even when the context has ended since
	}
	if ctx.Err() != nil {
		return false, c.ended(ctx)
	}
	if err != nil && o.cause == nil {
		// http.Client refused the request, or the answer, by itself.
		*o = outcome{kind: Lost, unsent: c.attempts == 0, final: true, cause: c.plain(err)}
		if o.unsent {
			o.kind = Unreachable
		}
	}
	if !c.mayRepeat(o) {
		return false, c.fail()
	}
	c.pause = c.delay(o)
	if c.pause > 0 && c.waited+c.pause >= c.patience {
		e := c.fail()
		if e.Err == nil {
			e.Err = &reason{text: beyond(c.pause, c.patience)}
			if e.Kind == Limited {
				e.Err = &reason{text: "the rate limit " + e.Err.Error()}
			}
		}
		return false, e
	}
	return true, nil
}

func (c *call) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
	c.paused = time.Now()
	c.t.counts.rest()
	c.t.waits.begins(c.pause, whyAsked)
	c.hold()
	return c.pause
}

// resume ends a wait that backoff began and counts it.
func (c *call) resume() {
	c.release()
	if !c.paused.IsZero() {
		c.waited += time.Since(c.paused)
		c.paused = time.Time{}
		c.t.counts.goOn()
	}
}

// hold lets the wait that begins end with the caller's waits.
func (c *call) hold() {
	if c.waits == nil {
		return
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(c.waits, func() {
		c.cancel(context.Cause(c.waits))
		close(ended)
	})
	c.letGo = func() {
		if !stop() {
			<-ended // so that nothing on its way is cut off afterwards
		}
	}
}

// release ends what hold began.
func (c *call) release() {
	if c.letGo != nil {
		c.letGo()
		c.letGo = nil
	}
}

// answer is the last answer as the caller gets it.
func (c *call) answer(resp *http.Response) *http.Response {
	if c.last.location != nil {
		resp.Header["Location"] = c.last.location
	}
	resp.Request = c.r
	return resp
}

// failure is the error of the call, whatever retryablehttp made of it.
func (c *call) failure(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		e.Waited = c.waited
		return e
	}
	if c.ctx.Err() != nil {
		return c.ended(c.ctx)
	}
	if c.last.cause == nil {
		c.last.cause = c.plain(err)
	}
	return c.fail()
}

func (c *call) fail() *Error {
	o := &c.last
	e := &Error{
		Kind: o.kind, Side: c.t.o.Side, Method: c.r.Method, Path: pathOf(c.r),
		Status: o.code, Header: o.header, Body: o.body[:min(len(o.body), errorBody)],
		Attempts: c.attempts, Waited: c.waited, RequestID: RequestID(o.header),
		TimedOut: o.slow, Doubt: c.doubt, Err: o.cause,
	}
	if o.resp == nil {
		if e.Kind == 0 {
			e.Kind = Unreachable
		}
		return e
	}
	e.Kind = Failed
	if o.code == http.StatusTooManyRequests {
		e.Kind = Limited
	}
	return e
}

// ended is the error of a call whose context ended.
func (c *call) ended(ctx context.Context) *Error {
	c.resume()
	e := c.fail()
	e.TimedOut = false
	e.Err = stopped(ctx)
	return e
}
