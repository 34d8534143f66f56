package attiotest

import (
	"cmp"
	"slices"
	"time"
)

// Snapshot is a deep copy of the site's own workspace at one moment.
type Snapshot struct {
	// Request is the one that left this state, for an observer; else zero.
	Request   Request        `json:"-"`
	Workspace WorkspaceState `json:"workspace"`
	Members   []MemberState  `json:"members"`
	Teams     []TeamState    `json:"teams"`
	Outbox    []Mail         `json:"outbox"`
}

// WorkspaceState is a workspace's contract and counts.
type WorkspaceState struct {
	ID              string   `json:"id"`
	Slug            string   `json:"slug"`
	Name            string   `json:"name"`
	Plan            string   `json:"plan"`
	SCIM            bool     `json:"scim"`
	VerifiedDomains []string `json:"verified_domains"`
	Seats           int      `json:"seats"` // 0: unlimited
	SeatsUsed       int      `json:"seats_used"`
	SeatsAdded      int      `json:"seats_added"` // paid for by automatic assignment
	AutomaticSeats  bool     `json:"automatic_seats"`
	ActiveAdmins    int      `json:"active_admins"` // experts not counted
}

// MemberState is a membership or a pending invite.
type MemberState struct {
	ID         string    `json:"id"`                // SCIM
	RestID     string    `json:"rest_id,omitempty"` // none while invited
	Email      string    `json:"email"`
	GivenName  string    `json:"given_name"`
	FamilyName string    `json:"family_name"`
	Role       Role      `json:"role"` // the former one while suspended
	Status     Status    `json:"status"`
	Expert     bool      `json:"expert,omitempty"`
	Seat       bool      `json:"seat"`
	Sessions   int       `json:"sessions"`
	InviteLink string    `json:"invite_link,omitempty"`
	CreatedAt  time.Time `json:"created_at"`
	ModifiedAt time.Time `json:"modified_at"`
}

// TeamState is a team; Members and MemberIDs go together.
type TeamState struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Members    []string  `json:"members"`    // emails
	MemberIDs  []string  `json:"member_ids"` // SCIM ids in force, though a team may show another
	CreatedAt  time.Time `json:"created_at"`
	ModifiedAt time.Time `json:"modified_at"`
}

// Snapshot copies the state at this moment.
func (s *Server) Snapshot() Snapshot {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.world.snapshot()
}

func (w *world) snapshot() Snapshot {
	ws := w.primary()
	snap := Snapshot{
		Workspace: WorkspaceState{
			ID: ws.ID, Slug: ws.Slug, Name: ws.Name, Plan: ws.Plan, SCIM: ws.Plan == Enterprise && (ws.SCIM == nil || *ws.SCIM),
			VerifiedDomains: slices.Clone(ws.VerifiedDomains), Seats: ws.Seats, SeatsUsed: ws.seatsUsed,
			SeatsAdded: ws.seatsAdded, AutomaticSeats: ws.AutomaticSeats, ActiveAdmins: ws.admins,
		},
		Members: make([]MemberState, 0, len(ws.people)),
		Teams:   make([]TeamState, 0, len(ws.teams)),
		Outbox:  slices.Clone(w.outbox),
	}
	for _, p := range ws.people {
		m := MemberState{
			ID: p.id, RestID: p.rest, Email: p.email, GivenName: p.given, FamilyName: p.family, Role: p.role, Status: p.status,
			Expert: p.expert, Seat: takesSeat(p.status, p.expert), Sessions: len(p.sessions), CreatedAt: p.created, ModifiedAt: p.changed,
		}
		if p.status == Invited {
			m.InviteLink = w.inviteLink(p)
		}
		snap.Members = append(snap.Members, m)
	}
	for _, t := range ws.teams {
		snap.Teams = append(snap.Teams, teamState(t))
	}
	return snap
}

func teamState(t *team) TeamState {
	s := TeamState{
		ID: t.id, Name: t.name, CreatedAt: t.created, ModifiedAt: t.changed,
		Members: make([]string, 0, len(t.members)), MemberIDs: make([]string, 0, len(t.members)),
	}
	for _, p := range t.members {
		s.Members, s.MemberIDs = append(s.Members, p.email), append(s.MemberIDs, p.id)
	}
	return s
}

// Member finds somebody by address, compared without case.
func (s Snapshot) Member(email string) (MemberState, bool) {
	i := slices.IndexFunc(s.Members, func(m MemberState) bool { return fold(m.Email) == fold(email) })
	if i < 0 {
		return MemberState{}, false
	}
	return s.Members[i], true
}

// Team finds a team by its exact name.
func (s Snapshot) Team(name string) (TeamState, bool) {
	i := slices.IndexFunc(s.Teams, func(t TeamState) bool { return t.Name == name })
	if i < 0 {
		return TeamState{}, false
	}
	return s.Teams[i], true
}

// Outbox gives the emails so far.
func (s *Server) Outbox() []Mail {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.world.outbox)
}

// Sessions gives the open sessions of members, and the ended ones that are
// remembered, newest first.
func (s *Server) Sessions() []Session {
	s.mu.RLock()
	defer s.mu.RUnlock()
	ws := s.world.primary()
	all := slices.Clone(ws.ended)
	for _, p := range ws.people {
		for _, x := range p.sessions {
			all = append(all, Session{ID: x.id, Email: p.email, Started: x.started})
		}
	}
	slices.SortStableFunc(all, func(a, b Session) int { return cmp.Compare(b.Started.UnixNano(), a.Started.UnixNano()) })
	return all
}
