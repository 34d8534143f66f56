package sync

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
)

// verdict is what the rails make of the steps.
type verdict struct {
	steps    []Step
	held     []HeldStep
	refusals []Refusal
	notes    []Note
	silent   []Change
	blocked  bool
}

// Codes of what is held without a refusal.
const (
	heldByNoRemovals = "no-removals"
	heldByDependency = "needs-held-step"
	heldByOnly       = "only"
)

// review lays the rails over the steps: each a small function that takes
// steps out, or refuses the whole run. The caps come last, over what is left.
func review(d *diff, steps []Step) verdict {
	v := &verdict{steps: steps}
	v.noRemovals(d)
	v.only(d)
	v.selected(d)
	v.ownAccount(d)
	v.lastAdmin(d)
	v.holdDependents()
	v.forgetLeftOut()
	v.teamRemovals(d)
	empty := v.sourceEmpty(d)
	v.targetMissing(d)
	if !empty { // no cap says more, and no --allow-removals goes on
		v.removals(d)
	}
	v.additions(d)
	v.unlatch(d)
	return *v
}

// hold takes out the steps that pick says, under a code.
func (v *verdict) hold(code string, pick func(Step) bool) (n int) {
	if !slices.ContainsFunc(v.steps, pick) {
		return 0 // as nearly always; a list less to copy
	}
	kept := make([]Step, 0, len(v.steps))
	for _, s := range v.steps {
		if pick(s) {
			v.held = append(v.held, HeldStep{Step: s, Code: code})
			n++
			continue
		}
		kept = append(kept, s)
	}
	v.steps = kept
	return n
}

func (v *verdict) refuse(blocks bool, code, subject, detail, remedy string) {
	reach := ReachSteps
	if blocks {
		reach = ReachRun
	}
	v.refusals = append(v.refusals, Refusal{Code: code, Reach: reach, Subject: subject, Detail: detail, Remedy: remedy})
	v.blocked = v.blocked || blocks
}

// IsRemoval says whether a step takes something away from somebody.
func (s Step) IsRemoval() bool {
	switch s.Action {
	case Suspend, CancelInvite, Demote, RemoveMembers, DeleteTeam:
		return true
	}
	return false
}

func (v *verdict) noRemovals(d *diff) {
	if d.in.Options.NoRemovals || d.in.Policy.Protect.NoRemovals {
		v.hold(heldByNoRemovals, Step.IsRemoval)
	}
}

// ownAccount never lets a run suspend or demote the person behind its token.
func (v *verdict) ownAccount(d *diff) {
	own := attio.FoldEmail(d.in.Workspace.OwnEmail)
	if own == "" {
		return
	}
	isOwn := func(s Step) bool {
		if s.Action != Suspend && s.Action != Demote || s.Person == nil {
			return false
		}
		i, ok := d.byID[s.AttioID]
		return ok && attio.FoldEmail(d.members[i].Email) == own
	}
	if v.hold("own-account", isOwn) > 0 {
		v.refuse(false, "own-account", d.in.Workspace.OwnEmail, "scim-sync is signed in to Attio as this very person; suspending or demoting them may end the token",
			"Let another admin sign in: scim-sync login; then run again.")
	}
}

// lastAdmin walks the run and keeps back what would leave no active admin at
// any moment. A pending invite is no admin; neither is an unmanaged one
// outside the verified domains. Suspensions that have to wait for a new admin
// are moved behind it.
func (v *verdict) lastAdmin(d *diff) {
	admins := map[string]bool{}
	for i, m := range d.members {
		if d.counts(i) && m.ID != "" {
			admins[m.ID] = true
		}
	}
	fresh := 0 // admins who are new and active at once
	replaced := map[string]bool{}
	for _, s := range v.steps {
		if s.Action == Provision {
			replaced[s.Person.id()] = true
		}
	}
	early := v.steps[:0] // in place: what is read is never behind what is written
	var late, refused []Step
	for _, s := range v.steps {
		switch {
		case s.Action == Promote && s.After.Status != attio.Invited:
			admins[s.AttioID] = true
		case s.Action == Suspend && admins[s.AttioID]:
			switch {
			case len(admins) == 1 && replaced[s.Person.OktaID]:
				refused = append(refused, s) // the old account goes before the new one comes
				continue
			case len(admins) == 1:
				late = append(late, s)
				continue
			}
			delete(admins, s.AttioID)
		case s.Action == Reactivate && s.After.Role == attio.RoleAdmin:
			admins[s.AttioID] = true
		case s.Action == Provision && s.After.Role == attio.RoleAdmin && s.After.Status == attio.Active:
			fresh++
		case s.Action == Demote && admins[s.AttioID]:
			if len(admins)+fresh == 1 {
				refused = append(refused, s)
				continue
			}
			delete(admins, s.AttioID)
		}
		early = append(early, s)
	}
	for i := 0; i < len(late); i++ {
		if len(admins)+fresh > 1 {
			delete(admins, late[i].AttioID)
			continue
		}
		refused = append(refused, late[i])
		late = append(late[:i], late[i+1:]...)
		i--
	}
	v.steps = splice(early, late)
	sort.SliceStable(refused, func(i, j int) bool { return refused[i].AttioID < refused[j].AttioID })
	for _, s := range refused {
		v.held = append(v.held, HeldStep{Step: s, Code: "last-admin"})
		v.refuse(false, "last-admin", s.Person.Email, "is the last active admin of the workspace; Attio refuses to be left without one, and so does scim-sync (a pending invite is no admin)",
			"Make somebody else an admin first: give another active person the role admin in Okta, and run again.")
	}
}

// splice puts the late suspensions behind the arrivals.
func splice(steps, late []Step) []Step {
	if len(late) == 0 {
		return steps
	}
	at := len(steps)
	for i, s := range steps {
		if phaseOf(s, false) > phaseArrive {
			at = i
			break
		}
	}
	out := append([]Step(nil), steps[:at]...)
	out = append(out, late...)
	return append(out, steps[at:]...)
}

// holdDependents keeps back what needs a step that was kept back: the new
// invite after an old one, memberships of somebody who is not provisioned.
func (v *verdict) holdDependents() {
	cancelled, provisioned, created := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, h := range v.held {
		switch h.Action {
		case CancelInvite, Suspend:
			cancelled[h.Person.OktaID] = true
		case Provision:
			provisioned[h.Person.OktaID] = true
		case CreateTeam:
			created[h.Team.OktaID] = true
		}
	}
	v.hold(heldByDependency, func(s Step) bool {
		if s.Action == Provision && cancelled[s.Person.OktaID] {
			provisioned[s.Person.OktaID] = true
			return true
		}
		return false
	})
	if len(provisioned) == 0 && len(created) == 0 {
		return
	}
	v.splitMembers(heldByDependency, func(s Step, m MemberRef) bool {
		return s.Action == AddMembers && (created[s.Team.OktaID] || m.AttioID == "" && provisioned[m.OktaID])
	})
}

// splitMembers takes single people out of membership steps.
func (v *verdict) splitMembers(code string, away func(Step, MemberRef) bool) {
	var kept []Step
	for _, s := range v.steps {
		if len(s.People) == 0 {
			kept = append(kept, s)
			continue
		}
		stay, go_ := s, s
		stay.People, go_.People = nil, nil
		for _, m := range s.People {
			if away(s, m) {
				go_.People = append(go_.People, m)
			} else {
				stay.People = append(stay.People, m)
			}
		}
		if len(stay.People) > 0 {
			kept = append(kept, stay)
		}
		if len(go_.People) > 0 && code != heldByOnly {
			v.held = append(v.held, HeldStep{Step: go_, Code: code})
		}
	}
	v.steps = kept
}

// teamRemovals caps what one team loses in a run.
func (v *verdict) teamRemovals(d *diff) {
	p := d.in.Policy.Protect
	lost := map[string]int{}
	label := map[string]*TeamRef{}
	leaving := v.leaving()
	for _, s := range v.steps {
		if s.Action == RemoveMembers || s.Action == DeleteTeam {
			lost[s.Team.AttioID] += d.loses(s, leaving)
			label[s.Team.AttioID] = s.Team
		}
	}
	ids := make([]string, 0, len(lost))
	for id := range lost {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	for _, id := range ids {
		active := d.activeIn(id, leaving)
		limit := max(p.TeamRemovals.Of(active), p.TeamRemovalsFloor)
		if lost[id] <= limit || d.allowed(v) {
			continue
		}
		v.hold("too-many-team-removals", func(s Step) bool {
			return (s.Action == RemoveMembers || s.Action == DeleteTeam) && s.Team.AttioID == id
		})
		v.refuse(false, "too-many-team-removals", label[id].Name,
			fmt.Sprintf("the team would lose %d of its %d active people; protect.team_removals allows %d", lost[id], active, limit),
			"Look at the group in Okta. If it is right: "+d.allowCommand(v)+"; or raise protect.team_removals.")
	}
}

// leaving are those whom this plan suspends, by Attio id: their memberships
// are neither removed nor counted.
func (v *verdict) leaving() map[string]bool {
	leaving := map[string]bool{}
	for _, s := range v.steps {
		if s.Action == Suspend || s.Action == CancelInvite {
			leaving[s.AttioID] = true
		}
	}
	return leaving
}

// loses counts the active people whom a step takes out of a team.
func (d *diff) loses(s Step, leaving map[string]bool) int {
	if s.Action == DeleteTeam {
		return d.activeIn(s.Team.AttioID, leaving)
	}
	n := 0
	for _, m := range s.People {
		if i, ok := d.byID[m.AttioID]; ok && d.members[i].Status == attio.Active {
			n++
		}
	}
	return n
}

// activeIn counts the active people of a team who stay so.
func (d *diff) activeIn(teamID string, leaving map[string]bool) int {
	return d.countIn(teamID, func(m attio.Member) bool { return m.Status == attio.Active && !leaving[m.ID] })
}

// staying counts the people of a team, active or invited, who stay so.
func (d *diff) staying(teamID string, leaving map[string]bool) int {
	return d.countIn(teamID, func(m attio.Member) bool { return m.Status != attio.Suspended && !leaving[m.ID] })
}

// countIn counts the people of a team that are of a kind.
func (d *diff) countIn(teamID string, is func(attio.Member) bool) int {
	n := 0
	for _, t := range d.in.Workspace.Teams {
		if t.ID != teamID {
			continue
		}
		for _, id := range t.Members {
			if i, ok := d.byID[id]; ok && is(d.members[i]) {
				n++
			}
		}
	}
	return n
}

// sourceEmpty refuses when Okta has nobody although people are managed: an
// empty list is an error, never a wish.
func (v *verdict) sourceEmpty(d *diff) bool {
	managed := d.managedHere()
	for _, p := range d.in.Directory.People {
		if p.Access != idp.Revoked {
			return false
		}
	}
	if managed == 0 {
		return false
	}
	v.refuse(true, "source-empty", d.in.Directory.Origin.AppLabel,
		fmt.Sprintf("nobody is assigned to the app in Okta, though %d people are managed", managed),
		"Check the app's assignments in Okta. If the company really leaves Attio: scim-sync release --all, then suspend people in Attio.")
	v.silent = append(v.silent, Change{Latch: &Latch{Code: "source-empty", At: d.in.Now.UTC()}})
	return true
}

// managedHere counts managed people who are active or invited in Attio.
func (d *diff) managedHere() int {
	n := 0
	for _, s := range d.subjects {
		if m := d.at(s); s.managed && m != nil && m.Status != attio.Suspended {
			n++
		}
	}
	return n
}

// targetMissing refuses when too many of those in state are not in Attio's
// list any more: that list is then not to be trusted.
func (v *verdict) targetMissing(d *diff) {
	known := 0
	var missing []string
	for _, s := range d.subjects {
		if !s.managed || !s.entry.Applied.Active {
			continue
		}
		known++
		if s.member < 0 {
			missing = append(missing, s.entry.Email)
		}
	}
	if len(missing) > 5 && len(missing)*20 > known {
		sort.Strings(missing)
		v.refuse(true, "target-missing", d.in.Workspace.Identity.WorkspaceName,
			fmt.Sprintf("%d of the %d people that state ties to Attio are not in Attio's list any more: %s", len(missing), known, people(missing)),
			"Attio's answer may be incomplete: run again later. If they are really gone, let go of each of them and run again: scim-sync release "+Quote(missing[0]))
	}
}

// withinWindow counts earlier removals that still count, but for those that
// this plan would make (again): a run that was cut off counts what it may have
// done, and the next one does it.
func (d *diff) withinWindow(steps []Step, pick func(Removal) bool) int {
	again := map[string]bool{}
	for _, s := range steps {
		if s.Person != nil && s.IsRemoval() {
			again[s.Key()] = true
		}
	}
	n := 0
	from := d.in.Now.Add(-d.in.Policy.Protect.RemovalsWindow)
	for _, r := range d.in.Managed.Removals {
		repeated := again[Step{Action: r.Action, Person: &PersonRef{OktaID: r.OktaID}}.Key()]
		if d.in.Policy.Protect.RemovalsWindow > 0 && r.At.After(from) && !repeated && pick(r) {
			n++
		}
	}
	return n
}

// windowWords is how a window reads: 24 h.
func windowWords(w time.Duration) string {
	if w%time.Hour == 0 {
		return fmt.Sprintf("%d h", int(w/time.Hour))
	}
	return w.String()
}
