package attiotest

import (
	"net/http"
	"strings"
	"sync"
)

type scimName struct {
	GivenName  *string `json:"givenName,omitempty"`
	FamilyName *string `json:"familyName,omitempty"`
}

type scimEmail struct {
	Value   string `json:"value"`
	Primary bool   `json:"primary"`
	Type    string `json:"type,omitempty"`
}

type scimRole struct {
	Value   string `json:"value"`
	Primary bool   `json:"primary,omitempty"`
}

// scimUser is a user as Attio answers
// (https://docs.attio.com/rest-api/scim/list-users).
type scimUser struct {
	Schemas  []string    `json:"schemas"`
	ID       string      `json:"id"`
	UserName string      `json:"userName"`
	Name     scimName    `json:"name"`
	Emails   []scimEmail `json:"emails"`
	Active   bool        `json:"active"`
	AppRole  Role        `json:"appRole,omitempty"`
	Roles    []scimRole  `json:"roles,omitempty"`
	Meta     scimMeta    `json:"meta"`
}

// user shows a person. A pending invite is active like a member; a suspended
// member has no role.
func (s *Server) user(p *person) scimUser {
	given, family := p.given, p.family
	u := scimUser{
		Schemas: []string{schemaUser}, ID: p.id, UserName: p.email, Name: scimName{GivenName: &given, FamilyName: &family},
		Emails: []scimEmail{{Value: p.email, Primary: true, Type: "work"}}, Active: p.status != Suspended,
		Meta: metaOf("User", p.created, p.changed),
	}
	switch {
	case p.status == Suspended:
	case s.world.b.RolesList:
		u.Roles = []scimRole{{Value: string(p.role), Primary: true}}
	default:
		u.AppRole = p.role
	}
	return u
}

// userLists keeps the list that unfiltered pages are cut from, so that a walk
// through 100,000 people costs one pass.
type userLists struct {
	mu      sync.Mutex
	ws      *workspace
	version int
	visible []*person
}

// listed is everybody an unfiltered list shows, in the order they came.
func (s *Server) listed(ws *workspace) []*person {
	if s.world.b.ListSuspended {
		return ws.people
	}
	l := &s.users
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ws != ws || l.version != ws.version {
		l.ws, l.version, l.visible = ws, ws.version, nil
		for _, p := range ws.people {
			if p.status != Suspended {
				l.visible = append(l.visible, p)
			}
		}
	}
	return l.visible
}

func (s *Server) listUsers(c call) error {
	text := c.r.URL.Query().Get("filter")
	if text == "" {
		return answerList(s, c, without(s, c.r, s.listed(c.ws), (*person).scimID), s.user)
	}
	f, err := parseFilter(text)
	if err != nil {
		return err
	}
	match, err := s.matcher(f)
	if err != nil {
		return err
	}
	among := c.ws.people
	if p, known := s.exactly(c.ws, f); known {
		among = p
	}
	var found []*person
	for _, p := range among {
		if match(p) && (p.status != Suspended || !s.world.b.FilterHidesSuspended) {
			found = append(found, p)
		}
	}
	return answerList(s, c, without(s, c.r, found, (*person).scimID), s.user)
}

func (p *person) scimID() string { return p.id }

// exactly answers the look-ups that have an index.
func (s *Server) exactly(ws *workspace, f filter) (found []*person, known bool) {
	if f.op != "eq" || f.truth != nil {
		return nil, false
	}
	var p *person
	switch f.attribute {
	case "id":
		p = ws.byID[f.text]
	case "username", "emails.value":
		p = ws.byEmail[fold(f.text)]
	default:
		return nil, false
	}
	if p == nil {
		return nil, true
	}
	return []*person{p}, true
}

func (s *Server) matcher(f filter) (func(*person) bool, error) {
	if f.attribute == "active" {
		if f.truth == nil || f.op != "eq" && f.op != "ne" {
			return nil, badFilter("active is compared by eq or ne with true or false.")
		}
		return func(p *person) bool { return ((p.status != Suspended) == *f.truth) == (f.op == "eq") }, nil
	}
	if f.truth != nil {
		return nil, badFilter("%s is compared with a text in double quotes.", f.attribute)
	}
	exact := s.world.b.EmailFilterCaseSensitive
	switch f.attribute {
	case "username", "emails.value":
		return func(p *person) bool { return f.textMatches(p.email, exact) }, nil
	case "id":
		return func(p *person) bool { return f.textMatches(p.id, true) }, nil
	case "name.givenname":
		return func(p *person) bool { return f.textMatches(p.given, false) }, nil
	case "name.familyname":
		return func(p *person) bool { return f.textMatches(p.family, false) }, nil
	}
	return nil, badFilter("There is no filter on %s.", f.attribute)
}

// find reaches a person by membership or invite id.
func (s *Server) find(c call) (*person, error) {
	id := c.r.PathValue("id")
	if p := c.ws.byID[id]; p != nil {
		return p, nil
	}
	if p := c.ws.stale[id]; p != nil && s.world.b.StaleInviteResolves {
		return p, nil
	}
	return nil, notFound("There is no user with the id %s.", id)
}

func (s *Server) getUser(c call) error {
	p, err := s.find(c)
	if err != nil {
		return err
	}
	writeJSON(c.w, http.StatusOK, s.user(p))
	return nil
}

// userBody is what POST and PUT of a user carry.
type userBody struct {
	Schemas  []string   `json:"schemas"`
	UserName string     `json:"userName"`
	Name     *scimName  `json:"name"`
	Active   *bool      `json:"active"`
	AppRole  *string    `json:"appRole"`
	Roles    []scimRole `json:"roles"`
}

func (s *Server) userBody(c call) (b userBody, role Role, err error) {
	if err = decode(c.r, &b); err != nil {
		return b, noRole, err
	}
	if err = needSchema(b.Schemas, schemaUser); err != nil {
		return b, noRole, err
	}
	if b.UserName = strings.TrimSpace(b.UserName); b.UserName == "" {
		return b, noRole, missing("userName is required.")
	}
	if !validEmail(b.UserName) {
		return b, noRole, badValue("userName has to be a valid email address.")
	}
	switch {
	case s.world.b.RolesList && b.Roles != nil:
		return b, rolesOf(b.Roles), nil
	case b.AppRole != nil:
		role, err = s.world.role(*b.AppRole)
	}
	return b, role, err
}

// role reads an appRole.
func (w *world) role(text string) (Role, error) {
	switch r := Role(text); {
	case r == RoleAdmin || r == RoleMember:
		return r, nil
	case w.b.UnknownRoleIsMember:
		return RoleMember, nil
	}
	return noRole, badValue("appRole has to be admin or member.")
}

// rolesOf reads a list of roles; admin wins (https://attio.com/apps/okta).
func rolesOf(list []scimRole) Role {
	for _, r := range list {
		if r.Value == string(RoleAdmin) {
			return RoleAdmin
		}
	}
	return RoleMember
}

func (s *Server) postUser(c call) error {
	b, role, err := s.userBody(c)
	if err != nil {
		return err
	}
	n := newcomer{email: b.UserName, role: role, inactive: b.Active != nil && !*b.Active}
	if n.role == noRole {
		n.role = RoleMember
	}
	if b.Name != nil {
		n.given, n.family = or(b.Name.GivenName, ""), or(b.Name.FamilyName, "")
	}
	p, made, err := s.world.provision(c.ws, n)
	if noSeat(err) && s.world.b.NoSeatAnswers201 {
		ghost := &person{id: uuid("nobody/" + b.UserName), email: b.UserName, given: n.given, family: n.family, role: n.role, status: Active, created: s.now(), changed: s.now()}
		writeJSON(c.w, http.StatusCreated, s.user(ghost))
		return nil
	}
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if !made {
		status = s.world.b.DuplicateStatus
	}
	writeJSON(c.w, status, s.user(p))
	return nil
}

// deleteUser suspends a member and cancels an invite; nobody is ever erased
// (https://attio.mintlify.app/rest-api/scim/delete-user.md).
func (s *Server) deleteUser(c call) error {
	p, err := s.find(c)
	if err != nil {
		return err
	}
	if p.status == Invited {
		s.world.endInvite(c.ws, p, "cancelled")
	} else if err := s.world.suspend(c.ws, p); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

func or[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}
