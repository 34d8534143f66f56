package okta

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"scim-sync/idp"
	"scim-sync/idp/okta/oktatest"
)

// takenAway asks who took something from these people, and how many requests it took.
func takenAway(t *testing.T, c *clocked, s *Source, about ...string) (types []string, asked int) {
	t.Helper()
	c.org.ResetLog()
	events, err := s.TakenAway(t.Context(), c.now.Add(-7*24*time.Hour), about)
	if err != nil {
		t.Fatal(err)
	}
	return typesOf(idp.Events{List: events}), len(c.org.Requests())
}

// TestTakenAwayIsOneRequest: newest first, about those alone who are asked for,
// unless they are many.
func TestTakenAwayIsOneRequest(t *testing.T) {
	c := loggedTeam(t)
	s := readyToGoOn(t, c)
	ids := map[string]string{}
	for _, login := range []string{"p0001@example.com", "p0002@example.com", "p0003@example.com"} {
		ids[login], _ = c.org.UserID(login)
	}
	c.now = c.now.Add(time.Minute)
	for _, err := range []error{c.org.RemoveMember("Sales", "p0002@example.com"), c.org.SetStatus("p0003@example.com", "SUSPENDED"), c.org.SetName("p0001@example.com", "Pat", "One")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	types, asked := takenAway(t, c, s, ids["p0002@example.com"])
	if !slices.Equal(types, []string{"application.user_membership.remove", "group.user_membership.remove"}) || asked != 1 {
		t.Errorf("%v in %d requests", types, asked)
	}
	if types, asked = takenAway(t, c, s, ids["p0001@example.com"]); len(types) != 0 || asked != 1 {
		t.Errorf("of somebody who lost nothing: %v in %d requests", types, asked)
	}
	many := make([]string, witnessFew+1)
	for i := range many {
		many[i] = ids["p0001@example.com"]
	}
	if types, asked = takenAway(t, c, s, many...); !slices.Contains(types, "user.lifecycle.suspend") || asked != 1 {
		t.Errorf("of many: %v in %d requests", types, asked)
	}
	if filter := witnessFilter([]string{`x" or eventType sw "`}); strings.Contains(filter, "sw") {
		t.Errorf("an id that is none is in the filter: %s", filter)
	}
}

// TestTakenAwayKnowsNothingOfALateLog: it is no error.
func TestTakenAwayKnowsNothingOfALateLog(t *testing.T) {
	c := loggedTeam(t, oktatest.WithLogDelay(func(string, int) time.Duration { return time.Hour }))
	s := readyToGoOn(t, c)
	id, _ := c.org.UserID("p0002@example.com")
	if err := c.org.RemoveMember("Sales", "p0002@example.com"); err != nil {
		t.Fatal(err)
	}
	if types, asked := takenAway(t, c, s, id); len(types) != 0 || asked != 1 {
		t.Errorf("%v in %d requests", types, asked)
	}
}

// TestTakenAwayIsAskedOnceWithoutTheRight: a no is for good, all else passes; no
// answer is waited for.
func TestTakenAwayIsAskedOnceWithoutTheRight(t *testing.T) {
	for status, again := range map[int]bool{403: false, 401: false, 500: true, 429: true, 400: true} {
		asked := 0
		s := logOf(t, func(w http.ResponseWriter, _ *http.Request) {
			asked++
			w.Header().Set("Retry-After", "3600")
			oktaError(w, status, "E0000006", "You do not have permission")
		})
		for range 2 {
			if events, err := s.TakenAway(t.Context(), time.Now(), nil); err == nil || events != nil {
				t.Errorf("%d: %v %v", status, events, err)
			}
		}
		if want := map[bool]int{false: 1, true: 2}[again]; asked != want {
			t.Errorf("%d: asked %d times, want %d", status, asked, want)
		}
	}
}

// TestTakenAwayEnds: after two full pages, however much there is; a link that leads
// elsewhere is refused.
func TestTakenAwayEnds(t *testing.T) {
	page := "[" + strings.Repeat(`{"uuid":"u","eventType":"user.lifecycle.suspend","outcome":{"result":"SUCCESS"}},`, witnessPage-1) + `{"eventType":"user.lifecycle.suspend","outcome":{"result":"FAILURE"}}]`
	for link, want := range map[string]struct {
		asked int
		fails bool
	}{
		"https://acme.okta.com/api/v1/logs?after=7":  {witnessPages, false},
		"https://acme.okta.com/api/v1/users?after=7": {1, true},
		"": {1, false},
	} {
		asked := 0
		s := logOf(t, func(w http.ResponseWriter, _ *http.Request) {
			asked++
			if link != "" {
				w.Header().Set("Link", "<"+link+`>; rel="next"`)
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(page))
		})
		events, err := s.TakenAway(t.Context(), time.Now(), nil)
		if (err != nil) != want.fails || asked != want.asked || err == nil && len(events) != want.asked*(witnessPage-1) {
			t.Errorf("%q: %d events, %v, asked %d times", link, len(events), err, asked)
		}
	}
}

// TestWitnessTypesAreOfTheCatalogue: a name that Okta does not have matches nothing.
func TestWitnessTypesAreOfTheCatalogue(t *testing.T) {
	for _, kind := range witnessTypes() {
		if !slices.Contains(logTypes(), kind) {
			t.Errorf("%s is not among the types that a log is looked at for", kind)
		}
	}
}
