package oktatest

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
)

// userStatuses are the statuses of an Okta user.
func userStatuses() []string {
	return []string{"STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "LOCKED_OUT", "PASSWORD_EXPIRED", "SUSPENDED", "DEPROVISIONED"}
}

// toAttributes makes profile values ready to be written.
func toAttributes(profile map[string]any) (attributes, error) {
	if len(profile) == 0 {
		return nil, nil
	}
	out := make(attributes, len(profile))
	for name, v := range profile {
		raw, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("profile attribute %q cannot be written as JSON: %w", name, err)
		}
		out[name] = raw
	}
	return out, nil
}

// with sets an attribute; nil takes it away.
func (a attributes) with(name string, v json.RawMessage) attributes {
	if a == nil {
		a = attributes{}
	}
	if a[name] = v; v == nil {
		delete(a, name)
	}
	return a
}

// names gives the names of attributes in order.
func (a attributes) names() []string {
	names := make([]string, 0, len(a))
	for n := range a {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// addUser puts a new person into the org, and into Everyone.
func (d *directory) addUser(u *user, now time.Time) error {
	if d.byLogin[foldLogin(u.login)] != nil || d.users.has(u.id) {
		return fmt.Errorf("there is already a user %q", u.login)
	}
	d.users.add(u)
	d.byLogin[foldLogin(u.login)] = u
	for _, g := range d.groups.items {
		if g.everyone {
			g.members.add(u)
			g.memberUpdated = now
		}
	}
	d.emit("user.lifecycle.create", u.target())
	if u.status == "ACTIVE" || u.status == "PROVISIONED" {
		d.emit("user.lifecycle.activate", u.target())
	}
	d.settle(u, now)
	return nil
}

// setStatus moves a person to a status. Deactivation ends assignments and
// keeps memberships
// (https://help.okta.com/en-us/Content/Topics/users-groups-profiles/usgp-deactivate-user-account.htm).
func (d *directory) setStatus(u *user, status string, now time.Time) {
	if u.status == status {
		return
	}
	from := u.status
	u.status, u.changed, u.updated = status, now, now
	d.emitStatus(u, from)
	if status == "ACTIVE" && u.activated.IsZero() {
		u.activated = now
	}
	d.settle(u, now)
}

// userChange is a change of a person's profile; nil fields stay.
type userChange struct {
	login, email, first, last *string
	extra                     attributes
}

// changeUser changes a profile; the app's copy follows through the mapping.
func (d *directory) changeUser(u *user, c userChange, now time.Time) error {
	if c.login != nil && foldLogin(*c.login) != foldLogin(u.login) {
		if d.byLogin[foldLogin(*c.login)] != nil {
			return fmt.Errorf("there is already a user %q", *c.login)
		}
		delete(d.byLogin, foldLogin(u.login))
		d.byLogin[foldLogin(*c.login)] = u
	}
	for _, f := range []struct {
		to   *string
		from *string
	}{{&u.login, c.login}, {&u.email, c.email}, {&u.first, c.first}, {&u.last, c.last}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	for name, v := range c.extra {
		u.extra = u.extra.with(name, v)
	}
	u.updated = now
	d.emitChange(u, c)
	if a, ok := d.app.users.get(u.id); ok {
		a.follow(c, now)
	}
	return nil
}

// deleteUser takes a person out of everything.
func (d *directory) deleteUser(u *user, now time.Time) {
	d.emit("user.lifecycle.delete.initiated", u.target())
	for _, g := range d.groups.items {
		if g.members.remove(u.id) {
			g.memberUpdated = now
		}
		if g.seen != nil {
			g.seen.forget(u)
		}
	}
	if a, assigned := d.app.users.get(u.id); assigned {
		d.changeUsers(func(users *roster[*appUser]) { users.remove(u.id) })
		d.emitAssignment("remove", a)
	}
	d.users.remove(u.id)
	delete(d.byLogin, foldLogin(u.login))
	d.retired[u.id] = true
	d.emit("user.lifecycle.delete.completed", u.target())
}

// newGroup makes a group and adds it.
func (d *directory) newGroup(id, name, description, kind string, now time.Time) (*group, error) {
	if kind == "OKTA_GROUP" {
		for _, g := range d.groups.items {
			if g.kind == kind && strings.EqualFold(g.name, name) {
				return nil, fmt.Errorf("there is already a group %q", name)
			}
		}
	}
	if id == "" {
		d.serial++
		id = makeID(groupPrefix, fmt.Sprintf("%s\x00%d\x00%s", kind, d.serial, name))
	}
	g := &group{id: id, name: name, description: description, kind: kind, created: now, updated: now, memberUpdated: now}
	if !d.groups.add(g) {
		return nil, fmt.Errorf("there is already a group with the id %q", id)
	}
	d.emit("group.lifecycle.create", g.target())
	return g, nil
}

// deleteGroup takes a group away, with its assignment and its mapping.
func (d *directory) deleteGroup(g *group, now time.Time) {
	d.revokeGroup(g, now)
	d.app.mappings.items = slices.DeleteFunc(d.app.mappings.items, func(m *mapping) bool { return m.source == g || m.target == g })
	delete(d.stale, g)
	d.groups.remove(g.id)
	d.emit("group.lifecycle.delete", g.target())
}

// joinOrLeave changes a membership and what follows from it.
func (d *directory) joinOrLeave(g *group, u *user, joined bool, now, precise time.Time) bool {
	if !d.setMember(g, u, joined, now, precise) {
		return false
	}
	kind := "group.user_membership.remove"
	if joined {
		kind = "group.user_membership.add"
	}
	d.emit(kind, u.target(), g.target())
	if d.app.grantFor(g.id) != nil {
		d.settle(u, now)
	}
	return true
}

// push maps a group to a target of the app, made when there is none of that
// name.
func (d *directory) push(source *group, targetID, targetName, status string, now time.Time) (*mapping, error) {
	for _, m := range d.app.mappings.items {
		if m.source == source {
			return nil, fmt.Errorf("group %q is pushed already", source.name)
		}
	}
	target, err := d.pushTarget(source, targetID, targetName, now)
	if err != nil {
		return nil, err
	}
	m := &mapping{id: makeID(mappingPrefix, source.id+target.id), source: source, target: target, status: status, created: now, updated: now}
	d.app.mappings.add(m)
	return m, nil
}

func (d *directory) pushTarget(source *group, id, name string, now time.Time) (*group, error) {
	if id != "" {
		g, ok := d.group(id)
		if !ok || g.kind != "APP_GROUP" {
			return nil, fmt.Errorf("there is no app group %q", id)
		}
		return g, nil
	}
	name = or(name, source.name)
	for _, g := range d.groups.items {
		if g.kind == "APP_GROUP" && g.name == name {
			return g, nil
		}
	}
	return d.newGroup("", name, "", "APP_GROUP", now)
}

// changeGroup changes a group's name and description.
func (d *directory) changeGroup(g *group, name, description string, now time.Time) error {
	for _, other := range d.groups.items {
		if other != g && other.kind == g.kind && strings.EqualFold(other.name, name) {
			return fmt.Errorf("there is already a group %q", name)
		}
	}
	g.name, g.description, g.updated = name, description, now
	d.emit("group.profile.update", g.target())
	return nil
}
