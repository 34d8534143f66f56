package planner

import (
	"context"
	"fmt"
	"slices"
	stdsync "sync"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/attio"
	"scim-sync/internal/idset"
	core "scim-sync/sync"
	"scim-sync/sync/apply"
)

// slowAttio takes a second over each request, however many there are, and notes
// in which second of the run it answered which.
type slowAttio struct {
	*fakeAttio
	began time.Time
	mu    stdsync.Mutex
	when  map[time.Duration][]string
}

func (s *slowAttio) answer(what string, do func()) {
	time.Sleep(time.Second)
	s.mu.Lock()
	defer s.mu.Unlock()
	at := time.Since(s.began) / time.Second
	s.when[at] = append(s.when[at], what)
	do()
}

func (s *slowAttio) Suspend(ctx context.Context, id string) (r attio.Receipt, err error) {
	s.answer("suspend", func() { r, err = s.fakeAttio.Suspend(ctx, id) })
	return r, err
}

func (s *slowAttio) Provision(ctx context.Context, n attio.NewMember) (m attio.Member, r attio.Receipt, err error) {
	s.answer("provision", func() { m, r, err = s.fakeAttio.Provision(ctx, n) })
	return m, r, err
}

func (s *slowAttio) SetRole(ctx context.Context, id string, role attio.Role) (m attio.Member, r attio.Receipt, err error) {
	s.answer("set role", func() { m, r, err = s.fakeAttio.SetRole(ctx, id, role) })
	return m, r, err
}

func (s *slowAttio) SetName(ctx context.Context, id string, p attio.Profile) (m attio.Member, r attio.Receipt, err error) {
	s.answer("rename", func() { m, r, err = s.fakeAttio.SetName(ctx, id, p) })
	return m, r, err
}

func (s *slowAttio) Joined(ctx context.Context) (l []attio.Member, err error) {
	s.answer("who joined", func() { l, err = s.fakeAttio.Joined(ctx) })
	return l, err
}

func (s *slowAttio) CreateTeam(ctx context.Context, name string, ids []string) (t attio.Team, r attio.Receipt, err error) {
	s.answer("create "+name, func() { t, r, err = s.fakeAttio.CreateTeam(ctx, name, ids) })
	return t, r, err
}

func (s *slowAttio) RenameTeam(ctx context.Context, id, name string) (t attio.Team, r attio.Receipt, err error) {
	s.answer("team "+name, func() { t, r, err = s.fakeAttio.RenameTeam(ctx, id, name) })
	return t, r, err
}

func (s *slowAttio) AddMembers(ctx context.Context, id string, ids []string) (t attio.Team, r attio.Receipt, err error) {
	s.answer("fill "+id, func() { t, r, err = s.fakeAttio.AddMembers(ctx, id, ids) })
	return t, r, err
}

func (s *slowAttio) RemoveMembers(ctx context.Context, id string, ids []string) (t attio.Team, r attio.Receipt, err error) {
	s.answer("empty "+id, func() { t, r, err = s.fakeAttio.RemoveMembers(ctx, id, ids) })
	return t, r, err
}

// TestPeopleAndTeamsAreDealtWithSideBySide: who loses access loses it first. Then
// teams wait for nobody but those who are to be in them: for an id that comes with
// the person, and for a place that may not be theirs after all.
func TestPeopleAndTeamsAreDealtWithSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene()
		s.tied("2", "bea@acme.com")
		s.tied("3", "cem@acme.com")
		s.tied("4", "dan@acme.com")
		s.left("6", "fay@acme.com")
		s.fresh("7", "gus@acme.com", roles("admin"))
		s.fresh("8", "hal@acme.com")
		s.in.Directory.People[1].GivenName = "Beatrice"
		s.tiedTeam("Eng", "3")         // another one comes and one goes
		s.tiedTeam("Ops")              // hal comes
		s.tiedTeam("Old", "3")         // gets another name
		s.group("g-New", "New", "3")   // of those who are there
		s.group("g-Next", "Next", "7") // of who is to come
		set := func(i int, who ...string) { s.in.Directory.Groups[i].Members = idset.Of(who...) }
		set(0, "4")
		set(1, "8")
		s.in.Directory.Groups[2].Name = "Older"

		f := &slowAttio{fakeAttio: s.fake(), when: map[time.Duration][]string{}, began: time.Now()}
		p := s.propose(t)
		r := apply.Apply(t.Context(), &p.Planned, apply.Ports{Reader: f, Writer: f, Journal: &memoryJournal{m: &s.in.Managed}, Now: time.Now})
		if n := r.Count(core.StepOK); n != len(p.Plan.Steps) {
			t.Errorf("%d of %d done: %+v", n, len(p.Plan.Steps), r.Results)
		}
		for i, want := range [][]string{
			nil,
			{"suspend"},
			{"provision", "team Older"},
			{"create New", "fill t-Eng", "provision"}, // admins come first
			{"empty t-Eng", "rename"},
			{"create Next", "fill t-Ops", "who joined"},
		} {
			got := f.when[time.Duration(i)]
			slices.Sort(got)
			alike(t, fmt.Sprint("second ", i), want, got)
		}
		s.in.Workspace = f.ws
		if again := s.propose(t); again.Changes() {
			t.Errorf("the next run: %v", wordsOfAll(again.Plan.Steps))
		}
	})
}
