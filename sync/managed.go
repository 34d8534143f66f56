package sync

import (
	"slices"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
)

// Kind is what an Attio id stands for.
type Kind string

// The kinds.
const (
	Membership Kind = "membership"
	Invite     Kind = "invite"
)

// Managed is what scim-sync answers for: which Okta identities are tied to
// which Attio ids, and what was last applied to them. It is the content of a
// state snapshot; package state keeps it.
type Managed struct {
	WorkspaceID string `json:"workspace_id"`
	OrgURL      string `json:"org_url"`
	AppID       string `json:"app_id"`

	People map[string]ManagedPerson `json:"-"` // by Okta id
	Teams  map[string]ManagedTeam   `json:"-"` // by Okta group id

	// Removals of the last days, for caps that count a window.
	Removals []Removal `json:"removals,omitempty"`
	// FirstSync: the first run was begun and has not come to its end yet. Those
	// that go on with it are under no cap of additions either.
	FirstSync bool `json:"first_sync,omitempty"`
	// Latched is set once a removal cap has refused; removals beyond the
	// floor are then refused until they are within it again or allowed.
	Latched *Latch `json:"latched,omitempty"`
	// PlansApplied are the saved plans that were applied; each applies once.
	PlansApplied []AppliedPlan `json:"plans_applied,omitempty"`
}

// ManagedPerson is one Okta person tied to one Attio id.
type ManagedPerson struct {
	OktaID  string  `json:"okta_id"`
	AttioID string  `json:"attio_id"`
	Kind    Kind    `json:"kind"`
	Email   string  `json:"email"`
	Applied Applied `json:"applied"`
	// NotTaken are values that Attio took without effect; they are not tried
	// again until Okta's value changes.
	NotTaken *NotTaken `json:"not_taken,omitempty"`
	// RoleSeen: the role attribute was once present in this person's profile.
	RoleSeen bool `json:"role_seen,omitempty"`
	// RoleFrom is where the applied role came from: "attribute", "group" (an
	// admin group), or empty when the absence of both decided.
	RoleFrom string `json:"role_from,omitempty"`
	// Adopted: was in the workspace before scim-sync met them.
	Adopted      bool      `json:"adopted,omitempty"`
	ManagedSince time.Time `json:"managed_since"`
	InvitedAt    time.Time `json:"invited_at,omitzero"`
	// Readdressed is when an invite was last sent anew while the assignment
	// stood: to another address, or after it was withheld.
	Readdressed time.Time `json:"readdressed,omitzero"`
	// Withheld: the invite was withdrawn while the assignment stood, because
	// Okta had them suspended.
	Withheld bool `json:"withheld,omitempty"`
	// Released people are no longer managed, although Okta lists them.
	// ReleasedAll: they were let go of together with everybody.
	Released    bool `json:"released,omitempty"`
	ReleasedAll bool `json:"released_all,omitempty"`
}

// Manages says whether anybody is managed, or was until they were released: a
// state of which that is not true has yet to see its first run.
func (m Managed) Manages() bool {
	for _, p := range m.People {
		if p.AttioID != "" {
			return true
		}
	}
	return false
}

// FirstRun says whether a run is the first, or goes on with a first one that was
// cut off. exists: there is a state.
func (m Managed) FirstRun(exists bool) bool { return !exists || !m.Manages() || m.FirstSync }

// Applied are the values last written or found right.
type Applied struct {
	Role       attio.Role `json:"role,omitempty"`
	GivenName  string     `json:"given_name,omitempty"`
	FamilyName string     `json:"family_name,omitempty"`
	Active     bool       `json:"active"`
}

// NotTaken are values that Attio answered well and did not take.
type NotTaken struct {
	Role       attio.Role `json:"role,omitempty"`
	GivenName  string     `json:"given_name,omitempty"`
	FamilyName string     `json:"family_name,omitempty"`
	Email      string     `json:"email,omitempty"`
}

// ManagedTeam is one Okta group tied to one Attio team.
type ManagedTeam struct {
	GroupID string      `json:"group_id"`
	TeamID  string      `json:"team_id"`
	Created bool        `json:"created,omitempty"` // created by scim-sync, not linked
	Applied AppliedTeam `json:"applied"`
	// Unlinked groups are no longer managed, although Okta lists them.
	Unlinked bool `json:"unlinked,omitempty"`
	// OutOfScope groups are no longer assigned, mapped or listed: released
	// until they are again.
	OutOfScope bool `json:"out_of_scope,omitempty"`
	// ByHand: tied by somebody's command, which can be taken back. Former is
	// the unlinked tie that the group had before, if any; it is never changed.
	ByHand bool         `json:"by_hand,omitempty"`
	Former *ManagedTeam `json:"former,omitempty"`
}

// AppliedTeam are the values last written or found right. KeepName marks a
// team linked under a name of its own, which is then the name it should have.
type AppliedTeam struct {
	Name     string `json:"name,omitempty"`
	KeepName bool   `json:"keep_name,omitempty"`
	// NotTaken is a name that Attio spelt in another way.
	NotTaken string `json:"not_taken,omitempty"`
	// Members are the people (Okta ids) who should be in the team, as last
	// applied: it tells a change in Okta from one by hand.
	Members MemberSet `json:"members,omitempty"`
}

// Removal is one removal that counts against the window of the caps.
type Removal struct {
	At     time.Time `json:"at"`
	Action Action    `json:"action"`
	OktaID string    `json:"okta_id"`
	Email  string    `json:"email"`
	Admin  bool      `json:"admin,omitempty"`
}

// Latch says which refusal is in force and since when.
type Latch struct {
	Code string    `json:"code"`
	At   time.Time `json:"at"`
}

// AppliedPlan names a saved plan that was applied.
type AppliedPlan struct {
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	At        time.Time `json:"at"`
}

// Change is what one finished step does to Managed. Entries are whole and
// replace what was there, so that replaying a Change twice is harmless.
type Change struct {
	Person       *ManagedPerson `json:"person,omitempty"`
	ForgetPerson string         `json:"forget_person,omitempty"` // Okta id
	Teams        []ManagedTeam  `json:"teams,omitempty"`
	ForgetTeams  []string       `json:"forget_teams,omitempty"` // Okta group ids
	Removal      *Removal       `json:"removal,omitempty"`
	Latch        *Latch         `json:"latch,omitempty"`
	Unlatch      bool           `json:"unlatch,omitempty"`
	FirstBegun   bool           `json:"first_begun,omitempty"` // the first run
	FirstDone    bool           `json:"first_done,omitempty"`
	PlanApplied  *AppliedPlan   `json:"plan_applied,omitempty"`
}

// IsZero says whether the change changes nothing.
func (c Change) IsZero() bool {
	return c.Person == nil && c.ForgetPerson == "" && c.Teams == nil && c.ForgetTeams == nil &&
		c.Removal == nil && c.Latch == nil && !c.Unlatch && !c.FirstBegun && !c.FirstDone && c.PlanApplied == nil
}

// Apply carries c out on m.
func (m *Managed) Apply(c Change) {
	if m.People == nil {
		m.People = map[string]ManagedPerson{}
	}
	if m.Teams == nil {
		m.Teams = map[string]ManagedTeam{}
	}
	if c.Person != nil {
		m.People[c.Person.OktaID] = *c.Person
	}
	if c.ForgetPerson != "" {
		delete(m.People, c.ForgetPerson)
	}
	for _, t := range c.Teams {
		m.Teams[t.GroupID] = t
	}
	for _, g := range c.ForgetTeams {
		delete(m.Teams, g)
	}
	if c.Removal != nil && !m.hasRemoval(*c.Removal) {
		m.Removals = append(m.Removals, *c.Removal)
	}
	if c.FirstBegun || c.FirstDone {
		m.FirstSync = c.FirstBegun
	}
	if c.Unlatch {
		m.Latched = nil
	}
	if c.Latch != nil && m.Latched == nil {
		m.Latched = c.Latch
	}
	if c.PlanApplied != nil && !slices.Contains(m.PlansApplied, *c.PlanApplied) {
		m.PlansApplied = append(m.PlansApplied, *c.PlanApplied)
	}
}

func (m *Managed) hasRemoval(r Removal) bool {
	for _, have := range m.Removals {
		if have.OktaID == r.OktaID && have.Action == r.Action && have.At.Equal(r.At) {
			return true
		}
	}
	return false
}

// Intent is a write that is about to be made. It is durable before the
// request leaves.
type Intent struct {
	Step     Step       `json:"step"`
	Proof    *idp.Proof `json:"proof,omitempty"` // for a removal: what Okta said
	Attempts int        `json:"attempts,omitempty"`
}

// Outcome is what became of an Intent. The zero Status with a non-empty Error
// is a write whose fate is unknown, unless it was never sent.
type Outcome struct {
	Status    int           `json:"status,omitempty"`
	RequestID string        `json:"request_id,omitempty"`
	Took      time.Duration `json:"took_ns,omitempty"`
	Error     string        `json:"error,omitempty"`
	Unsent    bool          `json:"unsent,omitempty"` // the run was interrupted before the request left
	Change    Change        `json:"change,omitzero"`
}

// Unfinished is an Intent that a run which was cut off has left without an
// Outcome: it may or may not have happened.
type Unfinished struct {
	At     time.Time
	Intent Intent
}
