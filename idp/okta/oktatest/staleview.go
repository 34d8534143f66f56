package oktatest

import "time"

// staleView is what readers still see of a group whose membership has just
// changed: in Okta reads follow writes after a few seconds.
type staleView struct {
	members roster[*user]
	updated time.Time
	queue   []change
}

// change is one join or leave that readers do not see yet.
type change struct {
	due    time.Time
	at     time.Time
	user   *user
	joined bool
}

// shown gives the members and their time as readers see them.
func (g *group) shown() (*roster[*user], time.Time) {
	if g.seen != nil {
		return &g.seen.members, g.seen.updated
	}
	return &g.members, g.memberUpdated
}

// setMember lets a person join or leave and says whether that changed
// anything. precise is the unrounded time.
func (d *directory) setMember(g *group, u *user, joined bool, now, precise time.Time) bool {
	if g.members.has(u.id) == joined {
		return false
	}
	if d.lag > 0 && g.seen == nil {
		g.seen = &staleView{members: g.members.clone(), updated: g.memberUpdated}
		d.stale[g] = struct{}{}
	}
	if joined {
		g.members.add(u)
	} else {
		g.members.remove(u.id)
	}
	g.memberUpdated = now
	if g.seen != nil {
		g.seen.queue = append(g.seen.queue, change{due: precise.Add(d.lag), at: now, user: u, joined: joined})
	}
	return true
}

// catchUp shows readers what is due by now.
func (d *directory) catchUp(precise time.Time) {
	d.app.seen = d.app.seen.catchUp(precise)
	for g := range d.stale {
		t := g.seen
		for len(t.queue) > 0 && !t.queue[0].due.After(precise) {
			c := t.queue[0]
			t.queue = t.queue[1:]
			if c.joined {
				t.members.add(c.user)
			} else {
				t.members.remove(c.user.id)
			}
			t.updated = c.at
		}
		if len(t.queue) == 0 {
			g.seen = nil
			delete(d.stale, g)
		}
	}
}

// forget takes a deleted person out of a staleView too: nobody sees them any more.
func (t *staleView) forget(u *user) {
	t.members.remove(u.id)
	kept := t.queue[:0]
	for _, c := range t.queue {
		if c.user != u {
			kept = append(kept, c)
		}
	}
	t.queue = kept
}
