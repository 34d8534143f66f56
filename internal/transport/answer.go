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
// only copy it.
type Body struct {
	*bytes.Reader
	whole []byte
}

// Whole gives the body from its beginning, however much of it was read. It is
// not to be changed.
func (b Body) Whole() []byte { return b.whole }

// replaceBody puts another body in the place of the one that was read.
func (o *outcome) replaceBody(body []byte) {
	o.body = body
	if o.resp == nil {
		return
	}
	if _, read := o.resp.Body.(Body); read {
		o.resp.Body, o.resp.ContentLength = Body{bytes.NewReader(body), body}, int64(len(body))
	}
}

// Close implements io.Closer.
func (Body) Close() error { return nil }

// scratch lends room for bodies whose length is not known beforehand, piece by
// piece: a buffer that grows by doubling takes three times the body.
type scratch struct{ pool sync.Pool }

// piece is how much is lent at once.
const piece = 64 << 10

func (s *scratch) lend() *[piece]byte {
	if b, ok := s.pool.Get().(*[piece]byte); ok {
		return b
	}
	return new([piece]byte)
}

// readAll reads to the end, and gives what was read whatever came of it.
func (s *scratch) readAll(r io.Reader) (whole []byte, err error) {
	var pieces []*[piece]byte
	defer func() {
		for _, p := range pieces {
			s.pool.Put(p)
		}
	}()
	n := 0
	for err == nil {
		if n == len(pieces)*piece {
			pieces = append(pieces, s.lend())
		}
		var m int
		m, err = r.Read(pieces[len(pieces)-1][n%piece:])
		n += m
	}
	whole = make([]byte, 0, n)
	for _, p := range pieces {
		whole = append(whole, p[:min(n-len(whole), piece)]...)
	}
	if err == io.EOF { //nolint:errorlint // the very end, and nothing that wraps it
		err = nil
	}
	return whole, err
}

// read takes the whole body into memory, checks it against the length that was
// announced, and leaves it in resp to be read from there.
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
	whole, err := s.readAll(io.LimitReader(resp.Body, most+1))
	n := int64(len(whole))
	if n > most {
		return bytes.Clone(whole[:min(n, errorBody)]), tooLarge(most)
	}
	switch {
	case err != nil:
		return whole, &cut{got: n, want: resp.ContentLength, err: err}
	case resp.ContentLength >= 0 && n != resp.ContentLength:
		return whole, &cut{got: n, want: resp.ContentLength}
	}
	resp.Body, resp.ContentLength = Body{bytes.NewReader(whole), whole}, n
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
