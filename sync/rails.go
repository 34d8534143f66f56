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
	partial  bool // steps were left out because others were asked for
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
	v.only(d)
	v.selected(d)
	v.noRemovals(d)
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

// holdDependents keeps back what needs a step that was kept back: the new
// invite after an old one, memberships of somebody who is not provisioned, all
// about somebody who is not adopted.
func (v *verdict) holdDependents() {
	cancelled, provisioned, created, strange := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, h := range v.held {
		switch h.Action {
		case Adopt:
			strange[h.Person.OktaID] = true
		case CancelInvite, Suspend:
			cancelled[h.Person.OktaID] = true
		case Provision:
			provisioned[h.Person.OktaID] = true
		case CreateTeam:
			created[h.Team.OktaID] = true
		}
	}
	v.hold(heldByDependency, func(s Step) bool {
		switch {
		case s.Person == nil:
			return false
		case s.Action == Provision && cancelled[s.Person.OktaID]:
			provisioned[s.Person.OktaID] = true
			return true
		}
		return strange[s.Person.OktaID] // nothing is known of who was not adopted
	})
	if len(provisioned)+len(created)+len(strange) == 0 {
		return
	}
	v.splitMembers(heldByDependency, func(s Step, m MemberRef) bool {
		return strange[m.OktaID] || s.Action == AddMembers && (created[s.Team.OktaID] || m.AttioID == "" && provisioned[m.OktaID])
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
