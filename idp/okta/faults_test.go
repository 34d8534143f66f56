package okta

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"scim-sync/idp"
	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/faults"
	"scim-sync/internal/sample"
	"scim-sync/internal/transport"
)

// A reading during which any one request goes wrong in any way is the same
// reading or an error, never a shorter one.
func TestNoFaultShortensAReading(t *testing.T) {
	users, logins := crowd(12)
	world := oktatest.Org{
		APIToken: testToken, App: oktatest.App{ID: testApp}, Users: users,
		Groups:         []oktatest.Group{{Name: "A", Members: logins[:7]}, {Name: "B", Members: logins[5:]}},
		AssignedGroups: []oktatest.GroupAssignment{{Group: "A"}, {Group: "B"}},
	}
	read := func(kind faults.Kind, at int, deadline time.Duration) (idp.Directory, int, error) {
		server, err := oktatest.New(world, oktatest.WithPageCap(5), oktatest.WithAged(time.Unix(1_770_000_000, 0)),
			oktatest.WithFault(func(n int, _ *http.Request) faults.Kind {
				if n == at {
					return kind
				}
				return faults.None
			}))
		if err != nil {
			return idp.Directory{}, 0, err
		}
		web := httptest.NewServer(server)
		defer web.Close()
		// A transport that never repeats: every fault comes through.
		bare := &http.Transport{DisableKeepAlives: true}
		s, err := New(t.Context(), Options{
			OrgURL: web.URL, AppID: testApp, APIToken: fixedToken(testToken), RoleAttribute: "roles", Transport: bare, Deadline: deadline,
		})
		if err != nil {
			return idp.Directory{}, 0, err
		}
		dir, err := s.Directory(t.Context(), idp.Query{Teams: idp.AssignedGroups})
		dir.Origin.OrgURL = ""
		return dir, len(server.Requests()), err
	}
	want, requests, err := read(faults.None, 0, time.Minute)
	if err != nil || len(want.People) != 12 {
		t.Fatalf("%d people, %v", len(want.People), err)
	}
	same := cmp.Options{
		cmpopts.IgnoreFields(idp.Proof{}, "At", "RequestID"),
		cmpopts.SortSlices(func(a, b idp.Person) bool { return a.ID < b.ID }),
	}
	var cases, failed atomic.Int32
	t.Run("each", func(t *testing.T) {
		type fault struct {
			kind faults.Kind
			at   int
		}
		var all []fault
		for _, kind := range faults.Kinds() {
			for at := 1; at <= requests; at++ {
				all = append(all, fault{kind, at})
			}
		}
		for _, f := range sample.Of(all, 7) {
			t.Run(fmt.Sprintf("%v at request %d", f.kind, f.at), func(t *testing.T) {
				t.Parallel()
				cases.Add(1)
				got, _, err := read(f.kind, f.at, time.Second)
				if err != nil {
					failed.Add(1)
					if k := idp.KindOf(err); k != idp.Untrusted && k != idp.Unavailable || strings.Contains(err.Error(), testToken) {
						t.Error(err)
					}
					return
				}
				if d := cmp.Diff(want, got, same); d != "" {
					t.Errorf("it was believed:\n%s", d)
				}
			})
		}
	})
	t.Logf("%d cases over %d requests, %d ended with an error", cases.Load(), requests, failed.Load())
}

// slowList is a transport that fails in its own way for pages beyond a size.
type slowList struct {
	mu    sync.Mutex
	asked []string
	fail  func(limit int, r *http.Request) error
	// answer, when set, answers instead, and says whether that was all.
	answer func(*httptest.ResponseRecorder) bool
}

func (l *slowList) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	if besideTheList(rec, r) {
		return rec.Result(), nil
	}
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.asked = append(l.asked, strconv.Itoa(limit))
	l.mu.Unlock()
	if l.answer != nil {
		if l.answer(rec) {
			return rec.Result(), nil
		}
		rec = httptest.NewRecorder()
	} else if err := l.fail(limit, r); err != nil {
		return nil, err
	}
	serveJSON("["+appUser(1)+"]")(rec, r)
	return rec.Result(), nil
}

// besideTheList answers what is asked beside the list of people: the app, and the
// group Everyone.
func besideTheList(rec *httptest.ResponseRecorder, r *http.Request) bool {
	switch r.URL.Path {
	case appRoot:
		serveJSON(`{"id":"`+testApp+`","status":"ACTIVE"}`)(rec, r)
	case "/api/v1/groups":
		serveJSON(`[]`)(rec, r)
	default:
		return false
	}
	return true
}

// A list that asks to wait is waited for, at the size that was asked for; one
// that cannot be made in time is asked for in smaller pages; a dead one is given
// up soon, and the error says how often it was asked.
func TestUnwellLists(t *testing.T) {
	dead := func(code int) func(int) (int, string) { return func(int) (int, string) { return code, "" } }
	first := func(n, code int, retryAfter string) func(int) (int, string) {
		return func(i int) (int, string) {
			if i <= n {
				return code, retryAfter
			}
			return 200, ""
		}
	}
	for _, tt := range []struct {
		name   string
		answer func(n int) (code int, retryAfter string) // to the n-th request of the list
		sizes  []string
		least  time.Duration // that it takes
		fails  string
	}{
		{"503 with a pause", first(3, 503, "5"), []string{"500", "500", "500", "500"}, 15 * time.Second, ""},
		{"423 with a pause", first(2, 423, "4"), []string{"500", "500", "500"}, 8 * time.Second, ""},
		{"423", first(2, 423, ""), []string{"500", "500", "500"}, time.Millisecond, ""},
		{"500 once", first(1, 500, ""), []string{"500", "500"}, 0, ""},
		{"500 thrice", first(3, 500, ""), []string{"500", "500", "250", "125"}, 0, ""},
		{"503 for ever", dead(503), []string{"500", "500", "500", "500", "500"}, 0, "(5 attempts)"},
		{"500 for ever", dead(500), []string{"500", "500", "250", "125", "62", "31", "25"}, 0, "(7 attempts)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := 0
			list := &slowList{}
			list.answer = func(rec *httptest.ResponseRecorder) bool {
				n++
				code, after := tt.answer(n)
				if after != "" {
					rec.Header().Set("Retry-After", after)
				}
				rec.WriteHeader(code)
				return code != 200
			}
			tr := transport.New(transport.Options{Side: "okta", Base: list, Hosts: []string{"acme.okta.com"}})
			// Outside the bubble: the SDK starts a goroutine that stays.
			s, err := New(t.Context(), Options{OrgURL: "https://acme.okta.com", AppID: testApp, Signed: true, Transport: tr})
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				_, err := s.Directory(t.Context(), idp.Query{})
				if (err != nil) != (tt.fails != "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
					t.Errorf("got %v, want %q", err, tt.fails)
				}
				if d := time.Since(start); !slices.Equal(list.asked, tt.sizes) || d < tt.least || d > tt.least+5*time.Second {
					t.Errorf("asked %v in %s", list.asked, d)
				}
				if c := tr.Counts(); err == nil && s.FullCycle() != 3 || c.Requests < n+1 {
					t.Errorf("a full cycle needs %d, counts %+v", s.FullCycle(), c)
				}
			})
		})
	}
}

// However often and long the pages of a list time out, the list ends by its
// deadline, to which pages that were read add a minute each.
func TestListEndsByItsDeadline(t *testing.T) {
	for pages, want := range map[int]time.Duration{0: 5 * time.Minute, 3: 8 * time.Minute} {
		n := 0
		hanging := carrier(func(r *http.Request) (*http.Response, error) {
			rec := httptest.NewRecorder()
			switch {
			case besideTheList(rec, r):
				return rec.Result(), nil
			case n < pages:
				n++
				rec.Header().Set("Link", fmt.Sprintf(`<https://acme.okta.com%s?after=%d>; rel="next"`, r.URL.Path, n))
				serveJSON("["+appUser(n)+"]")(rec, r)
				return rec.Result(), nil
			}
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		tr := transport.New(transport.Options{Side: "okta", Base: hanging, Hosts: []string{"acme.okta.com"}, Timeout: 2 * time.Minute})
		s, err := New(t.Context(), Options{OrgURL: "https://acme.okta.com", AppID: testApp, Signed: true, Transport: tr, Deadline: 5 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			_, err := s.Directory(t.Context(), idp.Query{})
			if idp.KindOf(err) != idp.Unavailable || time.Since(start) != want || strings.Contains(err.Error(), "interrupted") {
				t.Errorf("after %d pages and %s: %v", pages, time.Since(start), err)
			}
		})
	}
}

// A 429 beyond the patience says what was asked for and what the patience is.
func TestLimitBeyondPatience(t *testing.T) {
	list := &slowList{answer: func(rec *httptest.ResponseRecorder) bool {
		rec.Header().Set("Retry-After", "7200")
		rec.WriteHeader(429)
		return true
	}}
	tr := transport.New(transport.Options{Side: "okta", Base: list, Hosts: []string{"acme.okta.com"}})
	s, err := New(t.Context(), Options{OrgURL: "https://acme.okta.com", AppID: testApp, Signed: true, Transport: tr})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = s.Directory(t.Context(), idp.Query{}); err == nil || !strings.Contains(err.Error(), "HTTP 429: the rate limit asks to wait 2h0m0s more, beyond the patience of 10m0s") {
		t.Error(err)
	}
}

// What the transport could not get in time, or found too large, is asked for
// in smaller pages; what else it gave up is not asked for again.
func TestTransportFailuresOfAPage(t *testing.T) {
	tests := []struct {
		name  string
		fail  *transport.Error
		until int // the failure ends at this page size, or at the n-th request if negative
		asked []string
		ok    bool
	}{
		{"time-out", &transport.Error{Kind: transport.Lost, TimedOut: true}, 125, []string{"500", "250", "125"}, true},
		{"too large", &transport.Error{Kind: transport.TooLarge}, 250, []string{"500", "250"}, true},
		{"500 for ever", &transport.Error{Kind: transport.Failed, Status: 500}, 0, []string{"500", "250", "125", "62", "31", "25"}, false},
		{"503", &transport.Error{Kind: transport.Failed, Status: 503}, 0, []string{"500"}, false},
		{"limited", &transport.Error{Kind: transport.Limited, Status: 429}, 0, []string{"500"}, false},
		{"forbidden", &transport.Error{Kind: transport.Forbidden}, 0, []string{"500"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list := &slowList{}
			list.fail = func(limit int, _ *http.Request) error {
				if tt.until > 0 && limit <= tt.until || tt.until < 0 && len(list.asked) > -tt.until {
					return nil
				}
				return tt.fail
			}
			s, err := New(t.Context(), Options{OrgURL: "https://acme.okta.com", AppID: testApp, Signed: true, Transport: list})
			if err != nil {
				t.Fatal(err)
			}
			dir, err := s.Directory(t.Context(), idp.Query{})
			if (err == nil) != tt.ok || !slices.Equal(list.asked, tt.asked) {
				t.Errorf("asked %v, %d people, %v", list.asked, len(dir.People), err)
			}
			if err != nil && (idp.KindOf(err) == 0 || err.(*idp.Error).Hint == "") {
				t.Errorf("no hint: %#v", err)
			}
		})
	}
}

func TestInterruptedReadingSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	list := &slowList{fail: func(_ int, r *http.Request) error {
		cancel()
		<-r.Context().Done()
		return r.Context().Err()
	}}
	s, err := New(t.Context(), Options{OrgURL: "https://acme.okta.com", AppID: testApp, Signed: true, Transport: list})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Directory(ctx, idp.Query{})
	if idp.KindOf(err) != idp.Unavailable || !strings.Contains(err.Error(), "interrupted") || len(list.asked) != 1 {
		t.Errorf("%v after %v", err, list.asked)
	}
}

// A panic below the SDK ends the reading with an error.
func TestPanicBecomesAnError(t *testing.T) {
	list := &slowList{fail: func(int, *http.Request) error { panic("nil map") }}
	s, err := New(t.Context(), Options{OrgURL: "https://acme.okta.com", AppID: testApp, Signed: true, Transport: list})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = s.Directory(t.Context(), idp.Query{}); idp.KindOf(err) != idp.Untrusted || !strings.Contains(err.Error(), "panicked") {
		t.Errorf("%v", err)
	}
}
