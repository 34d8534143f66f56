package oktatest

import (
	"errors"
	"fmt"
	"maps"
	"strings"
)

// The methods below do what an admin does in the console, by login and name.
// Each returns an error for a name the org does not know, and takes effect at
// once for every later request.

// AppID gives the id of the app.
func (s *Server) AppID() string { return s.dir.app.id } // never changes

// UserID gives the id of a person by login.
func (s *Server) UserID(login string) (id string, err error) {
	err = s.withPerson(login, func(u *user) error { id = u.id; return nil })
	return id, err
}

// GroupID gives the id of a group by name; of two with one name, that of the
// org itself and not that of a push's target.
func (s *Server) GroupID(name string) (id string, err error) {
	err = s.withGroupNamed(name, func(g *group) error { id = g.id; return nil })
	return id, err
}

func (s *Server) withPerson(ref string, then func(*user) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, there := s.dir.user(ref)
	if !there {
		return fmt.Errorf("oktatest: there is no user %q", ref)
	}
	if err := then(u); err != nil {
		return fmt.Errorf("oktatest: %w", err)
	}
	return nil
}

func (s *Server) withGroupNamed(ref string, then func(*group) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, there := s.dir.groupNamed(ref)
	if !there {
		return fmt.Errorf("oktatest: there is no group %q", ref)
	}
	if err := then(g); err != nil {
		return fmt.Errorf("oktatest: %w", err)
	}
	return nil
}

func (s *Server) withAssigned(ref string, then func(*appUser) error) error {
	return s.withPerson(ref, func(u *user) error {
		a, there := s.dir.app.users.get(u.id)
		if !there {
			return fmt.Errorf("user %q is not assigned to the app", ref)
		}
		return then(a)
	})
}

// AddUser adds a person.
func (s *Server) AddUser(in User) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.dir.newUser(in, s.now())
	if err == nil {
		err = s.dir.addUser(u, s.now())
	}
	if err != nil {
		return fmt.Errorf("oktatest: %w", err)
	}
	return nil
}

// DeleteUser deletes a person for good, whatever their status.
func (s *Server) DeleteUser(login string) error {
	return s.withPerson(login, func(u *user) error { s.dir.deleteUser(u, s.now()); return nil })
}

// SetStatus moves a person to a status of an Okta user.
func (s *Server) SetStatus(login, status string) error {
	return s.withPerson(login, func(u *user) error {
		if !isOneOf(status, userStatuses()...) {
			return fmt.Errorf("%q is no status of an Okta user", status)
		}
		s.dir.setStatus(u, status, s.now())
		return nil
	})
}

// SetEmail changes a person's email and leaves the login.
func (s *Server) SetEmail(login, email string) error {
	return s.withPerson(login, func(u *user) error { return s.dir.changeUser(u, userChange{email: &email}, s.now()) })
}

// SetLogin changes a person's login and leaves the email.
func (s *Server) SetLogin(login, to string) error {
	return s.withPerson(login, func(u *user) error { return s.dir.changeUser(u, userChange{login: &to}, s.now()) })
}

// SetName renames a person.
func (s *Server) SetName(login, first, last string) error {
	return s.withPerson(login, func(u *user) error { return s.dir.changeUser(u, userChange{first: &first, last: &last}, s.now()) })
}

// Assign assigns a person by name, with these values of the role attribute
// when there are any.
func (s *Server) Assign(login string, roles ...string) error {
	return s.withPerson(login, func(u *user) error {
		if u.gone() {
			return fmt.Errorf("user %q is deactivated and cannot be assigned", login)
		}
		var profile map[string]any
		if len(roles) > 0 {
			profile = s.dir.roleProfile(roles)
		}
		own, err := s.dir.checkProfile(profile)
		if err != nil {
			return err
		}
		s.dir.assign(u, "", own, s.now())
		return nil
	})
}

// roleProfile holds values of the role attribute, null for none. A text
// attribute holds several with commas between them.
func (d *directory) roleProfile(roles []string) map[string]any {
	name := or(d.app.roleAttribute, "roles")
	switch {
	case len(roles) == 0:
		return map[string]any{name: nil}
	case d.app.roleType == "string":
		return map[string]any{name: strings.Join(roles, ",")}
	}
	return map[string]any{name: roles}
}

// SetRole sets the role attribute of somebody assigned; without values it
// takes the attribute away. Somebody assigned through a group is from then on
// assigned by name, as in Okta when a profile is edited.
func (s *Server) SetRole(login string, roles ...string) error {
	return s.SetAppProfile(login, s.dir.roleProfile(roles)) // reads only what never changes
}

// SetAppProfile sets attributes of the app's profile of somebody assigned; nil
// takes one away.
func (s *Server) SetAppProfile(login string, profile map[string]any) error {
	return s.withAssigned(login, func(a *appUser) error {
		own, err := s.dir.checkProfile(maps.Clone(profile))
		if err != nil {
			return err
		}
		s.dir.assign(a.user, "", own, s.now())
		return nil
	})
}

// SetUserName sets the name under which the app knows a person.
func (s *Server) SetUserName(login, userName string) error {
	return s.withAssigned(login, func(a *appUser) error {
		a.userName, a.updated = userName, s.now()
		s.dir.emitAssignment("change_username", a)
		return nil
	})
}

// SetAppUserStatus sets the status of an assignment and its sync state ("" for
// the present one).
func (s *Server) SetAppUserStatus(login, status, syncState string) error {
	return s.withAssigned(login, func(a *appUser) error {
		if !isOneOf(status, appUserStatuses()...) {
			return fmt.Errorf("%q is no status of an app user", status)
		}
		a.status, a.changed, a.updated, a.syncState = status, s.now(), s.now(), or(syncState, a.syncState)
		s.dir.emitAssignment("update", a)
		return nil
	})
}

// Unassign takes away an assignment by name. One through a group may be left
// after it, and is an error when it is all there is.
func (s *Server) Unassign(login string) error {
	return s.withAssigned(login, func(a *appUser) error {
		if !a.direct() {
			return fmt.Errorf("user %q is assigned through the group %q", login, a.via.group.name)
		}
		s.dir.unassign(a.user, s.now())
		return nil
	})
}

// ClearLingering lets Okta catch up: the assignments of people who are
// deactivated go (see WithLingering).
func (s *Server) ClearLingering() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dir.clearLingering()
}

// AssignGroup assigns a group to the app, or changes its priority and profile.
func (s *Server) AssignGroup(in GroupAssignment) error {
	return s.withGroupNamed(in.Group, func(g *group) error {
		profile, err := s.dir.checkProfile(in.Profile)
		if err != nil {
			return err
		}
		s.dir.grantGroup(g, in.Priority, profile, s.now())
		return nil
	})
}

// UnassignGroup takes a group off the app.
func (s *Server) UnassignGroup(name string) error {
	return s.withGroupNamed(name, func(g *group) error {
		if !s.dir.revokeGroup(g, s.now()) {
			return fmt.Errorf("group %q is not assigned to the app", name)
		}
		return nil
	})
}

// SetAppStatus switches the app: ACTIVE or INACTIVE.
func (s *Server) SetAppStatus(status string) error {
	if !isOneOf(status, "ACTIVE", "INACTIVE") {
		return fmt.Errorf("oktatest: app status %q is neither ACTIVE nor INACTIVE", status)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dir.setAppStatus(status, s.now())
	return nil
}

// AddGroup adds a group with its members.
func (s *Server) AddGroup(in Group) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	people := make([]*user, 0, len(in.Members))
	for _, ref := range in.Members {
		u, there := s.dir.user(ref)
		if !there {
			return fmt.Errorf("oktatest: group %q: there is no user %q", in.Name, ref)
		}
		people = append(people, u)
	}
	g, err := s.dir.newGroup(in.ID, in.Name, in.Description, or(in.Type, "OKTA_GROUP"), s.now())
	if err != nil {
		return fmt.Errorf("oktatest: %w", err)
	}
	for _, u := range people {
		s.dir.joinOrLeave(g, u, true, s.now(), s.clock())
	}
	return nil
}

// RenameGroup renames a group.
func (s *Server) RenameGroup(name, to string) error {
	if strings.TrimSpace(to) == "" {
		return errors.New("a group has a name")
	}
	return s.withGroupNamed(name, func(g *group) error { return s.dir.changeGroup(g, to, g.description, s.now()) })
}

// DeleteGroup deletes a group, its assignment to the app and its push mapping.
func (s *Server) DeleteGroup(name string) error {
	return s.withGroupNamed(name, func(g *group) error { s.dir.deleteGroup(g, s.now()); return nil })
}

// AddMember puts people into a group.
func (s *Server) AddMember(name string, logins ...string) error { return s.move(name, true, logins) }

// RemoveMember takes people out of a group.
func (s *Server) RemoveMember(name string, logins ...string) error {
	return s.move(name, false, logins)
}

func (s *Server) move(name string, joined bool, logins []string) error {
	return s.withGroupNamed(name, func(g *group) error {
		people := make([]*user, 0, len(logins))
		for _, login := range logins {
			u, there := s.dir.user(login)
			if !there {
				return fmt.Errorf("there is no user %q", login)
			}
			people = append(people, u)
		}
		for _, u := range people {
			s.dir.joinOrLeave(g, u, joined, s.now(), s.clock())
		}
		return nil
	})
}

// AddPushMapping pushes a group to the app.
func (s *Server) AddPushMapping(in PushMapping) error {
	return s.withGroupNamed(in.Group, func(g *group) error {
		if !s.dir.app.has("GROUP_PUSH") {
			return fmt.Errorf("the app lacks the feature GROUP_PUSH")
		}
		m, err := s.dir.push(g, "", in.Target, or(in.Status, "ACTIVE"), s.now())
		if err != nil {
			return err
		}
		m.err = in.Error
		return nil
	})
}

// SetPushMapping changes the status of a group's mapping, and its error.
func (s *Server) SetPushMapping(name, status, summary string) error {
	return s.withMapping(name, func(m *mapping) error {
		if !isOneOf(status, "ACTIVE", "INACTIVE", "ERROR") {
			return fmt.Errorf("%q is no status of a push mapping", status)
		}
		m.status, m.err, m.updated = status, summary, s.now()
		return nil
	})
}

// RemovePushMapping ends the push of a group and leaves its target.
func (s *Server) RemovePushMapping(name string) error {
	return s.withMapping(name, func(m *mapping) error { s.dir.app.mappings.remove(m.id); return nil })
}

func (s *Server) withMapping(name string, then func(*mapping) error) error {
	return s.withGroupNamed(name, func(g *group) error {
		for _, m := range s.dir.app.mappings.items {
			if m.source == g {
				return then(m)
			}
		}
		return fmt.Errorf("group %q is not pushed", name)
	})
}
