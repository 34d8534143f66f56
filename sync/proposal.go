package sync

import (
	"fmt"
	"sort"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
)

// Input is everything that a plan depends on.
type Input struct {
	Directory idp.Directory
	Workspace attio.Workspace
	Managed   Managed
	// FirstRun: there was no state.
	FirstRun bool
	// Unfinished are writes of a run that was cut off.
	Unfinished []Unfinished
	// Standings are the source's answers about people who are managed but
	// not in its list, by Okta id; Groups likewise.
	Standings map[string]idp.Standing
	Groups    map[string]idp.GroupStanding
	// TeamsGone are ids of teams that are not in Attio's list, and of which
	// Attio said, asked for that very team, that there is none.
	TeamsGone map[string]bool
	// LookedUp are folded addresses that were asked for in Attio one by one
	// because only its REST list knew them; found ids are in Workspace.
	LookedUp map[string]bool
	Policy   Policy
	Options  Options
	Now      time.Time
	Version  string
}

// Options are what one run asks for.
type Options struct {
	Only string // an address, or a team's or group's name or id
	// Selected are the keys of the steps of a saved plan, and File is where it
	// was saved; nil: all steps.
	Selected   map[string]bool
	File       string
	NoRemovals bool
	// AllowRemovals and AllowAdditions lift the caps when they are exactly
	// the plan's number; nil: not given.
	AllowRemovals  *int
	AllowAdditions *int
}

// Proposal is a plan together with what carrying it out needs to know.
type Proposal struct {
	Plan Plan
	// Absent are the people (Okta ids) whose absence has to be confirmed by
	// the source before the plan may be believed; AbsentGroups likewise.
	Absent       []string
	AbsentGroups []string
	// AbsentTeams are teams (Attio ids) that Attio has to confirm to be gone.
	AbsentTeams []string
	// Reread are groups whose members are remembered, and on the strength of
	// which somebody would lose a membership: they must be read again first.
	Reread []idp.GroupRef
	// Unresolved are addresses that must be looked up in Attio because only
	// its REST list knows them.
	Unresolved []string

	blocked bool // a rail refuses the whole run
	partial bool // steps were left out because others were asked for
	facts   map[string]facts
	teams   map[string]teamFacts // by TeamRef.OktaID
	silent  []Change
	proofs  map[string]idp.Proof // by Okta id
	admins  []string             // folded addresses of the active admins that count
	input   Input
}

// facts are what state learns about a person besides what a step changes.
type facts struct {
	entry  ManagedPerson // what state had, or the beginnings of it
	wanted roleWanted
	// readdressed: an invite gives way to one to another address.
	readdressed bool
}

// teamFacts are what state learns about a team.
type teamFacts struct {
	entries []ManagedTeam // one a group
	members MemberSet     // who should be in it
	total   int
}

// Blocked says whether a rail refuses the whole run: nothing may be written.
func (p *Proposal) Blocked() bool { return p.blocked }

// Changes says whether there is anything to carry out.
func (p *Proposal) Changes() bool { return len(p.Plan.Steps) > 0 }

// UntrustedError is an answer of the source that contradicts itself: nothing
// may be written on its strength.
type UntrustedError struct{ Detail, Hint string }

func (e *UntrustedError) Error() string { return e.Detail }

// Propose works out the plan: what should be, what is, how they differ, in
// which order to change it, and what the rails say. It is pure: the same input
// gives the same plan, in whatever order its lists come.
func Propose(in Input) (*Proposal, error) {
	d := newDiff(in)
	if err := d.matchPeople(); err != nil {
		return nil, err
	}
	if only := in.Options.Only; only != "" && d.personNamed(only) == nil && !d.knowsTeam(only) && len(d.byEmail[attio.FoldEmail(only)]) == 0 {
		return nil, &OnlyError{Name: only}
	}
	d.people()
	d.teams()
	steps := d.steps
	sortSteps(steps)

	p := &Proposal{
		Absent: d.absent, AbsentGroups: d.absentGroups, AbsentTeams: d.absentTeams, Reread: d.reread, Unresolved: d.unresolved,
		facts: d.facts, teams: d.teamFacts, silent: d.silent, proofs: d.proofs, input: in,
	}
	p.Plan = Plan{
		FormatVersion: FormatVersion, CreatedAt: in.Now.UTC(), ScimSync: in.Version,
		Workspace: WorkspaceRef{in.Workspace.Identity.WorkspaceID, in.Workspace.Identity.WorkspaceSlug, in.Workspace.Identity.WorkspaceName},
		Source:    SourceRef{in.Directory.Origin.OrgURL, in.Directory.Origin.AppID, in.Directory.Origin.AppLabel},
		Only:      in.Options.Only,
		Refusals:  d.refusalsAsked(), Notes: d.allNotes(), Unmanaged: d.unmanaged(), UnmanagedTeams: d.unmanagedTeams(),
	}
	r := review(d, steps)
	p.blocked, p.partial, p.admins = r.blocked, r.partial, d.countingAdmins()
	p.Plan.Steps, p.Plan.Held = r.steps, r.held
	p.Plan.Refusals = append(p.Plan.Refusals, r.refusals...)
	p.Plan.Notes = append(p.Plan.Notes, r.notes...)
	p.silent = append(p.silent, r.silent...)
	if in.Managed.FirstSync && p.Whole() && !p.Changes() {
		p.silent = append(p.silent, Change{FirstDone: true}) // it was cut off with nothing left to do
	}
	p.Plan.Summary = summarise(p.Plan, r, d)
	finish(&p.Plan)
	return p, nil
}

// finish numbers the steps, settles the order of everything that has none,
// makes every list non-nil and computes the id.
func finish(p *Plan) {
	for i := range p.Steps {
		p.Steps[i].N = i + 1
	}
	for i := range p.Held {
		p.Held[i].N = len(p.Steps) + i + 1
	}
	sort.SliceStable(p.Refusals, func(i, j int) bool {
		a, b := p.Refusals[i], p.Refusals[j]
		return fmt.Sprint(a.Code, "\x00", a.Subject, "\x00", a.Detail) < fmt.Sprint(b.Code, "\x00", b.Subject, "\x00", b.Detail)
	})
	sort.SliceStable(p.Notes, func(i, j int) bool {
		a, b := p.Notes[i], p.Notes[j]
		return a.Code+"\x00"+a.Subject+"\x00"+a.Detail < b.Code+"\x00"+b.Subject+"\x00"+b.Detail
	})
	if p.Steps == nil {
		p.Steps = []Step{}
	}
	if p.Held == nil {
		p.Held = []HeldStep{}
	}
	if p.Refusals == nil {
		p.Refusals = []Refusal{}
	}
	if p.Notes == nil {
		p.Notes = []Note{}
	}
	if p.Unmanaged == nil {
		p.Unmanaged = []Unmanaged{}
	}
	p.ID = p.Digest()
}
