package sync

import (
	"sort"
	"strings"
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

	// Removals of the last days, and changes of address, for caps that count a
	// window.
	Removals []Removal `json:"removals,omitempty"`
	// Repairs are the writes of the last days that put back what somebody else
	// had changed.
	Repairs []Repair `json:"repairs,omitempty"`
	// Invites are the times, of the last days, at which Attio was asked to mail
	// somebody, by the folded address, whoever had it.
	Invites map[string][]time.Time `json:"invites,omitempty"`
	// FirstSync: the first run was begun and has not come to its end yet, or its
	// people found no seats. Those
	// that go on with it are under no cap of additions either.
	FirstSync bool `json:"first_sync,omitempty"`
	// Latched is set once a removal cap has refused; removals beyond the
	// floor are then refused until they are within it again or allowed.
	Latched *Latch `json:"latched,omitempty"`
	// Everyone is the provider's group that holds everybody, if the credential
	// was ever shown it: one that is not any more sees less than it did.
	Everyone *GroupSeen `json:"everyone,omitempty"`
	// Pause is the last one that somebody asked for.
	Pause *Pause `json:"pause,omitempty"`
	// Told are the troubles that people were told of where quiet was asked for.
	Told []ToldTrouble `json:"told,omitempty"`
	// Notified are those that web hooks were told of.
	Notified []ToldTrouble `json:"notified,omitempty"`
	// PlansApplied are the saved plans that were applied; each applies once.
	PlansApplied []AppliedPlan `json:"plans_applied,omitempty"`
}

// GroupSeen is a group that a reading was shown.
type GroupSeen struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Seen are the groups that earlier readings were shown, for the next one.
func (m Managed) Seen() []idp.GroupRef {
	var seen []idp.GroupRef
	if m.Everyone != nil {
		seen = append(seen, idp.GroupRef{ID: m.Everyone.ID, Name: m.Everyone.Name, BuiltIn: true})
	}
	for id := range m.Teams {
		seen = append(seen, idp.GroupRef{ID: id})
	}
	return seen
}

// ManagedPerson is one Okta person tied to one Attio id.
type ManagedPerson struct {
	OktaID  string  `json:"okta_id"`
	AttioID string  `json:"attio_id"`
	Kind    Kind    `json:"kind"`
	Email   string  `json:"email"`
	Applied Applied `json:"applied"`
	// NotTaken are values that Attio took without effect; they are not tried
	// again until Okta's value changes, or Attio's.
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
	// NotMade counts, in a row, the provisions that Attio answered well and after
	// which nobody was there. From the second on, InvitedAt is when that was last.
	NotMade int `json:"not_made,omitempty"`
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

// Paused gives the pause that holds at that time.
func (m Managed) Paused(now time.Time) (Pause, bool) {
	if m.Pause == nil || !now.Before(m.Pause.Until) {
		return Pause{}, false
	}
	return *m.Pause, true
}

// FirstRun says whether a run is the first, or goes on with a first one that was
// cut off. exists: there is a state.
func (m Managed) FirstRun(exists bool) bool { return !exists || !m.Manages() || m.FirstSync }

// FindPeople gives the people of the state whom a name means, an address or an
// Okta id, in the order of their ids.
func (m Managed) FindPeople(name string) []ManagedPerson {
	var found []ManagedPerson
	for id, e := range m.People {
		if id == strings.TrimSpace(name) || e.Email != "" && attio.FoldEmail(e.Email) == attio.FoldEmail(name) {
			found = append(found, e)
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].OktaID < found[j].OktaID })
	return found
}

// SortedPeople are the people of the state by their Okta ids.
func (m Managed) SortedPeople() []ManagedPerson {
	list := make([]ManagedPerson, 0, len(m.People))
	for _, e := range m.People {
		list = append(list, e)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].OktaID < list[j].OktaID })
	return list
}

// SortedTeams are the teams of the state by their groups' ids.
func (m Managed) SortedTeams() []ManagedTeam {
	list := make([]ManagedTeam, 0, len(m.Teams))
	for _, t := range m.Teams {
		list = append(list, t)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].GroupID < list[j].GroupID })
	return list
}

// TiedTo gives the tie of a team to another group than the one given.
func (m Managed) TiedTo(teamID, except string) (ManagedTeam, bool) {
	var found []ManagedTeam
	for id, t := range m.Teams {
		if id != except && t.TeamID == teamID && !t.Unlinked {
			found = append(found, t)
		}
	}
	if len(found) == 0 {
		return ManagedTeam{}, false
	}
	sort.Slice(found, func(i, j int) bool { return found[i].GroupID < found[j].GroupID })
	return found[0], true
}

// Applied are the values last written or found right.
type Applied struct {
	Role attio.Role `json:"role,omitempty"`
	attio.Profile
	Active bool `json:"active"`
}

// NotTaken are values that Attio answered well and did not take.
type NotTaken struct {
	Role attio.Role `json:"role,omitempty"`
	attio.Profile
	Email string `json:"email,omitempty"`
	// Kept are the values that Attio kept instead.
	Kept Kept `json:"kept,omitzero"`
}

// Kept are values that Attio kept though it was asked for others.
type Kept struct {
	attio.Profile
	Email string `json:"email,omitempty"`
}

// IsZero says that nothing was left out, no address either: the method of the
// Profile within would be asked else, and an address alone not be kept.
func (n NotTaken) IsZero() bool { return n == NotTaken{} }

// IsZero says that nothing is known of what was kept.
func (k Kept) IsZero() bool { return k == Kept{} }

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

// Managed says whether the group's team is still answered for.
func (t ManagedTeam) Managed() bool { return !t.Unlinked && !t.OutOfScope }

// AppliedTeam are the values last written or found right. KeepName marks a
// team linked under a name of its own, which is then the name it should have.
type AppliedTeam struct {
	Name     string `json:"name,omitempty"`
	KeepName bool   `json:"keep_name,omitempty"`
	// NotTaken is a name that Attio spelt in another way.
	NotTaken string `json:"not_taken,omitempty"`
	Kept     string `json:"kept,omitempty"` // how it did
	// Detour is the name that the team has for a while, until the one that it
	// should have is free.
	Detour string `json:"detour,omitempty"`
	// Members are the people (Okta ids) who should be in the team, as last
	// applied: it tells a change in Okta from one by hand.
	Members MemberSet `json:"members,omitempty"`
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

// Removal is one removal that counts against the window of the caps.
type Removal struct {
	At     time.Time `json:"at"`
	Action Action    `json:"action"`
	OktaID string    `json:"okta_id"`
	Email  string    `json:"email"`
	Admin  bool      `json:"admin,omitempty"`
	Team   string    `json:"team_id,omitempty"` // Attio id, of somebody taken out of a team
	// Unfinished: a run that was cut off may have made it or not, and nobody has
	// looked yet.
	Unfinished bool `json:"-"`
}

// Same says whether two removals take the same thing from the same person,
// whenever that was. Strangers have an address alone.
func (r Removal) Same(s Removal) bool {
	return r.Action == s.Action && r.OktaID == s.OktaID && r.Team == s.Team && (r.OktaID != "" || r.Email == s.Email)
}

// Repair is one write that put back what was changed in Attio by somebody else:
// drift.
type Repair struct {
	At        time.Time `json:"at"`
	Action    Action    `json:"action"`
	OktaID    string    `json:"okta_id"` // of the person, or the team's group
	RequestID string    `json:"request_id,omitempty"`
}
