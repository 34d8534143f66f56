package sync

// Code names a refusal, a note, or what holds a step back. Codes are stable:
// scripts decide on them.
type Code string

// The codes of refusals. What each refuses and how far it reaches is in the
// planner's table of rails, or where it is found.
const (
	WrongWorkspace       Code = "wrong-workspace"
	WrongSource          Code = "wrong-source"
	AppInactive          Code = "app-inactive"
	NoState              Code = "no-state"
	OwnAccount           Code = "own-account"
	LastAdmin            Code = "last-admin"
	SightLost            Code = "sight-lost"
	SourceEmpty          Code = "source-empty"
	TargetMissing        Code = "target-missing"
	TooManyTeamRemovals  Code = "too-many-team-removals"
	TooManyRemovals      Code = "too-many-removals"
	TooManyAdminRemovals Code = "too-many-admin-removals"
	TooManyAdditions     Code = "too-many-additions"
	TooManyPromotions    Code = "too-many-promotions"
	TooManyEmailChanges  Code = "too-many-email-changes"
	TooManyReleases      Code = "too-many-releases"
	Remade               Code = "remade"
	EmailConflict        Code = "email-conflict"
	TeamNameTaken        Code = "team-name-taken"
	Contested            Code = "contested"
	EmailNotChanged      Code = "email-not-changed"
	Unproven             Code = "unproven" // apply's own: nobody was asked about somebody who would go
)

// The codes of what is held back, or left out, without a refusal.
const (
	HeldByNoRemovals Code = "no-removals"
	HeldByDependency Code = "needs-held-step"
	HeldByOnly       Code = "only" // left out because others were asked for; never shown
)

// The codes of notes.
const (
	NoteAdminKept            Code = "admin-kept"
	NoteAdoptedLate          Code = "adopted-late"
	NoteEmailAttribute       Code = "email-attribute-missing"
	NoteGroupGone            Code = "group-gone"
	NoteGroupNotFound        Code = "group-not-found"
	NoteInvalidEmail         Code = "invalid-email"
	NoteInviteNotSent        Code = "invite-not-sent"
	NoteMatchesNothing       Code = "matches-nothing"
	NoteNameNotTaken         Code = "name-not-taken"
	NoteNoSeat               Code = "no-seat"
	NoteNotInSCIM            Code = "not-in-scim"
	NoteProtected            Code = "protected"
	NoteRoleAttributeMissing Code = "role-attribute-missing"
	NoteRoleNotTaken         Code = "role-not-taken"
	NoteSuspendedInOkta      Code = "suspended-in-okta"
	NoteTeamMerged           Code = "team-merged"
	NoteTeamNameEmpty        Code = "team-name-empty"
	NoteTeamReleased         Code = "team-released"
	NoteUnknownRole          Code = "unknown-role"
	NoteUnreadable           Code = "unreadable-entry"
	NoteUserNameDiffers      Code = "user-name-differs"
	NoteWaiting              Code = "waiting"
)

// Weighty says whether a note is told even where quiet was asked for: something
// that was asked for does not work, or somebody has to act by hand.
func (c Code) Weighty() bool {
	switch c {
	case NoteEmailAttribute, NoteGroupNotFound, NoteMatchesNothing, NoteNotInSCIM, NoteRoleAttributeMissing, NoteTeamReleased:
		return true
	}
	return false
}

// The codes of answers that said yes to a change that is not there.
const (
	AnswerNotTaken Code = "not-taken"
	NotLookedUp    Code = "not-looked-up"
	AcceptedFirst  Code = "accepted" // an invite was accepted before it could be withdrawn
)
