package sync

import (
	"fmt"
	"sort"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
)

// roleFrom says where a role came from, for state and for people.
const (
	fromAttribute = "attribute"
	fromGroup     = "group"
)

// roleWanted is the role that someone should have. why is one clause for
// people; from is "attribute", "group" or empty (absence decided).
type roleWanted struct {
	role attio.Role
	from string
	why  string
}

// wantedRole decides from the app user's own profile, the admin groups and
// what the absence of both means. now is the role in Attio, empty if unknown
// or not there.
func (d *diff) wantedRole(s *subject, now attio.Role) roleWanted {
	admin := false
	for _, v := range separate(s.person.Roles) {
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "admin":
			admin = true
		case "member", "":
		default:
			v = strings.TrimSpace(v)
			if who := d.unknownRoles[v]; len(who) == 0 || who[len(who)-1] != s.email() {
				d.unknownRoles[v] = append(who, s.email())
			}
		}
	}
	switch {
	case admin:
		return roleWanted{attio.RoleAdmin, fromAttribute, "Okta's role says admin"}
	case d.adminGroup[s.id]:
		return roleWanted{attio.RoleAdmin, fromGroup, "is in an admin group"}
	case s.person.HasRole:
		return roleWanted{attio.RoleMember, fromAttribute, "Okta's role says " + strings.Join(s.person.Roles, ", ")}
	}
	return d.roleOnAbsence(s, now)
}

// separate gives the single roles of an attribute: a text may hold several,
// with commas or the like between them.
func separate(values []string) []string {
	var roles []string
	for _, v := range values {
		roles = append(roles, strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(",;|\n", r) })...)
	}
	return roles
}

// roleOnAbsence decides for someone whose profile has no role and who is in no
// admin group.
func (d *diff) roleOnAbsence(s *subject, now attio.Role) roleWanted {
	e := s.entry
	if now == "" && s.managed {
		now = e.Applied.Role // hidden while suspended
	}
	if now != attio.RoleAdmin {
		return roleWanted{role: attio.RoleMember, why: "has no role in Okta"}
	}
	if s.managed && e.RoleFrom == fromGroup {
		return roleWanted{role: attio.RoleMember, why: "is in no admin group any more"}
	}
	keep := roleWanted{role: attio.RoleAdmin, from: e.RoleFrom, why: "has no role in Okta and stays admin"}
	p := d.in.Policy.Roles
	adopted := !s.managed || e.Adopted && e.Applied.Role == attio.RoleAdmin
	switch {
	case p.WhenAbsent == KeepAdopted && !e.RoleSeen && adopted:
		d.note("admin-kept", s.email(), "was an admin before scim-sync met them and has no role in Okta: stays admin")
		return keep
	case p.WhenAbsent == AbsentKeep:
		return keep
	case !d.roleAttribute:
		d.note("role-attribute-missing", s.email(), "stays admin: nobody assigned has the role attribute, so nobody is demoted for lacking it")
		return keep
	}
	return roleWanted{role: attio.RoleMember, why: "has no role in Okta"}
}

// roleNotes tells each unknown value once, with a count.
func (d *diff) roleNotes() []Note {
	var notes []Note
	for v, who := range d.unknownRoles {
		sort.Strings(who)
		detail := fmt.Sprintf("is no role of Attio and counts as member, for %s: %s", counted(len(who), "person", "people"), people(who))
		notes = append(notes, Note{Code: "unknown-role", Subject: v, Detail: detail})
	}
	if !d.roleAttribute && len(d.in.Policy.Roles.AdminGroups) == 0 && d.in.Directory.RoleAttribute == idp.No {
		notes = append(notes, Note{Code: "role-attribute-missing", Subject: "okta.role_attribute",
			Detail: "the app's profile in Okta has no such attribute: everybody new is a member, and nobody is demoted for lacking it"})
	}
	return notes
}

// userNameNotes tells, once, whose name in the app is another than the address
// that counts.
func (d *diff) userNameNotes() []Note {
	var who []string
	for _, s := range d.subjects {
		if s.want == in && s.person != nil && s.person.UserName != "" && attio.FoldEmail(s.person.UserName) != attio.FoldEmail(s.person.Email) {
			who = append(who, s.email()+" ("+strings.TrimSpace(s.person.UserName)+")")
		}
	}
	if len(who) == 0 {
		return nil
	}
	sort.Strings(who)
	return []Note{{Code: "user-name-differs", Subject: "okta.email_attribute",
		Detail: "the app knows " + counted(len(who), "person", "people") + " by another name than the address that counts here: " + people(who)}}
}

// people lists a few addresses and counts the rest.
func people(who []string) string {
	const most = 3
	if len(who) <= most {
		return strings.Join(who, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(who[:most], ", "), len(who)-most)
}

// countingAdmins are the active admins that protect the workspace: managed
// ones, and unmanaged ones unless their domain is known not to be verified.
func (d *diff) countingAdmins() []string {
	var admins []string
	for i := range d.members {
		if d.counts(i) {
			admins = append(admins, attio.FoldEmail(d.members[i].Email))
		}
	}
	return admins
}

func (d *diff) counts(i int) bool {
	m := d.members[i]
	if m.Status != attio.Active || m.Role != attio.RoleAdmin {
		return false
	}
	s := d.claimed[i]
	managed := s != nil && (s.managed || s.want == in)
	return managed || d.in.Policy.verified(m.Email) != idp.No
}
