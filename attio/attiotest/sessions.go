package attiotest

import (
	"slices"
	"strconv"
	"time"
)

// Session is a browser or device signed in to Attio as a member.
type Session struct {
	ID      string     `json:"id"`
	Email   string     `json:"email"`
	Started time.Time  `json:"started_at"`
	Ended   *time.Time `json:"ended_at,omitempty"`
	Why     string     `json:"ended_because,omitempty"`
}

// session is one sign-in; it may reach several workspaces.
type session struct {
	id      string
	started time.Time
	account *account
	cookie  string // of the sign-in pages; empty for sessions of the site
}

// maxEnded is how many ended sessions are remembered.
const maxEnded = 10_000

func (w *world) startSession(ws *workspace, p *person) *session {
	ws.sessionsN++
	s := &session{id: strconv.Itoa(ws.sessionsN), started: w.now(), account: p.account}
	p.sessions = append(p.sessions, s)
	return s
}

// signIn opens a session of an account, in every workspace where it is active.
func (w *world) signIn(acc *account) *session {
	w.signInsN++
	s := &session{id: "sign-in " + strconv.Itoa(w.signInsN), started: w.now(), account: acc, cookie: secret()}
	w.signIns[s.cookie] = s
	for _, ws := range w.workspaces {
		if p := ws.of(acc); p != nil && p.status == Active {
			p.sessions = append(p.sessions, s)
		}
	}
	return s
}

// of finds an account's membership.
func (ws *workspace) of(acc *account) *person {
	if p := ws.byEmail[fold(acc.email)]; p != nil && p.account == acc {
		return p
	}
	i := slices.IndexFunc(ws.people, func(p *person) bool { return p.account == acc })
	if i < 0 {
		return nil
	}
	return ws.people[i]
}

// endSessions ends a person's sessions; their sign-ins end everywhere.
func (w *world) endSessions(ws *workspace, p *person, why string) {
	now := w.now()
	for _, s := range p.sessions {
		delete(w.signIns, s.cookie)
		ws.ended = append(ws.ended, Session{ID: s.id, Email: p.email, Started: s.started, Ended: &now, Why: why})
		for _, other := range w.workspaces {
			if q := other.of(s.account); q != nil && q != p {
				q.sessions = slices.DeleteFunc(q.sessions, func(t *session) bool { return t == s })
			}
		}
	}
	p.sessions = nil
	if over := len(ws.ended) - maxEnded; over > 0 {
		ws.ended = slices.Delete(ws.ended, 0, over)
	}
}

// signOut ends one sign-in.
func (w *world) signOut(s *session) {
	delete(w.signIns, s.cookie)
	for _, ws := range w.workspaces {
		if p := ws.of(s.account); p != nil {
			p.sessions = slices.DeleteFunc(p.sessions, func(t *session) bool { return t == s })
		}
	}
}
