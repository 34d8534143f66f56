package attiotest

import (
	"fmt"
	"slices"
	"strings"
)

// UnknownError is a hand-made change to someone or something that is not there.
type UnknownError struct{ What, Name string }

func (e *UnknownError) Error() string { return fmt.Sprintf("there is no %s %q", e.What, e.Name) }

// onPerson changes one person of the site's own workspace, by hand. The same
// refusals hold as over SCIM: the last admin, seats, taken addresses.
func (s *Server) onPerson(email string, change func(w *world, ws *workspace, p *person) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ws := s.world.primary()
	p := ws.byEmail[fold(email)]
	if p == nil {
		return &UnknownError{"member or invite", email}
	}
	return change(s.world, ws, p)
}

func (s *Server) onInvite(email string, change func(w *world, ws *workspace, p *person)) error {
	return s.onPerson(email, func(w *world, ws *workspace, p *person) error {
		if p.status != Invited {
			return &UnknownError{"pending invite for", email}
		}
		change(w, ws, p)
		return nil
	})
}

func (s *Server) onTeam(name string, change func(w *world, ws *workspace, t *team) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ws := s.world.primary()
	t := ws.teamNamed[s.world.foldTeam(name)]
	if t == nil {
		return &UnknownError{"team", name}
	}
	return change(s.world, ws, t)
}

// AcceptInvite has an invited person join: a membership with a new id.
func (s *Server) AcceptInvite(email string) error {
	return s.onInvite(email, func(w *world, ws *workspace, p *person) {
		w.accept(ws, p)
		w.startSession(ws, p)
	})
}

// DeclineInvite has an invited person say no.
func (s *Server) DeclineInvite(email string) error { return s.endInviteBy(email, "declined") }

// RevokeInvite withdraws an invite by hand.
func (s *Server) RevokeInvite(email string) error { return s.endInviteBy(email, "revoked") }

// ExpireInvite lets an invite run out.
func (s *Server) ExpireInvite(email string) error { return s.endInviteBy(email, "expired") }

func (s *Server) endInviteBy(email, why string) error {
	return s.onInvite(email, func(w *world, ws *workspace, p *person) { w.endInvite(ws, p, why) })
}

// ResendInvite mails an invite again.
func (s *Server) ResendInvite(email string) error {
	return s.onInvite(email, func(w *world, ws *workspace, p *person) { w.mailInvite(ws, p) })
}

// InviteLink gives the link that the invite's email carried.
func (s *Server) InviteLink(email string) (link string, err error) {
	err = s.onInvite(email, func(w *world, _ *workspace, p *person) { link = w.inviteLink(p) })
	return link, err
}

// SetRole makes someone an admin or a member.
func (s *Server) SetRole(email string, role Role) error {
	if role != RoleAdmin && role != RoleMember {
		return badValue("There is no role %q; the roles are admin and member.", role)
	}
	return s.onPerson(email, func(w *world, ws *workspace, p *person) error { return w.setRole(ws, p, role) })
}

// Suspend suspends a member.
func (s *Server) Suspend(email string) error {
	return s.onPerson(email, func(w *world, ws *workspace, p *person) error {
		if p.status == Invited {
			return badValue("%s is only invited. Revoke the invite instead.", p.email)
		}
		return w.suspend(ws, p)
	})
}

// Reactivate restores a suspended member, in the role from before.
func (s *Server) Reactivate(email string) error {
	return s.onPerson(email, func(w *world, ws *workspace, p *person) error { return w.reactivate(ws, p, p.role) })
}

// RenamePerson gives someone another name.
func (s *Server) RenamePerson(email, given, family string) error {
	return s.onPerson(email, func(w *world, ws *workspace, p *person) error {
		w.rename(ws, p, given, family)
		return nil
	})
}

// ChangeEmail gives someone another address, as people can by themselves
// where the domain does not restrict it.
func (s *Server) ChangeEmail(email, to string) error {
	return s.onPerson(email, func(w *world, ws *workspace, p *person) error {
		if p.status == Invited {
			return badValue("The address of a pending invite cannot be changed.")
		}
		return w.readdress(ws, p, to)
	})
}

// EndSessions signs someone out everywhere.
func (s *Server) EndSessions(email string) error {
	return s.onPerson(email, func(w *world, ws *workspace, p *person) error {
		w.endSessions(ws, p, "signed out")
		return nil
	})
}

// StartSession signs a member in somewhere.
func (s *Server) StartSession(email string) error {
	return s.onPerson(email, func(w *world, ws *workspace, p *person) error {
		if p.status != Active {
			return badValue("%s is no active member.", p.email)
		}
		w.startSession(ws, p)
		return nil
	})
}

// AddMember adds somebody by hand as the rules have it: at once or by an
// invite, with the emails. Status suspended makes a suspended member, and
// Expert an admin by access grant.
func (s *Server) AddMember(m Member) error {
	if m.Role == noRole {
		if m.Role = RoleMember; m.Expert {
			m.Role = RoleAdmin
		}
	}
	if m.Role != RoleAdmin && m.Role != RoleMember {
		return badValue("There is no role %q; the roles are admin and member.", m.Role)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ws := s.world.primary()
	switch {
	case !validEmail(strings.TrimSpace(m.Email)):
		return badValue("%q is no email address.", m.Email)
	case ws.byEmail[fold(m.Email)] != nil:
		return taken("There is already a user with the userName %s.", m.Email)
	}
	if m.Expert || m.ID != "" || m.Status == Invited {
		if m.Status != Suspended && !m.Expert {
			if err := s.world.takeSeat(ws); err != nil {
				return err
			}
		}
		if m.CreatedAt.IsZero() {
			m.CreatedAt = s.world.now()
		}
		return s.world.addAtStart(ws, m, 0)
	}
	_, _, err := s.world.provision(ws, newcomer{
		email: m.Email, given: m.GivenName, family: m.FamilyName, role: m.Role, inactive: m.Status == Suspended,
	})
	return err
}

// CreateTeam makes a team of people given by email.
func (s *Server) CreateTeam(name string, emails ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ws := s.world.primary()
	var members []*person
	for _, e := range emails {
		p := ws.byEmail[fold(e)]
		if p == nil {
			return &UnknownError{"member or invite", e}
		}
		members = append(members, p)
	}
	_, err := s.world.createTeam(ws, "", name, members)
	return err
}

// RenameTeam gives a team another name.
func (s *Server) RenameTeam(name, to string) error {
	return s.onTeam(name, func(w *world, ws *workspace, t *team) error { return w.renameTeam(ws, t, to) })
}

// DeleteTeam deletes a team; its people stay.
func (s *Server) DeleteTeam(name string) error {
	return s.onTeam(name, func(w *world, ws *workspace, t *team) error {
		w.deleteTeam(ws, t)
		return nil
	})
}

// AddTeamMember puts someone into a team.
func (s *Server) AddTeamMember(name, email string) error {
	return s.membership(name, email, (*team).add)
}

// RemoveTeamMember takes someone out of a team.
func (s *Server) RemoveTeamMember(name, email string) error {
	return s.membership(name, email, (*team).drop)
}

func (s *Server) membership(name, email string, change func(*team, *person) bool) error {
	return s.onTeam(name, func(w *world, ws *workspace, t *team) error {
		p := ws.byEmail[fold(email)]
		if p == nil {
			return &UnknownError{"member or invite", email}
		}
		if change(t, p) {
			t.changed = w.now()
		}
		return nil
	})
}

// onWorkspace changes the site's own workspace.
func (s *Server) onWorkspace(change func(ws *workspace)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s.world.primary())
	return nil
}

// SetPlan changes the plan; any but "enterprise" refuses SCIM.
func (s *Server) SetPlan(plan string) error {
	if strings.TrimSpace(plan) == "" {
		return badValue("A plan needs a name.")
	}
	return s.onWorkspace(func(ws *workspace) { ws.Plan = plan })
}

// SetSeats changes how many seats there are, 0 for unlimited, and whether one
// is added where none is free.
func (s *Server) SetSeats(seats int, automatic bool) error {
	if seats < 0 {
		return badValue("There cannot be %d seats.", seats)
	}
	return s.onWorkspace(func(ws *workspace) { ws.Seats, ws.AutomaticSeats = seats, automatic })
}

// SetVerifiedDomains replaces the verified domains.
func (s *Server) SetVerifiedDomains(domains ...string) error {
	return s.onWorkspace(func(ws *workspace) {
		ws.VerifiedDomains, ws.verified = slices.Clone(domains), map[string]bool{}
		for _, d := range domains {
			ws.verified[fold(d)] = true
		}
	})
}

// RevokeToken ends an access token.
func (s *Server) RevokeToken(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.world.tokens[text]
	if t == nil {
		return &UnknownError{"token", "(not shown)"}
	}
	t.revoked = true
	return nil
}

// RevokeTokens ends every access token of the site's own workspace.
func (s *Server) RevokeTokens() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.world.tokens {
		if t.ws == s.world.primary() {
			t.revoked = true
		}
	}
	return nil
}
