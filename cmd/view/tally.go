package view

import (
	"strings"

	core "scim-sync/sync"
)

// tally puts the counts of a plan into one sentence: "5 to provision, 2 to
// suspend; teams: 1 to create; memberships: 12 to add". Empty when all are 0.
func tally(s core.Summary) string {
	return clauses(
		clause("", []number{
			{s.Promote, "to promote"}, {s.Demote, "to demote"},
			{s.Provision, "to provision"}, {s.Reactivate, "to reactivate"}, {s.Suspend, "to suspend"},
			{s.CancelInvite, plural(s.CancelInvite, "invite to cancel", "invites to cancel")},
			{s.Rename, "to rename"}, {s.ChangeEmail, plural(s.ChangeEmail, "email to change", "emails to change")},
			{s.Adopt, "to adopt"},
		}),
		clause("teams: ", []number{
			{s.CreateTeam, "to create"}, {s.LinkTeam, "to link"}, {s.RenameTeam, "to rename"}, {s.DeleteTeam, "to delete"},
		}),
		clause("memberships: ", []number{{s.AddMembers, "to add"}, {s.RemoveMembers, "to remove"}}),
	)
}

// done puts what was carried out into one sentence.
func done(results []core.StepResult) string {
	var s core.Summary
	for i := range results {
		switch r := &results[i]; {
		case r.Outcome != core.StepOK:
		case r.Step.Action == core.AddMembers:
			s.AddMembers += r.People
		case r.Step.Action == core.RemoveMembers:
			s.RemoveMembers += r.People
		default:
			addTo(&s, &r.Step)
		}
	}
	return clauses(
		clause("", []number{
			{s.Promote, "promoted"}, {s.Demote, "demoted"},
			{s.Provision, "provisioned"}, {s.Reactivate, "reactivated"}, {s.Suspend, "suspended"},
			{s.CancelInvite, plural(s.CancelInvite, "invite cancelled", "invites cancelled")},
			{s.Rename, "renamed"}, {s.ChangeEmail, plural(s.ChangeEmail, "email changed", "emails changed")},
			{s.Adopt, "adopted"},
		}),
		clause("teams: ", []number{
			{s.CreateTeam, "created"}, {s.LinkTeam, "linked"}, {s.RenameTeam, "renamed"}, {s.DeleteTeam, "deleted"},
		}),
		clause("memberships: ", []number{{s.AddMembers, "added"}, {s.RemoveMembers, "removed"}}),
	)
}

// addTo counts one step as a plan's summary does.
func addTo(s *core.Summary, step *core.Step) {
	switch step.Action {
	case core.Provision:
		s.Provision++
	case core.Adopt:
		s.Adopt++
	case core.Reactivate:
		s.Reactivate++
	case core.Suspend:
		s.Suspend++
	case core.CancelInvite:
		s.CancelInvite++
	case core.Promote:
		s.Promote++
	case core.Demote:
		s.Demote++
	case core.Rename:
		s.Rename++
	case core.ChangeEmail:
		s.ChangeEmail++
	case core.CreateTeam:
		s.CreateTeam++
	case core.LinkTeam:
		s.LinkTeam++
	case core.RenameTeam:
		s.RenameTeam++
	case core.DeleteTeam:
		s.DeleteTeam++
	case core.AddMembers:
		s.AddMembers += len(step.People)
	case core.RemoveMembers:
		s.RemoveMembers += len(step.People)
	}
}

type number struct {
	n    int
	what string
}

func clause(lead string, numbers []number) string {
	var parts []string
	for _, x := range numbers {
		if x.n != 0 {
			parts = append(parts, thousands(x.n)+" "+x.what)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return lead + strings.Join(parts, ", ")
}

func clauses(parts ...string) string {
	kept := parts[:0]
	for _, s := range parts {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, "; ")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// seats says what the plan means for seats, empty when nothing.
func seats(s core.Summary) string {
	if s.SeatsTaken == 0 && s.SeatsFreed == 0 {
		return ""
	}
	return "Seats: " + thousands(s.SeatsTaken) + " taken, " + thousands(s.SeatsFreed) + " freed."
}

// unmanaged says how much of the workspace is not Okta's, empty when nothing.
func unmanaged(s core.Summary) string {
	if s.UnmanagedMembers == 0 && s.UnmanagedTeams == 0 {
		return ""
	}
	return "Not managed by Okta and left alone: " + count(s.UnmanagedMembers, "member", "members") + ", " +
		count(s.UnmanagedTeams, "team", "teams") + "."
}
