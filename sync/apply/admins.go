package apply

import (
	"cmp"
	"sync"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// adminWatch knows, at every moment of a run, who is an active admin. A step
// that would end an admin's place asks first; the last one is never given away.
type adminWatch struct {
	mu     sync.Mutex
	active map[string]string // SCIM id → folded address
	fresh  map[string]string // likewise of those provisioned as admins; active once Attio says so
}

func watchAdmins(seats []core.Seat) *adminWatch {
	w := &adminWatch{active: map[string]string{}, fresh: map[string]string{}}
	for _, s := range seats {
		w.active[cmp.Or(s.AttioID, s.Email)] = s.Email
	}
	return w
}

// gained notes a new active admin.
func (w *adminWatch) gained(id, email string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.active[id] = attio.FoldEmail(email)
}

// provisioned notes somebody provisioned as an admin, who may only be invited.
func (w *adminWatch) provisioned(id, email string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fresh[id] = attio.FoldEmail(email)
}

// giveUp reserves the removal of an admin; false when no other would remain. Two
// entries of one address are one admin.
func (w *adminWatch) giveUp(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	email, admin := w.active[id]
	if !admin {
		return true
	}
	other := false
	for _, e := range w.active {
		other = other || e != email
	}
	if other {
		delete(w.active, id)
	}
	return other
}

// awaits says whether anybody was provisioned as an admin and not seen since.
func (w *adminWatch) awaits() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.fresh) > 0
}

// saw notes which of those provisioned as admins are active ones.
func (w *adminWatch) saw(joined []attio.Member) {
	w.mu.Lock()
	defer w.mu.Unlock()
	admins := map[string]bool{}
	for _, m := range joined {
		if m.Status == attio.Active && m.Role == attio.RoleAdmin {
			admins[attio.FoldEmail(m.Email)] = true
		}
	}
	for id, email := range w.fresh {
		if admins[email] {
			w.active[id] = email
			delete(w.fresh, id)
		}
	}
}
