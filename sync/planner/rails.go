package planner

import (
	"slices"

	core "scim-sync/sync"
)

// Rail is one safety rail: what it is called, how far its refusals reach, and
// what it refuses, for the docs and for explain.
type Rail struct {
	Code    core.Code
	Reach   core.Reach
	Refuses string
	check   func(*review) ruling // nil: checked while the sides are compared
}

// Rails are all rails of a plan, in the order in which they are laid over it:
// what leaves steps out, or keeps some back, comes before the caps, which look
// at what is left. A new rail is a file and a row here.
func Rails() []Rail {
	steps, run := core.ReachSteps, core.ReachRun
	return []Rail{
		{core.EmailConflict, steps, "an address that two people would have", nil},
		{core.EmailNotChanged, steps, "an address that Attio did not change when it was asked to", nil},
		{core.TeamNameTaken, steps, "a team's name that another team has", nil},

		{core.HeldByOnly, "", "", onlyAsked},
		{core.HeldByOnly, "", "", onlySelected},
		{core.HeldByNoRemovals, "", "", noRemovals},
		{core.SightLost, steps, "taking anything away while the credential sees less of the directory than before", sightLost},
		{core.Contested, steps, "putting back for the third time within protect.removals_window what somebody else changes in Attio", contested},
		{core.OwnAccount, steps, "suspending or demoting the person behind the token, or changing their address", ownAccount},
		{core.LastAdmin, steps, "a step that would leave no active admin at some moment of the run", lastAdmin},
		{core.HeldByDependency, "", "", dependents},
		{core.TooManyTeamRemovals, steps, "more people out of one team than protect.team_removals allows", teamRemovals},
		{core.HeldByDependency, "", "", dependents}, // of those, too
		{core.SourceEmpty, run, "a directory in which nobody is assigned, though people are managed", sourceEmpty},
		{core.TargetMissing, run, "a list of Attio in which too many of those in state are missing", targetMissing},
		{core.Remade, run, "suspending more people than protect.removals_floor who were made anew in the source, under their old addresses", remade},
		{core.TooManyReleases, run, "letting go of more than half of the managed teams, or people, on account of the settings", releases},
		{core.TooManyRemovals, run, "more suspensions and withdrawn invites than protect.removals allows", removals},
		{core.TooManyAdminRemovals, run, "more suspensions, demotions and changes of address of admins than protect.admin_removals allows", adminRemovals},
		{core.TooManyAdditions, run, "more people added than protect.additions allows", additions},
		{core.TooManyPromotions, run, "more new admins than protect.promotions allows", promotions},
		{core.TooManyEmailChanges, run, "more changes of address than protect.email_changes allows", emailChanges},
	}
}

// layRails lays the rails over the steps.
func layRails(v *review) {
	for _, r := range Rails() {
		if r.check != nil {
			v.apply(r.Code, r.Reach, r.check(v))
		}
	}
	v.oneCommand()
	// What was left out because other steps were asked for is held by nothing.
	v.held = slices.DeleteFunc(v.held, func(h core.HeldStep) bool { return h.Code == core.HeldByOnly })
	// What is held back or left out says nothing about the removals to come; a
	// whole run that nothing refuses ends what a refusal began.
	if v.in.Managed.Latched != nil && !v.blocked && !v.partial && !v.in.noRemovals() && !v.in.Directory.Sight.Lost() {
		v.updates = append(v.updates, core.Change{Unlatch: true})
	}
}
