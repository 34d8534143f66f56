package config

// SuspendedUsers says what becomes of people whose Okta account is suspended.
type SuspendedUsers string

// The values of okta.suspended_users.
const (
	SuspendSuspended SuspendedUsers = "suspend" // suspended in Attio too
	KeepSuspended    SuspendedUsers = "keep"    // left as they are
)

// WhenAbsent says what the absence of the role attribute means.
type WhenAbsent string

// The values of roles.when_absent.
const (
	KeepAdopted  WhenAbsent = "keep_adopted" // adopted admins stay admins
	AbsentMember WhenAbsent = "member"       // all are members
	AbsentKeep   WhenAbsent = "keep"         // nobody's role changes for it
)

// TeamSource says where the groups that become teams come from.
type TeamSource string

// The values of teams.source.
const (
	AssignedGroups TeamSource = "assigned_groups"
	PushMappings   TeamSource = "push_mappings"
	ListedGroups   TeamSource = "listed"
	NoTeams        TeamSource = "none"
)

// SameName says what to do with a team of the wanted name that nobody manages.
type SameName string

// The values of teams.same_name.
const (
	RefuseSameName SameName = "refuse"
	LinkSameName   SameName = "link"
)

// Strangers says what to do with unmanaged people in a managed team.
type Strangers string

// The values of teams.strangers.
const (
	KeepStrangers   Strangers = "keep"
	RemoveStrangers Strangers = "remove"
)

// WhenGroupGone says what to do with the team of a group that Okta has deleted.
type WhenGroupGone string

// The values of teams.when_group_gone.
const (
	KeepTeam   WhenGroupGone = "keep"
	DeleteTeam WhenGroupGone = "delete" // only a team created by scim-sync
)

// Mode says whether anybody may lose anything.
type Mode string

// The values of protect.mode.
const (
	FullMode   Mode = "full"
	NoRemovals Mode = "no_removals"
)
