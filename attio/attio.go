// Package attio is the workspace as a plan sees it: members, invites, teams,
// roles, and the ports through which they are read and written. It knows
// nothing of HTTP.
package attio

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"scim-sync/internal/idset"
)

// Role is one of the two roles a workspace knows
// (https://attio.com/apps/okta). Empty: not known, as for suspended members.
type Role string

// The two roles.
const (
	RoleAdmin  Role = "admin"
	RoleMember Role = "member"
)

// Status is where someone stands in the workspace.
type Status string

// The statuses. A pending invite looks like an active member over SCIM; only
// the workspace member list of the REST API tells them apart.
const (
	Active    Status = "active"
	Invited   Status = "invited"
	Suspended Status = "suspended"
)

// Member is a membership or a pending invite.
type Member struct {
	// ID is the SCIM id: a membership id, or an invite id while invited (it
	// changes on acceptance). Empty when only the REST API lists the person,
	// which happens for suspended members.
	ID string
	// RestID is the workspace_member_id of the REST API, empty for invites.
	// Whether it equals ID is not documented: nothing relies on it.
	RestID string
	Email  string // as Attio spells it
	Profile
	Status Status
	Role   Role
}

// Team is a workspace team, over SCIM a Group.
type Team struct {
	ID   string
	Name string
	// Members are SCIM ids of memberships and invites.
	Members idset.Set
}

// Workspace is one complete reading: never partial.
type Workspace struct {
	Identity Identity
	Members  []Member
	Teams    []Team
	// Unread are entries that say too little to be among them. They are few: of
	// a list that has many of them nothing is believed.
	Unread []Unread
	// OwnEmail is the address of the person who authorised the token, empty
	// if not known.
	OwnEmail string
}

// Unread is an entry of one of Attio's lists that lacks what makes a member or a
// team of it: whoever manages it must not go on, and nobody else need care.
type Unread struct {
	List   List
	ID     string // as its list has it: over SCIM, of ListJoined a RestID
	Email  string // empty: not told
	Reason string // what it lacks: "has no address"
}

// List is one of the lists that a workspace is read from.
type List string

// The lists.
const (
	ListUsers  List = "user"             // over SCIM
	ListJoined List = "workspace member" // of the REST API
	ListGroups List = "group"            // over SCIM
)

// Identity is what a token is: its workspace, scopes and author
// (GET /v2/self, https://docs.attio.com/docs/oauth/introspect).
type Identity struct {
	WorkspaceID   string
	WorkspaceSlug string
	WorkspaceName string
	Scopes        []string
	ClientID      string
	// AuthorizedBy is the workspace_member_id of the person behind the token.
	AuthorizedBy string
	// Expires is zero for a token without an end.
	Expires time.Time
}

// The scopes that matter (https://docs.attio.com/rest-api/scim/list-users).
const (
	ScopeRead  = "user_management:read"
	ScopeWrite = "user_management:read-write"
)

// CanRead says whether the scopes allow reading members and teams. The write
// scope is reported alone and includes reading.
func (i Identity) CanRead() bool { return i.has(ScopeRead) || i.has(ScopeWrite) }

// CanWrite says whether the scopes allow changing members and teams.
func (i Identity) CanWrite() bool { return i.has(ScopeWrite) }

func (i Identity) has(scope string) bool {
	return slices.Contains(i.Scopes, scope)
}

// Is says whether the name given in settings (a slug or an id) means this workspace.
func (i Identity) Is(slugOrID string) bool {
	return strings.EqualFold(slugOrID, i.WorkspaceSlug) || strings.EqualFold(slugOrID, i.WorkspaceID)
}

// FoldEmail is the one way in which addresses are compared: trimmed, lower
// case, Unicode NFC, and the domain as [FoldDomain] has it. What people see
// keeps its original spelling.
func FoldEmail(email string) string {
	if isFolded(email) {
		return email
	}
	lower := lowered(email)
	at := strings.LastIndexByte(lower, '@') + 1
	return lower[:at] + aLabels(lower[at:])
}

// FoldName is the one way in which team names are compared: trimmed, inner
// white space collapsed, lower case, Unicode NFC. Attio does not document its
// case rule; comparing without case can only find a conflict too many.
func FoldName(name string) string {
	return norm.NFC.String(strings.ToLower(norm.NFC.String(strings.Join(strings.Fields(name), " "))))
}

func lowered(s string) string {
	return norm.NFC.String(strings.ToLower(norm.NFC.String(strings.TrimSpace(s))))
}

// isFolded says whether an address is ASCII without capitals and blanks, as
// nearly all are: folding leaves it as it is.
func isFolded(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}
