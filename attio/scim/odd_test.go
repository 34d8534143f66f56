package scim_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"scim-sync/attio/scim"
	"scim-sync/internal/transport"
)

// odd is a server written by hand, one function a route ("GET /scim/v2/Users");
// it keeps the requests it got.
type odd struct {
	t      *testing.T
	mu     sync.Mutex
	routes map[string]http.HandlerFunc
	got    []string // "METHOD path"
	bodies []string
}

func newOdd(t *testing.T) *odd {
	o := &odd{t: t, routes: map[string]http.HandlerFunc{}}
	o.on("GET /v2/self", says(200, `{"active":true,"scope":"user_management:read-write","workspace_id":"w1","authorized_by_workspace_member_id":"r1"}`))
	o.on("GET /v2/workspace_members", says(200, `{"data":[`+restPerson("r1", "root@acme.com", "admin")+`]}`))
	o.on("GET /scim/v2/Users", says(200, list(1, user("u1", "root@acme.com", true))))
	o.on("GET /scim/v2/Groups", says(200, list(0)))
	return o
}

func (o *odd) on(route string, h http.HandlerFunc) { o.routes[route] = h }

func (o *odd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	route := r.Method + " " + r.URL.EscapedPath()
	o.mu.Lock()
	o.got = append(o.got, route)
	o.bodies = append(o.bodies, string(body))
	h := o.routes[route]
	o.mu.Unlock()
	if got := r.Header.Get("Authorization"); got != "Bearer "+token {
		o.t.Errorf("%s carries Authorization %q", route, got)
	}
	if h == nil {
		says(404, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"Not found"}`)(w, r)
		return
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	h(w, r)
}

// count says how many requests of a route there were.
func (o *odd) count(route string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, got := range o.got {
		if got == route {
			n++
		}
	}
	return n
}

// sent gives the body of the last request of a route.
func (o *odd) sent(route string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, v := range slices.Backward(o.got) {
		if v == route {
			return o.bodies[i]
		}
	}
	return ""
}

func (o *odd) client() (*scim.Reader, *scim.Writer) { return client(o.t, o) }

// says answers every request the same.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", "req-1")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// inTurn answers with one after the other, the last for ever.
func inTurn(hs ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		h := hs[0]
		if len(hs) > 1 {
			hs = hs[1:]
		}
		mu.Unlock()
		h(w, r)
	}
}

func list(total int, resources ...string) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":%d,"Resources":[%s]}`,
		total, strings.Join(resources, ","))
}

func user(id, email string, active bool) string {
	return fmt.Sprintf(`{"id":%q,"userName":%q,"active":%t,"appRole":"member"}`, id, email, active)
}

func restPerson(id, email, access string) string {
	return fmt.Sprintf(`{"id":{"workspace_id":"w1","workspace_member_id":%q},"email_address":%q,"access_level":%q}`, id, email, access)
}

func teamJSON(id, name string, members ...string) string {
	refs := []map[string]string{}
	for _, m := range members {
		refs = append(refs, map[string]string{"value": m})
	}
	b, _ := json.Marshal(map[string]any{"id": id, "displayName": name, "members": refs})
	return string(b)
}

// people makes n users.
func people(n int) []string {
	var users []string
	for i := range n {
		users = append(users, user(fmt.Sprintf("u%d", i), fmt.Sprintf("p%d@acme.com", i), true))
	}
	return users
}

// window is the part of a list that a request asks for, at most limit entries.
func window(query url.Values, all []string, limit int) []string {
	start, _ := strconv.Atoi(query.Get("startIndex"))
	n, _ := strconv.Atoi(query.Get("count"))
	from := min(max(start-1, 0), len(all))
	return all[from:min(from+min(n, limit), len(all))]
}

// lossy carries requests and loses the answers that it is told to: they were
// processed all the same.
type lossy struct {
	next http.RoundTripper
	lose func(r *http.Request) bool
}

func (l lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	lose := l.lose(r)
	resp, err := l.next.RoundTrip(r)
	if err == nil && lose {
		_ = resp.Body.Close()
		return nil, &transport.Error{Kind: transport.Lost, Side: "attio", Method: r.Method, Path: r.URL.Path, Attempts: 1, Err: io.ErrUnexpectedEOF}
	}
	return resp, err
}

// never carries nothing: requests fail before they are processed.
type never struct {
	next http.RoundTripper
	fail func(r *http.Request) error
}

func (n never) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := n.fail(r); err != nil {
		return nil, err
	}
	return n.next.RoundTrip(r)
}
