package planner

import (
	"cmp"
	"slices"
	"strings"

	"scim-sync/idp"
	core "scim-sync/sync"
)

// Draft is a plan, and what has to be asked before it may be believed.
type Draft struct {
	core.Planned
	Questions Questions
	input     Input
}

// reconciliation is both sides and the state brought together: what the stages
// came to, before the rails.
type reconciliation struct {
	findings
	roster *roster
	roles  roleRules
	teams  *teamStage
}

// reconcile goes through the stages: who is who, people, teams.
func reconcile(in *Input) (*reconciliation, error) {
	r, found, err := matchPeople(in)
	if err != nil {
		return nil, err
	}
	if err := onlyKnown(r); err != nil {
		return nil, err
	}
	roles := newRoleRules(in, r)
	at, people := comparePeople(r, roles)
	teams := compareTeams(at)
	all := &reconciliation{findings: people, roster: r, roles: roles, teams: teams}
	all.join(found)
	all.join(teams.findings)
	for _, n := range in.Directory.Notes {
		all.note(core.Code(n.Code), n.Subject, n.Detail)
	}
	return all, nil
}

// Directory is the reading that the plan rests on.
func (d *Draft) Directory() idp.Directory { return d.input.Directory }

// Plan works out the plan: what should be, what is, how they differ, in which
// order to change it, and what the rails say. It is pure: the same input gives
// the same plan, in whatever order its lists come. Its id is for [Draft.Seal].
func Plan(in Input) (*Draft, error) {
	managed, later := in.Managed.NoLaterThan(in.Now.UTC())
	in.Managed, in.Unfinished = managed, core.BegunBy(in.Unfinished, in.Now.UTC())
	all, err := reconcile(&in)
	if err != nil {
		return nil, err
	}
	sortSteps(all.steps)
	v := &review{roster: all.roster, teams: all.teams, steps: all.steps, refusals: refusalsAsked(all.roster, all.refusals), updates: all.updates}
	layRails(v)

	d := &Draft{Questions: all.questions, input: in}
	d.Blocked, d.Partial, d.Updates = v.blocked, v.partial, v.updates
	d.State, d.FirstRun, d.Admins = in.Managed, in.FirstRun, all.roster.admins()
	if later { // such dates count as now, and grow older from now on
		d.Updates = append([]core.Change{{NoLaterThan: in.Now.UTC()}}, d.Updates...)
	}
	if shown := in.Directory.Sight.Shown; shown.ID != "" && (in.Managed.Everyone == nil || in.Managed.Everyone.ID != shown.ID) {
		d.Updates = append(d.Updates, core.Change{Everyone: &core.GroupSeen{ID: shown.ID, Name: shown.Name}})
	}
	if in.Managed.FirstSync && d.Whole() && len(v.steps) == 0 {
		d.Updates = append(d.Updates, core.Change{FirstDone: true}) // it was cut off with nothing left to do
	}
	id := in.Workspace.Identity
	d.Plan = core.Plan{
		FormatVersion: core.FormatVersion, CreatedAt: in.Now.UTC(), ScimSync: in.Version,
		Workspace: core.WorkspaceRef{ID: id.WorkspaceID, Slug: id.WorkspaceSlug, Name: id.WorkspaceName},
		Source:    core.SourceRef{Name: in.source(), OrgURL: in.Directory.Origin.OrgURL, AppID: in.Directory.Origin.AppID, AppLabel: in.Directory.Origin.AppLabel},
		Only:      in.Options.Only,
		Steps:     v.steps, Held: v.held, Refusals: v.refusals, Notes: all.notes,
		Unmanaged: all.teams.crowd.unmanagedPeople(), UnmanagedTeams: all.teams.unmanagedTeams(),
	}
	finish(&d.Plan)
	d.Plan.Summary = summarise(&d.Plan, v)
	return d, nil
}

// Seal gives the plan its id, once nothing changes any more.
func (d *Draft) Seal() *Draft {
	d.Plan.ID = d.Plan.Digest()
	return d
}

// finish numbers the steps, settles the order of everything that has none, and
// makes every list non-nil.
func finish(p *core.Plan) {
	for i := range p.Steps {
		p.Steps[i].N = i + 1
	}
	for i := range p.Held {
		p.Held[i].N = len(p.Steps) + i + 1
	}
	slices.SortStableFunc(p.Refusals, func(a, b core.Refusal) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), strings.Compare(a.Subject, b.Subject), strings.Compare(a.Detail, b.Detail))
	})
	slices.SortStableFunc(p.Notes, func(a, b core.Note) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), strings.Compare(a.Subject, b.Subject), strings.Compare(a.Detail, b.Detail))
	})
	p.Steps, p.Held, p.Refusals, p.Notes, p.Unmanaged = list(p.Steps), list(p.Held), list(p.Refusals), list(p.Notes), list(p.Unmanaged)
}

// list makes an empty list of none: documents have no null.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// summarise counts.
func summarise(p *core.Plan, v *review) core.Summary {
	var s core.Summary
	for i := range p.Steps {
		s.Count(&p.Steps[i])
	}
	for i := range p.Held {
		switch p.Held[i].Code {
		case core.TooManyTeamRemovals:
			s.Count(&p.Held[i].Step)
		case core.HeldByNoRemovals, core.HeldByDependency:
			s.Held++
		}
	}
	s.Refused = len(p.Refusals)
	s.Removals = v.removals()
	s.ChangeEmail = v.emailChanges()
	s.Additions = s.Provision + s.Reactivate
	s.NewAdmins = v.newAdmins()
	s.SeatsTaken = s.Provision + s.Reactivate
	s.SeatsFreed = s.Suspend + s.CancelInvite
	s.UnmanagedMembers = len(p.Unmanaged)
	s.UnmanagedTeams = len(p.UnmanagedTeams)
	return s
}
