package sync

import (
	"slices"
	"time"

	"scim-sync/idp"
)

// Record is what a step means for the state: worked out with the plan, and
// written down once the step is done.
type Record struct {
	// Before and After are what state has of the person around the step, when
	// all that were planned before it are done. Ids that only the answer gives are missing.
	// Before is nil for somebody of whom state has nothing; After is where there is
	// no Newcomer.
	Before, After *ManagedPerson
	Newcomer      *Newcomer
	Team          *TeamRecord
	// Removal is what the step counts for in the caps' window.
	Removal *Removal
	// Proof is what an absence rests on. Unproven: the source has yet to be
	// asked, so the step must not be done.
	Proof    *idp.Proof
	Unproven bool
	// Seen is the source's entry of the person that the step rests on, nil where
	// it rests on there being none. Groups are those whose people decide it, or,
	// of a step about a team, those that the team is of.
	Seen   *idp.Person
	Groups []idp.GroupRef
	// Log is what the source's log tells of who took away what the step takes
	// away: for the journal alone.
	Log []Witnessed
}

// Newcomer is what the step that provisions or adopts somebody of whom state has
// nothing does not say of the entry that they get. Steps share it, and none is
// changed: a first plan has such a step for everybody.
type Newcomer struct {
	At       time.Time // of the plan, in UTC
	RoleFrom string    // as of the entry
	RoleSeen bool
}

// TeamRecord is what a step means for the groups of a team.
type TeamRecord struct {
	// Before and After are the groups' entries around the step, likewise, but
	// for who is in the team; Members are those who should be in it once all
	// its steps are done.
	Before, After []ManagedTeam
	Members       MemberSet
	// Begun: a former run asked for this very team and could not see it made. One
	// that has the name by the time of the request is that team.
	Begun bool
	// Former is, in the step that ends a detour, the name from before it: the team
	// gets that back where the step is refused.
	Former string
	// Forget are groups that have no team any more after the step.
	Forget []string
}

// Onto is [Step.EntryOnto] for the entries of a team's groups.
func (r *TeamRecord) Onto(now []ManagedTeam) []ManagedTeam {
	after := slices.Clone(now)
	for i := range after {
		was, is := &r.Before[i], &r.After[i]
		move(&after[i].TeamID, was.TeamID, is.TeamID)
		move(&after[i].Created, was.Created, is.Created)
		move(&after[i].Applied.Name, was.Applied.Name, is.Applied.Name)
		move(&after[i].Applied.Detour, was.Applied.Detour, is.Applied.Detour)
		move(&after[i].Applied.NotTaken, was.Applied.NotTaken, is.Applied.NotTaken)
		move(&after[i].Applied.Kept, was.Applied.Kept, is.Applied.Kept)
	}
	return after
}
