package planner

import (
	"fmt"
	"slices"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// teamPlan works out the steps of one team, each with what state has of its
// groups afterwards.
type teamPlan struct {
	*teamStage
	t      *team
	base   []core.ManagedTeam // what state has of the groups before, or the beginnings of it
	last   []core.ManagedTeam // likewise after the steps so far
	set    core.MemberSet     // who should be in it, for state
	people []*identity        // likewise, those who may be put in
	refs   []idp.GroupRef     // the team's groups
}

// begin begins the entries of the groups.
func (p *teamPlan) begin() {
	t := p.t
	p.base = make([]core.ManagedTeam, len(t.groups))
	for i, g := range t.groups {
		e := t.tied[i]
		another := t.at == nil || e.TeamID != t.at.ID
		if another || e.OutOfScope {
			e.Applied.Members = "" // nothing is known of who was put into this team, or since
		}
		if another {
			e.Applied.NotTaken, e.Applied.Kept, e.Applied.Detour = "", "", ""
		}
		e.GroupID, e.OutOfScope = g.ID, false
		if another && t.at != nil {
			e.TeamID, e.Created, e.ByHand = t.at.ID, t.known().Created, false
			e.Applied.KeepName = e.Applied.KeepName && !t.mapped
		}
		p.base[i] = e
	}
	p.last = p.base
}

// add adds a step that leaves each group's entry as change makes it.
func (p *teamPlan) add(st core.Step, change func(*core.ManagedTeam)) {
	rec := &core.TeamRecord{Before: p.last, After: p.last, Members: p.set}
	if change != nil {
		rec.After = slices.Clone(p.last)
		for i := range rec.After {
			change(&rec.After[i])
		}
	}
	p.last, st.Record = rec.After, &core.Record{Team: rec, Groups: p.refs}
	p.teamStage.add(st)
}

func (p *teamPlan) create() {
	t := p.t
	label := p.source + "'s group " + t.label()
	st := core.Step{Action: core.CreateTeam, Team: t.ref(), After: core.Values{Name: t.name}, Cause: core.CauseOkta, Reason: label + " has no team yet"}
	switch {
	case t.parted():
		st.Reason = label + " goes to a team of its own now"
	case t.deleted:
		st.Cause, st.Reason = core.CauseDrift, "the team of "+label+" was deleted by hand in Attio"
	}
	p.add(st, func(m *core.ManagedTeam) { m.TeamID, m.Created, m.Applied.Name = "", true, t.name })
	p.steps[len(p.steps)-1].Record.Team.Begun = p.wasOurs(t, t.name)
}

func (p *teamPlan) link() {
	t := p.t
	label := p.source + "'s group " + t.label()
	reason := "the settings name this team for " + label
	switch {
	case p.wasOurs(t, t.at.Name):
		reason = "was asked for by a former run, which could not see it made"
	case !t.mapped:
		reason = "has the name of " + label + ", and teams.same_name says link"
	}
	ours := len(p.begunNames(t)) > 0
	p.add(core.Step{Action: core.LinkTeam, Team: t.ref(), After: core.Values{Name: t.at.Name}, Cause: core.CauseAdopt, Reason: reason}, func(m *core.ManagedTeam) {
		m.TeamID, m.Created = t.at.ID, ours
		if !m.Applied.KeepName { // else it keeps the name that it was given
			m.Applied.Name = t.at.Name
		}
	})
}

// rename gives a team the name that it should have.
func (p *teamPlan) rename() {
	t := p.t
	if t.at.Name == t.name {
		return
	}
	label := p.source + "'s group " + t.label()
	same := p.catalog.called(t.name)
	for _, other := range same {
		if other.ID != t.at.ID && !p.leaving[attio.FoldName(t.name)] {
			p.refuse(core.TeamNameTaken, t.about(), t.name, fmt.Sprintf("the team %s of %s should have this name, but another team in Attio has it", t.at.Name, label), p.otherTeamRemedy(other, len(same) == 1))
			return
		}
	}
	third := t.known().Applied.Kept != "" && t.known().Applied.Kept != t.at.Name // somebody has changed it since
	if t.known().Applied.NotTaken == t.name && !third && attio.FoldName(t.at.Name) == attio.FoldName(t.name) {
		p.note(core.NoteNameNotTaken, t.at.Name, "Attio writes the name of "+label+" this way; it is tried again when "+p.source+"'s or Attio's changes", t.about()...)
		return
	}
	st := core.Step{Action: core.RenameTeam, Team: t.ref(), Before: core.Values{Name: t.at.Name}, After: core.Values{Name: t.name}, Cause: core.CauseOkta, Reason: p.source + "'s group is called " + t.label()}
	if t.mapped {
		st.Reason = "the settings name this team for " + label
	}
	switch {
	case p.detoured(t):
		st.Reason = "had another name only for a while, until this one was free"
	case !t.adopting && t.known().Applied.Name == t.name:
		st.Cause, st.Reason = core.CauseDrift, "was renamed by hand in Attio"
	}
	st.Team.Name = t.at.Name
	former := ""
	if away := p.detours[t.key()]; away != "" {
		former = t.at.Name
		p.detour(st, away)
		st.Before.Name = away
	}
	p.add(st, func(m *core.ManagedTeam) {
		m.Applied.Name, m.Applied.NotTaken, m.Applied.Kept, m.Applied.Detour = t.name, "", "", ""
	})
	p.steps[len(p.steps)-1].Record.Team.Former = former
}

// detour gives a team a name for a while, before the rename that it should have:
// of those who exchange their names each waits for another's.
func (p *teamPlan) detour(st core.Step, away string) {
	st.Detour, st.After.Name, st.Reason = true, away, "exchanges its name with others: this one for a while, so that another can have its name"
	p.add(st, func(m *core.ManagedTeam) { m.Applied.Detour = away })
}

// otherTeamRemedy says how a group's team comes to a name that another team has.
func (p *teamPlan) otherTeamRemedy(other *attio.Team, only bool) string {
	if p.owned[other.ID] {
		return "It gets the name once the other team, which another group has, is called otherwise; or name another team for one of the groups in teams.groups."
	}
	group, name := shellName(p.t.groups[0].Name, p.t.key()), other.Name
	if !only || strings.HasPrefix(name, "-") {
		name = other.ID // several have the name, or it looks like a flag
	}
	return "If that team is to be the group's: scim-sync unlink " + group + ", then scim-sync link " + group + " " + core.Quote(name) +
		". Else rename the other team in Attio, or name another team for the group in teams.groups."
}

// learn notes a team that is as it should be.
func (p *teamPlan) learn() {
	entries, changed := slices.Clone(p.base), false
	for i := range entries {
		if p.t.at.Name == p.t.name {
			entries[i].Applied.Name, entries[i].Applied.NotTaken, entries[i].Applied.Kept, entries[i].Applied.Detour = p.t.name, "", "", ""
		}
		entries[i].Applied.Members = p.set
		changed = changed || entries[i] != p.t.tied[i]
	}
	if changed {
		p.update(core.Change{Teams: entries})
	}
}
