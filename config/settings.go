// Package config holds the settings of scim-sync: one typed value, loaded
// strictly from a YAML file, the environment and flags, with the position of
// every mistake and the origin of every value.
//
// One table (table.go) drives loading, the environment, suggestions, the JSON
// Schema and what `config show` prints. The package knows nothing of what the
// settings are for.
package config

import "time"

// Settings are all settings, complete with defaults. Make one with [Load] or
// [Default]; the zero value lacks the defaults. It can be printed and logged
// in any way: secrets do not show.
type Settings struct {
	Okta    Okta
	Attio   Attio
	Roles   Roles
	Teams   Teams
	Protect Protect
	State   State

	record *record
}

// Okta is where people and groups come from. Either APIToken or ServiceApp is
// given, never both.
type Okta struct {
	// OrgURL is scheme and host of the org, lower case, without a slash at
	// the end. No default.
	OrgURL string
	// AppID is the id of the app whose assignments are followed. No default.
	AppID string
	// APIToken is an SSWS token.
	APIToken Secret
	// ServiceApp signs in with a key instead of a token.
	ServiceApp ServiceApp
	// RoleAttribute is the attribute of the app user profile that holds the
	// role, as text or list. Default "roles".
	RoleAttribute string
	// EmailAttribute is the attribute of the app user profile that holds the
	// email. Default "email".
	EmailAttribute string
	// SuspendedUsers says what a suspension in Okta means. Default suspend.
	SuspendedUsers SuspendedUsers
	// RateShare is the part of Okta's rate limit that requests may use.
	// Default 75 %.
	RateShare Percent
}

// ServiceApp is an Okta API service app.
type ServiceApp struct {
	ClientID string
	// KeyID is the kid of the public key that the app knows.
	KeyID string
	// PrivateKey is PEM text, PKCS#1 or PKCS#8; its file is read at each load.
	PrivateKey Secret
	// DPoP binds tokens to a key of this process. Default true.
	DPoP bool
}

// Given says whether anything that identifies a service app is set.
func (a ServiceApp) Given() bool {
	return a.ClientID != "" || a.KeyID != "" || a.PrivateKey.Given()
}

// Attio is the workspace that is kept in line.
type Attio struct {
	// Workspace is the slug or id; any other workspace is refused. Empty:
	// the one that login stored.
	Workspace string
	// APIURL is the root of the REST interface. Default https://api.attio.com.
	APIURL string
	// SCIMURL is the root of the SCIM interface. Default
	// https://api.attio.com/scim/v2.
	SCIMURL string
	// Token is the access token; empty: the one that login stored.
	Token Secret
	// VerifiedDomains are the workspace's verified domains, lower case.
	VerifiedDomains []string
	// ReadsPerSecond is the most reading requests in any one second. Default 100.
	ReadsPerSecond int
	// WritesPerSecond is the most writing requests in any one second. Default 25.
	WritesPerSecond int
	OAuth           OAuth
}

// OAuth is the Attio app that login signs in with.
type OAuth struct {
	ClientID     string
	ClientSecret Secret
	// AuthorizeURL is the consent page. Default https://app.attio.com/authorize.
	AuthorizeURL string
	// TokenURL changes a code for a token. Default https://app.attio.com/oauth/token.
	TokenURL string
	// RedirectURL is where the browser comes back to; it must be the app's
	// own, letter by letter. Default http://localhost:8910/callback.
	RedirectURL string
}

// Roles say who is an admin beside what the role attribute says.
type Roles struct {
	// WhenAbsent says what a missing role attribute means. Default keep_adopted.
	WhenAbsent WhenAbsent
	// AdminGroups are Okta groups (ids or names) whose people are admins.
	AdminGroups []string
}

// Teams say which Okta groups become teams.
type Teams struct {
	// Source says where groups come from. Default assigned_groups.
	Source TeamSource
	// Groups say which team a group goes to; with source listed, they are
	// also all groups there are.
	Groups []TeamGroup
	// Include and Exclude are names or ids, with * as wildcard. An empty
	// Include means all.
	Include []string
	Exclude []string
	// StripPrefix is taken off group names.
	StripPrefix string
	// SameName says what to do with an unmanaged team of that name. Default refuse.
	SameName SameName
	// Strangers says what to do with unmanaged people in a managed team. Default keep.
	Strangers Strangers
	// WhenGroupGone says what to do with the team of a deleted group. Default keep.
	WhenGroupGone WhenGroupGone
}

// TeamGroup ties a group to a team.
type TeamGroup struct {
	Group string // id or name
	Team  string // empty: the group's name
}

// Protect are the safety rails. Numbers count people unless said otherwise.
type Protect struct {
	// Mode no_removals keeps every removal back. Default full.
	Mode Mode
	// Members are emails of people who are never suspended nor demoted.
	Members []string
	// Removals is the most suspensions and withdrawn invites a run, of the
	// managed people active or invited. Default 20 %.
	Removals Amount
	// RemovalsCeiling is the most, whatever the percentage. Default 25.
	RemovalsCeiling int
	// RemovalsFloor are allowed even so, but never more than half of the
	// people. Default 5.
	RemovalsFloor int
	// RemovalsWindow is how far back removals count; 0: this run alone.
	// Default 24 h.
	RemovalsWindow time.Duration
	// AdminRemovals is the most suspensions and demotions of admins. Default 1.
	AdminRemovals int
	// TeamRemovals is the most removals from one team a run, of its active
	// people. Default 50 %.
	TeamRemovals Amount
	// TeamRemovalsFloor are allowed even so. Default 2.
	TeamRemovalsFloor int
	// Additions is the most provisions and reactivations a run, of the
	// managed people. Default 50 %.
	Additions Amount
	// AdditionsFloor are allowed even so. Default 20.
	AdditionsFloor int
	// Promotions is the most new admins a run. Default 3.
	Promotions int
	// ConfirmAbsence asks Okta for each absent person by id before anybody
	// is suspended. Default true.
	ConfirmAbsence bool
}

// State is where the memory between runs is kept.
type State struct {
	// URL is file:, postgres: or s3:; empty: a file in [StateDir].
	URL StateURL
}

// Default gives the settings when nothing is set anywhere.
func Default() *Settings {
	s := &Settings{record: newRecord()}
	for _, k := range keys() {
		given, _ := k.byDefault()
		given.store(s)
		s.record.origins[k.path] = given.origin
	}
	return s
}
