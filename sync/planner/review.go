package planner

import (
	"strings"

	"slices"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// review is a plan's steps on their way through the rails.
type review struct {
	*roster
	teams *teamStage

	steps    []core.Step
	held     []core.HeldStep
	refusals []core.Refusal
	updates  []core.Change
	blocked  bool
	partial  bool // steps were left out because others were asked for
	// offered are the commands that rails have named so far.
	offered []offer
}

// ruling is what a rail makes of the steps.
type ruling struct {
	// keep are the steps that stay, when some do not or their order changes;
	// nil: all stay as they are. held are those kept back.
	keep, held []core.Step
	refusals   []core.Refusal // code and reach are the rail's
	latches    bool           // from now on removals beyond the floor are refused
	partial    bool           // steps are left out because others were asked for
}

func (r *ruling) refuse(subject, detail, remedy string, about ...core.About) {
	r.refusals = append(r.refusals, core.Refusal{Subject: subject, Detail: detail, Remedy: remedy, About: about})
}

// part keeps back the steps that pick says.
func (v *review) part(pick func(*core.Step) bool) (r ruling) {
	first := 0
	for first < len(v.steps) && !pick(&v.steps[first]) {
		first++
	}
	if first == len(v.steps) {
		return r // as nearly always; a list less to copy
	}
	r.keep = slices.Clone(v.steps[:first])
	for i := first; i < len(v.steps); i++ {
		if s := &v.steps[i]; pick(s) {
			r.held = append(r.held, *s)
		} else {
			r.keep = append(r.keep, *s)
		}
	}
	if r.keep == nil {
		r.keep = []core.Step{}
	}
	return r
}

// partPeople keeps single people out of membership steps.
func (v *review) partPeople(away func(*core.Step, *core.MemberRef) bool) (r ruling) {
	r.keep = make([]core.Step, 0, len(v.steps))
	for i := range v.steps {
		s := &v.steps[i]
		if len(s.People) == 0 {
			r.keep = append(r.keep, *s)
			continue
		}
		no, yes := parted(s.People, func(m *core.MemberRef) bool { return away(s, m) })
		if len(no) > 0 {
			stays := *s
			stays.People = no
			r.keep = append(r.keep, stays)
		}
		if len(yes) > 0 {
			goes := *s
			goes.People = yes
			r.held = append(r.held, goes)
		}
	}
	return r
}

// apply takes a rail's ruling over.
func (v *review) apply(code core.Code, reach core.Reach, r ruling) {
	if r.keep != nil {
		v.steps = r.keep
	}
	v.partial = v.partial || r.partial
	for _, s := range r.held {
		v.held = append(v.held, core.HeldStep{Step: s, Code: code})
	}
	for _, f := range r.refusals {
		f.Code, f.Reach = code, reach
		v.refusals = append(v.refusals, f)
		v.blocked = v.blocked || reach == core.ReachRun
	}
	if r.latches {
		v.updates = append(v.updates, core.Change{Latch: &core.Latch{Code: string(code), At: v.in.Now.UTC()}})
	}
}

// refused says whether a rail has refused something.
func (v *review) refused(code core.Code) bool {
	return slices.ContainsFunc(v.refusals, func(r core.Refusal) bool { return r.Code == code })
}

// offboarded are those whom this plan suspends, by Attio id: their memberships
// are neither removed nor counted.
func (v *review) offboarded() map[string]bool {
	gone := map[string]bool{}
	for i := range v.steps {
		if s := &v.steps[i]; s.Action.Offboards() {
			gone[s.AttioID] = true
		}
	}
	return gone
}

// loses counts the active people whom a step takes out of a team.
func (v *review) loses(s *core.Step, offboarded map[string]bool) (n int) {
	if s.Action == core.DeleteTeam {
		return v.activeIn(s.Team.AttioID, offboarded)
	}
	for _, m := range s.People {
		if i, ok := v.byID[m.AttioID]; ok && v.members[i].Status == attio.Active {
			n++
		}
	}
	return n
}

// activeIn counts the active people of a team who stay so.
func (v *review) activeIn(teamID string, offboarded map[string]bool) int {
	return v.teams.crowd.count(v.teams.catalog.byID[teamID], func(m attio.Member) bool { return m.Status == attio.Active && !offboarded[m.ID] })
}

// removals is the plan's summary.removals: what --allow-removals names. What a
// team's cap keeps back counts as well. Deleting a team takes the memberships of
// its people, active or invited, who stay so.
func (v *review) removals() (n int) {
	parts := v.removalParts()
	return parts.people + parts.demoted + parts.memberships + parts.ofTeams
}

// removalParts are what removals consist of.
type removalParts struct{ people, demoted, memberships, ofTeams int }

func (v *review) removalParts() (n removalParts) {
	gone := v.offboarded()
	count := func(s *core.Step) {
		switch {
		case s.Action.Offboards():
			n.people++
		case s.Action == core.Demote:
			n.demoted++
		case s.Action == core.RemoveMembers:
			n.memberships += len(s.People)
		case s.Action == core.DeleteTeam:
			n.ofTeams += v.teams.crowd.count(v.teams.catalog.byID[s.Team.AttioID], func(m attio.Member) bool { return m.Status != attio.Suspended && !gone[m.ID] })
		}
	}
	for i := range v.steps {
		count(&v.steps[i])
	}
	for i := range v.held {
		if v.held[i].Code == core.TooManyTeamRemovals {
			count(&v.held[i].Step)
		}
	}
	return n
}

// words say what the number is made of; empty where it is of one kind.
func (n removalParts) words() string {
	var parts []string
	for _, x := range []struct {
		n         int
		one, many string
	}{
		{n.people, "person who loses access", "people who lose access"}, {n.demoted, "admin who becomes a member", "admins who become members"},
		{n.memberships, "place in a team", "places in teams"}, {n.ofTeams, "place in a team that is deleted", "places in teams that are deleted"},
	} {
		if x.n > 0 {
			parts = append(parts, core.Counted(x.n, x.one, x.many))
		}
	}
	if len(parts) < 2 {
		return ""
	}
	return strings.Join(parts, " + ")
}
