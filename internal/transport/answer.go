package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

var errTooLarge = errors.New("too large")

// cut is an answer that ended before its end.
type cut struct {
	got, want int64 // want is -1 when the header did not say
	err       error
}

func (e *cut) Error() string {
	if e.want >= 0 {
		return fmt.Sprintf("the answer was cut short after %d of %d bytes", e.got, e.want)
	}
	return fmt.Sprintf("the answer was cut short after %d bytes", e.got)
}

func (e *cut) Unwrap() error { return e.err }

// Body is the body of an answer, whole and in memory. It is for those who would
// only copy it. The room that it stands in is lent: it is used again for another
// answer once the body is closed.
type Body struct{ *held }

// held is what a body holds until it is closed.
type held struct {
	bytes.Reader

	mu    sync.Mutex
	whole []byte
	room  *room    // nil: it stands in nobody's
	of    *scratch // who lends the room
}

// newBody is a body that nobody else has a part in.
func newBody(whole []byte) Body {
	h := &held{whole: whole}
	h.Reset(whole)
	return Body{h}
}

// Whole gives the body from its beginning, however much of it was read. It is
// not to be changed, nor looked at once the body is closed.
func (b Body) Whole() []byte { return b.whole }

// Close implements io.Closer. Nothing can be read afterwards.
func (b Body) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.room != nil {
		b.of.giveBack(b.room)
	}
	b.room, b.whole = nil, nil
	b.Reset(nil)
	return nil
}

// replaceBody puts another body in the place of the one that was read.
func (o *outcome) replaceBody(body []byte) {
	o.body = body
	if o.resp == nil {
		return
	}
	if _, read := o.resp.Body.(Body); read {
		o.resp.Body, o.resp.ContentLength = newBody(body), int64(len(body))
	}
}

// read takes the whole body into memory, checks it against the length that was
// announced, and leaves it in resp to be read from there. Only the room of an
// answer of success is lent: of any other an error may keep a part.
func (s *scratch) read(resp *http.Response, method string, most int64) ([]byte, error) {
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	defer resp.Body.Close()
	if bodiless(resp, method) {
		resp.Body = http.NoBody
		return nil, nil
	}
	if resp.ContentLength > most {
		return nil, tooLarge(most)
	}
	in, err := s.readAll(io.LimitReader(resp.Body, most+1))
	whole := in.bytes
	n := int64(len(whole))
	lent := err == nil && n <= most && (resp.ContentLength < 0 || n == resp.ContentLength) && resp.StatusCode == http.StatusOK
	if !lent {
		whole = bytes.Clone(whole)
		s.giveBack(in)
	}
	if n > most {
		return whole[:min(n, errorBody)], tooLarge(most)
	}
	switch {
	case err != nil:
		return whole, &cut{got: n, want: resp.ContentLength, err: err}
	case resp.ContentLength >= 0 && n != resp.ContentLength:
		return whole, &cut{got: n, want: resp.ContentLength}
	}
	body := newBody(whole)
	if lent {
		body.room, body.of = in, s
	}
	resp.Body, resp.ContentLength = body, n
	return whole, nil
}

// bodiless says whether an answer has no body whatever its header announces.
func bodiless(resp *http.Response, method string) bool {
	return method == http.MethodHead || resp.StatusCode == http.StatusNoContent || resp.StatusCode == http.StatusNotModified
}

// oversized says whether net/http gave up on an answer's header; it has no type
// for that.
func oversized(err error) bool {
	return strings.Contains(err.Error(), "response headers exceeded") ||
		strings.Contains(err.Error(), "response header list larger than")
}

func tooLarge(most int64) error {
	return fmt.Errorf("the answer is larger than %s: %w", size(most), errTooLarge)
}

func size(n int64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}
