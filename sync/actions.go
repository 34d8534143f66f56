package sync

// Action is what a step does.
type Action string

// The actions, in the words of the plan document.
const (
	Provision     Action = "provision"
	Adopt         Action = "adopt" // no request: state learns who belongs to whom
	Reactivate    Action = "reactivate"
	Suspend       Action = "suspend"
	CancelInvite  Action = "cancel_invite"
	Promote       Action = "promote"
	Demote        Action = "demote"
	Rename        Action = "rename"
	ChangeEmail   Action = "change_email"
	CreateTeam    Action = "create_team"
	LinkTeam      Action = "link_team" // no request: state learns which team is a group's
	RenameTeam    Action = "rename_team"
	DeleteTeam    Action = "delete_team"
	AddMembers    Action = "add_members"
	RemoveMembers Action = "remove_members"
)

// Phase is a part of a run. Those about people come one after the other, and so do
// those about teams, so that promises hold at every moment: an admin always
// remains, who has to go goes first, seats are freed before they are taken, names
// before they are given. Once that is done which takes access away, the two go on
// side by side, but for teams that wait for people who are to be in them.
type Phase int8

// The phases, in their order.
const (
	PhaseAdopt     Phase = iota // no request: adopt, link
	PhasePromote                // new admins among those who are there
	PhaseOffboard               // suspend, cancel: ends access at once and frees seats
	PhaseProvision              // provision and reactivate, admins first
	PhaseStepDown               // demotions, and suspensions that had to wait for a new admin
	PhaseFields                 // names and addresses
	PhaseTeamsGone              // deletions, which make names free
	PhaseTeamNames              // renames, likewise
	PhaseTeams                  // new teams
	PhaseMembers                // memberships
)

// Effect sorts actions by what they do to somebody's access.
type Effect int8

// The effects.
const (
	Changes Effect = iota // somebody or some team is another than before
	Adds                  // somebody gets something, or a team comes into being
	Removes               // takes something away from somebody
	Records               // no request to Attio: state alone learns something
)

// Traits are what is true of every step of an action: all that code elsewhere
// has to know about actions in general. A new action is a row here, a step of
// the planner and a write of apply.
type Traits struct {
	Phase  Phase
	Within int // its place within the phase, among steps of one subject
	Effect Effect
	Sign   string // how a plan shows it: +, -, ~, ↻, =
	Verb   string // "cancel invite"
	Todo   string // what is to be done with one: "to provision", "invite to cancel"
	Todos  string // the same with several
	Done   string // what was done with one: "provisioned"
	Dones  string
	// Counter is where a summary counts it.
	Counter func(*Summary) *int
}

// ActionsByKind lists the actions of people, of teams and of memberships, each
// in the order in which people are told of them.
func ActionsByKind() (people, teams, memberships []Action) {
	return []Action{Promote, Demote, Provision, Reactivate, Suspend, CancelInvite, Rename, ChangeEmail, Adopt},
		[]Action{CreateTeam, LinkTeam, RenameTeam, DeleteTeam},
		[]Action{AddMembers, RemoveMembers}
}

// Traits gives the row of an action; of one that a newer program wrote, a row
// that says nothing but its name.
func (a Action) Traits() Traits {
	switch a {
	case Provision:
		return Traits{PhaseProvision, 1, Adds, "+", "provision", "to provision", "to provision", "provisioned", "provisioned", func(s *Summary) *int { return &s.Provision }}
	case Adopt:
		return Traits{PhaseAdopt, 1, Records, "=", "adopt", "to adopt", "to adopt", "adopted", "adopted", func(s *Summary) *int { return &s.Adopt }}
	case Reactivate:
		return Traits{PhaseProvision, 2, Adds, "↻", "reactivate", "to reactivate", "to reactivate", "reactivated", "reactivated", func(s *Summary) *int { return &s.Reactivate }}
	case Suspend:
		return Traits{PhaseOffboard, 1, Removes, "-", "suspend", "to suspend", "to suspend", "suspended", "suspended", func(s *Summary) *int { return &s.Suspend }}
	case CancelInvite:
		return Traits{PhaseOffboard, 1, Removes, "-", "cancel invite", "invite to cancel", "invites to cancel", "invite cancelled", "invites cancelled", func(s *Summary) *int { return &s.CancelInvite }}
	case Promote:
		return Traits{PhasePromote, 3, Changes, "~", "promote", "to promote", "to promote", "promoted", "promoted", func(s *Summary) *int { return &s.Promote }}
	case Demote:
		return Traits{PhaseStepDown, 1, Removes, "~", "demote", "to demote", "to demote", "demoted", "demoted", func(s *Summary) *int { return &s.Demote }}
	case Rename:
		return Traits{PhaseFields, 2, Changes, "~", "rename", "to rename", "to rename", "renamed", "renamed", func(s *Summary) *int { return &s.Rename }}
	case ChangeEmail:
		return Traits{PhaseFields, 1, Changes, "~", "change email", "email to change", "emails to change", "email changed", "emails changed", func(s *Summary) *int { return &s.ChangeEmail }}
	case CreateTeam:
		return Traits{PhaseTeams, 1, Adds, "+", "create team", "to create", "to create", "created", "created", func(s *Summary) *int { return &s.CreateTeam }}
	case LinkTeam:
		return Traits{PhaseAdopt, 2, Records, "=", "link team", "to link", "to link", "linked", "linked", func(s *Summary) *int { return &s.LinkTeam }}
	case RenameTeam:
		return Traits{PhaseTeamNames, 1, Changes, "~", "rename team", "to rename", "to rename", "renamed", "renamed", func(s *Summary) *int { return &s.RenameTeam }}
	case DeleteTeam:
		return Traits{PhaseTeamsGone, 1, Removes, "-", "delete team", "to delete", "to delete", "deleted", "deleted", func(s *Summary) *int { return &s.DeleteTeam }}
	case AddMembers:
		return Traits{PhaseMembers, 1, Adds, "+", "add members", "to add", "to add", "added", "added", func(s *Summary) *int { return &s.AddMembers }}
	case RemoveMembers:
		return Traits{PhaseMembers, 2, Removes, "-", "remove members", "to remove", "to remove", "removed", "removed", func(s *Summary) *int { return &s.RemoveMembers }}
	}
	return Traits{PhaseMembers, 1, Changes, "~", string(a), "to do", "to do", "done", "done", func(*Summary) *int { return new(int) }}
}

// Removes says whether steps of the action take something away from somebody.
func (a Action) Removes() bool { return a.Traits().Effect == Removes }

// Writes says whether steps of the action make a request to Attio.
func (a Action) Writes() bool { return a.Traits().Effect != Records }

// OfMembers says whether steps of the action are about people of a team.
func (a Action) OfMembers() bool { return a == AddMembers || a == RemoveMembers }

// OfRole says whether the action gives somebody a role.
func (a Action) OfRole() bool {
	return a == Provision || a == Reactivate || a == Promote || a == Demote
}

// Offboards says whether the action ends somebody's place: a membership is
// suspended, an invite withdrawn.
func (a Action) Offboards() bool { return a == Suspend || a == CancelInvite }
