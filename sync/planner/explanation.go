package planner

import (
	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// Explanation is everything that one reading of both sides and the state says
// about the people or the team that a name means, and what the next run would
// do about them. People are several only where several have one address.
type Explanation struct {
	FormatVersion int               `json:"format_version"`
	Name          string            `json:"name"` // as asked
	People        []PersonExplained `json:"people"`
	Teams         []TeamExplained   `json:"teams"`
	// Stopped are the rails that keep the whole run from being carried out.
	Stopped []core.Refusal `json:"stopped"`
}

// PersonExplained is one person: somebody in Okta, in Attio, or both. A side
// that does not know them is nil.
type PersonExplained struct {
	OktaID string              `json:"okta_id"`
	Email  string              `json:"email"`
	Okta   *PersonInOkta       `json:"okta"`
	Attio  *PersonInAttio      `json:"attio"`
	State  *core.ManagedPerson `json:"state"`
	Role   *RoleExplained      `json:"role"`
	Teams  []MembershipFound   `json:"teams"`
	Next   NextRun             `json:"next"`
}

// PersonInOkta is what Okta says. Listed is false for somebody whom only the
// state knows; Proof is then what Okta said when asked for that very person,
// and nil when it was not asked.
type PersonInOkta struct {
	Listed     bool        `json:"listed"`
	Email      string      `json:"email"`
	UserName   string      `json:"user_name"`
	GivenName  string      `json:"given_name"`
	FamilyName string      `json:"family_name"`
	Access     string      `json:"access"` // granted, waiting, suspended, revoked
	AppStatus  string      `json:"app_status"`
	UserStatus string      `json:"user_status"`
	Direct     bool        `json:"direct"`
	Via        *GroupNamed `json:"via"` // the group that assigns, when not direct
	// Groups are those of the groups read (for teams or admins) they are in.
	Groups []GroupNamed `json:"groups"`
	Roles  []string     `json:"roles"`
	Proof  *idp.Proof   `json:"proof"`
}

// GroupNamed names a group.
type GroupNamed struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// PersonInAttio is what Attio has.
type PersonInAttio struct {
	ID         string       `json:"id"` // over SCIM; empty when only the member list knows them
	Email      string       `json:"email"`
	GivenName  string       `json:"given_name"`
	FamilyName string       `json:"family_name"`
	Status     attio.Status `json:"status"`
	Role       attio.Role   `json:"role"`
}

// RoleExplained is the role that somebody should have.
type RoleExplained struct {
	Wanted attio.Role `json:"wanted"`
	From   string     `json:"from"` // attribute, group, absence
	Why    string     `json:"why"`
}

// MembershipFound is one team that somebody is in or should be in.
type MembershipFound struct {
	Team    string   `json:"team"`
	AttioID string   `json:"attio_id"` // empty for a team that does not exist yet
	Managed bool     `json:"managed"`
	Groups  []string `json:"groups"` // names of the Okta groups that ask for it
	In      bool     `json:"in"`     // is in it now
}

// NextRun is what the next run would do about one subject, and why.
type NextRun struct {
	Verdict  string          `json:"verdict"` // one sentence
	Steps    []core.Step     `json:"steps"`
	Held     []core.HeldStep `json:"held"`
	Refusals []core.Refusal  `json:"refusals"`
	Notes    []core.Note     `json:"notes"`
	// Log is who took away in the source what the steps take away, by its log.
	Log []core.Witnessed `json:"log,omitempty"`
}

// TeamExplained is one team: groups of Okta, a team of Attio, or both.
type TeamExplained struct {
	Name    string `json:"name"`
	AttioID string `json:"attio_id"` // empty for a team that does not exist yet
	Managed bool   `json:"managed"`
	// Groups are Okta's groups that go to it.
	Groups  []GroupExplained  `json:"groups"`
	Members []MemberExplained `json:"members"`
	Next    NextRun           `json:"next"`
}

// GroupExplained is a group of a team and what state has of it.
type GroupExplained struct {
	GroupNamed
	InScope bool              `json:"in_scope"` // yields a team by the settings
	People  int               `json:"people"`   // in the group, assigned or not
	State   *core.ManagedTeam `json:"state"`
}

// MemberExplained is somebody who is in the team or in one of its groups.
type MemberExplained struct {
	OktaID  string       `json:"okta_id"` // empty: unmanaged
	AttioID string       `json:"attio_id"`
	Email   string       `json:"email"`
	InGroup bool         `json:"in_group"`
	InTeam  bool         `json:"in_team"`
	Status  attio.Status `json:"status"` // empty: not in Attio
	// Next is what the next run would do: stays, add, remove, held, left.
	Next string `json:"next"`
	Why  string `json:"why"`
}
