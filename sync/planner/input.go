// Package planner makes plans: what should be, what is, how they differ, in
// which order to change it, and what the safety rails say. It is pure but for
// [Prepare], which asks both sides the questions that a plan raises; it knows
// neither the journal nor anything that writes.
package planner

import (
	"context"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/group"
	core "scim-sync/sync"
)

// Input is everything that a plan depends on.
type Input struct {
	Directory idp.Directory
	Workspace attio.Workspace
	Managed   core.Managed
	// FirstRun: there was no state.
	FirstRun bool
	// Unfinished are writes of former runs whose end is not known.
	Unfinished []core.Unfinished
	Answers    Answers
	Policy     core.Policy
	Options    Options
	Now        time.Time
	Version    string
}

// Answers are what both sides have said when asked about single people, groups
// and teams, because a list alone proves nothing.
type Answers struct {
	// People are the source's answers about people who are managed but not in
	// its list, by Okta id; Groups likewise.
	People map[string]idp.Standing
	Groups map[string]idp.GroupStanding
	// TeamsGone are ids of teams that are not in Attio's list, and of which
	// Attio said, asked for that very team, that there is none.
	TeamsGone map[string]bool
	// MembersGone are likewise people and invites.
	MembersGone map[string]bool
	// Reread are groups that were read a second time, by Okta id.
	Reread map[string]bool
	// LookedUp are folded addresses that were asked for in Attio one by one
	// because only its REST list knew them; found ids are in Workspace.
	LookedUp map[string]bool
	// Log is what the source's log has said, once it was asked.
	Log *witness
}

// ready gives answers that can be added to.
func (a Answers) ready() Answers {
	if a.People == nil {
		a.People = map[string]idp.Standing{}
	}
	if a.Groups == nil {
		a.Groups = map[string]idp.GroupStanding{}
	}
	if a.TeamsGone == nil {
		a.TeamsGone = map[string]bool{}
	}
	if a.MembersGone == nil {
		a.MembersGone = map[string]bool{}
	}
	if a.Reread == nil {
		a.Reread = map[string]bool{}
	}
	if a.LookedUp == nil {
		a.LookedUp = map[string]bool{}
	}
	if a.Log == nil {
		a.Log = new(witness)
	}
	return a
}

// Options are what one run asks for.
type Options struct {
	Only string // an address, or a team's or group's name or id
	// Selected are the keys of the steps of a saved plan, and File is where it
	// was saved; nil: all steps.
	Selected   map[string]bool
	File       string
	NoRemovals bool
	// WhoDid has the source's log asked who took away what the plan takes away.
	WhoDid bool
	// The allowances lift the caps of one run, when they are exactly the plan's
	// number; nil: not given.
	AllowRemovals     *int
	AllowAdditions    *int
	AllowPromotions   *int
	AllowEmailChanges *int
	AllowReleases     *int
}

// noRemovals says whether everything that takes away is held back.
func (in *Input) noRemovals() bool {
	return in.Options.NoRemovals || in.Policy.Protect.NoRemovals
}

// source is what people call the identity provider.
func (in *Input) source() string { return in.Directory.Origin.Name }

// witness asks the source's log who took something away, once, beside all other
// questions. Nothing rests on what it says, or on whether it says anything.
type witness struct {
	asking *group.Group
	cancel context.CancelFunc
	events []idp.Event // newest first
}
