package oktatest

import "time"

// staleUsers is what the list of the app's people still shows of those who came or
// went a moment ago.
type staleUsers struct {
	users roster[*appUser]
	queue []staleChange
}

// staleChange is the list as it is from some time on.
type staleChange struct {
	due   time.Time
	users roster[*appUser]
}

// changeUsers changes who is assigned, and lets the list trail behind.
func (d *directory) changeUsers(change func(users *roster[*appUser])) {
	a := d.app
	if d.listLag == 0 || d.log.clock == nil {
		change(&a.users)
		return
	}
	if a.seen == nil {
		a.seen = &staleUsers{users: a.users.clone()}
	}
	change(&a.users)
	a.seen.queue = append(a.seen.queue, staleChange{due: d.log.clock().Add(d.listLag), users: a.users.clone()})
}

// listed are the app's people as the list shows them.
func (a *app) listed() *roster[*appUser] {
	if a.seen != nil {
		return &a.seen.users
	}
	return &a.users
}

// catchUp shows what is due by now.
func (s *staleUsers) catchUp(precise time.Time) (still *staleUsers) {
	for s != nil && len(s.queue) > 0 && !s.queue[0].due.After(precise) {
		s.users, s.queue = s.queue[0].users, s.queue[1:]
	}
	if s == nil || len(s.queue) == 0 {
		return nil
	}
	return s
}
