package planner

import (
	"context"
	"errors"
	core "scim-sync/sync"
	"strings"
	stdsync "sync"
	"testing"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/idset"
)

// forgetful is a source that remembers who is in its groups, and can be asked
// again.
type forgetful struct {
	idp.Source
	now    map[string]idset.Set // who is in them; a group that is missing is gone
	unsure bool                 // it contradicts itself about them
	asked  []idp.GroupRef
	fails  error
}

func (f *forgetful) Members(_ context.Context, groups []idp.GroupRef) (map[string]idp.Reread, error) {
	f.asked = append(f.asked, groups...)
	read := map[string]idp.Reread{}
	for id, members := range f.now {
		read[id] = idp.Reread{Members: members, Unsure: f.unsure}
	}
	return read, f.fails
}

func (f *forgetful) Group(_ context.Context, id string) (idp.GroupStanding, error) {
	_, there := f.now[id]
	return idp.GroupStanding{Exists: there}, nil
}

// Nobody loses a membership by a remembered list: its group is read again
// first, and only that one.
func TestNobodyIsRemovedByARememberedList(t *testing.T) {
	remembered := func() (Input, string, idset.Set) {
		in := sized(20, 4, true, true)
		for i := range in.Directory.Groups {
			in.Directory.Groups[i].Remembered = true
		}
		g := &in.Directory.Groups[1]
		all := g.Members
		g.Members = idset.Of(all.IDs()[1:]...)
		return in, g.ID, all
	}
	removals := func(p *Draft) (n int) {
		for _, s := range p.Plan.Steps {
			if s.Action == core.RemoveMembers {
				n += len(s.People)
			}
		}
		return n
	}

	steps := func(p *Draft) any {
		if p == nil {
			return nil
		}
		return p.Plan.Steps
	}

	in, id, all := remembered()
	src := &forgetful{now: map[string]idset.Set{id: all}}
	p, err := Prepare(t.Context(), src, nil, in)
	if err != nil || len(p.Plan.Steps) != 0 || len(src.asked) != 1 || src.asked[0].ID != id {
		t.Errorf("still a member: %v, %v, asked %v", steps(p), err, src.asked)
	}
	if !in.Directory.Groups[1].Remembered {
		t.Error("the caller's reading was changed")
	}

	in, id, all = remembered()
	src = &forgetful{now: map[string]idset.Set{id: idset.Of(all.IDs()[1:]...)}}
	if p, err = Prepare(t.Context(), src, nil, in); err != nil || removals(p) != 1 || len(src.asked) != 1 {
		t.Errorf("a member no more: %v, %v, asked %v", steps(p), err, src.asked)
	}

	in, id, _ = remembered()
	src = &forgetful{now: map[string]idset.Set{}}
	if p, err = Prepare(t.Context(), src, nil, in); err != nil || len(p.Plan.Steps) != 0 || len(p.Plan.Notes) != 1 || p.Plan.Notes[0].Code != "group-gone" {
		t.Errorf("group %s is gone: %v, %v", id, steps(p), err)
	}

	in, _, _ = remembered()
	down := errors.New("down")
	if _, err = Prepare(t.Context(), &forgetful{fails: down}, nil, in); !errors.Is(err, down) {
		t.Errorf("a failed reading: %v", err)
	}

	in, _, _ = remembered()
	var doubt *core.UntrustedError
	if _, err = Prepare(t.Context(), struct{ idp.Source }{}, nil, in); !errors.As(err, &doubt) {
		t.Errorf("a source that cannot be asked again: %v", err)
	}

	// Somebody to add is no reason to ask.
	in, _, _ = remembered()
	in.Directory.Groups[1].Members, in.Workspace.Teams[1].Members = idset.Of(in.Directory.Groups[1].Members.IDs()[0]), idset.Set{}
	src = &forgetful{}
	if p, err = Prepare(t.Context(), src, nil, in); err != nil || len(src.asked) != 0 || len(p.Plan.Steps) != 1 {
		t.Errorf("an addition: %v, %v, asked %v", steps(p), err, src.asked)
	}
}

// oneTeam is an Attio that has one team when asked for that very one.
type oneTeam struct {
	attio.Reader
	has   string
	asked []string
}

func (o *oneTeam) Team(_ context.Context, id string) (attio.Team, error) {
	o.asked = append(o.asked, id)
	if id != o.has {
		return attio.Team{}, &attio.Error{Kind: attio.Gone}
	}
	return attio.Team{ID: id, Name: "Eng"}, nil
}

// A managed team that Attio's list leaves out was deleted by hand only if Attio
// says so of that very team.
func TestNoTeamIsMadeAgainByAListCutShort(t *testing.T) {
	short := func() Input {
		in := sized(20, 4, true, true)
		in.Workspace.Teams = in.Workspace.Teams[1:]
		return in
	}
	in := short()
	r := &oneTeam{}
	p, err := Prepare(t.Context(), nil, r, in)
	if err != nil || p.Plan.Summary.CreateTeam != 1 || p.Plan.Steps[0].Cause != core.CauseDrift || len(r.asked) != 1 || r.asked[0] != "team-0" {
		t.Errorf("%v, asked %v", err, r.asked)
	}
	var doubt *core.UntrustedError
	if _, err := Prepare(t.Context(), nil, &oneTeam{has: "team-0"}, short()); !errors.As(err, &doubt) || !strings.Contains(err.Error(), "Eng (team-0)") {
		t.Errorf("the team is there: %v", err)
	}
}

// sure is a source that says the same of everybody it is asked about.
type sure struct {
	idp.Source
	standing idp.Standing
	mu       stdsync.Mutex
	asked    []string
}

func (s *sure) Person(_ context.Context, id string) (idp.Standing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, id)
	return s.standing, nil
}

// A saved plan suspends nobody of whom Okta was not asked, though a cap has kept
// the fresh plan from asking; and nobody is asked about whom it does not name.
func TestASavedPlanIsProvenToo(t *testing.T) {
	scene := company(100, 40)
	scene.in.Answers.People = nil
	src := &sure{standing: idp.Standing{Access: idp.Revoked, Proof: idp.Proof{Request: "GET /x", Status: 404}}}
	fresh, err := Prepare(t.Context(), src, nil, scene.in)
	if err != nil || !fresh.Blocked || len(src.asked) != 0 {
		t.Fatalf("%v, asked about %d", err, len(src.asked))
	}
	keys := map[string]bool{}
	for _, s := range fresh.Plan.Steps[:3] {
		keys[s.Key()] = true
	}
	p, err := fresh.Select(t.Context(), src, nil, keys, "plan.json")
	if err != nil || p.Blocked || len(p.Plan.Steps) != 3 || len(src.asked) != 3 {
		t.Fatalf("%v, %v, asked about %d", err, wordsOfAll(p.Plan.Steps), len(src.asked))
	}
	for _, s := range p.Plan.Steps {
		if s.Record.Proof.Status != 404 {
			t.Errorf("%s goes without a proof", s.Person.Email)
		}
	}
	var doubt *core.UntrustedError
	there := &sure{standing: idp.Standing{Listed: true, Access: idp.Granted}}
	scene.in.Answers.People = nil
	if fresh, err = Prepare(t.Context(), there, nil, scene.in); err != nil {
		t.Fatal(err)
	}
	if _, err := fresh.Select(t.Context(), there, nil, keys, "plan.json"); !errors.As(err, &doubt) {
		t.Errorf("they are assigned: %v", err)
	}
}
