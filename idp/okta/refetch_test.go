package okta

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scim-sync/idp"
	"scim-sync/idp/okta/oktatest"
)

// teamOf is an org with one team of ten, and whose member lists leave somebody out
// when short says so.
func teamOf(t *testing.T, short *func(n int) bool) (*clocked, string) {
	users, logins := crowd(12)
	var victim string
	world := oktatest.Org{Users: users, Groups: []oktatest.Group{{Name: "Sales", Members: logins[:10]}},
		AssignedGroups: []oktatest.GroupAssignment{{Group: "Sales"}}}
	var lists atomic.Int64 // they are asked for side by side
	c := newClocked(t, world, filepath.Join(t.TempDir(), "cache.json"), oktatest.WithBefore(func(_ int, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/v1/groups/") && strings.HasSuffix(r.URL.Path, "/users") {
			lists.Add(1)
		}
	}), oktatest.WithLeftOut(func(_ int, r *http.Request, id string) bool {
		return id == victim && strings.HasPrefix(r.URL.Path, "/api/v1/groups/") && *short != nil && (*short)(int(lists.Load()))
	}))
	id, err := c.org.UserID(logins[3])
	if err != nil {
		t.Fatal(err)
	}
	victim = id
	return c, logins[3]
}

func noteCodes(dir idp.Directory) (codes []string) {
	for _, n := range dir.Notes {
		codes = append(codes, n.Code)
	}
	return codes
}

// A list that leaves somebody out although Okta says that nobody has left is
// neither acted on nor remembered: it is read once more, and then the list that
// was read before counts, with a note.
func TestAShortListUnderTheSameTimeIsNeitherBelievedNorRemembered(t *testing.T) {
	var short func(int) bool
	c, victim := teamOf(t, &short)
	read := func(full bool) (idp.Group, []string) {
		t.Helper()
		c.now = c.now.Add(10 * time.Minute)
		s := c.source(t)
		dir, err := s.Directory(t.Context(), idp.Query{Teams: idp.AssignedGroups, Full: full})
		if err != nil || len(dir.Groups) != 1 {
			t.Fatalf("%+v, %v", dir.Groups, err)
		}
		again, err := s.Members(t.Context(), []idp.GroupRef{dir.Groups[0].GroupRef})
		if now := again[dir.Groups[0].ID]; err != nil || !now.Members.Equal(dir.Groups[0].Members) || dir.Groups[0].Unsure && !now.Unsure {
			t.Errorf("read again: %v, %v, first %+v", again, err, dir.Groups[0])
		}
		if err := s.SaveCache(t.Context()); err != nil {
			t.Fatal(err)
		}
		return dir.Groups[0], noteCodes(dir)
	}
	is := func(when string, g idp.Group, notes []string, members int, unsure bool) {
		t.Helper()
		if g.Members.Len() != members || g.Unsure != unsure || unsure && !g.Remembered || slices.Contains(notes, "group-unsure") != unsure {
			t.Errorf("%s: %d members, unsure %v, remembered %v, notes %v", when, g.Members.Len(), g.Unsure, g.Remembered, notes)
		}
	}
	g, notes := read(true)
	is("at first", g, notes, 10, false)
	short = func(n int) bool { return n == 3 } // the next list alone
	g, notes = read(true)
	is("one short answer", g, notes, 10, false)
	short = func(int) bool { return true }
	g, notes = read(true)
	is("short answers", g, notes, 10, true)
	g, notes = read(false)
	is("a quiet run", g, notes, 10, false)
	g, notes = read(true)
	is("short answers still", g, notes, 10, true)
	c.now = c.now.Add(24 * time.Hour)
	g, notes = read(true)
	is("a day later", g, notes, 9, false)
	short = nil
	g, notes = read(true)
	is("whole again, which contradicts as well", g, notes, 9, true)
	// Okta's own time settles it at once.
	c.now = c.now.Add(10 * time.Minute)
	if err := c.org.RemoveMember("Sales", victim); err != nil {
		t.Fatal(err)
	}
	if err := c.org.AddMember("Sales", victim); err != nil {
		t.Fatal(err)
	}
	g, notes = read(false)
	is("after a change that Okta tells of", g, notes, 10, false)
}

// What Okta tells of is believed at once, on every way of reading.
func TestAShorterListWithALaterTimeIsBelieved(t *testing.T) {
	var short func(int) bool
	c, victim := teamOf(t, &short)
	c.run(t, idp.Query{}, true)
	c.now = c.now.Add(10 * time.Minute)
	s := c.source(t)
	dir, err := s.Directory(t.Context(), idp.Query{Teams: idp.AssignedGroups})
	if err != nil || !dir.Groups[0].Remembered {
		t.Fatalf("%+v, %v", dir.Groups, err)
	}
	before := slices.Clone(dir.Groups)
	if err := c.org.RemoveMember("Sales", victim); err != nil {
		t.Fatal(err)
	}
	id := dir.Groups[0].ID
	read, err := s.Members(t.Context(), []idp.GroupRef{dir.Groups[0].GroupRef, {ID: "00gnothere0000000000", Name: "Gone"}})
	if err != nil || read[id].Members.Len() != 9 || len(read) != 1 {
		t.Errorf("%v, %v", read, err)
	}
	if !before[0].Members.Equal(dir.Groups[0].Members) {
		t.Error("what was given out before has changed")
	}
	if err := s.SaveCache(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m := loadCache(t.Context(), fileCache(c.path), "https://acme.okta.com", testApp); m.groups[id].members.Len() != 9 || !m.groups[id].disputed.IsZero() {
		t.Errorf("%+v", m.groups[id])
	}
}
