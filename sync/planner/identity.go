package planner

import (
	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// assignmentStatus is what Okta's word about somebody comes to.
type assignmentStatus int8

const (
	leave assignmentStatus = iota // not active in Okta yet, released, or in conflict: as they are
	in
	out
)

// identity is one Okta identity: in Okta's list, in state, or both. All of it
// is settled when people are matched, and read from then on.
type identity struct {
	id      string
	person  *idp.Person         // nil: not in Okta's list
	entry   *core.ManagedPerson // what state has, never nil; shared, so never changed
	proof   *idp.Proof          // what Okta said, never nil
	n       int                 // its place in the roster's list
	member  int                 // index into the workspace's members, -1: none
	mark    uint32              // what a MemberSet holds of them
	status  assignmentStatus
	managed bool // in state and not released
	// doubtful: the list leaves them out, and the source was not asked yet.
	doubtful bool
	// unaddressed: assigned, and left as they are for want of an address.
	unaddressed bool
	// inFlight: a run that was cut off had begun to provision them, and state
	// does not know them yet.
	inFlight bool
	// heir and former: the one was made anew in the source as the other, under a
	// new id with the same address. nil: nobody.
	heir, former *identity
	// alike is the next one who should be in under the same address.
	alike *identity
}

func (s *identity) email() string {
	if s.person != nil && s.person.Email != "" {
		return s.person.Email
	}
	return s.entry.Email
}

// profile is what the source has of a person for Attio's profile. It is known of
// those in the source's list.
func (s *identity) profile() attio.Profile {
	return attio.Profile{GivenName: s.person.GivenName, FamilyName: s.person.FamilyName}.Clean()
}

// granted says whether Okta has somebody assigned and free to work, and they
// were not released.
func (s *identity) granted() bool {
	return s.person != nil && s.person.Access == idp.Granted && !s.entry.Released
}

// assigned says whether Okta's assignment stands, though it gives no access now.
func (s *identity) assigned() bool { return s.person != nil && s.person.Access == idp.Suspended }

// about names them.
func (s *identity) about() core.About {
	return core.About{OktaID: s.id, AttioID: s.entry.AttioID}
}

// statusWords are the source's own words about somebody.
func statusWords(p *idp.Person) string {
	if p.UserStatus != "" && p.UserStatus != p.AppStatus {
		return p.AppStatus + " (user " + p.UserStatus + ")"
	}
	return p.AppStatus
}

// outWords says why somebody should not have a place any more.
func (s *identity) outWords(source string) string {
	switch {
	case s.person == nil:
		return "not assigned in " + source + " any more"
	case s.person.Access == idp.Suspended:
		return "suspended in " + source
	}
	return statusWords(s.person) + " in " + source
}
