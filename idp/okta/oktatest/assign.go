package oktatest

import (
	"maps"
	"slices"
	"time"
)

// winner gives the grant that a person's assignment comes from: of all
// assigned groups they are in, the one of the smallest priority number. Nobody
// is assigned through a group while the app is off or they are deactivated.
func (d *directory) winner(u *user) *grant {
	if !d.app.active() || u.gone() {
		return nil
	}
	for _, g := range d.app.grants {
		if g.group.members.has(u.id) {
			return g
		}
	}
	return nil
}

// verdict is what becomes of a person's assignment.
type verdict int

const (
	stays verdict = iota
	begins
	ends
)

// judge says what becomes of one person's assignment by their groups and
// status, and changes one that stays. A beginning one is returned, not listed.
func (d *directory) judge(u *user, now time.Time) (verdict, *appUser) {
	cur, assigned := d.app.users.get(u.id)
	if assigned && cur.direct() && !u.gone() {
		cur.lingering = false
		return stays, cur
	}
	best := d.winner(u)
	switch {
	case best == nil && assigned && u.gone() && d.linger:
		cur.lingering = true
	case best == nil && assigned:
		return ends, cur
	case best != nil && !assigned:
		return begins, d.newAppUser(u, best, now)
	case best != nil && (cur.via != best || cur.lingering):
		cur.via, cur.updated, cur.lingering = best, now, false
		d.emitAssignment("update", cur)
	}
	return stays, cur
}

// settle brings one person's assignment in line with their groups and status.
func (d *directory) settle(u *user, now time.Time) {
	switch v, a := d.judge(u, now); v {
	case begins:
		d.changeUsers(func(users *roster[*appUser]) { users.add(a) })
		d.emitAssignment("add", a)
	case ends:
		d.changeUsers(func(users *roster[*appUser]) { users.remove(u.id) })
		d.emitAssignment("remove", a)
	}
}

// settleAll does so for many people, and makes the list anew only once.
func (d *directory) settleAll(people []*user, now time.Time) {
	var begun []*appUser
	ended, of := map[*appUser]bool{}, map[*user]*appUser{}
	for _, u := range people {
		switch v, a := d.judge(u, now); v {
		case begins:
			begun = append(begun, a)
		case ends:
			ended[a], of[u] = true, a
		}
	}
	if len(begun) == 0 && len(ended) == 0 {
		return
	}
	d.changeUsers(func(users *roster[*appUser]) {
		kept := slices.DeleteFunc(slices.Clone(users.items), func(a *appUser) bool { return ended[a] })
		*users = newRoster(append(kept, begun...))
	})
	for _, a := range begun {
		d.emitAssignment("add", a)
	}
	for _, u := range people {
		if a := of[u]; a != nil {
			d.emitAssignment("remove", a)
		}
	}
}

func (d *directory) newAppUser(u *user, via *grant, now time.Time) *appUser {
	a := &appUser{user: u, via: via, status: "ACTIVE", syncState: "DISABLED", created: now, updated: now, changed: now}
	if d.app.has("PUSH_NEW_USERS") {
		a.status, a.syncState = "PROVISIONED", "SYNCHRONIZED"
	}
	return a
}

// assign makes or changes an assignment by name. A person who had the app
// through a group is from then on assigned by name, as in Okta.
func (d *directory) assign(u *user, userName string, own attributes, now time.Time) *appUser {
	a, ok := d.app.users.get(u.id)
	what := "update"
	if !ok {
		what = "add"
		a = d.newAppUser(u, nil, now)
		d.changeUsers(func(users *roster[*appUser]) { users.add(a) })
	}
	if a.via != nil {
		merged := attributes{}
		maps.Copy(merged, a.via.profile)
		a.via, a.own = nil, merged
	}
	if userName != "" && userName != u.login {
		a.userName = userName
	}
	a.merge(own)
	a.updated, a.lingering = now, false
	d.emitAssignment(what, a)
	return a
}

// merge sets attributes of the assignment; a null takes one away.
func (a *appUser) merge(own attributes) {
	for k, v := range own {
		if a.own == nil {
			a.own = attributes{}
		}
		if string(v) == "null" {
			delete(a.own, k)
			continue
		}
		a.own[k] = v
	}
}

// unassign takes away the assignment by name; one through a group may be left.
// It says whether there was one.
func (d *directory) unassign(u *user, now time.Time) bool {
	a, there := d.app.users.get(u.id)
	if !there {
		return false
	}
	d.changeUsers(func(users *roster[*appUser]) { users.remove(u.id) })
	d.emitAssignment("remove", a)
	d.settle(u, now)
	return true
}

// grantGroup assigns a group to the app or changes how it is assigned.
func (d *directory) grantGroup(g *group, priority int, profile attributes, now time.Time) *grant {
	gr, what := d.app.grantFor(g.id), "update"
	if gr == nil {
		what = "add"
		gr = &grant{group: g}
		d.app.grants = append(d.app.grants, gr)
	}
	gr.priority, gr.profile, gr.updated = priority, profile, now
	d.app.sortGrants()
	d.emitJob("group.application_assignment."+what, g.target(), d.app.target())
	for _, u := range g.members.items {
		if a, ok := d.app.users.get(u.id); ok && a.via == gr {
			a.updated = now
		}
	}
	d.settleAll(g.members.items, now)
	return gr
}

// revokeGroup takes a group's assignment away and says whether there was one.
func (d *directory) revokeGroup(g *group, now time.Time) bool {
	for i, gr := range d.app.grants {
		if gr.group == g {
			d.app.grants = append(d.app.grants[:i:i], d.app.grants[i+1:]...)
			d.emitJob("group.application_assignment.remove", g.target(), d.app.target())
			d.settleAll(g.members.items, now)
			return true
		}
	}
	return false
}

// setAppStatus switches the app on or off. Off takes away every assignment
// that came from a group
// (https://help.okta.com/en-us/content/topics/apps/apps-deactivate.htm).
func (d *directory) setAppStatus(status string, now time.Time) {
	if d.app.status == status {
		return
	}
	d.app.status, d.app.updated = status, now
	kind := "application.lifecycle.deactivate"
	if d.app.active() {
		kind = "application.lifecycle.activate"
	}
	d.emit(kind, d.app.target())
	for _, gr := range d.app.grants {
		d.settleAll(gr.group.members.items, now)
	}
}

// clearLingering removes the assignments whose people are deactivated.
func (d *directory) clearLingering() {
	var gone []*appUser
	d.changeUsers(func(users *roster[*appUser]) {
		users.items = slices.DeleteFunc(slices.Clone(users.items), func(a *appUser) bool {
			if a.lingering {
				gone = append(gone, a)
			}
			return a.lingering
		})
	})
	for _, a := range gone {
		d.emitAssignment("remove", a)
	}
}
