package planner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/idset"
	core "scim-sync/sync"
	"scim-sync/sync/apply"
)

// living is a source that answers by what is true now, and notes what it was asked.
type living struct {
	idp.Source
	mu     stdsync.Mutex
	off    bool
	people map[string]idp.Person // those who are assigned
	groups map[string]idp.Group
	fails  error
	asked  []string
}

func (l *living) note(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, what)
}

func (l *living) App(context.Context) (idp.AppStanding, error) {
	l.note("app")
	return idp.AppStanding{Active: !l.off, Status: "INACTIVE", Label: "Attio"}, l.fails
}

func (l *living) Person(_ context.Context, id string) (idp.Standing, error) {
	l.note("person " + id)
	p, ok := l.people[id]
	if !ok {
		return idp.Standing{Access: idp.Revoked, Proof: idp.Proof{Status: 404, Request: "GET again " + id}}, l.fails
	}
	return idp.Standing{Listed: true, Access: p.Access, Person: p}, l.fails
}

func (l *living) Group(_ context.Context, id string) (idp.GroupStanding, error) {
	l.note("group " + id)
	g, ok := l.groups[id]
	return idp.GroupStanding{Exists: ok, Group: g.GroupRef}, l.fails
}

func (l *living) Members(_ context.Context, groups []idp.GroupRef) (map[string]idp.Reread, error) {
	read := map[string]idp.Reread{}
	for _, ref := range groups {
		l.note("members " + ref.ID)
		if g, ok := l.groups[ref.ID]; ok {
			read[ref.ID] = idp.Reread{Members: g.Members, Unsure: g.Unsure}
		}
	}
	return read, l.fails
}

// grown is a scene with a step of most kinds, which changes between the plan and
// its steps.
func grown() *scene {
	s := newScene()
	s.in.Policy.Roles.AdminGroups = []string{"Admins"}
	s.group("g-Admins", "Admins", "2", "8")
	s.tied("1", "ada@acme.com", roles("admin"))
	s.tied("2", "bea@acme.com")
	s.tied("3", "cem@acme.com", admin, roles("member"))
	s.fresh("4", "dan@acme.com")
	s.tied("5", "eve@acme.com", suspended)
	s.left("6", "fay@acme.com")
	s.tied("7", "gus@acme.com", func(t *trio) { t.okta.FamilyName = "Other" })
	s.fresh("8", "ivy@acme.com")
	s.tiedTeam("Eng", "1", "2")
	s.in.Directory.Groups[1].Members = idset.Of("1", "7")
	s.group("g-New", "New", "1")
	return s
}

// source says what the scene's directory says.
func (s *scene) source() *living {
	l := &living{people: map[string]idp.Person{}, groups: map[string]idp.Group{}}
	for _, p := range s.in.Directory.People {
		l.people[p.ID] = p
	}
	for _, g := range s.in.Directory.Groups {
		l.groups[g.ID] = g
	}
	return l
}

// carryOut plans, lets the source change, and carries the plan out when it is as
// old as age; waits is what each write waits for.
func (s *scene) carryOut(t *testing.T, src idp.AppChecker, age time.Duration, waits func(elapsed *time.Duration)) (core.Report, *book) {
	t.Helper()
	p := s.propose(t)
	f := (&fakeAttio{ws: s.in.Workspace, verified: s.in.Policy.VerifiedDomains, n: 100, fail: map[core.Action]bool{}}).clone()
	elapsed := age
	if waits != nil {
		f.waits = func() { waits(&elapsed) }
	}
	j := &book{memoryJournal: memoryJournal{m: &s.in.Managed}}
	r := apply.Apply(t.Context(), &p.Planned, apply.Ports{Reader: f, Writer: f, Journal: j, Now: func() time.Time { return now }, Parallel: 1,
		Fresh: apply.Fresh{Source: src, Elapsed: func() time.Duration { return elapsed }}})
	s.in.Workspace = f.ws
	return r, j
}

// book is a memoryJournal that keeps what was announced, and what became of it.
type book struct {
	memoryJournal
	intents  []core.Intent
	outcomes []core.Outcome
}

func (b *book) Announce(ctx context.Context, i core.Intent) (uint64, error) {
	b.mu.Lock()
	b.intents = append(b.intents, i)
	b.mu.Unlock()
	return b.memoryJournal.Announce(ctx, i)
}

func (b *book) Complete(ctx context.Context, n uint64, o core.Outcome) error {
	b.mu.Lock()
	b.outcomes = append(b.outcomes, o)
	b.mu.Unlock()
	return b.memoryJournal.Complete(ctx, n, o)
}

// notDone are the steps that were not done, in short.
func notDone(r core.Report) (list []string) {
	for _, x := range r.Results {
		if x.Outcome != core.StepOK {
			list = append(list, string(x.Outcome)+": "+stepWords(x.Step))
		}
	}
	return list
}

// TestNothingIsDoneOnAnOldReading: a plan that is older than two minutes when a
// step's turn comes does nothing that Okta does not say again; what has changed is
// neither done nor failed.
func TestNothingIsDoneOnAnOldReading(t *testing.T) {
	rows := []struct {
		name    string
		change  func(*living)
		notDone []string
	}{
		{"nothing has changed", func(*living) {}, nil},
		{"somebody is assigned again", func(l *living) { l.people["6"] = idp.Person{ID: "6", Access: idp.Granted} },
			[]string{"not_run: suspend fay@acme.com member,active→suspended"}},
		{"somebody new was deactivated", func(l *living) { delete(l.people, "4") },
			[]string{"not_run: provision dan@acme.com →dan@acme.com,member,active,Dan,Acme"}},
		{"somebody who came back has gone", func(l *living) { l.change("5", func(p *idp.Person) { p.Access = idp.Suspended }) },
			[]string{"not_run: reactivate eve@acme.com suspended→member,active"}},
		{"somebody got the role", func(l *living) {
			l.change("3", func(p *idp.Person) { p.Roles = []string{"admin"} })
		}, []string{"not_run: demote cem@acme.com admin→member"}},
		{"somebody lost the role", func(l *living) {
			l.change("1", func(p *idp.Person) { p.Roles = []string{"member"} })
		}, []string{"not_run: promote ada@acme.com member→admin"}},
		{"somebody left the admins", func(l *living) { l.groups["g-Admins"] = idp.Group{GroupRef: idp.GroupRef{ID: "g-Admins"}} },
			[]string{"not_run: promote bea@acme.com member→admin", "not_run: provision ivy@acme.com →ivy@acme.com,admin,active,Ivy,Acme"}},
		{"the name is another", func(l *living) { l.change("7", func(p *idp.Person) { p.FamilyName = "Third" }) },
			[]string{"not_run: rename gus@acme.com Acme→Other"}},
		{"somebody left the group, another joined", func(l *living) {
			l.groups["g-Eng"] = idp.Group{GroupRef: idp.GroupRef{ID: "g-Eng", Name: "Eng"}, Members: idset.Of("1", "2")}
		}, []string{"not_run: add_members Eng: gus@acme.com", "not_run: remove_members Eng: bea@acme.com"}},
		{"Okta contradicts itself about the group", func(l *living) {
			g := l.groups["g-Eng"]
			g.Unsure = true
			l.groups["g-Eng"] = g
		}, []string{"not_run: remove_members Eng: bea@acme.com"}},
		{"the group is gone", func(l *living) { delete(l.groups, "g-New") },
			[]string{"not_run: create_team New →New", "not_run: add_members New: ada@acme.com"}},
		{"nobody is in the new group any more", func(l *living) {
			l.groups["g-New"] = idp.Group{GroupRef: idp.GroupRef{ID: "g-New", Name: "New"}}
		}, []string{"not_run: create_team New →New", "not_run: add_members New: ada@acme.com"}},
	}
	for _, c := range rows {
		t.Run(c.name, func(t *testing.T) {
			s := grown()
			src := s.source()
			c.change(src)
			r, _ := s.carryOut(t, src, 3*time.Minute, nil)
			alike(t, "not done", c.notDone, notDone(r))
			if r.Err != nil || r.Interrupted {
				t.Errorf("the run ended: %v", r.Err)
			}
			for _, x := range r.Results {
				if x.Outcome == core.StepNotRun && x.Step.Action != core.AddMembers && !strings.Contains(x.Detail, "the next run deals with it") {
					t.Errorf("it says %q", x.Detail)
				}
			}

			s = grown()
			src = s.source()
			c.change(src)
			if r, _ := s.carryOut(t, src, 2*time.Minute, nil); len(src.asked) > 0 || len(notDone(r)) > 0 {
				t.Errorf("two minutes are not old: asked %v, not done %v", src.asked, notDone(r))
			}
		})
	}
}

func (l *living) change(id string, to func(*idp.Person)) {
	p := l.people[id]
	to(&p)
	l.people[id] = p
}

// TestAWriteThatWaitsGrowsOld: what was fresh when the write was announced and is
// old when its turn comes is asked for again; what is withheld then is in the
// journal as a write that never left.
func TestAWriteThatWaitsGrowsOld(t *testing.T) {
	s := newScene()
	s.left("6", "fay@acme.com")
	src := s.source()
	wait := func(elapsed *time.Duration) {
		*elapsed += 65 * time.Second // Attio asks for patience
		src.people["6"] = idp.Person{ID: "6", Access: idp.Granted}
	}
	r, j := s.carryOut(t, src, time.Minute, wait)
	alike(t, "not done", []string{"not_run: suspend fay@acme.com member,active→suspended"}, notDone(r))
	if len(j.outcomes) != 1 || !j.outcomes[0].Unsent || j.outcomes[0].Status != 0 || s.in.Workspace.Members[1].Status != attio.Active {
		t.Errorf("outcomes %+v, in Attio %+v", j.outcomes, s.in.Workspace.Members[1])
	}
}

// TestARunThatCannotAskAgainEnds: where Okta does not answer, or the app was
// switched off, nothing more is tried.
func TestARunThatCannotAskAgainEnds(t *testing.T) {
	down := errors.New("down")
	for name, c := range map[string]struct {
		change func(*living)
		is     func(error) bool
	}{
		"no answer":    {func(l *living) { l.fails = down }, func(err error) bool { return errors.Is(err, down) }},
		"switched off": {func(l *living) { l.off = true }, func(err error) bool { return idp.KindOf(err) == idp.AppInactive }},
	} {
		s := grown()
		src := s.source()
		c.change(src)
		r, j := s.carryOut(t, src, time.Hour, nil)
		if !c.is(r.Err) || len(j.intents) > 0 || r.Count(core.StepNotRun) != len(r.Results) || len(src.asked) != 1 {
			t.Errorf("%s: %v, %d announced, asked %v, not done %v", name, r.Err, len(j.intents), src.asked, notDone(r))
		}
	}
}

// TestTheJournalKeepsTheNewestProof: a suspension rests on the answer that was
// given last.
func TestTheJournalKeepsTheNewestProof(t *testing.T) {
	s := newScene()
	s.left("6", "fay@acme.com")
	r, j := s.carryOut(t, s.source(), time.Hour, nil)
	if len(notDone(r)) > 0 || len(j.intents) != 1 || j.intents[0].Proof.Request != "GET again 6" {
		t.Errorf("%v, announced %+v", notDone(r), j.intents)
	}
}

// listing is a source that also reads the whole list again.
type listing struct {
	*living
	lists int
}

func (l *listing) People(context.Context) ([]idp.Person, error) {
	l.lists++
	var all []idp.Person
	for _, p := range l.people {
		all = append(all, p)
	}
	return all, nil
}

// TestManyAreAskedForAtOnce: where many readings have grown old, the list is read
// again, once in two minutes, and only those are asked for by id whom it does not
// have as they were.
func TestManyAreAskedForAtOnce(t *testing.T) {
	s := newScene()
	for i := range 100 {
		s.fresh(fmt.Sprintf("n%02d", i), fmt.Sprintf("n%02d@acme.com", i))
	}
	src := &listing{living: s.source()}
	delete(src.people, "n90")
	r, _ := s.carryOut(t, src, time.Hour, nil)
	if notDone := notDone(r); len(notDone) != 1 || !strings.Contains(notDone[0], "n90@acme.com") || src.lists != 1 || len(src.asked) > 25 {
		t.Errorf("not done %v, %d lists, asked %v", notDone, src.lists, src.asked)
	}

	s = newScene()
	for i := range 100 {
		s.fresh(fmt.Sprintf("n%02d", i), fmt.Sprintf("n%02d@acme.com", i))
	}
	src = &listing{living: s.source()}
	r, _ = s.carryOut(t, src, time.Hour, func(elapsed *time.Duration) { *elapsed += 2 * time.Second })
	if len(notDone(r)) > 0 || src.lists < 2 || src.lists > 3 {
		t.Errorf("in 200 s: not done %v, %d lists", notDone(r), src.lists)
	}
}
