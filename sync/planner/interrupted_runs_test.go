package planner

import (
	"context"
	"fmt"
	"maps"
	"scim-sync/internal/sample"
	core "scim-sync/sync"
	"scim-sync/sync/apply"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/idset"
)

// TestWhatIsNotDoneIsDone: whatever a run holds back, leaves out or fails with,
// whole runs after it come to the same end as they do without it.
func TestWhatIsNotDoneIsDone(t *testing.T) {
	sample.Check(t, func(t *rapid.T) {
		in := possible(t)
		calm, interrupted := playing(in), playing(in)
		how, ok := interrupted.interrupt(t)
		if !ok {
			return
		}
		words := []string{how}
		for i := range 4 {
			p, ok1 := calm.once(Options{}, nil, nil)
			q, ok2 := interrupted.once(Options{}, nil, nil)
			if !ok1 || !ok2 || i == 0 && len(p.Plan.Refusals)+len(q.Plan.Refusals) > 0 {
				return // a conflict goes to whoever came first
			}
			words = append(words, fmt.Sprint(i, " calm ", wordsOfAll(p.Plan.Steps)), fmt.Sprint(i, " then ", wordsOfAll(q.Plan.Steps), noteWords(q.Plan.Notes)))
		}
		if want, got := calm.picture(), interrupted.picture(); want != got {
			t.Fatalf("%s\nwithout:\n%s\n\nwith:\n%s", strings.Join(words, "\n"), want, got)
		}
	})
}

// TestRunsConverge: after some runs there is nothing left to do.
func TestRunsConverge(t *testing.T) {
	sample.Check(t, func(t *rapid.T) {
		play := playing(possible(t))
		var words []string
		for i := range 7 {
			p, ok := play.once(Options{}, nil, nil)
			if !ok {
				return
			}
			words = append(words, fmt.Sprint(i, wordsOfAll(p.Plan.Steps), refusalWords(p.Plan.Refusals)))
			if i >= 5 && p.Changes() {
				t.Fatalf("it does not end:\n%s", strings.Join(words, "\n"))
			}
		}
	})
}

// play is a situation that runs change.
type play struct {
	in      Input
	at      *fakeAttio
	managed core.Managed
	failed  int // steps of the last run that were not done
}

func playing(in Input) *play {
	f := &fakeAttio{ws: in.Workspace, verified: in.Policy.VerifiedDomains}
	return &play{in: in, at: f.clone(), managed: cloned(in.Managed)}
}

// interrupt is a run that does not do all, and how.
func (r *play) interrupt(t *rapid.T) (how string, ok bool) {
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		_, ok = r.once(Options{NoRemovals: true}, nil, nil)
		return "no removals", ok
	case 1:
		only := one(t, append([]string{"p0", "p1", "p2", "Eng", "g1"}, someEmails[:7]...), "only")
		_, ok = r.once(Options{Only: only}, nil, nil)
		return "only " + only, ok
	case 2:
		a := one(t, []core.Action{core.Demote, core.Promote, core.Suspend, core.Rename, core.Provision, core.Reactivate, core.ChangeEmail, core.CreateTeam, core.RenameTeam, core.AddMembers, core.RemoveMembers, core.CancelInvite}, "fails")
		_, ok = r.once(Options{}, map[core.Action]bool{a: true}, nil)
		return "failing " + string(a), ok
	}
	bit := rapid.IntRange(0, 1).Draw(t, "bit")
	_, ok = r.once(Options{}, nil, func(s core.Step) bool { return int(core.MarkOf(s.ID())%2) == bit })
	return "a part of a saved plan", ok
}

// once is one run; not ok when it was refused as a whole.
func (r *play) once(opts Options, fail map[core.Action]bool, chosen func(core.Step) bool) (*Draft, bool) {
	in := r.in
	in.Managed, in.Workspace, in.Options, in.FirstRun, in.Answers.TeamsGone = cloned(r.managed), r.at.clone().ws, opts, false, map[string]bool{}
	for _, m := range in.Managed.Teams {
		if r.at.team(m.TeamID) == nil {
			in.Answers.TeamsGone[m.TeamID] = true
		}
	}
	for _, m := range in.Workspace.Members {
		in.Answers.LookedUp[attio.FoldEmail(m.Email)] = true
	}
	p, err := Plan(in)
	if err == nil && chosen != nil {
		in.Options.Selected = map[string]bool{}
		for _, s := range p.Plan.Steps {
			if chosen(s) {
				in.Options.Selected[s.Key()] = true
			}
		}
		p, err = Plan(in)
	}
	if err != nil || p.Blocked {
		return nil, false
	}
	r.at.fail = fail
	r.failed = len(p.Plan.Steps) - apply.Apply(context.Background(), &p.Planned, apply.Ports{Reader: r.at, Writer: r.at, Journal: &memoryJournal{m: &r.managed}, Now: func() time.Time { return now }, Parallel: 1}).Count(core.StepOK)
	r.at.fail = nil
	return p, true
}

// picture is how things stand in Attio, without ids.
func (r *play) picture() string {
	var lines []string
	emails := map[string]string{}
	for _, m := range r.at.ws.Members {
		emails[m.ID] = attio.FoldEmail(m.Email)
		lines = append(lines, fmt.Sprint("person ", emails[m.ID], " ", m.Status, " ", m.Role, " ", core.Clean(m.GivenName), " ", core.Clean(m.FamilyName)))
	}
	for _, team := range r.at.ws.Teams {
		var who []string
		for _, id := range team.Members.IDs() {
			who = append(who, emails[id])
		}
		sort.Strings(who)
		lines = append(lines, fmt.Sprint("team ", team.Name, " ", who))
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

// cloned is a copy that shares nothing that changes.
func cloned(m core.Managed) core.Managed {
	n := m
	n.People, n.Teams, n.Removals = maps.Clone(m.People), maps.Clone(m.Teams), slices.Clone(m.Removals)
	return n
}

// possible is a situation that Attio could be in, without caps.
func possible(t *rapid.T) Input {
	in := anyInput(t)
	p := uncapped()
	p.Roles, p.Teams, p.KeepSuspended, p.Protect.TrustAbsence = in.Policy.Roles, in.Policy.Teams, in.Policy.KeepSuspended, true
	in.Policy, in.Unfinished = p, nil
	in.Managed.Latched, in.Managed.Removals, in.Workspace.OwnEmail = nil, nil, ""
	in.Workspace.Members = possibleMembers(in.Workspace.Members)
	in.Workspace.Teams = possibleTeams(in.Workspace)
	possibleState(&in)
	for i := range in.Directory.People {
		if in.Directory.People[i].Access == 0 {
			in.Directory.People[i].Access = idp.Waiting
		}
	}
	for id := range in.Managed.Teams {
		if _, ok := in.Answers.Groups[id]; !ok {
			in.Answers.Groups[id] = idp.GroupStanding{Exists: true, Group: idp.GroupRef{ID: id, Name: "Eng"}}
		}
	}
	for _, id := range somePeople {
		if _, ok := in.Answers.People[id]; !ok {
			in.Answers.People[id] = idp.Standing{Access: idp.Revoked}
		}
	}
	return in
}

// possibleMembers have an address and an id each, and only the active a role.
func possibleMembers(all []attio.Member) []attio.Member {
	seen := map[string]bool{}
	var some []attio.Member
	for _, m := range all {
		e := attio.FoldEmail(m.Email)
		if seen[e] || m.ID == "" || !validEmail(m.Email) {
			continue
		}
		seen[e] = true
		if m.Role == "" {
			m.Role = attio.RoleMember
		}
		if m.Status == attio.Suspended {
			m.Role = ""
		}
		some = append(some, m)
	}
	return append(some, attio.Member{ID: "root", Email: "root@acme.com", Role: attio.RoleAdmin, Status: attio.Active})
}

// possibleTeams have a name each, and members who are there.
func possibleTeams(w attio.Workspace) []attio.Team {
	names := map[string]bool{"": true}
	var some []attio.Team
	for _, team := range w.Teams {
		if f := attio.FoldName(team.Name); !names[f] {
			names[f] = true
			team.Members = idset.Of(slices.DeleteFunc(team.Members.IDs(), func(id string) bool {
				return !slices.ContainsFunc(w.Members, func(m attio.Member) bool { return m.ID == id })
			})...)
			some = append(some, team)
		}
	}
	return some
}

// possibleState ties nobody to a place that another one has, and no two groups to
// one team: which of them it stays with when they part is decided by who comes
// first.
func possibleState(in *Input) {
	teams := map[string]bool{}
	for _, m := range in.Managed.SortedTeams() {
		if m.TeamID != "" && teams[m.TeamID] {
			delete(in.Managed.Teams, m.GroupID)
		}
		teams[m.TeamID] = true
	}
	ids, emails := map[string]bool{}, map[string]bool{}
	for _, id := range somePeople {
		e, ok := in.Managed.People[id]
		if !ok {
			continue
		}
		e.NotTaken, e.InvitedAt = nil, time.Time{}
		gone := e.AttioID == "" || e.AttioID == "gone"
		if gone {
			e.Kind = core.Invite
		}
		for _, m := range in.Workspace.Members {
			if m.ID != e.AttioID {
				continue
			}
			if e.Email = m.Email; m.Status != attio.Invited {
				e.Kind = core.Membership
			}
		}
		if f := attio.FoldEmail(e.Email); emails[f] || !validEmail(e.Email) || ids[e.AttioID] && !gone {
			delete(in.Managed.People, id)
			continue
		}
		emails[attio.FoldEmail(e.Email)], ids[e.AttioID] = true, true
		in.Managed.People[id] = e
	}
}
