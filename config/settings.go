// Package config holds the settings of scim-sync: one typed value, loaded
// strictly from a YAML file, the environment and flags, with the position of
// every mistake and the origin of every value.
//
// One table (table.go) drives loading, the environment, suggestions, the JSON
// Schema and what `config show` prints. What the plan has to know is filled
// into its own type, [sync.Policy]; the package knows nothing of what the
// settings are for.
package config

import (
	"time"

	"scim-sync/sync"
)

// Settings are all settings, complete with defaults. Make one with [Load] or
// [Default]; the zero value lacks the defaults. It can be printed and logged
// in any way: secrets do not show.
type Settings struct {
	Okta  Okta
	Attio Attio
	// Policy is what the plan has to know: the sections roles, teams and
	// protect, okta.suspended_users and attio.verified_domains.
	Policy  sync.Policy
	State   State
	Journal Journal
	IDP     IDP
	// Notify are the web hooks that are told of runs.
	Notify []Hook
	// HeartbeatURL is asked for after each run that ended well.
	HeartbeatURL Secret
	// MetricsFile takes the figures of each run. A path that the settings file has is
	// complete once loaded.
	MetricsFile string

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

// State is where the memory between runs is kept.
type State struct {
	// URL is file:, postgres: or s3:; empty: a file in [StateDir].
	URL StateURL
	// PasswordFile holds the password for postgres:.
	PasswordFile string
}

// Journal is the record of every run and every write.
type Journal struct {
	// Keep is how long it keeps what past runs did. Default 400 days.
	Keep time.Duration
}

// IDP says what the directory is read from.
type IDP struct {
	Source SourceKind
	// File is the directory file, or a folder of CSV files. A path that the
	// settings file has is complete once loaded.
	File string
}

// SourceKind is a kind of directory.
type SourceKind string

// The values of idp.source.
const (
	FromOkta          SourceKind = "okta"
	FromDirectoryFile SourceKind = "file"
)

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
