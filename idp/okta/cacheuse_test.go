package okta

import (
	"path/filepath"
	"testing"
	"time"

	"scim-sync/idp"
	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/idset"
)

// One answer that tells of a change is enough, for any of them may trail; and
// where one should tell when the members changed and does not, they are read.
func TestCacheTakesTheLatestTimes(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	then, now, renamed := changes{at, at}, changes{at, at.Add(time.Minute)}, changes{Group: at}
	for name, tc := range map[string]struct {
		was, listed changes
		changed     *changes // nil: not named among what changed
		holds       bool
	}{
		"nobody":                      {then, then, nil, true},
		"both the same":               {then, then, &then, true},
		"its own list":                {then, now, &then, false},
		"the changes":                 {then, then, &now, false},
		"only the changes":            {then, changes{}, &now, false},
		"one that trails":             {then, changes{at.Add(-time.Hour), at}, nil, true},
		"a change of name":            {then, changes{at.Add(time.Second), at}, nil, false},
		"only its own list":           {then, now, nil, false},
		"no times listed":             {then, changes{}, nil, false},
		"no time of members listed":   {then, renamed, nil, false},
		"named without times":         {then, then, &changes{}, false},
		"named without one":           {then, then, &renamed, false},
		"no time of members ever":     {renamed, renamed, &renamed, false},
		"remembered without one only": {renamed, then, nil, false},
	} {
		use := &cacheUse{now: at.Add(time.Hour), next: groupCache{groups: map[string]remembered{}}, changed: map[string]changes{},
			old: &groupCache{groups: map[string]remembered{"00g1": {changes: tc.was, read: at.Add(lag), members: idset.Of("a")}}}}
		if tc.changed != nil {
			use.changed["00g1"] = *tc.changed
		}
		if _, ok := use.members(found{GroupRef: idp.GroupRef{ID: "00g1"}, changes: tc.listed}); ok != tc.holds {
			t.Errorf("%s: %v", name, ok)
		}
	}
}

// What a run without the cache would take is counted from the pages that Okta
// really gave, now and then.
func TestFullCycleCountsPages(t *testing.T) {
	users, logins := crowd(30)
	c := newClocked(t, oktatest.Org{Users: users, Groups: []oktatest.Group{{Name: "Sales", Members: logins}},
		AssignedGroups: []oktatest.GroupAssignment{{Group: "Sales", Profile: map[string]any{"roles": []string{"member"}}}}},
		filepath.Join(t.TempDir(), "cache.json"), oktatest.WithPageCap(7))
	_, asked := c.run(t, idp.Query{}, true)
	c.now = c.now.Add(10 * time.Minute)
	s := c.source(t)
	if _, err := s.Directory(t.Context(), idp.Query{Teams: idp.AssignedGroups}); err != nil {
		t.Fatal(err)
	}
	if reads(asked) != 5 || s.FullCycle() != len(asked) {
		t.Errorf("a full cycle needs %d requests, and took %d, %d of them for members", s.FullCycle(), len(asked), reads(asked))
	}
}
