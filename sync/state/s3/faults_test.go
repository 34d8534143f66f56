package s3_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"scim-sync/internal/sample"
	"scim-sync/sync/state"
)

type send = func() (*http.Response, error)

// answer is one of a server that could not.
func answer(r *http.Request, status int, code string) *http.Response {
	body := "<Error><Code>" + code + "</Code><RequestId>r1</RequestId></Error>"
	return &http.Response{StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/xml"}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

// shorten cuts a body.
func shorten(resp *http.Response, err error, to func(n int) int) (*http.Response, error) {
	if err != nil || resp.Request.Method != http.MethodGet || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	raw, err := io.ReadAll(resp.Body)
	raw = raw[:to(len(raw))]
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	resp.Header.Set("Content-Length", fmt.Sprint(len(raw)))
	return resp, err
}

// faults are what may happen to one request. Each leaves the bucket as a real
// server or proxy may leave it.
func faults() map[string]func(*http.Request, send) (*http.Response, error) {
	return map[string]func(*http.Request, send) (*http.Response, error){
		"never arrives": func(*http.Request, send) (*http.Response, error) { return nil, errCut },
		"answer lost": func(_ *http.Request, do send) (*http.Response, error) {
			if resp, err := do(); err == nil {
				resp.Body.Close()
			}
			return nil, io.ErrUnexpectedEOF
		},
		"500 after it was done": func(r *http.Request, do send) (*http.Response, error) {
			if resp, err := do(); err == nil {
				resp.Body.Close()
			}
			return answer(r, 500, "InternalError"), nil
		},
		"503": func(r *http.Request, _ send) (*http.Response, error) { return answer(r, 503, "SlowDown"), nil },
		"409": func(r *http.Request, _ send) (*http.Response, error) {
			return answer(r, 409, "ConditionalRequestConflict"), nil
		},
		"sent twice by a proxy": twice,
		"nothing in the body": func(_ *http.Request, do send) (*http.Response, error) {
			resp, err := do()
			return shorten(resp, err, func(int) int { return 0 })
		},
		"half of the body": func(_ *http.Request, do send) (*http.Response, error) {
			resp, err := do()
			return shorten(resp, err, func(n int) int { return n / 2 })
		},
	}
}

// twice is what nginx does by default: the second answer is the one that comes.
func twice(r *http.Request, do send) (*http.Response, error) {
	if r.Method != http.MethodPut || r.GetBody == nil && r.ContentLength > 0 {
		raw, _ := io.ReadAll(orEmpty(r.Body))
		r.Body = io.NopCloser(bytes.NewReader(raw))
		resp, err := do()
		if r.Method != http.MethodPut || err != nil {
			return resp, err
		}
		resp.Body.Close()
		r.Body = io.NopCloser(bytes.NewReader(raw))
	}
	return do()
}

func orEmpty(r io.Reader) io.Reader {
	if r == nil {
		return strings.NewReader("")
	}
	return r
}

// story is what two runs do, one after the other.
func story(p place, l *line) (told string, err error) {
	b := p.machine(longLease, l)
	w, err := b.Lock(p.Context(), state.Holder{PID: 1, RunID: "one"})
	if err != nil {
		return "", err
	}
	s := &tape{place: p, w: w}
	steps := []func() error{
		func() error { _, err := b.Snapshot(p.Context()); return err },
		func() error { return s.put("run", "intent") },
		func() error { return s.put("outcome") },
		func() error { return w.Swap(p.Context(), state.Next{Body: []byte(`{"format":1,"serial":1,"x":"a"}`)}) },
		func() error { return s.put("end") },
		func() error {
			return w.Swap(p.Context(), state.Next{Was: 1, Body: []byte(`{"format":1,"serial":2,"x":"b"}`), Keep: true})
		},
		func() error { return b.SaveCache(p.Context(), []byte("cache")) },
		func() error { return w.Release(p.Context()) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return s.told, err // who dies frees nothing
		}
	}
	if s.w, err = b.Lock(p.Context(), state.Holder{PID: 1, RunID: "two"}); err != nil {
		return s.told, err
	}
	return s.told, errors.Join(s.put("end"), s.w.Release(p.Context()))
}

// TestEachRequestMayGoWrongOnce: the runs come to their end all the same, and
// nothing is missing or there twice.
func TestEachRequestMayGoWrongOnce(t *testing.T) {
	p := newPlace(t)
	l := &line{}
	_, err := story(p, l)
	p.ok(err)
	requests := len(l.reset())
	for what, fault := range faults() {
		for _, n := range sample.Of(upTo(requests), 11) {
			t.Run(fmt.Sprintf("%s, request %d", what, n), func(t *testing.T) {
				t.Parallel()
				p := newPlace(t)
				l := &line{}
				var count atomic.Int64
				l.spoil = func(r *http.Request, do send) (*http.Response, error) {
					if count.Add(1) == int64(n) {
						return fault(r, do)
					}
					return do()
				}
				told, err := story(p, l)
				p.ok(err)
				if got := p.text(p.machine(longLease, nil)); !strings.HasPrefix(got, told) || strings.Count(got, "\n") != 5 {
					t.Errorf("told:\n%sthere is:\n%s", told, got)
				}
				snap, err := p.machine(longLease, nil).Snapshot(t.Context())
				if err != nil || !strings.Contains(string(snap), `"x":"b"`) {
					t.Errorf("the snapshot is %s, %v", snap, err)
				}
			})
		}
	}
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i + 1
	}
	return all
}

// TestMachineDiesAtAnyRequest: before it arrives or after it was done. The next one
// finds all that was told durable, and nothing that was not written.
func TestMachineDiesAtAnyRequest(t *testing.T) {
	p := newPlace(t)
	l := &line{}
	_, err := story(p, l)
	p.ok(err)
	requests := len(l.reset())
	for _, done := range []bool{false, true} {
		for _, n := range sample.Of(upTo(requests), 5) {
			t.Run(fmt.Sprintf("request %d, done: %v", n, done), func(t *testing.T) {
				t.Parallel()
				p := newPlace(t)
				l := &line{}
				var count atomic.Int64
				l.spoil = func(r *http.Request, do send) (*http.Response, error) {
					m := count.Add(1)
					if m < int64(n) {
						return do()
					}
					if done && m == int64(n) {
						if resp, err := do(); err == nil {
							resp.Body.Close()
						}
					}
					return nil, errCut
				}
				told, err := story(p, l)
				if err == nil && n < requests-2 {
					t.Error("it did not die")
				}
				heir := p.heir()
				got := p.text(heir.b)
				if !strings.HasPrefix(got, told) || strings.Count(got, "\n") > strings.Count(told, "\n")+2 {
					t.Errorf("told:\n%sthere is:\n%s", told, got)
				}
				seq := strings.Count(got, "\n")
				s := &tape{place: p, w: heir.w, at: state.Position{Seq: uint64(seq), Offset: int64(len(got))}, told: got}
				p.ok(s.put("run", "intent"))
				p.ok(s.put("end"))
				p.ok(heir.w.Release(t.Context()))
				if got := p.text(p.machine(longLease, nil)); got != s.told {
					t.Errorf("afterwards:\n%sthere is:\n%s", s.told, got)
				}
			})
		}
	}
}
