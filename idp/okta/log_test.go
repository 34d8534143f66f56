package okta

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scim-sync/idp"
	"scim-sync/idp/okta/oktatest"
)

// TestLogTypesAreOfTheCatalogue: a name that Okta does not have matches nothing,
// and says nothing of that.
func TestLogTypesAreOfTheCatalogue(t *testing.T) {
	catalogue := strings.Fields(`
		application.lifecycle.activate application.lifecycle.deactivate application.lifecycle.delete application.lifecycle.update
		application.user_membership.add application.user_membership.approve application.user_membership.change_username
		application.user_membership.remove application.user_membership.restore application.user_membership.revoke application.user_membership.update
		group.application_assignment.add group.application_assignment.remove group.application_assignment.update
		group.lifecycle.create group.lifecycle.delete group.profile.update group.user_membership.add group.user_membership.remove
		system.identity_sources.bulk_group_membership_delete system.identity_sources.bulk_group_membership_upsert
		user.account.update_primary_email user.account.update_profile
		user.lifecycle.activate user.lifecycle.create user.lifecycle.deactivate user.lifecycle.delete.completed user.lifecycle.delete.initiated
		user.lifecycle.reactivate user.lifecycle.suspend user.lifecycle.unsuspend`)
	types := logTypes()
	if slices.Sort(types); !slices.Equal(types, catalogue) {
		t.Errorf("got %v", types)
	}
}

// loggedTeam is an org with a team of four, whose log is read by who has read it.
func loggedTeam(t *testing.T, opts ...oktatest.Option) *clocked {
	users, logins := crowd(6)
	world := oktatest.Org{Users: users, Groups: []oktatest.Group{{Name: "Sales", Members: logins[:4]}},
		AssignedGroups: []oktatest.GroupAssignment{{Group: "Sales"}}}
	return newClocked(t, world, filepath.Join(t.TempDir(), "cache.json"), opts...)
}

func (c *clocked) directory(t *testing.T, s *Source) {
	t.Helper()
	if _, err := s.Directory(t.Context(), idp.Query{Teams: idp.AssignedGroups}); err != nil {
		t.Fatal(err)
	}
}

func events(t *testing.T, s *Source) idp.Events {
	t.Helper()
	e, err := s.Events(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func typesOf(e idp.Events) (types []string) {
	for _, x := range e.List {
		types = append(types, x.Type)
	}
	return types
}

// TestEventsAreToldOnce: from the reading on, each once, and by the next process
// from where the last run was saved.
func TestEventsAreToldOnce(t *testing.T) {
	c := loggedTeam(t)
	s := c.source(t)
	c.directory(t, s)
	if got := events(t, s); len(got.List) != 0 {
		t.Errorf("nothing happened, and yet %+v", got)
	}
	c.now = c.now.Add(time.Minute)
	if err := c.org.RemoveMember("Sales", "p0002@example.com"); err != nil {
		t.Fatal(err)
	}
	got := events(t, s)
	if types := typesOf(got); !slices.Equal(types, []string{"group.user_membership.remove", "application.user_membership.remove"}) || got.Anew || got.More {
		t.Fatalf("%+v", got)
	}
	victim, _ := c.org.UserID("p0002@example.com")
	group, _ := c.org.GroupID("Sales")
	left, gone := got.List[0], got.List[1]
	if !slices.Equal(left.People, []string{victim}) || !slices.Equal(left.Groups, []string{group}) || left.App ||
		!gone.App || gone.OtherApp || !slices.Equal(gone.People, []string{victim}) || gone.By != "admin@example.com" || gone.At.IsZero() || gone.ID == "" {
		t.Errorf("%+v\n%+v", left, gone)
	}
	if got := events(t, s); len(got.List) != 0 {
		t.Errorf("told twice: %+v", got)
	}
	// The run that they caused is not done: another process hears of them again.
	if got := events(t, readyToGoOn(t, c)); len(got.List) != 2 {
		t.Errorf("before the run was saved: %+v", got)
	}
	if err := s.SaveCache(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.now = c.now.Add(time.Hour)
	if err := c.org.SetName("p0001@example.com", "Pat", "One"); err != nil {
		t.Fatal(err)
	}
	if got := typesOf(events(t, readyToGoOn(t, c))); !slices.Equal(got, []string{"user.account.update_profile"}) {
		t.Errorf("after it was: %v", got)
	}
}

// readyToGoOn is a new process that has read the directory.
func readyToGoOn(t *testing.T, c *clocked) *Source {
	t.Helper()
	s := c.source(t)
	c.directory(t, s)
	return s
}

// TestLogThatCannotGoOnBeginsAnew: a link that Okta does not take any more.
func TestLogThatCannotGoOnBeginsAnew(t *testing.T) {
	c := loggedTeam(t)
	s := c.source(t)
	c.directory(t, s)
	events(t, s)
	c.now = c.now.Add(time.Minute)
	if err := c.org.SetName("p0001@example.com", "Pat", "One"); err != nil {
		t.Fatal(err)
	}
	s.stats.log.next = strings.Replace(s.stats.log.next, "after=", "after=gone", 1)
	if got := events(t, s); !got.Anew || !slices.Equal(typesOf(got), []string{"user.account.update_profile"}) {
		t.Errorf("%+v", got)
	}
	if got := events(t, s); got.Anew || len(got.List) != 0 {
		t.Errorf("afterwards %+v", got)
	}
}

// TestLogThatMayNotBeReadSaysSo: for good, where the right is missing; else it
// passes.
func TestLogThatMayNotBeReadSaysSo(t *testing.T) {
	for status, want := range map[int]idp.ErrorKind{403: idp.Credential, 401: idp.Credential, 500: idp.Unavailable, 429: idp.Unavailable} {
		s := logOf(t, func(w http.ResponseWriter, _ *http.Request) {
			if status == 429 {
				w.Header().Set("Retry-After", "3600")
			}
			oktaError(w, status, "E0000006", "You do not have permission")
		})
		_, err := s.Events(t.Context())
		e, ok := errors.AsType[*idp.Error](err)
		if !ok || e.Kind != want || e.Hint == "" || status == 403 && !strings.Contains(err.Error()+e.Hint, "okta.logs.read") {
			t.Errorf("%d: %v, kind %v, %v", status, err, idp.KindOf(err), e)
		}
	}
}

// logOf is a source whose org has nothing but a log.
func logOf(t *testing.T, answer http.HandlerFunc) *Source {
	t.Helper()
	s, err := New(t.Context(), Options{OrgURL: "https://acme.okta.com", AppID: testApp, APIToken: fixedToken(testToken),
		Transport: carrier(func(r *http.Request) (*http.Response, error) {
			rec := httptest.NewRecorder()
			answer(rec, r)
			return rec.Result(), nil
		})})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestLogStopsWhereOktaDoesNot: Okta always names a next page; what ends a look is a
// page that is not full, the same link again, or enough of it. A link that leads
// elsewhere is refused.
func TestLogStopsWhereOktaDoesNot(t *testing.T) {
	const full = logPage
	for name, tt := range map[string]struct {
		sizes []int  // of the pages
		next  string // %d is the number of the page
		asked int
		more  bool
		fails bool
	}{
		"not full":       {[]int{full, 3}, "https://acme.okta.com/api/v1/logs?after=%d", 2, false, false},
		"empty":          {[]int{0}, "https://acme.okta.com/api/v1/logs?after=%d", 1, false, false},
		"the same again": {[]int{full, full, full}, "https://acme.okta.com/api/v1/logs?after=7", 2, false, false},
		"for ever":       {[]int{full, full, full, full, full, full}, "https://acme.okta.com/api/v1/logs?after=%d", logPages, true, false},
		"another list":   {[]int{full}, "https://acme.okta.com/api/v1/users?after=%d", 1, false, true},
		"no cursor":      {[]int{full}, "https://acme.okta.com/api/v1/logs?x=%d", 1, false, true},
		"no link":        {[]int{1}, "", 1, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			s := logOf(t, func(w http.ResponseWriter, _ *http.Request) {
				if tt.next != "" {
					link := tt.next
					if strings.Contains(link, "%") {
						link = fmt.Sprintf(link, asked)
					}
					w.Header().Set("Link", "<"+link+`>; rel="next"`)
				}
				entries := make([]string, tt.sizes[min(asked, len(tt.sizes)-1)])
				for i := range entries {
					entries[i] = fmt.Sprintf(`{"uuid":"%d-%d","eventType":"group.lifecycle.create"}`, asked, i)
				}
				asked++
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte("[" + strings.Join(entries, ",") + "]"))
			})
			got, err := s.Events(t.Context())
			if asked != tt.asked || got.More != tt.more || (err != nil) != tt.fails {
				t.Errorf("asked %d times, %d events, more %v, %v", asked, len(got.List), got.More, err)
			}
			if err != nil && s.stats.log.next != "" {
				t.Error("it goes on from a page that was not believed")
			}
		})
	}
}

// TestOddEventsAreReadAllTheSame: whatever is null, missing or of another kind.
func TestOddEventsAreReadAllTheSame(t *testing.T) {
	s := logOf(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", `<https://acme.okta.com/api/v1/logs?after=1>; rel="next"`)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`[{}, {"uuid":null,"published":"yesterday","eventType":7,"actor":null,"target":null,"transaction":null,"displayMessage":{}},
			{"uuid":"a","published":"2026-03-01T10:00:00.123Z","eventType":"application.user_membership.remove","actor":{"alternateId":"unknown","displayName":"Ada"},
			 "target":[null,{"type":"User","id":"00u1"},{"type":"AppInstance","id":"0oaother","displayName":"Attio"},{"type":"AppUser","id":"0ua1","alternateId":"unknown"},{"type":"User","id":"../x"}]},
			{"uuid":"a"}, {"uuid":"b","target":[{"type":"AppInstance","id":"` + testApp + `"},{"type":"AppInstance","id":"0oaother"}]}]`))
	})
	got := events(t, s)
	if len(got.List) != 4 {
		t.Fatalf("%+v", got.List)
	}
	other, ours := got.List[2], got.List[3]
	if other.App || !other.OtherApp || !slices.Equal(other.People, []string{"00u1"}) || other.By != "Ada" || other.At.IsZero() {
		t.Errorf("%+v", other)
	}
	if !ours.App || ours.OtherApp {
		t.Errorf("%+v", ours)
	}
}
