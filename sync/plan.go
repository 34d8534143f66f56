// Package sync is the core: what should be, how it differs from what is, in
// which order to change it, and what must not be done. It is pure but for
// Apply, which works through small ports; it has no network, clock,
// environment or terminal in it.
package sync

import (
	"time"

	"scim-sync/attio"
)

// FormatVersion is the version of the plan document. It only grows.
const FormatVersion = 1

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

// Cause is why a step is there.
type Cause string

// The causes.
const (
	CauseOkta  Cause = "okta"  // Okta changed
	CauseDrift Cause = "drift" // somebody changed Attio by hand
	CauseAdopt Cause = "adopt" // met for the first time
)

// Plan is data: what a run would do and what it would not. It is what
// `plan --format json` prints and what `--out` saves.
type Plan struct {
	FormatVersion int          `json:"format_version"`
	ID            string       `json:"id"` // sha256 of the content without created_at
	CreatedAt     time.Time    `json:"created_at"`
	ScimSync      string       `json:"scim_sync"` // version of the program
	Workspace     WorkspaceRef `json:"workspace"`
	Source        SourceRef    `json:"source"`
	// Only is whom or what --only named; empty: the plan is about everybody.
	Only    string  `json:"only,omitempty"`
	Summary Summary `json:"summary"`
	Steps   []Step  `json:"steps"`
	// Held are steps that were worked out and will not run, each with the
	// code of the rail or setting that keeps it back.
	Held      []HeldStep  `json:"held"`
	Refusals  []Refusal   `json:"refusals"`
	Notes     []Note      `json:"notes"`
	Unmanaged []Unmanaged `json:"unmanaged"`
	// UnmanagedTeams are the names of teams that no Okta group is tied to.
	UnmanagedTeams []string `json:"unmanaged_teams"`
}

// WorkspaceRef names the workspace.
type WorkspaceRef struct {
	ID   string `json:"id"`
	Slug string `json:"slug"`
	Name string `json:"name"`
}

// SourceRef names the Okta org and app.
type SourceRef struct {
	OrgURL   string `json:"org_url"`
	AppID    string `json:"app_id"`
	AppLabel string `json:"app_label"`
}

// Summary counts steps by action, memberships in add_members and
// remove_members, and what the rails and seats come to. Steps refused by a
// cap are counted; steps held for any other reason are not.
type Summary struct {
	Provision        int `json:"provision"`
	Adopt            int `json:"adopt"`
	Reactivate       int `json:"reactivate"`
	Suspend          int `json:"suspend"`
	CancelInvite     int `json:"cancel_invite"`
	Promote          int `json:"promote"`
	Demote           int `json:"demote"`
	Rename           int `json:"rename"`
	ChangeEmail      int `json:"change_email"`
	CreateTeam       int `json:"create_team"`
	LinkTeam         int `json:"link_team"`
	RenameTeam       int `json:"rename_team"`
	DeleteTeam       int `json:"delete_team"`
	AddMembers       int `json:"add_members"`
	RemoveMembers    int `json:"remove_members"`
	Refused          int `json:"refused"`
	Held             int `json:"held"`
	Removals         int `json:"removals"`
	Additions        int `json:"additions"`
	SeatsTaken       int `json:"seats_taken"`
	SeatsFreed       int `json:"seats_freed"`
	UnmanagedMembers int `json:"unmanaged_members"`
	UnmanagedTeams   int `json:"unmanaged_teams"`
}

// Step is one change to one person or one team.
type Step struct {
	N      int        `json:"n"`
	Action Action     `json:"action"`
	Person *PersonRef `json:"person,omitempty"`
	Team   *TeamRef   `json:"team,omitempty"`
	// AttioID is the SCIM id of the person; empty for someone to provision.
	AttioID string      `json:"attio_id"`
	Before  Values      `json:"before"`
	After   Values      `json:"after"`
	People  []MemberRef `json:"people,omitempty"` // add_members, remove_members
	Cause   Cause       `json:"cause"`
	// Reason is one line for people. It names people and ids, never times.
	Reason string `json:"reason"`
}

// PersonRef names a person.
type PersonRef struct {
	OktaID string `json:"okta_id"`
	Email  string `json:"email"`
}

func (p *PersonRef) id() string {
	if p == nil {
		return ""
	}
	return p.OktaID
}

// TeamRef names a team and the group it belongs to. Where several groups make
// one team, OktaID is the first of them by id and Groups are all of them.
type TeamRef struct {
	OktaID  string   `json:"okta_id"`
	AttioID string   `json:"attio_id"` // empty for a team to create
	Name    string   `json:"name"`
	Groups  []string `json:"groups,omitempty"`
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
	Email      string       `json:"email,omitempty"`
	Role       attio.Role   `json:"role,omitempty"`
	Status     attio.Status `json:"status,omitempty"`
	GivenName  string       `json:"given_name,omitempty"`
	FamilyName string       `json:"family_name,omitempty"`
	Name       string       `json:"name,omitempty"` // of a team
	Kind       string       `json:"kind,omitempty"` // of a team: created, linked
}

// HeldStep is a step that will not run, and why.
type HeldStep struct {
	Step
	Code string `json:"code"` // a rail's code, "no-removals", or "needs-held-step"
}

// Refusal is a safety rail that said no: the numbers and what to do.
type Refusal struct {
	Code string `json:"code"`
	// Reach is "run" when nothing may be written while this stands, "steps"
	// when it holds back its own steps alone.
	Reach   string `json:"reach,omitempty"`
	Subject string `json:"subject"`
	Detail  string `json:"detail"`
	Remedy  string `json:"remedy"`
}

// The reaches of refusals.
const (
	ReachRun   = "run"
	ReachSteps = "steps"
)

// Note is something worth telling that stops nothing.
type Note struct {
	Code    string `json:"code"`
	Subject string `json:"subject"`
	Detail  string `json:"detail"`
}

// Unmanaged is a member of the workspace whom Okta does not manage.
type Unmanaged struct {
	Email  string       `json:"email"`
	Role   attio.Role   `json:"role"`
	Status attio.Status `json:"status"`
	Teams  []string     `json:"teams"`
}
