// Package oktatest is a small Okta org over HTTP: apps, app users, groups,
// push mappings, users and sign-in of service apps, in the shapes, headers,
// status codes, limits and paging of the management API
// (https://developer.okta.com/docs/api/openapi/okta-management/).
//
// It serves reads and the writes an admin makes, so that a story can be told
// over HTTP; the same writes exist as methods of [Server], by login and name.
package oktatest

// Org is what an org holds at the start.
type Org struct {
	// APIToken is the token accepted with "Authorization: SSWS"; empty accepts none.
	APIToken    string       `yaml:"api_token"`
	ServiceApps []ServiceApp `yaml:"service_apps"`
	App         App          `yaml:"app"`
	Users       []User       `yaml:"users"`
	Groups      []Group      `yaml:"groups"`
	// AssignedGroups are the groups assigned to the app.
	AssignedGroups []GroupAssignment `yaml:"assigned_groups"`
	// Assignments are the people assigned to the app by name.
	Assignments  []Assignment  `yaml:"assignments"`
	PushMappings []PushMapping `yaml:"push_mappings"`
}

// ServiceApp is an OAuth client that signs in with a key of its own
// (private_key_jwt):
// https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/main/
type ServiceApp struct {
	ClientID string `yaml:"client_id"`
	KeyID    string `yaml:"key_id"`
	// PublicKey is a PEM (PUBLIC KEY, RSA PUBLIC KEY) or a JWK, RSA or EC.
	PublicKey string `yaml:"public_key"`
	// DPoP: the app takes only tokens bound to a key (RFC 9449).
	DPoP bool `yaml:"dpop"`
	// Scopes are those granted: "okta.apps.read".
	Scopes []string `yaml:"scopes"`
	// NoAdminRole: the app lacks an admin role, so every call is a 403.
	NoAdminRole bool `yaml:"no_admin_role"`
}

// App is the one app of the org.
type App struct {
	ID    string `yaml:"id"`    // 20 characters; made from the label when empty
	Label string `yaml:"label"` // "Attio" when empty
	Name  string `yaml:"name"`  // "scim2headerauth" when empty
	// Status is ACTIVE (default) or INACTIVE.
	Status string `yaml:"status"`
	// Features of provisioning: GROUP_PUSH, PUSH_NEW_USERS and the like. With
	// PUSH_NEW_USERS app users are PROVISIONED and SYNCHRONIZED.
	Features []string `yaml:"features"`
	// RoleAttribute is the attribute of the app's profile that holds the role:
	// "roles" when empty.
	RoleAttribute string `yaml:"role_attribute"`
	// RoleType is "array" (default) or "string".
	RoleType string `yaml:"role_type"`
	// NoRoleAttribute leaves the attribute out of the schema.
	NoRoleAttribute bool `yaml:"no_role_attribute"`
	// Attributes are the names of further custom attributes, of type string.
	Attributes []string `yaml:"attributes"`
}

// User is a person in the org.
type User struct {
	ID        string `yaml:"id"` // 20 characters; made from the login when empty
	Login     string `yaml:"login"`
	Email     string `yaml:"email"` // the login when empty
	FirstName string `yaml:"first_name"`
	LastName  string `yaml:"last_name"`
	// Status is STAGED, PROVISIONED, ACTIVE (default), RECOVERY, LOCKED_OUT,
	// PASSWORD_EXPIRED, SUSPENDED or DEPROVISIONED.
	Status string `yaml:"status"`
	// Profile holds further profile attributes.
	Profile map[string]any `yaml:"profile"`
}

// Group is a group of the org.
type Group struct {
	ID          string `yaml:"id"` // 20 characters; made from the name when empty
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	// Type is OKTA_GROUP (default), APP_GROUP or BUILT_IN. The BUILT_IN group
	// Everyone without members holds everybody.
	Type string `yaml:"type"`
	// Members are logins or ids.
	Members []string `yaml:"members"`
}

// GroupAssignment assigns a group to the app.
type GroupAssignment struct {
	Group string `yaml:"group"` // name or id
	// Priority decides between groups of one person: the smaller number wins.
	Priority int `yaml:"priority"`
	// Profile is copied into the app profile of the people it applies to.
	Profile map[string]any `yaml:"profile"`
}

// Assignment assigns one person to the app by name.
type Assignment struct {
	User     string `yaml:"user"`      // login or id
	UserName string `yaml:"user_name"` // name in the app; follows the login when empty
	// Status of the app user: ACTIVE by default.
	Status string `yaml:"status"`
	// SyncState is DISABLED by default.
	SyncState string         `yaml:"sync_state"`
	Profile   map[string]any `yaml:"profile"`
}

// PushMapping pushes a group to the app. Its target is a group of type
// APP_GROUP that is made when there is none of that name.
type PushMapping struct {
	Group  string `yaml:"group"`  // name or id of the source
	Status string `yaml:"status"` // ACTIVE (default), INACTIVE or ERROR
	Target string `yaml:"target"` // name of the target; the source's when empty
	Error  string `yaml:"error"`  // errorSummary
}
