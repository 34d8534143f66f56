package attio

import (
	"context"
	"time"
)

// Reader reads a workspace. It cannot write: a plan is made with a Reader alone.
// Implementations are safe for concurrent use. Errors are *Error.
type Reader interface {
	// Identity asks what the token is. A revoked token is an error of kind
	// NotSignedIn although Attio answers 200.
	Identity(ctx context.Context) (Identity, error)
	// Check asks in two cheap requests whether the token still writes to this
	// workspace and its plan still has SCIM. Kinds NotSignedIn, MissingScope and
	// NoSCIM say that it does not; any other error says nothing of either.
	Check(ctx context.Context) error
	// Workspace reads all members, invites and teams with their members. It
	// fails rather than return less than everything.
	Workspace(ctx context.Context, progress func(what string, n int)) (Workspace, error)
	// Member reads one membership or invite by SCIM id; Status cannot tell an
	// invite from an active member and is Active for both. Kind Gone if there is none.
	Member(ctx context.Context, id string) (Member, error)
	// FindMember looks an address up, comparing folded addresses; ok is false
	// when Attio knows none. The same limit on Status.
	FindMember(ctx context.Context, email string) (m Member, ok bool, err error)
	// Team reads one team with its members. Kind Gone if there is none.
	Team(ctx context.Context, id string) (Team, error)
	// FindTeam looks a team up by name.
	FindTeam(ctx context.Context, name string) (t Team, ok bool, err error)
	// Joined reads who has joined (active and suspended, no invites), with
	// RestID, role and status, from the REST API.
	Joined(ctx context.Context) ([]Member, error)
}

// NewMember is a person to provision.
type NewMember struct {
	Email string
	Profile
	Role Role
}

// Receipt is what a write leaves for the journal.
type Receipt struct {
	Status    int    // HTTP status of the last answer, 0 when it was lost
	RequestID string // the server's id of the request, empty if it sent none
	Took      time.Duration
	// Found: the answer was lost and a look-up showed that it was done.
	Found bool
}

// Writer changes a workspace. Each method makes one change and gives back what
// Attio has afterwards, from the answer or, when that has no body, from a
// read; comparing it with what was meant is the caller's. No method repeats a
// creation without looking first. Errors are *Error; one of a write that was
// still waiting for its turn when the run was interrupted says Unsent.
type Writer interface {
	// Provision adds someone, or invites them if their domain is not verified,
	// and gives them as Attio has them afterwards, whose names, role and status may
	// be others than were asked for. Kind NotMade when the answer was good and
	// nobody is there.
	// Conflict when the address is taken; the member then is who has it, if found.
	Provision(ctx context.Context, n NewMember) (Member, Receipt, error)
	// Suspend ends a membership (Attio revokes its sessions). Suspending who
	// is suspended already is done.
	Suspend(ctx context.Context, id string) (Receipt, error)
	// CancelInvite withdraws a pending invite. One that is gone is done.
	CancelInvite(ctx context.Context, id string) (Receipt, error)
	// Reactivate restores a suspended member in the given role; where Attio refuses
	// that role, in the one that the member given has.
	Reactivate(ctx context.Context, id string, role Role) (Member, Receipt, error)
	SetRole(ctx context.Context, id string, role Role) (Member, Receipt, error)
	// SetName writes the fields that are not empty; with none it only reads.
	SetName(ctx context.Context, id string, p Profile) (Member, Receipt, error)
	// ChangeEmail replaces the member, who was just read, under a new
	// address, carrying every other field. Never for an invite.
	ChangeEmail(ctx context.Context, just Member, email string) (Member, Receipt, error)
	// CreateTeam makes a team with at most [MembersPerWrite] first members. An
	// error that says Divisible may be on account of some of them.
	CreateTeam(ctx context.Context, name string, members []string) (Team, Receipt, error)
	RenameTeam(ctx context.Context, id, name string) (Team, Receipt, error)
	// DeleteTeam deletes a team. One that is gone is done.
	DeleteTeam(ctx context.Context, id string) (Receipt, error)
	// AddMembers adds at most [MembersPerWrite] people. An error that says
	// Divisible, here and of RemoveMembers, may be on account of some of them, or
	// of their number: half of them may be taken.
	AddMembers(ctx context.Context, teamID string, ids []string) (Team, Receipt, error)
	// RemoveMembers removes at most [MembersPerWrite] people, each by
	// members[value eq "id"], and puts back whom the server took out besides.
	RemoveMembers(ctx context.Context, teamID string, ids []string) (Team, Receipt, error)
}

// MembersPerWrite is the most memberships one request changes. Attio documents
// no limit; other SCIM servers refuse or drop what exceeds 100.
const MembersPerWrite = 100
