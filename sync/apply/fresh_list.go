package apply

import (
	"context"
	"sync"
	"time"

	"scim-sync/idp"
)

// singly is how many people are asked for one by one before the whole list is
// read again instead: Okta gives 500 of them in one answer.
const singly = 20

// list is who is assigned, as it was read again.
type list struct {
	Fresh
	mu     sync.Mutex // also while it is read: whoever needs it waits
	asked  int        // how many were asked for one by one since it was read
	read   bool
	at     time.Duration
	people map[string]*idp.Person
}

// has says whether a fresh list has somebody as they were seen. Whoever is not
// in it, or another, is asked for: a list alone proves nothing.
func (l *list) has(ctx context.Context, seen *idp.Person) (bool, error) {
	src, ok := l.Source.(idp.Lister)
	if !ok {
		return false, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.read || l.old(l.at) {
		if l.asked++; l.asked <= singly {
			return false, nil
		}
		at := l.Elapsed()
		people, err := src.People(ctx)
		if err != nil {
			return false, err
		}
		l.read, l.at, l.people = true, at, make(map[string]*idp.Person, len(people))
		for i := range people {
			l.people[people[i].ID] = &people[i]
		}
	}
	now := l.people[seen.ID]
	return now != nil && differs(seen, idp.Standing{Listed: true, Access: now.Access, Person: *now}) == "", nil
}
