// Package sync is the vocabulary of the core: plans and their steps, what is
// managed, the policy that the settings come to, and the ports through which a
// plan is carried out. The rooms below speak it: planner makes plans, apply
// carries them out, manage links and releases, state remembers. Nothing in it has
// a network, clock, environment or terminal.
package sync

import (
	"time"

	"scim-sync/attio"
)

// FormatVersion is the version of the plan document. It only grows.
const FormatVersion = 1

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

// SourceRef names the Okta org and app, and the source in the word that people
// read; a plan of an older program has none.
type SourceRef struct {
	Name     string `json:"name,omitempty"`
	OrgURL   string `json:"org_url"`
	AppID    string `json:"app_id"`
	AppLabel string `json:"app_label"`
}

// HeldStep is a step that will not run, and why.
type HeldStep struct {
	Step
	Code Code `json:"code"` // a rail's code, "no-removals", or "needs-held-step"
}

// Refusal is a safety rail that said no: the numbers and what to do.
type Refusal struct {
	Code Code `json:"code"`
	// Reach is "run" when nothing may be written while this stands, "steps"
	// when it holds back its own steps alone.
	Reach   Reach  `json:"reach,omitempty"`
	Subject string `json:"subject"`
	Detail  string `json:"detail"`
	Remedy  string `json:"remedy"`
	// About are the people, groups or teams whose steps are refused; empty
	// where the whole run is.
	About []About `json:"about,omitempty"`
}

// About names a person, a group or a team by whatever ids are known of it.
type About struct {
	OktaID  string `json:"okta_id,omitempty"`
	AttioID string `json:"attio_id,omitempty"`
}

// Reach is how far a refusal goes.
type Reach string

// The reaches of refusals.
const (
	ReachRun   Reach = "run"
	ReachSteps Reach = "steps"
)

// Note is something worth telling that stops nothing.
type Note struct {
	Code    Code    `json:"code"`
	Subject string  `json:"subject"`
	Detail  string  `json:"detail"`
	About   []About `json:"about,omitempty"` // whom or what it is about, where that is one or a few
}

// Unmanaged is a member of the workspace whom Okta does not manage.
type Unmanaged struct {
	Email  string       `json:"email"`
	Role   attio.Role   `json:"role"`
	Status attio.Status `json:"status"`
	Teams  []string     `json:"teams"`
}

// Count counts a step as the summary does: memberships by people.
func (s *Summary) Count(st *Step) {
	*st.Action.Traits().Counter(s) += max(1, len(st.People))
}
