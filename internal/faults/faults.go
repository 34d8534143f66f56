// Package faults makes any http.Handler answer badly on purpose, one request
// at a time: cut connections, cut bodies, wrong types, links that loop. It is
// plain middleware and knows nothing of the service behind it.
package faults

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// Kind is one way in which a request can go wrong.
type Kind int

// The kinds. "Done" says whether the handler runs, and so whether a write
// takes effect, before things go wrong.
const (
	None           Kind = iota
	Closed              // connection closed without an answer; not done
	Reset               // connection reset (RST where the transport has one); not done
	Hang                // no answer until the client gives up; not done
	AnswerLost          // done, but the answer is thrown away and the connection closed
	Delayed             // done, answered as always, later
	ServerError         // 500; not done
	Unavailable         // 503; not done
	Limited             // 429 with the headers that say when to come back; not done
	LimitedBare         // 429 without any such header; not done
	HTML                // 200 with a page of HTML, as from a proxy; not done
	WrongType           // done; the right body called text/plain
	Truncated           // done; half of the body, then the connection closes
	EmptyBody           // done; right status and headers, no body
	NullBody            // done; the body is the JSON word null
	RepeatedCursor      // done; the link to the next page leads to this page again
	FoldedLink          // done; all Link headers folded into one line
)

// Kinds gives every kind but None, in order.
func Kinds() []Kind {
	all := make([]Kind, 0, int(FoldedLink))
	for k := None + 1; k <= FoldedLink; k++ {
		all = append(all, k)
	}
	return all
}

func (k Kind) String() string {
	names := [...]string{
		"none", "closed", "reset", "hang", "answer lost", "delayed", "500", "503", "429", "429 bare",
		"html", "wrong type", "truncated", "empty body", "null body", "repeated cursor", "folded link",
	}
	if k < None || int(k) >= len(names) {
		return "unknown"
	}
	return names[k]
}

// Option changes how a kind looks.
type Option func(*wrapper)

// WithDelay sets how long Delayed holds an answer back: 1 s without it.
func WithDelay(d time.Duration) Option { return func(w *wrapper) { w.delay = d } }

// WithAnswer sets the answer of ServerError, Unavailable, Limited, LimitedBare
// or HTML to the service's own shape.
func WithAnswer(k Kind, h http.Handler) Option { return func(w *wrapper) { w.answers[k] = h } }

// Wrap gives a handler whose n-th request (counted from 1) goes wrong as pick
// says. A nil pick picks nothing. pick may be called from several goroutines.
func Wrap(h http.Handler, pick func(n int, r *http.Request) Kind, opts ...Option) http.Handler {
	w := &wrapper{next: h, pick: pick, delay: time.Second, answers: standardAnswers()}
	for _, o := range opts {
		o(w)
	}
	return w
}

type wrapper struct {
	next    http.Handler
	pick    func(n int, r *http.Request) Kind
	delay   time.Duration
	answers map[Kind]http.Handler
	n       atomic.Int64
}

func (f *wrapper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := int(f.n.Add(1))
	if f.pick == nil {
		f.next.ServeHTTP(w, r)
		return
	}
	switch k := f.pick(n, r); k {
	case None:
		f.next.ServeHTTP(w, r)
	case Closed:
		panic(http.ErrAbortHandler)
	case Reset:
		reset(w)
	case Hang:
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that a client leaves
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case Delayed:
		f.hold(r)
		f.next.ServeHTTP(w, r)
	case ServerError, Unavailable, Limited, LimitedBare, HTML:
		f.answers[k].ServeHTTP(w, r)
	default:
		spoil(k, w, r, f.next)
	}
}

// hold waits out the delay, or until the client has gone.
func (f *wrapper) hold(r *http.Request) {
	t := time.NewTimer(f.delay)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	}
}

// reset closes the connection so that the client sees a reset, where the
// connection is TCP; else it just closes.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if errors.Is(err, http.ErrNotSupported) || conn == nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(interface{ SetLinger(sec int) error }); ok {
		_ = tcp.SetLinger(0) // an unread answer would be lost either way
	}
	_ = conn.Close()
}
