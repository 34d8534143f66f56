package planner

import (
	"fmt"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// unread deals with the entries of Attio's lists that cannot be read. One that
// nobody manages is told and left alone: it would stop every run for good. One
// that is, or may be, somebody's or some team's that is managed stops the run.
func (m *matcher) unread() error {
	for _, u := range m.in.Workspace.Unread {
		if whose, release := m.whoseEntry(u); whose != "" {
			return &core.UntrustedError{
				Detail: fmt.Sprintf("the %s %s in Attio's list %s, and is managed: it is %s", u.List, u.ID, u.Reason, whose),
				Advice: "Nothing was written. Run again; if it stays so, look at it in Attio. To go on without it: scim-sync " + release,
			}
		}
		m.note(core.NoteUnreadable, u.ID, fmt.Sprintf("this %s %s in Attio's list, and nobody manages it: left alone", u.List, u.Reason), core.About{AttioID: u.ID})
		m.faceless = m.faceless || u.List == attio.ListJoined && u.Email == ""
	}
	return nil
}

// whoseEntry says whose an entry is, and the command that lets go of it; empty
// for one that nobody manages. Who has left for good needs none.
func (m *matcher) whoseEntry(u attio.Unread) (whose, release string) {
	if u.List == attio.ListGroups {
		for _, t := range m.in.Managed.SortedTeams() {
			if t.TeamID == u.ID && t.Managed() {
				return "the team " + t.Applied.Name, "unlink " + core.Quote(t.GroupID)
			}
		}
		return "", ""
	}
	for _, s := range m.identities {
		tied := u.List == attio.ListUsers && s.entry.AttioID == u.ID ||
			u.Email != "" && (attio.FoldEmail(s.email()) == attio.FoldEmail(u.Email) || attio.FoldEmail(s.entry.Email) == attio.FoldEmail(u.Email))
		if tied && (s.managed && s.entry.Applied.Active || s.granted()) {
			return s.email(), "release " + core.Quote(s.email())
		}
	}
	return "", ""
}

// unsureWhetherJoined leaves people alone who are to be adopted as invited while
// some entry of those who joined does not say whose it is: it may be theirs.
func (m *matcher) unsureWhetherJoined(s *identity) {
	at := m.at(s)
	if !m.faceless || s.managed || at == nil || at.Status != attio.Invited {
		return
	}
	s.status = leave
	m.note(core.NoteUnreadable, s.email(), "may have joined, for an entry of Attio's member list does not say whose it is: left as they are", m.about(s))
}
