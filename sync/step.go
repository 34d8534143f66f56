package sync

import (
	"encoding/json"

	"scim-sync/attio"
)

// Cause is why a step is there.
type Cause string

// The causes.
const (
	CauseOkta  Cause = "okta"  // Okta changed
	CauseDrift Cause = "drift" // somebody changed Attio by hand
	CauseAdopt Cause = "adopt" // met for the first time
)

// Step is one change to one person or one team.
type Step struct {
	N      int        `json:"n"`
	Action Action     `json:"action"`
	Person *PersonRef `json:"person,omitempty"`
	Team   *TeamRef   `json:"team,omitempty"`
	// AttioID is the SCIM id of the person; empty for someone to provision.
	AttioID string `json:"attio_id"`
	Before  Values `json:"before"`
	After   Values `json:"after"`
	// People are those of add_members and remove_members. One ref may be in many
	// steps, and none is changed.
	People []*MemberRef `json:"people,omitempty"`
	Cause  Cause        `json:"cause"`
	// Detour: a team gets a name of its own for a while, because those who exchange
	// their names each wait for another's; a later step gives it the right one.
	Detour bool `json:"detour,omitempty"`
	// Reason is one line for people. It names people and ids, never times.
	Reason string `json:"reason"`
	// Record is what state holds once the step is done. It belongs to the run
	// that planned the step, and to no document: a saved step has none.
	Record *Record `json:"-"`
}

// PersonRef names a person.
type PersonRef struct {
	OktaID string `json:"okta_id"`
	Email  string `json:"email"`
}

// TeamRef names a team and the group it belongs to. Where several groups make
// one team, OktaID is the first of them by id and Groups are all of them.
type TeamRef struct {
	OktaID  string   `json:"okta_id"`
	AttioID string   `json:"attio_id"` // empty for a team to create
	Name    string   `json:"name"`
	Groups  []string `json:"groups,omitempty"`
	// GroupNames are what those groups are called in Okta, where that is not the
	// name of the team.
	GroupNames []string `json:"group_names,omitempty"`
}

// MemberRef names a member of a team. AttioID is empty for someone whom an
// earlier step of the same plan provisions, OktaID for a stranger.
type MemberRef struct {
	OktaID  string `json:"okta_id"`
	Email   string `json:"email"`
	AttioID string `json:"attio_id"`
}

// Values are the fields that a step reads and writes; empty ones play no part.
type Values struct {
	Email  string       `json:"email,omitempty"`
	Role   attio.Role   `json:"role,omitempty"`
	Status attio.Status `json:"status,omitempty"`
	attio.Profile
	Name string `json:"name,omitempty"` // of a team
	Kind string `json:"kind,omitempty"` // of a team: created, linked
}

// Same says whether two steps are the same change, whatever their numbers.
func (s Step) Same(t Step) bool {
	s.N, t.N = 0, 0
	a, _ := json.Marshal(s)
	b, _ := json.Marshal(t)
	return string(a) == string(b)
}

// Key names what a step is about: the same for the same action on the same
// person or team, whatever it would change.
func (s Step) Key() string {
	if s.Person != nil {
		return string(s.Action) + " person " + s.Person.OktaID
	}
	if len(s.People) > 0 { // a team may gain and lose people for two causes
		return string(s.Action) + " " + string(s.Cause) + " team " + s.Team.OktaID
	}
	if s.Detour {
		return string(s.Action) + " for a while team " + s.Team.OktaID
	}
	return string(s.Action) + " team " + s.Team.OktaID
}

// ID is the Okta id of whom or what the step is about.
func (s *Step) ID() string {
	if s.Person != nil {
		return s.Person.OktaID
	}
	return s.Team.OktaID
}

// EndsDetour says whether the step gives a team the name that it took a detour
// for.
func (s *Step) EndsDetour() bool {
	return s.Record != nil && s.Record.Team != nil && s.Record.Team.Former != ""
}

// ConcernsAdmin says whether the step is about an admin, before it or after.
func (s *Step) ConcernsAdmin() bool {
	return s.After.Role == attio.RoleAdmin || s.Before.Role == attio.RoleAdmin
}

// EndsAdmin says whether an admin would be one no more; an invited one has
// never been one.
func (s *Step) EndsAdmin() bool {
	return (s.Action == Suspend || s.Action == Demote) && s.Before.Role == attio.RoleAdmin && s.Before.Status != attio.Invited
}

// MovesAdmin says whether an active admin would get another address.
func (s *Step) MovesAdmin() bool {
	return s.Action == ChangeEmail && s.Before.Role == attio.RoleAdmin
}

// ChangesAddress says whether somebody would get another address: in place, or
// by a new account or invite under it.
func (s *Step) ChangesAddress() bool {
	return s.Action == ChangeEmail || s.Record != nil && s.Record.Removal != nil && s.Record.Removal.Action == ChangeEmail
}

// Phase is the part of a run that the step belongs to, unless it has to wait.
func (s *Step) Phase() Phase {
	if s.Action == Promote && s.After.Status == attio.Invited {
		return PhaseProvision // an invite's role
	}
	return s.Action.Traits().Phase
}
