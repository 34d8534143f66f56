package okta

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"scim-sync/idp"
)

const (
	testApp   = "0oaTESTAPP0000000001"
	testToken = "00SECRETtokenSECRETtoken"
)

// fixedToken is an Options.APIToken that never changes.
func fixedToken(token string) func() (string, error) {
	return func() (string, error) { return token, nil }
}

// org is a scripted Okta: path to answer. Anything else is Okta's own 404.
type org struct {
	*httptest.Server
	mu      sync.Mutex
	answers map[string]http.HandlerFunc
	asked   []string
}

func newOrg(t testing.TB) *org {
	o := &org{answers: map[string]http.HandlerFunc{}}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.asked = append(o.asked, r.Method+" "+r.URL.RequestURI())
		answer, ok := o.answers[r.URL.Path]
		o.mu.Unlock()
		w.Header().Set("X-Okta-Request-Id", "req-1")
		if r.Header.Get("Authorization") != "SSWS "+testToken {
			oktaError(w, 401, "E0000011", "Invalid token provided")
			return
		}
		if !ok {
			parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
			oktaError(w, 404, "E0000007", "Not found: Resource not found: "+parts[len(parts)-1]+" (User)")
			return
		}
		answer(w, r)
	}))
	t.Cleanup(o.Close)
	o.on(appRoot, serveJSON(fmt.Sprintf(`{"id":%q,"label":"Attio","status":"ACTIVE"}`, testApp)))
	o.on(appRoot+"/users", serveJSON(`[]`))
	o.on(appRoot+"/groups", serveJSON(`[]`))
	o.on("/api/v1/meta/schemas/apps/"+testApp+"/default", serveJSON(`{"definitions":{"base":{"properties":{}},"custom":{"properties":{"roles":{"type":"array"}}}}}`))
	return o
}

const appRoot = "/api/v1/apps/" + testApp

func (o *org) on(path string, f http.HandlerFunc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answers[path] = f
}

func (o *org) requests(prefix string) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []string
	for _, a := range o.asked {
		if strings.HasPrefix(a, "GET "+prefix) {
			out = append(out, a)
		}
	}
	return out
}

func serveJSON(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
	}
}

func oktaError(w http.ResponseWriter, status int, code, summary string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errorCode": code, "errorSummary": summary, "errorLink": code, "errorId": "oae1", "errorCauses": []any{}})
}

// paged serves a list as Okta does: limit up to most, two Link headers.
func paged(entries []string, most int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		size, err := strconv.Atoi(r.URL.Query().Get("limit"))
		if err != nil || size > most {
			size = most
		}
		from, _ := strconv.Atoi(r.URL.Query().Get("after"))
		to := min(from+size, len(entries))
		self := "http://" + r.Host + r.URL.Path
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		w.Header().Add("Link", fmt.Sprintf(`<%s?limit=%d>; rel="self"`, self, size))
		if to < len(entries) {
			w.Header().Add("Link", fmt.Sprintf(`<%s?after=%d&limit=%d>; rel="next"`, self, to, size))
		}
		_, _ = fmt.Fprintf(w, "[%s]", strings.Join(entries[from:to], ","))
	}
}

func userID(n int) string   { return fmt.Sprintf("00u%017d", n) }
func groupIDN(n int) string { return fmt.Sprintf("00g%017d", n) }

// appUser is one entry as Okta writes it, with the Okta user embedded.
func appUser(n int) string {
	id := userID(n)
	return fmt.Sprintf(`{"id":%q,"externalId":null,"created":"2026-02-02T11:16:15.000Z","lastUpdated":"2026-02-02T11:16:15.000Z",
"scope":"USER","status":"ACTIVE","statusChanged":"2026-02-02T11:16:15.000Z","passwordChanged":null,"syncState":"DISABLED",
"credentials":{"userName":"person%d@example.com"},
"profile":{"street_address":null,"zoneinfo":"America/Los_Angeles","given_name":"Person","middle_name":null,"locale":"en_US","name":"Person %d","phone_number":null,"family_name":"Number%d","email":"person%d@example.com","roles":["member"]},
"_links":{"app":{"href":"https://x.okta.com/api/v1/apps/%s"},"user":{"href":"https://x.okta.com/api/v1/users/%s"}},
"_embedded":{"user":{"id":%q,"status":"ACTIVE","created":"2020-08-27T18:54:57.000Z","type":{"id":"otyc04qb2rUDcq2YA4x6"},
"profile":{"firstName":"Person","lastName":"Number%d","mobilePhone":null,"secondEmail":null,"login":"person%d@example.com","email":"person%d@example.com"},
"credentials":{"provider":{"type":"OKTA","name":"OKTA"}},"_links":{"self":{"href":"https://x.okta.com/api/v1/users/%s"}}}}}`,
		id, n, n, n, n, testApp, id, id, n, n, n, id)
}

func appUsers(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = appUser(i)
	}
	return out
}

func member(n int) string {
	return fmt.Sprintf(`{"id":%q,"status":"ACTIVE","created":"2020-08-27T18:54:57.000Z","activated":null,"profile":{"firstName":"P","lastName":"N%d","mobilePhone":null,"login":"p%d@example.com","email":"p%d@example.com"},"credentials":{"provider":{"type":"OKTA","name":"OKTA"}},"_links":{"self":{"href":"https://x.okta.com/api/v1/users/%s"}}}`,
		userID(n), n, n, n, userID(n))
}

func members(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = member(n - 1 - i)
	}
	return out
}

func groupJSON(n int, name string) string {
	return fmt.Sprintf(`{"id":%q,"type":"OKTA_GROUP","profile":{"name":%q,"description":null}}`, groupIDN(n), name)
}

func assignment(n int, name string) string {
	return fmt.Sprintf(`{"id":%q,"priority":%d,"profile":{},"_embedded":{"group":%s}}`, groupIDN(n), n, groupJSON(n, name))
}

func (o *org) source(t testing.TB, change ...func(*Options)) *Source {
	t.Helper()
	options := Options{
		OrgURL: o.URL, AppID: testApp, APIToken: fixedToken(testToken), RoleAttribute: "roles",
		Transport: http.DefaultTransport, Deadline: 20 * time.Second,
	}
	for _, c := range change {
		c(&options)
	}
	s, err := New(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// read is a Directory of the app's people and assigned groups.
func (o *org) read(t testing.TB, s *Source) (idp.Directory, error) {
	t.Helper()
	return s.Directory(t.Context(), idp.Query{Teams: idp.AssignedGroups})
}

func readCloser(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }
