package oktatest

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// bounds are the page sizes of one list. A size beyond the maximum is cut down
// where Okta takes it (users, groups, members) and refused where the
// specification gives a range (the lists of an app).
type bounds struct {
	standard, least, most int
	strict                bool
}

func (bd bounds) size(r *http.Request) (int, *refusal) {
	asked := r.URL.Query().Get("limit")
	if asked == "" {
		return bd.standard, nil
	}
	n, err := strconv.Atoi(asked)
	switch {
	case err != nil || n < 1:
		return 0, invalid("limit", "limit: The limit must be a positive number")
	case bd.strict && (n < bd.least || n > bd.most):
		return 0, invalid("limit", "limit: The limit must be between "+strconv.Itoa(bd.least)+" and "+strconv.Itoa(bd.most))
	}
	return min(n, bd.most), nil
}

// list is a list to cut one page from.
type list[T any] struct {
	name   string // binds a cursor to its list
	bounds bounds
	after  func(key string) []T // everything behind a key
	key    func(T) string
	keep   func(T) bool // nil keeps all
	show   func(b []byte, v T) []byte
}

// page cuts the page a request asks for.
func page[T any](s *Server, r *http.Request, l list[T]) (reply, error) {
	size, refused := l.bounds.size(r)
	if refused != nil {
		return reply{}, refused
	}
	key := ""
	if cursor := r.URL.Query().Get("after"); cursor != "" {
		k, ok := openCursor(l.name, cursor)
		if !ok {
			return reply{}, invalidCursor()
		}
		key = k
	}
	take := size
	if s.pageCap > 0 {
		take = min(size, s.pageCap)
	}
	if s.leftOut != nil {
		keep, n := l.keep, numberOf(r)
		l.keep = func(v T) bool {
			// The id comes last in a key.
			words := strings.Fields(l.key(v))
			return (keep == nil || keep(v)) && !s.leftOut(n, r, words[len(words)-1])
		}
	}
	body, last, more := cut(l, l.after(key), take)
	links := []string{pageLink(r, size, r.URL.Query().Get("after"), "self")}
	if more {
		links = append(links, pageLink(r, size, makeCursor(l.name, last), "next"))
	}
	return reply{status: http.StatusOK, body: body, links: links}, nil
}

// cut writes as many entries as fit on a page, and says whether more follow.
func cut[T any](l list[T], rest []T, size int) (body []byte, last string, more bool) {
	body = append(make([]byte, 0, 4096), '[')
	n := 0
	for _, v := range rest {
		if l.keep != nil && !l.keep(v) {
			continue
		}
		if n == size {
			return append(body, ']'), last, true
		}
		if n > 0 {
			body = append(body, ',')
		}
		body = l.show(body, v)
		last = l.key(v)
		if n++; n == 1 {
			// Entries of a list are alike: room for all of them at once.
			body = slices.Grow(body, (len(body)+len(body)/8)*(min(size, len(rest))-1))
		}
	}
	return append(body, ']'), last, false
}

// makeCursor gives an opaque cursor that only its own list takes.
func makeCursor(list, key string) string {
	sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(list+"\x00"+key)))
	return base64.RawURLEncoding.EncodeToString(append(sum, key...))
}

func openCursor(list, cursor string) (string, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) < 5 {
		return "", false
	}
	key := string(raw[4:])
	return key, makeCursor(list, key) == cursor
}

// pageLink gives one Link header value: the request's own address with after
// and limit first, then what else was asked for, as Okta writes it.
func pageLink(r *http.Request, size int, after, rel string) string {
	q := r.URL.Query()
	var query []byte
	put := func(name, v string) {
		if len(query) > 0 {
			query = append(query, '&')
		}
		query = append(append(append(query, name...), '='), url.QueryEscape(v)...)
	}
	if after != "" {
		put("after", after)
	}
	put("limit", strconv.Itoa(size))
	for _, name := range []string{"q", "filter", "search"} {
		if v := q.Get(name); v != "" {
			put(name, v)
		}
	}
	var others []string
	for name := range q {
		if !isOneOf(name, "after", "limit", "q", "filter", "search") && q.Get(name) != "" {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	for _, name := range others {
		put(name, q.Get(name))
	}
	return "<" + baseURL(r) + r.URL.EscapedPath() + "?" + string(query) + `>; rel="` + rel + `"`
}

// baseURL is the org's address as the client wrote it.
func baseURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
