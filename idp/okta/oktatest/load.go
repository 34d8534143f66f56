package oktatest

import (
	"fmt"
	"slices"
	"time"
)

// load builds the directory from its description. now is the time of
// everything in it.
func load(o Org, now time.Time) (*directory, error) {
	a, err := loadApp(o.App, now)
	if err != nil {
		return nil, err
	}
	d := &directory{app: a, byLogin: make(map[string]*user, len(o.Users)), stale: map[*group]struct{}{}, retired: map[string]bool{}}
	for _, step := range []func(Org, time.Time) error{d.loadUsers, d.loadGroups, d.loadGrants, d.loadAssignments, d.loadMappings} {
		if err := step(o, now); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func loadApp(o App, now time.Time) (*app, error) {
	a := &app{
		label: or(o.Label, "Attio"), name: or(o.Name, "scim2headerauth"), status: or(o.Status, "ACTIVE"), features: o.Features,
		roleAttribute: or(o.RoleAttribute, "roles"), roleType: or(o.RoleType, "array"), custom: o.Attributes, created: now, updated: now,
	}
	a.id = or(o.ID, makeID(appPrefix, a.label))
	if o.NoRoleAttribute {
		a.roleAttribute = ""
	}
	switch {
	case !isOneOf(a.status, "ACTIVE", "INACTIVE"):
		return nil, fmt.Errorf("app: status %q is neither ACTIVE nor INACTIVE", a.status)
	case !isOneOf(a.roleType, "array", "string"):
		return nil, fmt.Errorf("app: role_type %q is neither array nor string", a.roleType)
	}
	return a, nil
}

func (d *directory) loadUsers(o Org, now time.Time) error {
	all := make([]*user, 0, len(o.Users))
	ids := make(map[string]string, len(o.Users))
	for i, in := range o.Users {
		u, err := d.newUser(in, now)
		if err != nil {
			return fmt.Errorf("users[%d]: %w", i, err)
		}
		if d.byLogin[foldLogin(u.login)] != nil {
			return fmt.Errorf("users[%d]: a second user has the login %q", i, u.login)
		}
		if other, taken := ids[u.id]; taken {
			return fmt.Errorf("users[%d]: %q and %q have the same id %q", i, u.login, other, u.id)
		}
		ids[u.id] = u.login
		d.byLogin[foldLogin(u.login)] = u
		all = append(all, u)
	}
	d.users = newRoster(all)
	for i, u := range d.users.items {
		u.place = i
	}
	return nil
}

// newUser makes a person from their description.
func (d *directory) newUser(in User, now time.Time) (*user, error) {
	u := &user{
		login: in.Login, email: or(in.Email, in.Login), first: in.FirstName, last: in.LastName, status: or(in.Status, "ACTIVE"),
		created: now, changed: now, updated: now,
	}
	if u.login == "" {
		return nil, fmt.Errorf("a user needs a login")
	}
	if !isOneOf(u.status, userStatuses()...) {
		return nil, fmt.Errorf("user %q: %q is no status of an Okta user", u.login, u.status)
	}
	if u.status != "STAGED" {
		u.activated = now
	}
	if u.id = in.ID; u.id == "" {
		u.id = d.newUserID(u.login)
	}
	extra, err := toAttributes(in.Profile)
	if err != nil {
		return nil, fmt.Errorf("user %q: %w", u.login, err)
	}
	u.extra = extra
	return u, nil
}

// newUserID makes an id from a login, another one when that was in use before.
func (d *directory) newUserID(login string) string {
	id := makeID(userPrefix, foldLogin(login))
	for d.retired[id] {
		d.serial++
		id = makeID(userPrefix, fmt.Sprintf("%s\x00%d", foldLogin(login), d.serial))
	}
	return id
}

func (d *directory) loadGroups(o Org, now time.Time) error {
	all := make([]*group, 0, len(o.Groups))
	ids := make(map[string]string, len(o.Groups))
	for i, in := range o.Groups {
		g := &group{id: or(in.ID, makeID(groupPrefix, in.Name)), name: in.Name, description: in.Description, kind: or(in.Type, "OKTA_GROUP"),
			created: now, updated: now, memberUpdated: now}
		switch other, taken := ids[g.id]; {
		case g.name == "":
			return fmt.Errorf("groups[%d]: a group needs a name", i)
		case taken:
			return fmt.Errorf("groups[%d]: %q and %q have the same id %q", i, g.name, other, g.id)
		case !isOneOf(g.kind, "OKTA_GROUP", "APP_GROUP", "BUILT_IN"):
			return fmt.Errorf("groups[%d]: %q: type %q is none of OKTA_GROUP, APP_GROUP, BUILT_IN", i, g.name, g.kind)
		}
		ids[g.id] = g.name
		if err := d.fillGroup(g, in.Members); err != nil {
			return fmt.Errorf("groups[%d]: %q: %w", i, g.name, err)
		}
		all = append(all, g)
	}
	d.groups = newRoster(all)
	return nil
}

func (d *directory) fillGroup(g *group, members []string) error {
	if g.kind == "BUILT_IN" && g.name == "Everyone" && len(members) == 0 {
		g.everyone, g.members = true, d.users.clone()
		return nil
	}
	// Sorting places instead of ids: there may be a million memberships.
	places := make([]int, 0, len(members))
	for _, ref := range members {
		u, ok := d.user(ref)
		if !ok {
			return fmt.Errorf("there is no user %q", ref)
		}
		places = append(places, u.place)
	}
	slices.Sort(places)
	places = slices.Compact(places)
	g.members.items = make([]*user, len(places))
	for i, place := range places {
		g.members.items[i] = d.users.items[place]
	}
	return nil
}

// checkProfile refuses attributes that the app's schema lacks.
func (d *directory) checkProfile(profile map[string]any) (attributes, error) {
	for name := range profile {
		if !d.app.allows(name) {
			return nil, fmt.Errorf("the app's profile schema has no attribute %q (see app.role_attribute and app.attributes)", name)
		}
	}
	return toAttributes(profile)
}

func (d *directory) loadGrants(o Org, now time.Time) error {
	for i, in := range o.AssignedGroups {
		g, ok := d.groupNamed(in.Group)
		if !ok {
			return fmt.Errorf("assigned_groups[%d]: there is no group %q", i, in.Group)
		}
		if d.app.grantFor(g.id) != nil {
			return fmt.Errorf("assigned_groups[%d]: group %q is assigned already", i, in.Group)
		}
		profile, err := d.checkProfile(in.Profile)
		if err != nil {
			return fmt.Errorf("assigned_groups[%d]: %q: %w", i, in.Group, err)
		}
		d.app.grants = append(d.app.grants, &grant{group: g, priority: in.Priority, profile: profile, updated: now})
	}
	d.app.sortGrants()
	return nil
}

// loadAssignments makes all app users at once: those by name, then those of
// the groups in the order of their priority.
func (d *directory) loadAssignments(o Org, now time.Time) error {
	var all []*appUser
	done := map[*user]bool{}
	for i, in := range o.Assignments {
		a, err := d.loadAssignment(in, now)
		if err != nil {
			return fmt.Errorf("assignments[%d]: %w", i, err)
		}
		if done[a.user] {
			return fmt.Errorf("assignments[%d]: %q is assigned already", i, in.User)
		}
		done[a.user] = true
		all = append(all, a)
	}
	for _, gr := range d.app.grants {
		if !d.app.active() {
			break
		}
		for _, u := range gr.group.members.items {
			if !done[u] && !u.gone() {
				done[u] = true
				all = append(all, d.newAppUser(u, gr, now))
			}
		}
	}
	d.app.users = newRoster(all)
	return nil
}

func (d *directory) loadAssignment(in Assignment, now time.Time) (*appUser, error) {
	u, ok := d.user(in.User)
	if !ok {
		return nil, fmt.Errorf("there is no user %q", in.User)
	}
	profile, err := d.checkProfile(in.Profile)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", in.User, err)
	}
	a := d.newAppUser(u, nil, now)
	a.own, a.userName = profile, in.UserName
	a.status, a.syncState = or(in.Status, a.status), or(in.SyncState, a.syncState)
	if !isOneOf(a.status, appUserStatuses()...) {
		return nil, fmt.Errorf("%q: %q is no status of an app user", in.User, a.status)
	}
	// Somebody deactivated whose assignment is written down has one that
	// lingers.
	a.lingering = u.gone()
	return a, nil
}

// appUserStatuses are the statuses of an app user.
func appUserStatuses() []string {
	return []string{"ACTIVE", "APPROVED", "DEPROVISIONED", "IMPLICIT", "IMPORTED", "INACTIVE", "MATCHED", "PENDING", "PROVISIONED",
		"REVOKED", "STAGED", "SUSPENDED", "UNASSIGNED"}
}

func (d *directory) loadMappings(o Org, now time.Time) error {
	if len(o.PushMappings) > 0 && !d.app.has("GROUP_PUSH") {
		return fmt.Errorf("push_mappings need the feature GROUP_PUSH in app.features")
	}
	for i, in := range o.PushMappings {
		g, ok := d.groupNamed(in.Group)
		if !ok {
			return fmt.Errorf("push_mappings[%d]: there is no group %q", i, in.Group)
		}
		status := or(in.Status, "ACTIVE")
		if !isOneOf(status, "ACTIVE", "INACTIVE", "ERROR") {
			return fmt.Errorf("push_mappings[%d]: %q: status %q is none of ACTIVE, INACTIVE, ERROR", i, in.Group, status)
		}
		m, err := d.push(g, "", in.Target, status, now)
		if err != nil {
			return fmt.Errorf("push_mappings[%d]: %w", i, err)
		}
		m.err = in.Error
	}
	return nil
}
