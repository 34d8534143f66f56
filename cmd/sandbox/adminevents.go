package sandbox

import (
	"fmt"
	"strings"

	"scim-sync/idp/okta/oktatest"
)

// Event is a change that an admin makes by hand in Okta: what happened, to
// whom, and what to. The sandbox takes it as JSON at POST /sandbox/do, as its
// Attio does for changes there.
type Event struct {
	Event   string         `json:"event"`
	User    string         `json:"user,omitempty"`  // login
	Group   string         `json:"group,omitempty"` // name
	To      string         `json:"to,omitempty"`    // new name, address, status
	First   string         `json:"first,omitempty"`
	Last    string         `json:"last,omitempty"`
	Roles   []string       `json:"roles,omitempty"`
	Profile map[string]any `json:"profile,omitempty"`
}

// do makes the change.
func do(org *oktatest.Server, e Event) error {
	switch e.Event {
	case "assign":
		return org.Assign(e.User, e.Roles...)
	case "unassign":
		return org.Unassign(e.User)
	case "set_role":
		return org.SetRole(e.User, e.Roles...)
	case "set_app_profile":
		return org.SetAppProfile(e.User, e.Profile)
	case "set_status":
		return org.SetStatus(e.User, e.To)
	case "set_app_user_status":
		return org.SetAppUserStatus(e.User, e.To, "")
	case "set_email":
		return org.SetEmail(e.User, e.To)
	case "set_name":
		return org.SetName(e.User, e.First, e.Last)
	case "add_user":
		return org.AddUser(oktatest.User{Login: e.User, FirstName: e.First, LastName: e.Last})
	case "delete_user":
		return org.DeleteUser(e.User)
	case "add_group":
		return org.AddGroup(oktatest.Group{Name: e.Group})
	case "assign_group":
		return org.AssignGroup(oktatest.GroupAssignment{Group: e.Group, Profile: e.Profile})
	case "unassign_group":
		return org.UnassignGroup(e.Group)
	case "rename_group":
		return org.RenameGroup(e.Group, e.To)
	case "delete_group":
		return org.DeleteGroup(e.Group)
	case "add_member":
		return org.AddMember(e.Group, e.User)
	case "remove_member":
		return org.RemoveMember(e.Group, e.User)
	case "set_app_status":
		return org.SetAppStatus(e.To)
	}
	return fmt.Errorf("there is no event %q", e.Event)
}

// said gives what an org says is wrong, without the name of the package.
func said(err error) string { return strings.TrimPrefix(err.Error(), "oktatest: ") }
