package sync

import (
	"fmt"

	"scim-sync/attio"
)

// removals caps suspensions and withdrawn invites, the window included, and
// removals of admins. A cap that refused latches: until the removals of a whole
// run are within the floor again, or are allowed, no more than the floor may go.
func (v *verdict) removals(d *diff) {
	p := d.in.Policy.Protect
	plan, admins := 0, 0
	for _, s := range v.steps {
		switch s.Action {
		case Suspend, CancelInvite:
			plan++
		}
		if s.removesAdmin() {
			admins++
		}
	}
	leaving := func(r Removal) bool { return r.Action == Suspend || r.Action == CancelInvite }
	before := d.withinWindow(v.steps, leaving)
	beforeAdmins := d.withinWindow(v.steps, func(r Removal) bool { return r.Admin })
	n := d.managedHere()
	floor := min(p.RemovalsFloor, n/2)
	limit := max(min(p.Removals.Of(n), p.RemovalsCeiling), floor)
	latched := d.in.Managed.Latched
	if latched != nil {
		limit = floor
	}
	capped := plan > 0 && plan+before > limit
	cappedAdmins := admins > 0 && admins+beforeAdmins > p.AdminRemovals

	switch {
	case d.wrongNumber(v):
		v.refuse(true, "too-many-removals", "--allow-removals",
			fmt.Sprintf("%d removals were allowed, but the plan has %d", *d.in.Options.AllowRemovals, v.removalsTotal(d)),
			"Look at the plan again. If it is right: "+d.allowCommand(v))
		return
	case d.allowed(v):
		return
	}
	if capped {
		v.refuse(true, "too-many-removals", d.in.Workspace.Identity.WorkspaceName, removalWords(plan, before, n, limit, latched, p),
			"Look at who would be removed. If it is right: "+d.allowCommand(v)+"; or raise protect.removals or protect.removals_ceiling.")
		v.silent = append(v.silent, Change{Latch: &Latch{Code: "too-many-removals", At: d.in.Now.UTC()}})
	}
	if cappedAdmins {
		v.refuse(true, "too-many-admin-removals", d.in.Workspace.Identity.WorkspaceName,
			fmt.Sprintf("%s would be suspended or demoted (%d more in the last %s); protect.admin_removals allows %d", counted(admins, "admin", "admins"), beforeAdmins, windowWords(p.RemovalsWindow), p.AdminRemovals),
			"Look at who they are. If it is right: "+d.allowCommand(v)+"; or raise protect.admin_removals.")
		v.silent = append(v.silent, Change{Latch: &Latch{Code: "too-many-admin-removals", At: d.in.Now.UTC()}})
	}
}

// unlatch ends what a refusal began, once a whole run is refused by nothing.
// What is held back or left out says nothing about the removals to come.
func (v *verdict) unlatch(d *diff) {
	whole := !v.partial && !d.in.Options.NoRemovals && !d.in.Policy.Protect.NoRemovals
	if d.in.Managed.Latched != nil && !v.blocked && whole {
		v.silent = append(v.silent, Change{Unlatch: true})
	}
}

// removesAdmin says whether an admin would be one no more; an invited one has
// never been one.
func (s Step) removesAdmin() bool {
	return (s.Action == Suspend || s.Action == Demote) && s.Before.Role == attio.RoleAdmin && s.Before.Status != attio.Invited
}

func removalWords(plan, before, n, limit int, latched *Latch, p ProtectPolicy) string {
	s := fmt.Sprintf("%d of %d managed people would lose their place", plan, n)
	if before > 0 {
		s += fmt.Sprintf(", after %d in the last %s", before, windowWords(p.RemovalsWindow))
	}
	if latched != nil {
		return s + fmt.Sprintf("; after a refusal (%s) only %d are allowed until the removals are within that again", latched.Code, limit)
	}
	return s + fmt.Sprintf("; protect.removals allows %d", limit)
}

// counted words a number of things.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// removalsTotal is the plan's summary.removals: what --allow-removals names.
func (v *verdict) removalsTotal(d *diff) int {
	n, leaving := 0, v.leaving()
	for _, s := range v.steps {
		n += d.removalCount(s, leaving)
	}
	for _, h := range v.held {
		if h.Code == "too-many-team-removals" {
			n += d.removalCount(h.Step, leaving)
		}
	}
	return n
}

// removalCount is what a step takes away: deleting a team takes the
// memberships of its people.
func (d *diff) removalCount(s Step, leaving map[string]bool) int {
	switch s.Action {
	case Suspend, CancelInvite, Demote:
		return 1
	case RemoveMembers:
		return len(s.People)
	case DeleteTeam:
		return d.staying(s.Team.AttioID, leaving)
	}
	return 0
}

// allowed says whether --allow-removals names exactly this plan's number.
func (d *diff) allowed(v *verdict) bool {
	n := d.in.Options.AllowRemovals
	return n != nil && *n > 0 && *n == v.removalsTotal(d)
}

func (d *diff) wrongNumber(v *verdict) bool {
	n := d.in.Options.AllowRemovals
	return n != nil && *n != v.removalsTotal(d)
}

func (d *diff) allowCommand(v *verdict) string {
	n := v.removalsTotal(d)
	if n == 0 {
		return d.applyCommand()
	}
	return d.applyCommand() + fmt.Sprintf(" --allow-removals %d", n)
}

// applyCommand is the run in hand as a command, with the saved plan and --only
// where they were given: what is allowed is that one's number.
func (d *diff) applyCommand() string {
	s := "scim-sync apply"
	if d.in.Options.File != "" {
		s += " " + Quote(d.in.Options.File)
	}
	if d.in.Options.Only != "" {
		s += " --only " + Quote(d.in.Options.Only)
	}
	return s
}

// additions caps provisions, reactivations and new admins; not on a first run.
func (v *verdict) additions(d *diff) {
	p := d.in.Policy.Protect
	arrivals, admins, total := 0, 0, 0
	for _, s := range v.steps {
		switch s.Action {
		case Provision, Reactivate:
			arrivals++
			total++
			if s.After.Role == attio.RoleAdmin && !d.wasAdmin(s) {
				admins++
			}
		case Promote:
			admins++
			total++
		}
	}
	command := d.applyCommand() + fmt.Sprintf(" --allow-additions %d", total)
	if n := d.in.Options.AllowAdditions; n != nil {
		if *n != total {
			v.refuse(true, "too-many-additions", "--allow-additions", fmt.Sprintf("%d additions were allowed, but the plan has %d", *n, total),
				"Look at the plan again. If it is right: "+command)
		}
		return
	}
	if d.in.FirstRun {
		return
	}
	n := d.managedHere()
	if limit := max(p.Additions.Of(n), p.AdditionsFloor); arrivals > limit {
		v.refuse(true, "too-many-additions", d.in.Workspace.Identity.WorkspaceName,
			fmt.Sprintf("%s would be provisioned or reactivated beside %d managed; protect.additions allows %d", counted(arrivals, "person", "people"), n, limit),
			"Look at who is new. If it is right: "+command+"; or raise protect.additions.")
	}
	if admins > p.Promotions {
		v.refuse(true, "too-many-promotions", d.in.Workspace.Identity.WorkspaceName,
			fmt.Sprintf("%s would become admin; protect.promotions allows %d", counted(admins, "person", "people"), p.Promotions),
			"Look at who they are. If it is right: "+command+"; or raise protect.promotions.")
	}
}

// wasAdmin says whether someone who comes back was an admin when they left.
func (d *diff) wasAdmin(s Step) bool {
	return s.Action == Reactivate && d.in.Managed.People[s.Person.OktaID].Applied.Role == attio.RoleAdmin
}

// summarise counts.
func summarise(p Plan, r verdict, d *diff) Summary {
	var s Summary
	for _, st := range p.Steps {
		s.count(st)
	}
	for _, h := range p.Held {
		if h.Code == "too-many-team-removals" {
			s.count(h.Step)
		}
		if h.Code == heldByNoRemovals || h.Code == heldByDependency {
			s.Held++
		}
	}
	s.Refused = len(p.Refusals)
	s.Removals = r.removalsTotal(d)
	s.Additions = s.Provision + s.Reactivate + s.Promote
	s.SeatsTaken = s.Provision + s.Reactivate
	s.SeatsFreed = s.Suspend + s.CancelInvite
	s.UnmanagedMembers = len(p.Unmanaged)
	s.UnmanagedTeams = len(p.UnmanagedTeams)
	return s
}

func (s *Summary) count(st Step) {
	switch st.Action {
	case Provision:
		s.Provision++
	case Adopt:
		s.Adopt++
	case Reactivate:
		s.Reactivate++
	case Suspend:
		s.Suspend++
	case CancelInvite:
		s.CancelInvite++
	case Promote:
		s.Promote++
	case Demote:
		s.Demote++
	case Rename:
		s.Rename++
	case ChangeEmail:
		s.ChangeEmail++
	case CreateTeam:
		s.CreateTeam++
	case LinkTeam:
		s.LinkTeam++
	case RenameTeam:
		s.RenameTeam++
	case DeleteTeam:
		s.DeleteTeam++
	case AddMembers:
		s.AddMembers += len(st.People)
	case RemoveMembers:
		s.RemoveMembers += len(st.People)
	}
}

// allNotes are those of the source, of the diff, and of values told once each.
func (d *diff) allNotes() []Note {
	notes := append(d.notes, d.roleNotes()...)
	notes = append(notes, d.userNameNotes()...)
	for _, n := range d.in.Directory.Notes {
		notes = append(notes, Note{Code: n.Code, Subject: n.Subject, Detail: n.Detail})
	}
	return notes
}
