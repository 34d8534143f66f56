package planner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/idset"
	core "scim-sync/sync"
)

// org is a source that can be asked everything again, and notes in which order it
// was.
type org struct {
	idp.Source
	app    idp.AppStanding
	sight  idp.Sight
	groups map[string]idp.Reread
	mu     sync.Mutex
	asked  []string
}

func (o *org) note(what string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, what)
}

func (o *org) Person(_ context.Context, id string) (idp.Standing, error) {
	o.note("person " + id)
	return idp.Standing{Access: idp.Revoked, Proof: idp.Proof{Status: 404}}, nil
}

func (o *org) App(context.Context) (idp.AppStanding, error) {
	o.note("app")
	return o.app, nil
}

func (o *org) Sight(context.Context) (idp.Sight, error) {
	o.note("sight")
	return o.sight, nil
}

func (o *org) Members(_ context.Context, groups []idp.GroupRef) (map[string]idp.Reread, error) {
	for _, g := range groups {
		o.note("group " + g.ID)
	}
	return o.groups, nil
}

// people is an Attio that has these members when asked for them by id.
type people struct {
	attio.Reader
	has   map[string]attio.Member
	mu    sync.Mutex
	asked []string
}

func (p *people) Member(_ context.Context, id string) (attio.Member, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, id)
	m, ok := p.has[id]
	if !ok {
		return attio.Member{}, gone()
	}
	return m, nil
}

// TestTheAppIsAskedAgainAfterTheProofs: an app that was switched off after its
// list was read takes nobody's place; where nothing would be taken away, nobody
// is asked.
func TestTheAppIsAskedAgainAfterTheProofs(t *testing.T) {
	leaver := func() *scene {
		s := newScene()
		s.left("6", "fay@acme.com")
		s.in.Answers.People = nil
		return s
	}
	src := &org{app: idp.AppStanding{Status: "INACTIVE", Label: "Attio"}}
	if _, err := Prepare(t.Context(), src, nil, leaver().in); idp.KindOf(err) != idp.AppInactive || !strings.Contains(err.Error(), "INACTIVE") {
		t.Errorf("switched off: %v", err)
	}
	last := func() []string { // side by side: the app and what is seen
		slices.Sort(src.asked[1:])
		return src.asked
	}
	alike(t, "asked", []string{"person 6", "app", "sight"}, last())

	src = &org{app: idp.AppStanding{Active: true}}
	if p, err := Prepare(t.Context(), src, nil, leaver().in); err != nil || p.Plan.Summary.Suspend != 1 {
		t.Errorf("switched on: %v", err)
	}
	alike(t, "asked", []string{"person 6", "app", "sight"}, last())

	src = &org{}
	s := newScene()
	s.fresh("7", "gus@acme.com")
	if p, err := Prepare(t.Context(), src, nil, s.in); err != nil || p.Plan.Summary.Provision != 1 || len(src.asked) > 0 {
		t.Errorf("nothing is taken away: %v, asked %v", err, src.asked)
	}
}

// slow is an org that takes a second over each answer.
type slow struct{ *org }

func (s slow) Person(ctx context.Context, id string) (idp.Standing, error) {
	time.Sleep(time.Second)
	return s.org.Person(ctx, id)
}

func (s slow) App(ctx context.Context) (idp.AppStanding, error) {
	time.Sleep(time.Second)
	return s.org.App(ctx)
}

func (s slow) Sight(ctx context.Context) (idp.Sight, error) {
	time.Sleep(time.Second)
	return s.org.Sight(ctx)
}

func (s slow) Members(ctx context.Context, groups []idp.GroupRef) (map[string]idp.Reread, error) {
	time.Sleep(2 * time.Second)
	return s.org.Members(ctx, groups)
}

func (s slow) Group(_ context.Context, id string) (idp.GroupStanding, error) {
	time.Sleep(time.Second)
	s.note("whether " + id + " is gone")
	return idp.GroupStanding{Proof: idp.Proof{Status: 404}}, nil
}

// TestProofsAreAskedForSideBySide: of absence, and of groups that are read once
// more. The app and what is seen are asked about after each proof of absence, that
// of a group which cannot be found any more included, and wait for nothing else.
func TestProofsAreAskedForSideBySide(t *testing.T) {
	for name, c := range map[string]struct {
		groups map[string]idp.Reread
		waits  []int // seconds: how many of the answers were there by then
		asked  []string
	}{
		"the group is there": {map[string]idp.Reread{"g-Eng": {Members: idset.Of("2")}}, []int{1, 4}, []string{"person 6", "app", "group g-Eng", "sight"}},
		"the group is gone":  {nil, []int{1, 4, 5, 7}, []string{"person 6", "app", "group g-Eng", "sight", "whether g-Eng is gone", "app", "sight"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene()
				s.left("6", "fay@acme.com")
				s.in.Answers.People = nil
				s.tied("2", "bea@acme.com")
				s.tied("3", "cem@acme.com")
				s.tiedTeam("Eng", "2", "3")
				s.in.Directory.Groups[0].Members = idset.Of("2")
				src := slow{&org{app: idp.AppStanding{Active: true}, groups: c.groups}}
				began := time.Now()
				p, err := Prepare(t.Context(), src, nil, s.in)
				if err != nil {
					t.Fatal(err)
				}
				if p.Plan.Summary.Suspend != 1 || time.Since(began) != time.Duration(len(c.waits))*time.Second {
					t.Errorf("after %v: %v", time.Since(began), wordsOfAll(p.Plan.Steps))
				}
				from := 0
				for _, to := range c.waits { // within one second any order will do
					slices.Sort(src.asked[from:to])
					from = to
				}
				alike(t, "asked", c.asked, src.asked)
			})
		})
	}
}

// TestWhatIsHiddenTakesNothingAway: with less sight than before, at the reading or
// just before something goes, all removals are held, nobody is asked about, and a
// latch stays.
func TestWhatIsHiddenTakesNothingAway(t *testing.T) {
	hidden := idp.Sight{Everyone: idp.No, Hidden: []idp.GroupRef{{ID: "g-all", Name: "Everyone"}}}
	scene := func() *scene {
		s := newScene()
		s.left("6", "fay@acme.com")
		s.in.Answers.People = nil
		s.tied("2", "bea@acme.com", admin, roles("member"))
		s.tied("3", "cem@acme.com")
		s.tiedTeam("Eng", "2", "3")
		s.in.Directory.Groups[0].Members = idset.Of("2")
		s.fresh("7", "gus@acme.com")
		s.in.Managed.Latched = &core.Latch{Code: "too-many-removals"}
		return s
	}
	for name, late := range map[string]bool{"when it was read": false, "just before": true} {
		s := scene()
		src := &org{app: idp.AppStanding{Active: true}, groups: map[string]idp.Reread{"g-Eng": {Members: idset.Of("2")}}}
		if src.sight = hidden; !late {
			s.in.Directory.Sight = hidden
		}
		p, err := Prepare(t.Context(), src, nil, s.in)
		if err != nil {
			t.Fatal(err)
		}
		alike(t, name+": steps", []string{"provision gus@acme.com →gus@acme.com,member,active,Gus,Acme (okta)"}, wordsOfAll(p.Plan.Steps))
		alike(t, name+": refusals", []string{"sight-lost Attio"}, refusalWords(p.Plan.Refusals))
		if len(p.Plan.Held) != 3 || p.Blocked || slices.Contains(changeWords(p.Updates), "unlatch") {
			t.Errorf("%s: held %v, blocked %v, learns %v", name, p.Plan.Held, p.Blocked, changeWords(p.Updates))
		}
		if asked := slices.Contains(src.asked, "person 6"); asked != late {
			t.Errorf("%s: asked %v", name, src.asked)
		}
	}
}

// TestOneReadingTakesNobodyOut: whoever a group's list leaves out keeps membership
// and role until the group, read once more, leaves them out again; and of a group
// about which Okta contradicts itself nobody is removed, and nobody becomes an admin.
func TestOneReadingTakesNobodyOut(t *testing.T) {
	short := func() *scene {
		s := newScene()
		s.in.Policy.Roles.AdminGroups = []string{"Admins"}
		s.tied("2", "bea@acme.com", admin, func(t *trio) { t.state.RoleFrom = fromGroup })
		s.tied("3", "cem@acme.com")
		s.group("g-Admins", "Admins")
		s.tiedTeam("Eng", "2", "3")
		s.in.Directory.Groups[1].Members = idset.Of("2")
		return s
	}
	demote, remove := "demote bea@acme.com admin→member (okta)", "remove_members Eng: cem@acme.com (okta)"
	admins := func(unsure bool, who ...string) map[string]idp.Reread {
		return map[string]idp.Reread{"g-Admins": {Members: idset.Of(who...), Unsure: unsure}, "g-Eng": {Members: idset.Of(append(who, "2")...), Unsure: unsure}}
	}
	for _, c := range []struct {
		name  string
		again map[string]idp.Reread
		steps []string
	}{
		{"it leaves them out again", admins(false), []string{demote, remove}},
		{"it has them after all", map[string]idp.Reread{"g-Admins": {Members: idset.Of("2")}, "g-Eng": {Members: idset.Of("2", "3")}}, nil},
		{"it contradicts itself", admins(true), nil},
	} {
		src := &org{app: idp.AppStanding{Active: true}, groups: c.again}
		p, err := Prepare(t.Context(), src, nil, short().in)
		if err != nil {
			t.Fatal(c.name, err)
		}
		alike(t, c.name, c.steps, wordsOfAll(p.Plan.Steps))
		again := slices.DeleteFunc(src.asked, func(s string) bool { return !strings.HasPrefix(s, "group") })
		slices.Sort(again)
		alike(t, c.name+": read again", []string{"group g-Admins", "group g-Eng"}, again)
	}

	s := short()
	s.in.Directory.Groups[0].Members = idset.Of("2", "3")
	s.in.Directory.Groups[0].Unsure = true
	if p := s.propose(t); p.Plan.Summary.Promote != 0 {
		t.Errorf("an admin by a list that is not sure: %v", wordsOfAll(p.Plan.Steps))
	}
}

// TestNobodyIsGoneFromAttioByOneList: who is managed and missing from Attio's list
// is asked for by id. An invite that it left out is withdrawn from whoever is not
// assigned any more, and not sent again to whoever is.
func TestNobodyIsGoneFromAttioByOneList(t *testing.T) {
	scene := func() *scene {
		s := newScene()
		s.tied("2", "bea@acme.com", invited(30))
		s.left("6", "fay@acme.com", invited(1))
		s.in.Workspace.Members = s.in.Workspace.Members[:1]
		return s
	}
	fay := attio.Member{ID: "a-6", Email: "fay@acme.com", Status: attio.Active, Role: attio.RoleMember}
	bea := attio.Member{ID: "a-2", Email: "Bea@acme.com", Status: attio.Active, Role: attio.RoleMember, Profile: attio.Profile{GivenName: "Bea", FamilyName: "Acme"}}
	r := &people{has: map[string]attio.Member{"a-6": fay, "a-2": bea}}
	p, err := Prepare(t.Context(), &org{app: idp.AppStanding{Active: true}}, r, scene().in)
	if err != nil {
		t.Fatal(err)
	}
	alike(t, "both are there", []string{"cancel_invite fay@acme.com member,invited→ (okta)"}, wordsOfAll(p.Plan.Steps))
	slices.Sort(r.asked)
	alike(t, "asked", []string{"a-2", "a-6"}, r.asked)

	r = &people{}
	if p, err = Prepare(t.Context(), &org{}, r, scene().in); err != nil {
		t.Fatal(err)
	}
	alike(t, "both are gone", []string{"provision bea@acme.com →bea@acme.com,member,active,Bea,Acme (drift)"}, wordsOfAll(p.Plan.Steps))

	back := newScene()
	back.tied("3", "cy@acme.com", suspended)
	back.in.Workspace.Members = back.in.Workspace.Members[:1]
	r = &people{has: map[string]attio.Member{"a-3": {ID: "a-3", Email: "cy@acme.com", Status: attio.Suspended, Profile: attio.Profile{GivenName: "Cy", FamilyName: "Acme"}}}}
	if p, err = Prepare(t.Context(), &org{}, r, back.in); err != nil {
		t.Fatal(err)
	}
	alike(t, "who comes back is suspended still", []string{"reactivate cy@acme.com suspended→member,active (okta)"}, wordsOfAll(p.Plan.Steps))

	var doubt *core.UntrustedError
	if _, err := Prepare(t.Context(), &org{}, &people{}, crowdWithout(20, 6)); !errors.As(err, &doubt) || !strings.Contains(err.Error(), "6 of the 20") {
		t.Errorf("a list that lacks 6 of 20: %v", err)
	}
	if err := believable(crowdWithout(20, 5).Workspace); err != nil {
		t.Errorf("a list that lacks 5 of 20: %v", err)
	}
	if err := believable(crowdWithout(200, 10).Workspace); err != nil {
		t.Errorf("a list that lacks 5 %%: %v", err)
	}
}

// crowdWithout is a workspace of n active members, some of whom SCIM leaves out.
func crowdWithout(n, missing int) Input {
	s := newScene()
	s.in.Workspace.Members = nil
	for i := range n {
		m := attio.Member{ID: fmt.Sprint("a", i), RestID: fmt.Sprint("r", i), Email: fmt.Sprintf("p%d@acme.com", i), Status: attio.Active, Role: attio.RoleMember}
		if i < missing {
			m.ID = ""
		}
		s.in.Workspace.Members = append(s.in.Workspace.Members, m)
	}
	return s.in
}
