package attiotest

import "time"

// Role is one of the two roles of a workspace.
type Role string

// The roles (https://attio.com/apps/okta).
const (
	RoleAdmin  Role = "admin"
	RoleMember Role = "member"
	noRole     Role = ""
)

// Status is where someone stands in a workspace.
type Status string

// The statuses.
const (
	Active    Status = "active"
	Suspended Status = "suspended"
	Invited   Status = "invited"
)

// Enterprise is the one plan that includes SCIM
// (https://attio.com/help/reference/workspace-settings-billing/security/provision-users-and-teams-with-scim).
const Enterprise = "enterprise"

// Site is what a Server holds at the start. Everything but the workspace's
// slug may be left out; ids are derived from slugs, emails and names, so that
// the same site has the same ids each time.
type Site struct {
	Workspace       Workspace   `yaml:"workspace"`
	Members         []Member    `yaml:"members"`
	Teams           []Team      `yaml:"teams"`
	Accounts        []Account   `yaml:"accounts"`
	Tokens          []Token     `yaml:"tokens"`
	Apps            []App       `yaml:"apps"`
	OtherWorkspaces []Workspace `yaml:"other_workspaces"`
}

// Workspace is a workspace and its contract.
type Workspace struct {
	ID   string `yaml:"id"` // uuid
	Slug string `yaml:"slug"`
	Name string `yaml:"name"` // default: the slug
	// Plan is "enterprise" when empty; any other plan refuses SCIM.
	Plan string `yaml:"plan"`
	// SCIM false refuses SCIM although the plan includes it.
	SCIM            *bool    `yaml:"scim"`
	VerifiedDomains []string `yaml:"verified_domains"`
	// Seats that are paid for; 0 is unlimited.
	Seats int `yaml:"seats"`
	// AutomaticSeats adds a paid seat where none is free.
	AutomaticSeats bool `yaml:"automatic_seats"`
	// Members and PlainMembers are emails, of other workspaces only: people
	// who are admins there, and people who are not.
	Members      []string `yaml:"members"`
	PlainMembers []string `yaml:"plain_members"`
}

// Member is a membership, or a pending invite.
type Member struct {
	ID         string `yaml:"id"` // of the membership, or of the invite
	Email      string `yaml:"email"`
	GivenName  string `yaml:"given_name"`
	FamilyName string `yaml:"family_name"`
	Role       Role   `yaml:"role"`   // default member
	Status     Status `yaml:"status"` // default active
	// Expert is an admin by access grant, who takes no seat
	// (https://attio.com/help/reference/workspace-settings-billing/expert-access-grants).
	Expert bool `yaml:"expert"`
	// AccountEmail is the address of the Attio account behind the membership,
	// where it is another one.
	AccountEmail string `yaml:"account_email"`
	// Sessions that are open at the start; default one for active members.
	Sessions  *int      `yaml:"sessions"`
	CreatedAt time.Time `yaml:"created_at"`
}

// Team is a team and the emails of its members.
type Team struct {
	ID      string   `yaml:"id"`
	Name    string   `yaml:"name"`
	Members []string `yaml:"members"`
}

// Account is an Attio account: someone who uses Attio, perhaps elsewhere. Who
// is added to the workspace and has one is linked to it.
type Account struct {
	Email      string `yaml:"email"`
	GivenName  string `yaml:"given_name"`
	FamilyName string `yaml:"family_name"`
	Name       string `yaml:"name"` // in one, split at the first space
}

// Token is an access token of the workspace.
type Token struct {
	Token        string   `yaml:"token"`
	Scopes       []string `yaml:"scopes"`        // default: user_management:read-write
	AuthorizedBy string   `yaml:"authorized_by"` // email of a member
	Active       *bool    `yaml:"active"`        // default true
	// Workspace is the slug of another workspace, where the token is for one.
	Workspace string `yaml:"workspace"`
}

// App is an OAuth app as registered at build.attio.com.
type App struct {
	ClientID     string   `yaml:"client_id"`
	ClientSecret string   `yaml:"client_secret"`
	Name         string   `yaml:"name"`
	RedirectURIs []string `yaml:"redirect_uris"` // compared exactly
	Scopes       []string `yaml:"scopes"`        // default: user_management:read-write
	// TokenExpiresIn is the life of its tokens, 0 for ever. Attio documents
	// tokens without an end.
	TokenExpiresIn time.Duration `yaml:"token_expires_in"`
	// Refresh: token answers carry a refresh token, replaced at each use.
	Refresh bool `yaml:"refresh"`
}

// The scopes that matter here; reading is included in writing.
const (
	ScopeRead  = "user_management:read"
	ScopeWrite = "user_management:read-write"
)
