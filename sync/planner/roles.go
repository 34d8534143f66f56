package planner

import (
	"slices"
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
	// groups are those whose people decided.
	groups []idp.GroupRef
	note   *core.Note // what is to be told with it, nil: nothing
}

// roleRules decide about roles, by the settings and what the source knows.
type roleRules struct {
	policy     core.RolePolicy
	source     string
	adminGroup map[string]bool // Okta ids of people in admin groups
	unsure     bool            // the source contradicts itself about an admin group
	groups     []idp.GroupRef  // the admin groups
	attribute  bool            // anybody assigned has the role attribute, and a role in it
	foreign    []string        // what the attribute holds where it holds no role at all
}

func newRoleRules(in *Input, r *roster) roleRules {
	rules := roleRules{policy: in.Policy.Roles, source: in.source(), adminGroup: map[string]bool{}}
	for _, g := range in.Directory.Groups {
		if !core.MeansAny(in.Policy.Roles.AdminGroups, g.GroupRef) {
			continue
		}
		rules.groups = append(rules.groups, g.GroupRef)
		if g.Unsure {
			rules.unsure = true // it makes no admin, and nobody is demoted
			continue
		}
		for _, id := range g.Members.IDs() {
			rules.adminGroup[id] = true
		}
	}
	for _, s := range r.identities {
		if s.person == nil || !s.person.HasRole || s.person.Access == idp.Revoked {
			continue
		}
		if slices.ContainsFunc(singleRoles(s.person.Roles), isRole) {
			rules.attribute, rules.foreign = true, nil
			break
		}
		rules.foreign = append(rules.foreign, unknownRoles(s.person.Roles)...)
	}
	slices.Sort(rules.foreign)
	rules.foreign = slices.Compact(rules.foreign)
	return rules
}

// has says whether somebody's profile has the role attribute. One in which
// nobody's value is a role is an attribute of another meaning, and counts as
// missing.
func (r roleRules) has(s *identity) bool { return r.attribute && s.person.HasRole }

// attributeNote tells, once, that no role can come from the attribute.
func (r roleRules) attributeNote(in *Input, out *findings) {
	const setting, so = "okta.role_attribute", "everybody new is a member, and nobody is demoted for lacking it"
	switch {
	case r.attribute:
	case len(r.foreign) > 0:
		out.note(core.NoteRoleAttributeMissing, setting, "not one of its values in "+r.source+" is admin or member ("+core.Few(r.foreign)+"), so it counts as missing: "+so)
	case len(r.policy.AdminGroups) == 0 && in.Directory.RoleAttribute == idp.No:
		out.note(core.NoteRoleAttributeMissing, setting, "the app's profile in "+r.source+" has no such attribute: "+so)
	}
}

// wanted decides from the app user's own profile, the admin groups and what the
// absence of both means. now is the role in Attio, empty if unknown or not there.
func (r roleRules) wanted(s *identity, now attio.Role) wantedRole {
	switch {
	case saysAdmin(s.person.Roles):
		return wantedRole{role: attio.RoleAdmin, from: fromAttribute, why: r.source + "'s role says admin"}
	case r.adminGroup[s.id]:
		return wantedRole{role: attio.RoleAdmin, from: fromGroup, why: "is in an admin group", groups: r.groups}
	}
	if r.unsure && now == attio.RoleAdmin {
		return wantedRole{role: attio.RoleAdmin, from: s.entry.RoleFrom, why: r.source + " contradicts itself about an admin group: stays admin"}
	}
	w := wantedRole{role: attio.RoleMember, from: fromAttribute, why: r.source + "'s role says " + strings.Join(s.person.Roles, ", ")}
	if !r.has(s) {
		w = r.onAbsence(s, now)
	}
	if w.role == attio.RoleMember && now == attio.RoleAdmin {
		w.groups = r.groups // somebody in one of them would stay
	}
	return w
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
		if v = strings.TrimSpace(v); v != "" && !isRole(v) {
			unknown = append(unknown, v)
		}
	}
	return unknown
}

// isRole says whether a value is a role of Attio.
func isRole(v string) bool {
	v = strings.TrimSpace(v)
	return strings.EqualFold(v, string(attio.RoleAdmin)) || strings.EqualFold(v, string(attio.RoleMember))
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
