package sync

import (
	"context"
	stdsync "sync"

	"scim-sync/attio"
)

// adminWatch knows, at every moment of a run, who is an active admin. A step
// that would end an admin's place asks first; the last one is never given away.
type adminWatch struct {
	mu     stdsync.Mutex
	active map[string]bool   // folded addresses
	emails map[string]string // SCIM id → folded address in Attio
	fresh  map[string]bool   // provisioned as admins; active once Attio says so
}

func watchAdmins(p *Proposal) *adminWatch {
	w := &adminWatch{active: map[string]bool{}, emails: map[string]string{}, fresh: map[string]bool{}}
	for _, e := range p.admins {
		w.active[e] = true
	}
	for _, m := range p.input.Workspace.Members {
		if m.ID != "" {
			w.emails[m.ID] = attio.FoldEmail(m.Email)
		}
	}
	return w
}

// gained notes a new active admin.
func (w *adminWatch) gained(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e := w.emails[id]; e != "" {
		w.active[e] = true
	}
}

// arrived notes somebody provisioned as an admin, who may only be invited.
func (w *adminWatch) arrived(email string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fresh[attio.FoldEmail(email)] = true
}

// giveUp reserves the removal of an admin; false when no other would remain.
func (w *adminWatch) giveUp(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.emails[id]
	if !w.active[e] {
		return true
	}
	if len(w.active) == 1 {
		return false
	}
	delete(w.active, e)
	return true
}

// refresh asks Attio which of the newly provisioned admins are active.
func (w *adminWatch) refresh(ctx context.Context, r *run) {
	w.mu.Lock()
	pending := len(w.fresh)
	w.mu.Unlock()
	if pending == 0 {
		return
	}
	joined, err := r.Reader.Joined(ctx)
	if err != nil {
		return // they do not count then, which is the safe side
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note(joined)
}

func (w *adminWatch) note(joined []attio.Member) {
	for _, m := range joined {
		e := attio.FoldEmail(m.Email)
		if w.fresh[e] && m.Status == attio.Active && m.Role == attio.RoleAdmin {
			w.active[e] = true
			delete(w.fresh, e)
		}
	}
}
