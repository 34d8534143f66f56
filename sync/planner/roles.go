package planner

import (
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// The places that a role may come from, for state and for people.
const (
	fromAttribute = "attribute"
	fromGroup     = "group"
)

// wantedRole is the role that someone should have. why is one clause for
// people; from is "attribute", "group" or empty (absence decided).
type wantedRole struct {
	role attio.Role
	from string
	why  string
	note *core.Note // what is to be told with it, nil: nothing
}

// roleRules decide about roles, by the settings and what the source knows.
type roleRules struct {
	policy     core.RolePolicy
	source     string
	adminGroup map[string]bool // Okta ids of people in admin groups
	attribute  bool            // anybody assigned has the role attribute
}

func newRoleRules(in *Input, r *roster) roleRules {
	rules := roleRules{policy: in.Policy.Roles, source: in.source(), adminGroup: map[string]bool{}}
	for _, g := range in.Directory.Groups {
		if core.MeansAny(in.Policy.Roles.AdminGroups, g.GroupRef) {
			for _, id := range g.Members.IDs() {
				rules.adminGroup[id] = true
			}
		}
	}
	for _, s := range r.identities {
		if s.person != nil && s.person.HasRole && s.person.Access != idp.Revoked {
			rules.attribute = true
			break
		}
	}
	return rules
}

// wanted decides from the app user's own profile, the admin groups and what the
// absence of both means. now is the role in Attio, empty if unknown or not there.
func (r roleRules) wanted(s *identity, now attio.Role) wantedRole {
	switch {
	case saysAdmin(s.person.Roles):
		return wantedRole{role: attio.RoleAdmin, from: fromAttribute, why: r.source + "'s role says admin"}
	case r.adminGroup[s.id]:
		return wantedRole{role: attio.RoleAdmin, from: fromGroup, why: "is in an admin group"}
	case s.person.HasRole:
		return wantedRole{role: attio.RoleMember, from: fromAttribute, why: r.source + "'s role says " + strings.Join(s.person.Roles, ", ")}
	}
	return r.onAbsence(s, now)
}

func saysAdmin(values []string) bool {
	for _, v := range singleRoles(values) {
		if strings.EqualFold(strings.TrimSpace(v), string(attio.RoleAdmin)) {
			return true
		}
	}
	return false
}

// unknownRoles are the values that are no role of Attio.
func unknownRoles(values []string) (unknown []string) {
	for _, v := range singleRoles(values) {
		switch v = strings.TrimSpace(v); strings.ToLower(v) {
		case "admin", "member", "":
		default:
			unknown = append(unknown, v)
		}
	}
	return unknown
}

// singleRoles gives the single roles of an attribute: a text may hold several,
// with commas or the like between them.
func singleRoles(values []string) []string {
	if len(values) == 1 && !strings.ContainsAny(values[0], ",;|\n") {
		return values // as nearly always
	}
	var roles []string
	for _, v := range values {
		roles = append(roles, strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(",;|\n", r) })...)
	}
	return roles
}

// onAbsence decides for someone whose profile has no role and who is in no
// admin group.
func (r roleRules) onAbsence(s *identity, now attio.Role) wantedRole {
	e, none := s.entry, "has no role in "+r.source
	if now == "" && s.managed {
		now = e.Applied.Role // hidden while suspended
	}
	if now != attio.RoleAdmin {
		return wantedRole{role: attio.RoleMember, why: none}
	}
	if s.managed && e.RoleFrom == fromGroup {
		return wantedRole{role: attio.RoleMember, why: "is in no admin group any more"}
	}
	keep := wantedRole{role: attio.RoleAdmin, from: e.RoleFrom, why: none + " and stays admin"}
	note := func(code core.Code, detail string) *core.Note {
		return &core.Note{Code: code, Subject: s.email(), Detail: detail, About: []core.About{s.about()}}
	}
	adopted := !s.managed || e.AttioID == "" || e.Adopted && e.Applied.Role == attio.RoleAdmin
	switch {
	case r.policy.WhenAbsent == core.KeepAdopted && !e.RoleSeen && adopted:
		keep.note = note(core.NoteAdminKept, "was an admin before scim-sync met them and "+none+": stays admin")
		return keep
	case r.policy.WhenAbsent == core.AbsentKeep:
		return keep
	case !r.attribute:
		keep.note = note(core.NoteRoleAttributeMissing, "stays admin: nobody assigned has the role attribute, so nobody is demoted for lacking it")
		return keep
	}
	return wantedRole{role: attio.RoleMember, why: none}
}
