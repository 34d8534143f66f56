package okta

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"scim-sync/idp"
	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/atomicfile"
	"scim-sync/internal/idset"
	"scim-sync/internal/sample"
)

// clocked is an org with a clock of its own and no network, and the file in
// which its sources remember.
type clocked struct {
	org  *oktatest.Server
	now  time.Time
	path string
	// quick: the cache is written without waiting for the disk.
	quick bool
	// refuses says which requests the credential has no right to; nil: none.
	refuses func(r *http.Request) bool
}

func newClocked(t testing.TB, world oktatest.Org, path string, opts ...oktatest.Option) *clocked {
	t.Helper()
	c := &clocked{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), path: path}
	world.APIToken, world.App.ID = testToken, testApp
	org, err := oktatest.New(world, append([]oktatest.Option{oktatest.WithRateLimits(oktatest.NoLimits()),
		oktatest.WithClock(func() time.Time { return c.now }), oktatest.WithAged(c.now.Add(-time.Hour))}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	c.org = org
	return c
}

// fileCache is a cache in a file.
type fileCache string

func (f fileCache) Cache(context.Context) ([]byte, error) { return os.ReadFile(string(f)) }

func (f fileCache) SaveCache(_ context.Context, content []byte) error {
	return atomicfile.Write(string(f), content, 0o600)
}

// source is a new one, as each run has.
func (c *clocked) source(t testing.TB) *Source {
	t.Helper()
	s, err := New(t.Context(), Options{OrgURL: "https://acme.okta.com", AppID: testApp, APIToken: fixedToken(testToken), RoleAttribute: "roles",
		Transport: carrier(func(r *http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			if c.refuses != nil && c.refuses(r) {
				oktaError(w, http.StatusForbidden, "E0000006", "You do not have permission")
			} else {
				c.org.ServeHTTP(w, r)
			}
			return w.Result(), nil
		})})
	if err != nil {
		t.Fatal(err)
	}
	s.CacheIn(fileCache(c.path))
	return s
}

// run reads, remembers unless it only plans, and gives the groups by name and
// the requests that it took.
func (c *clocked) run(t testing.TB, q idp.Query, remember bool) (map[string]idp.Group, []string) {
	t.Helper()
	c.org.ResetLog()
	s := c.source(t)
	if q.Teams == "" {
		q.Teams = idp.AssignedGroups
	}
	dir, err := s.Directory(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case remember && c.quick:
		raw, err := s.stats.learned.encode(s.org, s.appID)
		if err == nil {
			err = os.WriteFile(c.path, raw, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	case remember:
		if err := s.SaveCache(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	groups := map[string]idp.Group{}
	for _, g := range dir.Groups {
		groups[g.Name] = g
	}
	var asked []string
	for _, r := range c.org.Requests() {
		asked = append(asked, r.Path+"?"+r.Query)
	}
	return groups, asked
}

// reads counts the member lists among requests.
func reads(asked []string) (n int) {
	for _, a := range asked {
		if strings.HasPrefix(a, "/api/v1/groups/") && strings.Contains(a, "/users?") {
			n++
		}
	}
	return n
}

// looks counts the lists of what changed.
func looks(asked []string) (n int) {
	for _, a := range asked {
		if strings.Contains(a, "lastMembershipUpdated+gt") {
			n++
		}
	}
	return n
}

func threeTeams(t testing.TB) *clocked {
	users, logins := crowd(30)
	world := oktatest.Org{Users: users}
	for i, name := range []string{"Sales", "Support", "Staff"} {
		world.Groups = append(world.Groups, oktatest.Group{Name: name, Members: logins[i*5 : i*5+10]})
		world.AssignedGroups = append(world.AssignedGroups, oktatest.GroupAssignment{Group: name, Profile: map[string]any{"roles": []string{"member"}}})
	}
	return newClocked(t, world, filepath.Join(t.TempDir(), "cache.json"))
}

// A quiet run asks for what changed, once, and reads no member list; a group
// that changed is read, and nothing but what Okta says decides.
func TestCacheReadsWhatChanged(t *testing.T) {
	c := threeTeams(t)
	_, asked := c.run(t, idp.Query{}, true)
	if reads(asked) != 3 || looks(asked) != 0 {
		t.Fatalf("the first run asked %v", asked)
	}
	c.now = c.now.Add(10 * time.Minute)
	groups, asked := c.run(t, idp.Query{}, true)
	if reads(asked) != 0 || looks(asked) != 1 || len(asked) != 4 {
		t.Errorf("a quiet run asked %v", asked)
	}
	// From the largest time that Okta told, two minutes back.
	if want := `lastUpdated+gt+%222026-03-01T10%3A58%3A00.000Z%22`; !strings.Contains(strings.Join(asked, " "), want) {
		t.Errorf("%v does not hold %s", asked, want)
	}
	if g := groups["Sales"]; !g.Remembered || g.Members.Len() != 10 {
		t.Errorf("%+v", g)
	}
	if err := c.org.RemoveMember("Sales", "p0003@example.com"); err != nil {
		t.Fatal(err)
	}
	if err := c.org.RenameGroup("Support", "Helpdesk"); err != nil {
		t.Fatal(err)
	}
	c.now = c.now.Add(10 * time.Minute)
	groups, asked = c.run(t, idp.Query{}, true)
	if reads(asked) != 2 || groups["Sales"].Remembered || groups["Sales"].Members.Len() != 9 || groups["Helpdesk"].Name == "" || !groups["Staff"].Remembered {
		t.Errorf("%v, asked %v", groups, asked)
	}
	if err := c.org.DeleteGroup("Staff"); err != nil {
		t.Fatal(err)
	}
	groups, _ = c.run(t, idp.Query{}, true)
	if len(groups) != 2 {
		t.Errorf("a deleted group is remembered: %v", groups)
	}
	if m := loadCache(t.Context(), fileCache(c.path), "https://acme.okta.com", testApp); m == nil || len(m.groups) != 2 {
		t.Errorf("it is still in the cache: %+v", m)
	}
}

// What was read within the lag of a change is read again, however the times
// compare; after that it is trusted.
func TestCacheTrustsNothingYoung(t *testing.T) {
	c := threeTeams(t)
	c.run(t, idp.Query{}, true)
	if err := c.org.AddMember("Sales", "p0029@example.com"); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		wait time.Duration
		want int
	}{{time.Second, 1}, {time.Second, 1}, {lag, 1}, {time.Second, 0}, {time.Hour, 0}} {
		c.now = c.now.Add(step.wait)
		if _, asked := c.run(t, idp.Query{}, true); reads(asked) != step.want {
			t.Errorf("%s after the change: %d lists read, want %d", step.wait, reads(asked), step.want)
		}
	}
}

// --full, a day, another app, another format, damage, a plan before it, the
// lack of a cache: in each case everything is read, and nobody is told.
func TestCacheThatDoesNotFit(t *testing.T) {
	for name, spoil := range map[string]func(*clocked, *idp.Query){
		"full":      func(_ *clocked, q *idp.Query) { q.Full = true },
		"a day":     func(c *clocked, _ *idp.Query) { c.now = c.now.Add(sweepEvery) },
		"the past":  func(c *clocked, _ *idp.Query) { c.now = c.now.Add(-30 * time.Minute) },
		"gone":      func(c *clocked, _ *idp.Query) { _ = os.Remove(c.path) },
		"other app": func(c *clocked, _ *idp.Query) { rewrite(c.path, "https://acme.okta.com", "0oaother") },
		"other org": func(c *clocked, _ *idp.Query) { rewrite(c.path, "https://other.okta.com", testApp) },
		"cut":       func(c *clocked, _ *idp.Query) { _ = os.Truncate(c.path, 300) },
		"empty":     func(c *clocked, _ *idp.Query) { _ = os.Truncate(c.path, 0) },
		"folder":    func(c *clocked, _ *idp.Query) { _, _ = os.Remove(c.path), os.Mkdir(c.path, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			c := threeTeams(t)
			c.run(t, idp.Query{}, true)
			var q idp.Query
			spoil(c, &q)
			// No request more than a reading without a cache, whose look is for Everyone alone.
			if groups, asked := c.run(t, q, false); reads(asked) != 3 || len(asked) != 7 || groups["Sales"].Remembered {
				t.Errorf("asked %v", asked)
			}
		})
	}
	c := threeTeams(t)
	c.run(t, idp.Query{}, false)
	if _, err := os.Stat(c.path); !os.IsNotExist(err) {
		t.Error("a run that only plans left a cache")
	}
	c.run(t, idp.Query{}, true)
	if st, err := os.Stat(c.path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st, err)
	}
}

func rewrite(path, org, app string) {
	m := loadCache(context.Background(), fileCache(path), "https://acme.okta.com", testApp)
	raw, _ := m.encode(org, app)
	_ = os.WriteFile(path, raw, 0o600)
}

// Groups of admins are read each time: to be left out takes a right away.
func TestCacheSparesNoAdminGroup(t *testing.T) {
	c := threeTeams(t)
	q := idp.Query{AdminGroups: []string{"Staff"}}
	c.run(t, q, true)
	groups, asked := c.run(t, q, true)
	if reads(asked) != 1 || groups["Staff"].Remembered || !groups["Sales"].Remembered {
		t.Errorf("%+v, asked %v", groups, asked)
	}
}

// Whatever happens in Okta, however far its lists trail, and whenever a run
// comes: with the cache it reads what it would read without. Only of people who
// are deleted no time of a group tells; they are assigned nowhere any more.
func TestCacheShowsWhatOktaShows(t *testing.T) {
	sample.Checks(t, 15, 100)
	folder := t.TempDir()
	n := 0
	sample.Check(t, func(r *rapid.T) {
		n++
		users, logins := crowd(12)
		world := oktatest.Org{Users: users}
		names := []string{"A", "B", "C", "D"}
		for _, name := range names {
			world.Groups = append(world.Groups, oktatest.Group{Name: name, Members: logins[:rapid.IntRange(0, 12).Draw(r, "members of "+name)]})
			world.AssignedGroups = append(world.AssignedGroups, oktatest.GroupAssignment{Group: name, Profile: map[string]any{"roles": []string{"member"}}})
		}
		lagging := time.Duration(rapid.IntRange(0, 100).Draw(r, "lag")) * time.Second
		c := newClocked(t, world, filepath.Join(folder, fmt.Sprint(n)), oktatest.WithMembershipLag(lagging))
		c.quick = true
		for range rapid.IntRange(2, 12).Draw(r, "steps") {
			group, login := rapid.SampledFrom(names).Draw(r, "group"), rapid.SampledFrom(logins).Draw(r, "login")
			switch rapid.IntRange(0, 4).Draw(r, "event") {
			case 0:
				_ = c.org.AddMember(group, login) // of a group that is gone: nothing
			case 1:
				_ = c.org.RemoveMember(group, login)
			case 2:
				_ = c.org.DeleteGroup(group)
			case 3:
				_ = c.org.DeleteUser(login)
			}
			c.now = c.now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 2, 30, 119, 120, 121, 200, 4000, 90_000}).Draw(r, "wait")) * time.Second)
			with, _ := c.run(t, idp.Query{}, rapid.Bool().Draw(r, "remember"))
			without, _ := c.run(t, idp.Query{Full: true}, false)
			if len(with) != len(without) {
				r.Fatalf("%d groups, not %d", len(with), len(without))
			}
			there := map[string]bool{}
			for _, login := range logins {
				if id, err := c.org.UserID(login); err == nil {
					there[id] = true
				}
			}
			for name, g := range without {
				gone := func(id string) bool { return !there[id] }
				alive := slices.DeleteFunc(with[name].Members.IDs(), gone)
				if !slices.Equal(alive, slices.DeleteFunc(g.Members.IDs(), gone)) {
					r.Fatalf("%s has %v, not %v (remembered: %v)", name, with[name].Members.IDs(), g.Members.IDs(), with[name].Remembered)
				}
			}
		}
	})
}

// A cache file comes back as it was written, and no damaged one does.
func TestCacheFile(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	m := &groupCache{newest: at, swept: at.Add(-time.Hour), groups: map[string]remembered{
		"00g1": {changes: changes{at, at.Add(time.Second)}, read: at.Add(time.Hour), pages: 3, members: idset.Of("a", "b", "d")},
		"00g2": {changes: changes{at, at}, read: at, members: idset.Of("c")},
		"00g3": {changes: changes{at, at}, read: at, members: idset.Of()},
	}}
	raw, err := m.encode("org", "app")
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeCache(raw, "org", "app")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, got, cmp.AllowUnexported(logPlace{}, groupCache{}, remembered{}), cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		t.Error(diff)
	}
	for i := range raw {
		spoilt := slices.Clone(raw)
		spoilt[i] ^= 1
		if got, err := decodeCache(spoilt, "org", "app"); err == nil {
			t.Fatalf("byte %d spoilt, and still it gave %+v", i, got)
		}
	}
}

// Places that no cache of ours holds are no people.
func TestUnpack(t *testing.T) {
	for _, bad := range [][]byte{{0}, {3}, {1, 1, 1}, {0x80}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}} {
		if got, err := unpack(bad, 2); err == nil {
			t.Errorf("%v gave %v", bad, got)
		}
	}
}

// However often runs come, everything is read once a day; and what happens
// elsewhere in the org moves the time on from which is asked.
func TestCacheIsSweptDaily(t *testing.T) {
	c := threeTeams(t)
	if err := c.org.AddGroup(oktatest.Group{Name: "Elsewhere"}); err != nil {
		t.Fatal(err)
	}
	full := 0
	for hour := range 50 {
		if hour == 5 {
			if err := c.org.AddMember("Elsewhere", "p0001@example.com"); err != nil {
				t.Fatal(err)
			}
		}
		_, asked := c.run(t, idp.Query{}, true)
		switch reads(asked) {
		case 0:
		case 3:
			full++
		default:
			t.Fatalf("hour %d: %v", hour, asked)
		}
		if m := loadCache(t.Context(), fileCache(c.path), "https://acme.okta.com", testApp); hour == 5 && !m.newest.Equal(c.now) {
			t.Errorf("the newest time is %s, not %s", m.newest, c.now)
		}
		c.now = c.now.Add(time.Hour)
	}
	if full != 3 {
		t.Errorf("everything was read %d times in 50 hours, want 3", full)
	}
}
