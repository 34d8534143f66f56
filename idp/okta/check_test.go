package okta

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/idp"
	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/transport"
)

// direct answers requests by a handler, without a network and in no time.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

// wayToCome is a way that is given in time.
type wayToCome struct{ http.RoundTripper }

// mute is a host that never answers.
type mute struct{}

func (mute) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestChecksDoNotWait: a limit that is used up, a host that is silent and a
// credential that may see nothing are told within seconds, each in its own
// line; nothing is blamed for another's failure, and no reason is made up.
func TestChecksDoNotWait(t *testing.T) {
	use := func(path string, n int) func(*oktatest.Server) http.RoundTripper {
		return func(server *oktatest.Server) http.RoundTripper {
			for range n {
				r := httptest.NewRequest(http.MethodGet, path, nil)
				r.Header.Set("Authorization", "SSWS "+testToken)
				server.ServeHTTP(httptest.NewRecorder(), r)
			}
			return direct{server}
		}
	}
	const app = "/api/v1/apps/" + testApp
	for name, c := range map[string]struct {
		base     func(*oktatest.Server) http.RoundTripper
		found    []string // code, verdict and a part of the detail of each that is not good
		good     string   // one that is all the same
		deadline time.Duration
	}{
		"the app's limit is used up": {base: use(app, 300), good: checkReach, found: []string{
			"okta-credential skipped rate limit is used up", "okta-rights skipped rate limit is used up", "okta-app skipped rate limit is used up",
			"okta-role-attribute skipped rate limit is used up", "okta-email-attribute skipped rate limit is used up", "okta-other-writer skipped rate limit is used up", "okta-sight skipped rate limit is used up",
			"okta-rate-limit fail used up until 00:01:00 UTC for " + app}},
		"the lists' limit is used up": {base: use(app+"/users", 55), good: checkApp, deadline: 3 * time.Second, found: []string{
			"okta-rights skipped rate limit is used up", "okta-rate-limit fail used up until 00:01:00 UTC for " + app + "/users"}},
		"the groups' limit is used up": {base: use("/api/v1/groups", 300), good: checkApp, deadline: 3 * time.Second, found: []string{
			"okta-rights skipped rate limit is used up", "okta-sight skipped groups could not be listed", "okta-rate-limit fail used up until 00:01:00 UTC for /api/v1/groups"}},
		"nobody answers": {base: func(*oktatest.Server) http.RoundTripper { return mute{} }, deadline: checkDeadline, found: []string{
			"okta-reachable fail no answer within 10s", "okta-credential skipped Okta does not answer", "okta-rights skipped", "okta-app skipped", "okta-role-attribute skipped", "okta-email-attribute skipped",
			"okta-other-writer skipped", "okta-sight skipped", "okta-rate-limit skipped", "clock skipped"}},
		"it may not see the app": {base: func(*oktatest.Server) http.RoundTripper {
			return direct{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
				w.Header().Set("X-Rate-Limit-Limit", "100")
				w.Header().Set("X-Rate-Limit-Remaining", "98")
				w.Header().Set("X-Rate-Limit-Reset", "946684860")
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusForbidden)
				_, _ = w.Write([]byte(`{"errorCode":"E0000006","errorSummary":"You do not have permission to perform the requested action"}`))
			})}
		}, good: checkClock, found: []string{
			"okta-rights fail do not have permission", "okta-app skipped the app could not be read", "okta-role-attribute skipped the app could not be read", "okta-email-attribute skipped the app could not be read",
			"okta-other-writer skipped the app could not be read", "okta-sight skipped groups could not be listed"}},
	} {
		t.Run(name, func(t *testing.T) {
			// The SDK starts a goroutine that never ends: outside of the bubble.
			way := new(wayToCome)
			s, err := New(t.Context(), Options{OrgURL: "https://acme.okta.com", AppID: testApp, APIToken: fixedToken(testToken), RoleAttribute: "roles", Transport: way})
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				server, err := oktatest.New(oktatest.Org{
					APIToken: testToken, App: oktatest.App{ID: testApp},
					Users: []oktatest.User{{Login: "ada@acme.example"}}, Groups: []oktatest.Group{{Name: "Everyone", Type: "BUILT_IN"}, {Name: "Sales"}},
					AssignedGroups: []oktatest.GroupAssignment{{Group: "Sales"}},
				})
				if err != nil {
					t.Fatal(err)
				}
				way.RoundTripper = transport.New(transport.Options{Side: "okta", Hosts: []string{"acme.okta.com"}, Base: c.base(server),
					Pacer: transport.NewWindowPacer(transport.WindowOptions{Bucket: Bucket})})
				began := time.Now()
				found := s.Check(t.Context(), CheckQuery{Teams: idp.AssignedGroups, AdminGroups: []string{"Everyone"}, Share: 0.75, Now: time.Now})
				if took := time.Since(began); took > c.deadline {
					t.Errorf("it took %s", took)
				}
				compareChecks(t, found, c.found, c.good)
			})
		})
	}
}

// compareChecks looks at all that is not good, in any order, and at one check
// that has to be.
func compareChecks(t *testing.T, found []Check, want []string, good string) {
	t.Helper()
	seen := false
	for _, x := range found {
		seen = seen || x.Code == good && x.Verdict == Good
		if x.Verdict == Bad && x.Remedy == "" {
			t.Errorf("%s has no mend: %s", x.Code, x.Detail)
		}
		if x.Verdict == Good {
			continue
		}
		i := slices.IndexFunc(want, func(w string) bool {
			head := x.Code + " " + string(x.Verdict)
			return w == head || strings.HasPrefix(w, head+" ") && strings.Contains(x.Detail, w[len(head)+1:])
		})
		if i < 0 {
			t.Errorf("not expected: %s %s: %s", x.Code, x.Verdict, x.Detail)
			continue
		}
		want = slices.Delete(slices.Clone(want), i, i+1)
	}
	if len(want) > 0 || good != "" && !seen {
		t.Errorf("missing: %q, or %q is not good", want, good)
	}
}

// TestUsedUp: a limit is found in the failure of a request and in that of the
// sign-in which the request needed.
func TestUsedUp(t *testing.T) {
	limited := &transport.Error{Kind: transport.Limited, Header: http.Header{"X-Rate-Limit-Limit": {"50"}, "X-Rate-Limit-Reset": {"946684860"}}}
	signIn := &transport.Error{Kind: transport.Unreachable, Err: &idp.Error{Kind: idp.Unavailable, Op: signInTask, Err: limited}}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"nothing":          {nil, ""},
		"something else":   {&transport.Error{Kind: transport.Lost}, ""},
		"the request":      {&idp.Error{Err: limited}, "Okta's rate limit is used up until 00:01:00 UTC"},
		"the sign-in":      {&idp.Error{Err: signIn}, "Okta's rate limit is used up until 00:01:00 UTC"},
		"without an end":   {&transport.Error{Kind: transport.Limited}, "Okta's rate limit is used up"},
		"too many at once": {&transport.Error{Kind: transport.Limited, Header: http.Header{"X-Rate-Limit-Limit": {"0"}, "X-Rate-Limit-Reset": {"946684860"}}}, "Okta's rate limit is used up"},
	} {
		if got, ok := UsedUp(c.err); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q %v", name, got, ok)
		}
	}
}
