package transport_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"scim-sync/internal/transport"
)

// TestRoomIsLentUntilTheBodyIsClosed: whoever looks at a body that was given back
// sees what was written over it, and whoever has not given theirs back sees it whole.
func TestRoomIsLentUntilTheBodyIsClosed(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", 20_000) // moves twice as it grows
	for name, length := range map[string]int64{"of a length that is told": int64(len(large)), "of a length that is not": -1} {
		t.Run(name, func(t *testing.T) {
			tr := transport.New(transport.Options{Hosts: []string{"localhost"}, Poison: true, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
				resp := answer(r, 200, large)
				resp.ContentLength = length
				return resp, nil
			})})
			get := func() (*http.Response, []byte) {
				r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://localhost/", nil)
				resp, err := tr.RoundTrip(r)
				if err != nil {
					t.Fatal(err)
				}
				b, ok := resp.Body.(transport.Body)
				if !ok || string(b.Whole()) != large {
					t.Fatalf("the body is %T", resp.Body)
				}
				return resp, b.Whole()
			}
			kept, inHand := get()
			closed, gone := get()
			for range 2 { // to close twice gives nothing back twice
				if err := closed.Body.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(gone, bytes.Repeat([]byte("#"), len(large))) {
				t.Errorf("what was given back still reads %.40q", gone)
			}
			if n, err := closed.Body.Read(make([]byte, 1)); n != 0 || err != io.EOF { //nolint:errorlint // as io.Reader says it
				t.Errorf("read %d bytes of a closed body, %v", n, err)
			}
			a, first := get()
			b, second := get()
			if &first[0] == &second[0] || &first[0] == &inHand[0] {
				t.Error("one room is lent twice")
			}
			if string(inHand) != large {
				t.Errorf("a body in hand reads %.40q", inHand)
			}
			for _, r := range []*http.Response{kept, a, b} {
				_ = r.Body.Close()
			}
		})
	}
}

// TestErrorsKeepTheirBody: what an error shows of an answer is its own.
func TestErrorsKeepTheirBody(t *testing.T) {
	const says = `{"errorCode":"E0000009"}`
	tr := transport.New(transport.Options{Hosts: []string{"localhost"}, Poison: true, Attempts: 2, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/refused" {
			return answer(r, 404, says), nil
		}
		return answer(r, 500, says), nil
	})})
	r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://localhost/failing", nil)
	resp, err := tr.RoundTrip(r)
	failed, ok := errors.AsType[*transport.Error](err)
	if !ok || string(failed.Body) != says || failed.Attempts != 2 {
		t.Fatalf("%v, %v", resp, err)
	}
	r, _ = http.NewRequestWithContext(t.Context(), "GET", "http://localhost/refused", nil)
	if resp, err = tr.RoundTrip(r); err != nil {
		t.Fatal(err)
	}
	body := resp.Body.(transport.Body).Whole()
	if _ = resp.Body.Close(); string(body) != says {
		t.Errorf("the body of a refusal reads %q after it was closed", body)
	}
}
