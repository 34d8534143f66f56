package okta

import (
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"scim-sync/idp"
	"scim-sync/idp/okta/oktatest"
)

// The app's own state can be asked again, and switched off is an answer.
func TestTheAppIsReadAgain(t *testing.T) {
	users, logins := crowd(3)
	s, server := emulated(t, oktatest.Org{Users: users, Assignments: []oktatest.Assignment{{User: logins[0]}}})
	for _, status := range []string{"ACTIVE", "INACTIVE", "ACTIVE"} {
		if err := server.SetAppStatus(status); err != nil {
			t.Fatal(err)
		}
		app, err := s.App(t.Context())
		if err != nil || app.Active != (status == "ACTIVE") || app.Status != status || app.Label != "Attio" ||
			app.Proof.Says != status || app.Proof.Status != 200 || app.Proof.Request != "GET "+appRoot || app.Proof.At.IsZero() || app.Proof.RequestID == "" {
			t.Errorf("%+v, %v", app, err)
		}
	}
	gone := newOrg(t)
	gone.on(appRoot, nil)
	delete(gone.answers, appRoot)
	if _, err := gone.source(t).App(t.Context()); idp.KindOf(err) != idp.Untrusted && idp.KindOf(err) != idp.Setting {
		t.Errorf("an app that is not there: %v", err)
	}
}

// Who is assigned can be read again without all else, and is told as before.
func TestThePeopleAreReadAgain(t *testing.T) {
	users, logins := crowd(3)
	s, server := emulated(t, oktatest.Org{Users: users, Assignments: []oktatest.Assignment{{User: logins[0]}, {User: logins[1]}}})
	dir, err := s.Directory(t.Context(), idp.Query{Teams: idp.NoTeams})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.SetName(logins[1], "Other", "Name"); err != nil {
		t.Fatal(err)
	}
	again, err := s.People(t.Context())
	if err != nil || len(again) != 2 {
		t.Fatalf("%+v, %v", again, err)
	}
	for i, p := range again {
		if was := dir.People[i]; p.ID != was.ID || p.Email != was.Email || p.Access != was.Access || (p.GivenName == was.GivenName) == (p.UserName == logins[1]) {
			t.Errorf("was %+v, is %+v", was, p)
		}
		one, err := s.Person(t.Context(), p.ID)
		if err != nil || one.Person.Email != p.Email || one.Person.GivenName != p.GivenName || one.Access != p.Access || one.Person.UserStatus != p.UserStatus {
			t.Errorf("asked by id: %+v, %v", one, err)
		}
	}
}

// Everyone that was seen once and is hidden now is told, however often, until it
// is seen again; and so is a group that Okta names and does not show.
func TestLostSightIsToldUntilItIsBack(t *testing.T) {
	users, logins := crowd(4)
	hidden := ""
	world := oktatest.Org{Users: users, Groups: []oktatest.Group{{Name: "Everyone", Type: "BUILT_IN"}, {Name: "Sales", Members: logins}},
		AssignedGroups: []oktatest.GroupAssignment{{Group: "Sales"}}}
	c := newClocked(t, world, filepath.Join(t.TempDir(), "cache.json"), oktatest.WithHidden(func(name string) bool { return name == hidden }))
	read := func(full bool) (idp.Sight, *Source) {
		t.Helper()
		c.now = c.now.Add(time.Hour)
		s := c.source(t)
		dir, err := s.Directory(t.Context(), idp.Query{Teams: idp.AssignedGroups, Full: full})
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.Sight(t.Context())
		if err != nil || again.Everyone != dir.Sight.Everyone || hidden != "Sales" && again.Lost() != dir.Sight.Lost() {
			t.Errorf("asked again: %+v, %v, first %+v", again, err, dir.Sight)
		}
		if err := s.SaveCache(t.Context()); err != nil {
			t.Fatal(err)
		}
		return dir.Sight, s
	}
	for _, step := range []struct {
		hidden string
		full   bool
		want   idp.Tristate
		lost   []string
	}{
		{"Everyone", false, idp.No, nil}, // never seen
		{"", false, idp.Yes, nil},
		{"", false, idp.Yes, nil},
		{"Everyone", false, idp.No, []string{"Everyone"}},
		{"Everyone", true, idp.No, []string{"Everyone"}},
		{"Everyone", false, idp.No, []string{"Everyone"}},
		{"", true, idp.Yes, nil},
		{"Sales", true, idp.Yes, []string{"Sales"}},
		{"Sales", true, idp.Yes, []string{"Sales"}},
		{"", true, idp.Yes, nil},
	} {
		hidden = step.hidden
		sight, _ := read(step.full)
		var lost []string
		for _, g := range sight.Hidden {
			lost = append(lost, g.Name)
		}
		if sight.Everyone != step.want || !slices.Equal(lost, step.lost) || sight.Lost() != (len(lost) > 0) {
			t.Errorf("%+v: %+v", step, sight)
		}
	}
}

// TestLostSightNeedsNoCacheAndNoGroups: what the asker remembers is enough, and
// where no groups are read at all, people may be hidden all the same.
func TestLostSightNeedsNoCacheAndNoGroups(t *testing.T) {
	users, logins := crowd(4)
	hidden := ""
	world := oktatest.Org{Users: users, Groups: []oktatest.Group{{Name: "Everyone", Type: "BUILT_IN"}, {Name: "Sales", Members: logins}},
		AssignedGroups: []oktatest.GroupAssignment{{Group: "Sales"}}}
	c := newClocked(t, world, filepath.Join(t.TempDir(), "cache.json"), oktatest.WithHidden(func(name string) bool { return name == hidden }))
	for _, teams := range []idp.TeamSource{idp.NoTeams, idp.AssignedGroups} {
		read := func(seen ...idp.GroupRef) (idp.Directory, idp.Sight) {
			t.Helper()
			s := c.source(t) // whose cache nobody ever saves
			dir, err := s.Directory(t.Context(), idp.Query{Teams: teams, Seen: seen})
			if err != nil {
				t.Fatal(err)
			}
			again, err := s.Sight(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return dir, again
		}
		hidden = ""
		dir, _ := read()
		seen := dir.Sight.Shown
		if seen.Name != "Everyone" || !seen.BuiltIn {
			t.Fatalf("%s: it was shown %+v", teams, dir.Sight)
		}
		hidden = "Everyone"
		if dir, again := read(); dir.Sight.Lost() || again.Lost() {
			t.Errorf("%s: nobody remembers it, and still it is missed: %+v", teams, dir.Sight)
		}
		if dir, again := read(seen); !dir.Sight.Lost() || !again.Lost() {
			t.Errorf("%s: lost %+v, asked again %+v", teams, dir.Sight, again)
		}
	}
	hidden = "Sales"
	for known, seen := range map[bool][]idp.GroupRef{false: nil, true: {{ID: salesID(t, c)}}} {
		dir, err := c.source(t).Directory(t.Context(), idp.Query{Teams: idp.AssignedGroups, Seen: seen})
		if err != nil || dir.Sight.Lost() != known {
			t.Errorf("a group that became a team (%v): %+v, %v", known, dir.Sight, err)
		}
	}
}

func salesID(t *testing.T, c *clocked) string {
	t.Helper()
	id, err := c.org.GroupID("Sales")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// A question that was answered once and is refused now: within a run an error, at
// the next reading less sight.
func TestSightThatIsRefusedIsLost(t *testing.T) {
	users, logins := crowd(4)
	world := oktatest.Org{Users: users, Groups: []oktatest.Group{{Name: "Everyone", Type: "BUILT_IN"}, {Name: "Sales", Members: logins}},
		AssignedGroups: []oktatest.GroupAssignment{{Group: "Sales"}}}
	c := newClocked(t, world, filepath.Join(t.TempDir(), "cache.json"))
	q := idp.Query{Teams: idp.AssignedGroups, Full: true}
	s := c.source(t)
	if _, err := s.Directory(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveCache(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.refuses = func(r *http.Request) bool { return r.URL.Path == "/api/v1/groups" }
	if sight, err := s.Sight(t.Context()); statusOf(err) != http.StatusForbidden {
		t.Errorf("in the same run: %+v, %v", sight, err)
	}
	c.now = c.now.Add(time.Hour)
	dir, err := c.source(t).Directory(t.Context(), q)
	if err != nil || !dir.Sight.Lost() {
		t.Errorf("at the next reading: %+v, %v", dir.Sight, err)
	}
}

// A credential that may list no groups at all tells nothing of its sight.
func TestSightIsUnknownWithoutTheRight(t *testing.T) {
	o := newOrg(t)
	o.on("/api/v1/groups", serveJSON("[]"))
	delete(o.answers, "/api/v1/groups")
	if sight, err := o.source(t).Sight(t.Context()); err != nil || sight.Everyone != idp.Unknown || sight.Lost() {
		t.Errorf("%+v, %v", sight, err)
	}
}

// The source tells Okta's time, not this machine's.
func TestTheSourceTellsOktasTime(t *testing.T) {
	ahead := 1000 * time.Hour
	s, _ := emulated(t, oktatest.Org{}, oktatest.WithClock(func() time.Time { return time.Now().Add(ahead) }))
	if _, known := s.ServiceTime(); known {
		t.Error("known before the first answer")
	}
	if _, err := s.App(t.Context()); err != nil {
		t.Fatal(err)
	}
	at, known := s.ServiceTime()
	if off := at.Sub(time.Now().Add(ahead)); !known || off > 0 || off < -time.Minute {
		t.Errorf("%s, off by %s", at, off)
	}
}
