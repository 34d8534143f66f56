package faults

import (
	"bytes"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// spoil runs the handler and hands on its answer spoilt.
func spoil(k Kind, w http.ResponseWriter, r *http.Request, next http.Handler) {
	a := &answer{header: make(http.Header), status: http.StatusOK}
	next.ServeHTTP(a, r)
	body := a.body.Bytes()
	switch k {
	case AnswerLost:
		panic(http.ErrAbortHandler)
	case WrongType:
		a.header.Set("Content-Type", "text/plain; charset=utf-8")
	case EmptyBody:
		body = nil
	case NullBody:
		body = []byte("null")
	case RepeatedCursor:
		repeatCursor(a, r)
	case FoldedLink:
		if links := a.header.Values("Link"); len(links) > 0 {
			a.header.Set("Link", strings.Join(links, ", "))
		}
	case Truncated:
		a.send(w, body, len(body)/2)
		panic(http.ErrAbortHandler)
	}
	a.send(w, body, len(body))
}

// answer holds what a handler said until it is known what to make of it.
type answer struct {
	header http.Header
	status int
	wrote  bool
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if !a.wrote {
		a.status, a.wrote = status, true
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.wrote = true
	return a.body.Write(p)
}

// send writes the answer with the length of the whole body and its first n
// bytes.
func (a *answer) send(w http.ResponseWriter, body []byte, n int) {
	maps.Copy(w.Header(), a.header)
	if a.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.status)
	if n == 0 {
		return
	}
	_, _ = w.Write(body[:n])
	if n < len(body) {
		// What has been said must arrive before the connection is cut.
		_ = http.NewResponseController(w).Flush()
	}
}

// repeatCursor makes the link to the next page of a list lead to the page just
// asked for; a last page gets one too.
func repeatCursor(a *answer, r *http.Request) {
	if body := bytes.TrimSpace(a.body.Bytes()); len(body) == 0 || body[0] != '[' {
		return
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	var links []string
	for _, l := range a.header.Values("Link") {
		if !strings.Contains(l, `rel="next"`) {
			links = append(links, l)
		}
	}
	a.header["Link"] = append(links, "<"+scheme+"://"+r.Host+r.URL.RequestURI()+`>; rel="next"`)
}
