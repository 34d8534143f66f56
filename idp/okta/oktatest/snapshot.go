package oktatest

import (
	"encoding/json"
	"slices"
	"strings"
)

// Snapshot is what an org holds at one moment, for people to look at.
type Snapshot struct {
	App    AppState      `json:"app"`
	People []PersonState `json:"people"` // by login
	Groups []GroupState  `json:"groups"` // by name
}

// AppState is the app.
type AppState struct {
	ID       string   `json:"id"`
	Label    string   `json:"label"`
	Status   string   `json:"status"`
	Features []string `json:"features"`
	// RoleAttribute is empty when the app's profile schema has none.
	RoleAttribute string `json:"role_attribute"`
}

// Assigned says how somebody has the app.
type Assigned string

// The ways to have the app, and not to.
const (
	NotAssigned  Assigned = "no"
	ByName       Assigned = "direct"
	ThroughGroup Assigned = "group"
)

// PersonState is a person and their assignment.
type PersonState struct {
	ID        string   `json:"id"`
	Login     string   `json:"login"`
	Email     string   `json:"email"`
	FirstName string   `json:"first_name"`
	LastName  string   `json:"last_name"`
	Status    string   `json:"status"`
	Assigned  Assigned `json:"assigned"`
	// Group is the one that the assignment comes through.
	Group string `json:"group,omitempty"`
	// AppStatus is the status of the assignment.
	AppStatus string `json:"app_status,omitempty"`
	// Roles are the values of the role attribute.
	Roles []string `json:"roles"`
}

// GroupState is a group and what the app has of it.
type GroupState struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Members  []string `json:"members"` // logins
	Assigned bool     `json:"assigned"`
	Priority int      `json:"priority,omitempty"`
	// Roles are what the assignment gives its people.
	Roles []string `json:"roles"`
	// Push is the group's push to the app, nil for none.
	Push *PushState `json:"push,omitempty"`
}

// PushState is the push of a group.
type PushState struct {
	Target string `json:"target"` // name of the group in the app
	Status string `json:"status"`
	Error  string `json:"error,omitempty"`
}

// Snapshot copies what the org holds now, whatever readers may see of it yet.
func (s *Server) Snapshot() Snapshot {
	s.mu.RLock()
	defer s.mu.RUnlock()
	d := s.dir
	snap := Snapshot{
		App: AppState{ID: d.app.id, Label: d.app.label, Status: d.app.status, Features: append([]string{}, d.app.features...),
			RoleAttribute: d.app.roleAttribute},
		People: make([]PersonState, 0, len(d.users.items)), Groups: make([]GroupState, 0, len(d.groups.items)),
	}
	for _, u := range d.users.items {
		snap.People = append(snap.People, d.personState(u))
	}
	for _, g := range d.groups.items {
		snap.Groups = append(snap.Groups, d.groupState(g))
	}
	sortBy(snap.People, func(p PersonState) string { return p.Login })
	sortBy(snap.Groups, func(g GroupState) string { return g.Name })
	return snap
}

func (d *directory) personState(u *user) PersonState {
	p := PersonState{ID: u.id, Login: u.login, Email: u.email, FirstName: u.first, LastName: u.last, Status: u.status,
		Assigned: NotAssigned, Roles: []string{}}
	a, there := d.app.users.get(u.id)
	if !there {
		return p
	}
	p.Assigned, p.AppStatus, p.Roles = ByName, a.status, values(a.attribute(d.app.roleAttribute))
	if !a.direct() {
		p.Assigned, p.Group = ThroughGroup, a.via.group.name
	}
	return p
}

func (d *directory) groupState(g *group) GroupState {
	out := GroupState{ID: g.id, Name: g.name, Type: g.kind, Members: make([]string, len(g.members.items)), Roles: []string{}}
	for i, u := range g.members.items {
		out.Members[i] = u.login
	}
	sortBy(out.Members, func(login string) string { return login })
	if gr := d.app.grantFor(g.id); gr != nil {
		out.Assigned, out.Priority, out.Roles = true, gr.priority, values(gr.profile[d.app.roleAttribute])
	}
	for _, m := range d.app.mappings.items {
		if m.source == g {
			out.Push = &PushState{Target: m.target.name, Status: m.status, Error: m.err}
		}
	}
	return out
}

// values gives what an attribute holds: a list of texts, one text, or
// something else as it was written.
func values(raw json.RawMessage) []string {
	var list []string
	var one string
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return []string{}
	case json.Unmarshal(raw, &list) == nil:
		return list
	case json.Unmarshal(raw, &one) == nil:
		return strings.FieldsFunc(one, func(r rune) bool { return r == ',' || r == ' ' })
	}
	return []string{string(raw)}
}

func sortBy[T any](list []T, text func(T) string) {
	slices.SortStableFunc(list, func(a, b T) int { return strings.Compare(text(a), text(b)) })
}

// UserStatuses are the statuses that an Okta user may have.
func UserStatuses() []string { return userStatuses() }
