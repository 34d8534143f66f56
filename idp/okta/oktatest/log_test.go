package oktatest_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/idp/okta/oktatest"
)

type logEvent struct {
	EventType   string    `json:"eventType"`
	Published   time.Time `json:"published"`
	UUID        string    `json:"uuid"`
	Transaction struct {
		Type, ID string
		Detail   map[string]string
	}
	Target []struct{ ID, Type, AlternateID, DisplayName string }
	Debug  struct {
		Data map[string]string `json:"debugData"`
	} `json:"debugContext"`
}

func (e logEvent) String() string {
	s := e.EventType
	for _, t := range e.Target {
		s += " " + t.Type + ":" + t.DisplayName
	}
	return s + " " + e.Transaction.Type
}

// readLog makes one request and gives its events and the next link.
func (o *org) readLog(path string) (events []logEvent, next string) {
	o.t.Helper()
	if !strings.Contains(path, "/api/") {
		path = "/api/v1/logs" + path
	}
	a := o.must(200, "GET", path, "")
	if err := json.Unmarshal([]byte(a.body), &events); err != nil {
		o.t.Fatal(err)
	}
	for _, l := range a.header.Values("Link") {
		if address, is := strings.CutSuffix(l, `>; rel="next"`); is {
			next = strings.TrimPrefix(address, "<"+o.url)
		}
	}
	return events, next
}

func told(events []logEvent) (all []string) {
	for _, e := range events {
		all = append(all, e.String())
	}
	return all
}

// Whatever an admin does is in the log, under the name that Okta has for it, with
// what it is about; what comes of it by a job, too.
func TestEveryChangeIsInTheLog(t *testing.T) {
	for name, c := range map[string]struct {
		change func(o *org) error
		want   []string
	}{
		"assign":   {func(o *org) error { return o.Assign("out@acme.com", "admin") }, []string{"application.user_membership.add AppUser:Otto Utz AppInstance:scim2headerauth User:Otto Utz WEB"}},
		"unassign": {func(o *org) error { return o.Unassign("ada@acme.com") }, []string{"application.user_membership.remove AppUser:Ada King AppInstance:scim2headerauth User:Ada King WEB"}},
		"a role":   {func(o *org) error { return o.SetRole("ada@acme.com") }, []string{"application.user_membership.update AppUser:Ada King AppInstance:scim2headerauth User:Ada King WEB"}},
		"a user name": {func(o *org) error { return o.SetUserName("ada@acme.com", "a") }, []string{
			"application.user_membership.change_username AppUser:Ada King AppInstance:scim2headerauth User:Ada King WEB"}},
		"an app status": {func(o *org) error { return o.SetAppUserStatus("ada@acme.com", "STAGED", "") }, []string{
			"application.user_membership.update AppUser:Ada King AppInstance:scim2headerauth User:Ada King WEB"}},
		"suspend":   {func(o *org) error { return o.SetStatus("ada@acme.com", "SUSPENDED") }, []string{"user.lifecycle.suspend User:Ada King WEB"}},
		"unsuspend": {func(o *org) error { return o.SetStatus("eve@acme.com", "ACTIVE") }, []string{"user.lifecycle.unsuspend User:Eve Moss WEB"}},
		"deactivate": {func(o *org) error { return o.SetStatus("ada@acme.com", "DEPROVISIONED") }, []string{"user.lifecycle.deactivate User:Ada King WEB",
			"application.user_membership.remove AppUser:Ada King AppInstance:scim2headerauth User:Ada King WEB"}},
		"rename": {func(o *org) error { return o.SetName("ada@acme.com", "A", "K") }, []string{"user.account.update_profile User:A K WEB"}},
		"an address": {func(o *org) error { return o.SetEmail("ada@acme.com", "a@acme.com") }, []string{"user.account.update_profile User:Ada King WEB",
			"user.account.update_primary_email User:Ada King WEB"}},
		"a new person": {func(o *org) error { return o.AddUser(oktatest.User{Login: "n@acme.com", FirstName: "N"}) }, []string{"user.lifecycle.create User:N WEB", "user.lifecycle.activate User:N WEB"}},
		"a person deleted": {func(o *org) error { return o.DeleteUser("ada@acme.com") }, []string{"user.lifecycle.delete.initiated User:Ada King WEB",
			"application.user_membership.remove AppUser:Ada King AppInstance:scim2headerauth User:Ada King WEB", "user.lifecycle.delete.completed User:Ada King WEB"}},
		"join": {func(o *org) error { return o.AddMember("Staff", "out@acme.com") }, []string{"group.user_membership.add User:Otto Utz UserGroup:Staff WEB",
			"application.user_membership.add AppUser:Otto Utz AppInstance:scim2headerauth User:Otto Utz JOB"}},
		"leave": {func(o *org) error { return o.RemoveMember("Staff", "eve@acme.com") }, []string{"group.user_membership.remove User:Eve Moss UserGroup:Staff WEB",
			"application.user_membership.remove AppUser:Eve Moss AppInstance:scim2headerauth User:Eve Moss JOB"}},
		"a new group":     {func(o *org) error { return o.AddGroup(oktatest.Group{Name: "New"}) }, []string{"group.lifecycle.create UserGroup:New WEB"}},
		"a group renamed": {func(o *org) error { return o.RenameGroup("Staff", "All") }, []string{"group.profile.update UserGroup:All WEB"}},
		"a group deleted": {func(o *org) error { return o.DeleteGroup("Leads") }, []string{"group.application_assignment.remove UserGroup:Leads AppInstance:scim2headerauth JOB",
			"application.user_membership.update AppUser:Bob Low AppInstance:scim2headerauth User:Bob Low JOB", "group.lifecycle.delete UserGroup:Leads WEB"}},
		"a group assigned": {func(o *org) error {
			return o.AssignGroup(oktatest.GroupAssignment{Group: "Everyone", Priority: 9})
		}, []string{"group.application_assignment.add UserGroup:Everyone AppInstance:scim2headerauth JOB", "application.user_membership.add AppUser:Otto Utz AppInstance:scim2headerauth User:Otto Utz JOB"}},
		"a group's role": {func(o *org) error { return o.AssignGroup(oktatest.GroupAssignment{Group: "Staff", Priority: 1}) },
			[]string{"group.application_assignment.update UserGroup:Staff AppInstance:scim2headerauth JOB"}},
		"a group unassigned": {func(o *org) error { return o.UnassignGroup("Staff") }, []string{"group.application_assignment.remove UserGroup:Staff AppInstance:scim2headerauth JOB",
			"application.user_membership.remove AppUser:Eve Moss AppInstance:scim2headerauth User:Eve Moss JOB"}},
		"the app off": {func(o *org) error { return o.SetAppStatus("INACTIVE") }, []string{"application.lifecycle.deactivate AppInstance:scim2headerauth WEB",
			"application.user_membership.remove AppUser:Bob Low AppInstance:scim2headerauth User:Bob Low JOB", "application.user_membership.remove AppUser:Eve Moss AppInstance:scim2headerauth User:Eve Moss JOB"}},
		"by a request": {func(o *org) error {
			o.must(200, "POST", "/api/v1/users/ada@acme.com/lifecycle/suspend", "")
			return nil
		}, []string{"user.lifecycle.suspend User:Ada King WEB"}},
	} {
		o := start(t, acme())
		noError(t, c.change(o))
		events, _ := o.readLog("")
		if d := cmp.Diff(c.want, told(events)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		for _, e := range events {
			if _, byToken := e.Transaction.Detail["requestApiTokenId"]; byToken != (name == "by a request") || byToken && e.Debug.Data["requestUri"] != "/api/v1/users/ada@acme.com/lifecycle/suspend" {
				t.Errorf("%s: by a token: %v, %v", name, e.Transaction, e.Debug)
			}
			for _, target := range e.Target {
				if want := map[string]string{"AppInstance": "Attio", "UserGroup": "unknown"}[target.Type]; want != "" && target.AlternateID != want {
					t.Errorf("%s: target %+v", name, target)
				}
			}
		}
	}
}

// Polling goes on for ever, in the order in which events could be read: nothing is
// skipped and nothing comes twice, however late an event is, and an empty page
// gives back its own cursor.
func TestPollingSkipsNothingAndNeverEnds(t *testing.T) {
	c := noon()
	late := map[int]time.Duration{2: 90 * time.Second, 3: 10 * time.Second}
	o := start(t, acme(), oktatest.WithClock(c.now), oktatest.WithLogDelay(func(_ string, n int) time.Duration { return late[n] }))
	_, next := o.readLog("?limit=2&since=" + url.QueryEscape(c.now().Format(time.RFC3339)) + "&filter=" + url.QueryEscape(`eventType sw "user."`))
	if !strings.Contains(next, "filter=") || !strings.Contains(next, "limit=2") || strings.Contains(next, "since=") {
		t.Errorf("the next link is %s", next)
	}
	var seen []string
	poll := func() (n int) {
		events, to := o.readLog(next)
		for _, e := range events {
			seen = append(seen, e.Target[0].DisplayName)
		}
		if len(events) == 0 && to != next {
			t.Errorf("an empty page led from %s to %s", next, to)
		}
		next = to
		return len(events)
	}
	for i, name := range []string{"1", "2", "3", "4", "5"} {
		c.advance(time.Second)
		noError(t, o.SetName("ada@acme.com", name, ""))
		if i == 3 {
			poll()
		}
	}
	for range 5 {
		poll()
		c.advance(30 * time.Second)
	}
	if d := cmp.Diff([]string{"1", "4", "5", "3", "2"}, seen); d != "" {
		t.Error(d)
	}
	if n := poll() + poll(); n != 0 {
		t.Errorf("%d more", n)
	}
}

// A bounded request is in the order of what happened, ends, and misses what came
// late.
func TestABoundedLogEndsInTheOrderOfTime(t *testing.T) {
	c := noon()
	from := c.now()
	o := start(t, acme(), oktatest.WithClock(c.now), oktatest.WithLogDelay(func(_ string, n int) time.Duration {
		return time.Duration(map[int]int{2: 8, 3: 3600}[n]) * time.Second
	}))
	for i := range 5 {
		c.advance(time.Second)
		noError(t, o.SetName("ada@acme.com", fmt.Sprint(i+1), ""))
	}
	c.advance(10 * time.Second)
	for _, order := range []string{"ASCENDING", "DESCENDING"} {
		next := "?limit=2&sortOrder=" + order + "&since=" + url.QueryEscape(from.Format(time.RFC3339)) + "&until=" + url.QueryEscape(from.Add(5*time.Second).Format(time.RFC3339Nano))
		var seen []string
		for pages := 0; next != ""; pages++ {
			var events []logEvent
			events, next = o.readLog(next)
			for _, e := range events {
				seen = append(seen, e.Target[0].DisplayName)
			}
			if pages > 5 || next != "" && (!strings.Contains(next, "until=") || !strings.Contains(next, "since=")) {
				t.Fatalf("page %d leads to %s", pages, next)
			}
		}
		want := []string{"1", "2", "4"}
		if order == "DESCENDING" {
			slices.Reverse(want)
		}
		if d := cmp.Diff(want, seen); d != "" {
			t.Errorf("%s: %s", order, d)
		}
	}
}

func TestTheLogRefusesWhatItCannotAnswer(t *testing.T) {
	o := start(t, acme())
	noError(t, o.SetStatus("ada@acme.com", "SUSPENDED"))
	for query, want := range map[string]string{
		"?since=yesterday": "E0000001", "?until=x": "E0000001", "?limit=1001": "E0000001", "?sortOrder=UP": "E0000001", "?since=2020-01-01T00:00:00Z": "E0000053",
		`?filter=published gt "2026-01-01T00:00:00Z"`: "E0000053", `?filter=nothing eq "x"`: "E0000053", "?after=abc": "E0000031",
	} {
		if a := o.must(400, "GET", "/api/v1/logs"+strings.NewReplacer(" ", "%20", `"`, "%22").Replace(query), ""); !strings.Contains(a.body, want) {
			t.Errorf("%s: %s", query, a.body)
		}
	}
	for filter, want := range map[string]int{
		`eventType eq "user.lifecycle.suspend"`: 1, `eventType eq "user.lifecycle.unheard_of"`: 0, `target.id eq "00u00000000000000ada" and target.type eq "User"`: 1,
		`target.id eq "00u00000000000000bob"`: 0, `eventType eq "x" or target.type eq "User"`: 1, `not`: -1,
	} {
		if want < 0 {
			o.must(400, "GET", "/api/v1/logs?filter="+url.QueryEscape(filter), "")
			continue
		}
		if events, _ := o.readLog("?filter=" + url.QueryEscape(filter)); len(events) != want {
			t.Errorf("%s: %d", filter, len(events))
		}
	}
}

// The log has a limit of its own, and needs a right of its own.
func TestTheLogHasItsOwnLimitAndRight(t *testing.T) {
	l := oktatest.StandardLimits()
	l.PerWindow[oktatest.BucketLogs] = 2
	o := start(t, acme(), oktatest.WithRateLimits(l))
	for _, want := range []int{200, 200, 429, 429} {
		o.must(want, "GET", "/api/v1/logs", "")
	}
	o.must(200, "GET", app("/users"), "")
	if load := o.Loads()[oktatest.BucketLogs]; load.Requests != 4 || load.Limited != 2 {
		t.Errorf("%+v", load)
	}
}

// Lists follow the log after a while; what is asked for by id does not wait.
func TestListsTrailTheLog(t *testing.T) {
	c := noon()
	o := start(t, acme(), oktatest.WithClock(c.now), oktatest.WithListLag(20*time.Second))
	noError(t, o.Unassign("ada@acme.com"))
	noError(t, o.Assign("out@acme.com"))
	if events, _ := o.readLog("?since=" + url.QueryEscape(c.now().Add(-time.Hour).Format(time.RFC3339))); len(events) != 2 {
		t.Errorf("%v", told(events))
	}
	o.must(404, "GET", app("/users/00u00000000000000ada"), "")
	list := func(want ...string) {
		t.Helper()
		ids, _ := o.walk(app("/users"))
		var short []string
		for _, id := range ids {
			short = append(short, id[17:])
		}
		if !slices.Equal(short, want) {
			t.Errorf("listed %v, want %v", short, want)
		}
	}
	list("ada", "bob", "eve")
	c.advance(10 * time.Second)
	noError(t, o.RemoveMember("Staff", "eve@acme.com"))
	c.advance(11 * time.Second)
	list("bob", "eve", "out")
	c.advance(10 * time.Second)
	list("bob", "out")
}
