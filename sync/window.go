package sync

import (
	"slices"
	"time"

	"scim-sync/attio"
)

// InviteSent is one request that had Attio mail somebody.
type InviteSent struct {
	At    time.Time `json:"at"`
	Email string    `json:"email"` // folded
}

// InviteTo is a request for somebody under an address.
func InviteTo(email string, at time.Time) *InviteSent { return &InviteSent{at, attio.FoldEmail(email)} }

// Invited says whether state knows of a mail.
func (m Managed) Invited(i InviteSent) bool {
	return slices.ContainsFunc(m.Invites[i.Email], i.At.Equal)
}

func (m *Managed) invited(i InviteSent) {
	if m.Invited(i) {
		return
	}
	if m.Invites == nil {
		m.Invites = map[string][]time.Time{}
	}
	m.Invites[i.Email] = append(m.Invites[i.Email], i.At)
}

// Removals are what a step counts for in the caps' window once it is done.
func (s *Step) Removals(at time.Time) []Removal {
	switch {
	case s.Person != nil && (s.Action.Offboards() || s.Action == Demote || s.Action == ChangeEmail):
		return []Removal{{At: at, Action: s.Action, OktaID: s.Person.OktaID, Email: s.Person.Email, Admin: s.EndsAdmin() || s.MovesAdmin()}}
	case s.Team != nil && s.Action == RemoveMembers:
		list := make([]Removal, len(s.People))
		for i, m := range s.People {
			list[i] = Removal{At: at, Action: s.Action, OktaID: m.OktaID, Email: m.Email, Team: s.Team.AttioID}
		}
		return list
	}
	return nil
}
