// Package idp is the neutral directory: who is assigned to the app, which
// groups there are and who is in them, whatever identity provider says so.
//
// Nothing here knows Okta; the words of a provider stay in its own package and
// arrive as [Access].
package idp

import (
	"time"

	"scim-sync/internal/idset"
)

// Directory is one complete reading of the identity provider. A source
// returns either all of it or an error: a Directory is never partial.
type Directory struct {
	Origin Origin
	// People are all entries of the app's assignment list, whatever their
	// Access, in no particular order.
	People []Person
	// Groups are the groups the query asked for, with their members.
	Groups []Group
	// RoleAttribute says whether the app's profile schema holds the role
	// attribute. False also when the schema could be read and lacks it.
	RoleAttribute Tristate
	// EmailAttribute says the same of the attribute that holds the address.
	EmailAttribute Tristate
	// Sight is what the credential saw, against the reading before.
	Sight Sight
	Notes []Note
}

// Origin names the place that a directory came from. State belongs to one.
type Origin struct {
	// Name is the word for the source that people read: Okta, the directory
	// file.
	Name     string
	OrgURL   string // normalised: https, lower-case host, no trailing slash
	AppID    string
	AppLabel string
}

// Tristate is an answer that may be unknown.
type Tristate int

// The three answers.
const (
	Unknown Tristate = iota
	Yes
	No
)

// Access is what the provider says about one person's right to the app. The
// zero value is no answer at all and must never be taken for one.
type Access int8

const (
	// Granted: assigned and free to work.
	Granted Access = iota + 1
	// Waiting: not active yet (staged, pending, being imported).
	// Such a person is left exactly as they are.
	Waiting
	// Suspended: assigned, but the person's own account is suspended for now.
	Suspended
	// Revoked: the provider itself says that the right has ended.
	Revoked
)

func (a Access) String() string {
	switch a {
	case Granted:
		return "granted"
	case Waiting:
		return "waiting"
	case Suspended:
		return "suspended"
	case Revoked:
		return "revoked"
	}
	return "unknown"
}

// Person is one entry of the app's assignment list.
type Person struct {
	// ID is the provider's id of the person; it never changes.
	ID string
	// Email as the source's settings choose it, original spelling. May be
	// empty or invalid: that is for the plan to say.
	Email string
	// UserName is the name under which the app knows the person.
	UserName   string
	GivenName  string
	FamilyName string
	// Roles are the values of the role attribute as they stand. HasRole is
	// false when the attribute is missing, null or empty.
	Roles     []string
	HasRole   bool
	EmailFrom EmailOrigin // 0: there is no address
	Access    Access
	Direct    bool // assigned by name; otherwise Via names the group
	// AppStatus and UserStatus are the provider's own words, for people to
	// read. UserStatus is empty when the provider did not say.
	AppStatus  string
	UserStatus string
	Via        GroupRef
	// Proof is the reading that Access rests on, nil where the source tells of
	// none. Many people share one, and none is changed.
	Proof *Proof
}

// GroupRef names a group.
type GroupRef struct {
	ID   string
	Name string
	// BuiltIn marks a group that the provider itself keeps (everyone).
	BuiltIn bool
}

// Group is a group with all its members, assigned to the app or not.
type Group struct {
	GroupRef
	// Members are ids of people. Deactivated people may still be among them.
	Members idset.Set
	// Remembered: Members come from an earlier reading that by the provider's
	// own times still holds. Nobody may lose a membership on its strength
	// before the group was read again ([Rereader]).
	Remembered bool
	// Unsure: the provider's list differs from the remembered one though by its
	// own times nothing changed since. Members are the remembered ones, and
	// Remembered is set.
	Unsure bool
	// Team: the query's team source yields this group. A group may be read
	// for its admins alone.
	Team bool
}

// TeamSource says where the groups that become teams come from.
type TeamSource string

// The sources of teams, as in the setting teams.source.
const (
	AssignedGroups TeamSource = "assigned_groups"
	PushMappings   TeamSource = "push_mappings"
	ListedGroups   TeamSource = "listed"
	NoTeams        TeamSource = "none"
)

// Query says what to read.
type Query struct {
	Teams TeamSource
	// Listed are ids or names of the groups for ListedGroups. One that is
	// not found is a note, not an error.
	Listed []string
	// Wanted is asked before the members of a group are read, so that
	// nothing is read in vain. nil wants all. It is not asked for AdminGroups.
	Wanted func(GroupRef) bool
	// AdminGroups are ids or names of groups whose people are admins. One
	// not found or not readable is an error.
	AdminGroups []string
	// Full asks for a reading that trusts no cache.
	Full bool
	// Seen are groups that an earlier reading was shown, Everyone among them
	// (BuiltIn): what the asker remembers, beside what the source does itself.
	Seen []GroupRef
	// Progress, when set, hears what has been read so far. It may be called
	// from several goroutines.
	Progress func(what string, n int)
}

// Note is something worth telling that stops nothing.
type Note struct {
	Code    string
	Subject string
	Detail  string
}

// Proof is one answer of the provider about one id: what an absence rests on.
type Proof struct {
	Request   string    `json:"request"`              // method and path, no secrets
	Status    int       `json:"status"`               // HTTP status
	Says      string    `json:"says,omitempty"`       // the provider's own word: a status or an error code
	At        time.Time `json:"at"`                   // the provider's clock where it sent one
	RequestID string    `json:"request_id,omitempty"` // the provider's id of the request
}

// Standing is what the provider says when asked for one person by id.
type Standing struct {
	Access Access
	// Listed: the provider still has an assignment for that id.
	Listed bool
	Person Person // when Listed
	Proof  Proof
}

// GroupStanding is what the provider says when asked for one group by id.
type GroupStanding struct {
	Exists bool
	Group  GroupRef // when Exists
	Proof  Proof
}
