package faults_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/internal/faults"
)

const page = `[{"id":"a"},{"id":"b"}]`

// list serves one page of a list and counts how often it ran.
func list(ran *atomic.Int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ran.Add(1)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Add("Link", `<http://`+r.Host+`/list?limit=2>; rel="self"`)
		w.Header().Add("Link", `<http://`+r.Host+`/list?after=b&limit=2>; rel="next"`)
		_, _ = io.WriteString(w, page)
	})
}

// ask makes one request on a connection of its own.
func ask(t *testing.T, h http.Handler, patience time.Duration) (*http.Response, string, error) {
	t.Helper()
	srv := httptest.NewServer(h)
	defer srv.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL+"/list?limit=2", strings.NewReader(`{"a":"body"}`))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

func TestEachKindIsWhatItSays(t *testing.T) {
	for _, k := range faults.Kinds() {
		t.Run(k.String(), func(t *testing.T) {
			var ran atomic.Int64
			h := faults.Wrap(list(&ran), func(int, *http.Request) faults.Kind { return k }, faults.WithDelay(30*time.Millisecond))
			before := time.Now()
			patience := time.Minute
			if k == faults.Hang {
				patience = time.Second
			}
			resp, body, err := ask(t, h, patience)
			check(t, k, resp, body, err, time.Since(before))
			done := map[faults.Kind]bool{
				faults.AnswerLost: true, faults.Delayed: true, faults.WrongType: true, faults.Truncated: true, faults.EmptyBody: true,
				faults.NullBody: true, faults.RepeatedCursor: true, faults.FoldedLink: true,
			}
			if got := ran.Load() == 1; got != done[k] {
				t.Errorf("handler ran: %v, want %v", got, done[k])
			}
		})
	}
}

func check(t *testing.T, k faults.Kind, resp *http.Response, body string, err error, took time.Duration) {
	t.Helper()
	switch k {
	case faults.Closed, faults.AnswerLost:
		if !errors.Is(err, io.EOF) {
			t.Errorf("error %v, want EOF", err)
		}
		return
	case faults.Reset:
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("error %v, want a reset", err)
		}
		return
	case faults.Hang:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the client's own deadline", err)
		}
		return
	case faults.Truncated:
		if !errors.Is(err, io.ErrUnexpectedEOF) || body != page[:len(page)/2] {
			t.Errorf("body %q, error %v; want half a body and an unexpected end", body, err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	type seen struct {
		Status int
		Type   string
		Body   string
		Links  int
	}
	whole := seen{200, "application/json", page, 2}
	got := seen{resp.StatusCode, resp.Header.Get("Content-Type"), body, len(resp.Header.Values("Link"))}
	want := whole
	switch k {
	case faults.Delayed:
		if took < 30*time.Millisecond {
			t.Errorf("answered after %v, want 30 ms at least", took)
		}
	case faults.ServerError:
		want = seen{500, "application/json", `{"error":"internal server error"}`, 0}
	case faults.Unavailable:
		want = seen{503, "application/json", `{"error":"service unavailable"}`, 0}
	case faults.Limited, faults.LimitedBare:
		want = seen{429, "application/json", `{"error":"too many requests"}`, 0}
		if told := resp.Header.Get("Retry-After") != "" && resp.Header.Get("X-Rate-Limit-Reset") != ""; told != (k == faults.Limited) {
			t.Errorf("told when to come back: %v", told)
		}
	case faults.HTML:
		want.Status, want.Type, want.Links = 200, "text/html; charset=utf-8", 0
		if json.Valid([]byte(body)) {
			t.Error("a page of HTML must not be JSON")
		}
		want.Body = body
	case faults.WrongType:
		want.Type = "text/plain; charset=utf-8"
	case faults.EmptyBody:
		want.Body = ""
	case faults.NullBody:
		want.Body = "null"
	case faults.RepeatedCursor:
		here := "<" + resp.Request.URL.String() + ">"
		want := []string{here + `; rel="self"`, here + `; rel="next"`}
		if d := cmp.Diff(want, resp.Header.Values("Link")); d != "" {
			t.Error(d)
		}
	case faults.FoldedLink:
		want.Links = 1
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestOnlyThePickedRequestGoesWrong(t *testing.T) {
	var ran atomic.Int64
	srv := httptest.NewServer(faults.Wrap(list(&ran), func(n int, _ *http.Request) faults.Kind {
		if n == 2 {
			return faults.ServerError
		}
		return faults.None
	}))
	defer srv.Close()
	var got []int
	for range 3 {
		resp, err := http.Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		got = append(got, resp.StatusCode)
	}
	if d := cmp.Diff([]int{200, 500, 200}, got); d != "" {
		t.Error(d)
	}
}
