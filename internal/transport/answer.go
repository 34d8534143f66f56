package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
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

// read takes the whole body into memory, checks it against the length that was
// announced, and leaves it in resp to be read from there.
func read(resp *http.Response, method string, most int64) ([]byte, error) {
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
	var b bytes.Buffer
	if n := resp.ContentLength; n > 0 {
		b.Grow(int(min(n, 1<<20)) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(resp.Body, most+1))
	switch {
	case n > most:
		return b.Bytes()[:min(n, errorBody)], tooLarge(most)
	case err != nil:
		return b.Bytes(), &cut{got: n, want: resp.ContentLength, err: err}
	case resp.ContentLength >= 0 && n != resp.ContentLength:
		return b.Bytes(), &cut{got: n, want: resp.ContentLength}
	}
	resp.Body = io.NopCloser(bytes.NewReader(b.Bytes()))
	resp.ContentLength = n
	return b.Bytes(), nil
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
