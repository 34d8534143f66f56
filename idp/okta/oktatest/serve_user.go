package oktatest

import (
	"encoding/json"
	"net/http"
	"strings"
)

func userGrammar(open bool) grammar {
	g := grammar{attributes: map[string]bool{
		"status": false, "lastUpdated": true, "id": false, "profile.login": false, "profile.email": false, "profile.firstName": false, "profile.lastName": false,
	}, operators: []string{"eq", "gt", "ge", "lt", "le"}, open: open}
	if open {
		g.operators = append(g.operators, "sw", "co", "pr")
		for _, name := range []string{"created", "activated", "statusChanged"} {
			g.attributes[name] = true
		}
	}
	return g
}

func (u *user) attribute(name string) (value, bool) {
	switch name {
	case "id":
		return value{text: u.id}, true
	case "status":
		return value{text: u.status}, true
	case "lastUpdated":
		return value{at: u.updated, isTime: true}, true
	case "created":
		return value{at: u.created, isTime: true}, true
	case "activated":
		return value{at: u.activated, isTime: true}, true
	case "statusChanged":
		return value{at: u.changed, isTime: true}, true
	case "profile.login":
		return value{text: u.login}, true
	case "profile.email":
		return value{text: u.email}, true
	case "profile.firstName":
		return value{text: u.first}, true
	case "profile.lastName":
		return value{text: u.last}, true
	}
	raw, known := u.extra[strings.TrimPrefix(name, "profile.")]
	var text string
	if known && json.Unmarshal(raw, &text) != nil {
		text = string(raw)
	}
	return value{text: text}, known
}

// listUsers serves GET /api/v1/users. Without filter or search, those
// DEPROVISIONED are left out.
func (s *Server) listUsers(r *http.Request) (reply, error) {
	want, err := selection(r, userGrammar)
	if err != nil {
		return reply{}, err
	}
	q := strings.ToLower(r.URL.Query().Get("q"))
	base := baseURL(r)
	return page(s, r, list[*user]{
		name: "users", bounds: bounds{standard: 200, most: 200}, after: s.dir.users.after, key: (*user).key,
		keep: func(u *user) bool {
			if want != nil {
				return want.holds(u.attribute)
			}
			return !u.gone() && (q == "" || strings.HasPrefix(strings.ToLower(u.first), q) ||
				strings.HasPrefix(strings.ToLower(u.last), q) || strings.HasPrefix(strings.ToLower(u.email), q))
		},
		show: func(b []byte, u *user) []byte { return showUser(b, u, base, false) },
	})
}

// withUser finds a user by id or login.
func (s *Server) withUser(ref string, then func(r *http.Request, u *user) (reply, error)) endpoint {
	return func(r *http.Request) (reply, error) {
		u, there := s.dir.user(ref)
		if !there {
			return reply{}, notFound(ref, "User")
		}
		return then(r, u)
	}
}

// oneUser serves /api/v1/users/{id or login}. The first DELETE deactivates,
// the second deletes, as in Okta.
func (s *Server) oneUser(method, ref string) endpoint {
	switch method {
	case http.MethodGet:
		return s.withUser(ref, func(r *http.Request, u *user) (reply, error) { return done(showUser(nil, u, baseURL(r), true)) })
	case http.MethodPost:
		return s.withUser(ref, s.changeProfile)
	case http.MethodPut:
		return s.withUser(ref, s.replaceProfile)
	case http.MethodDelete:
		return s.withUser(ref, func(_ *http.Request, u *user) (reply, error) {
			if u.gone() {
				s.dir.deleteUser(u, s.now())
			} else {
				s.dir.setStatus(u, "DEPROVISIONED", s.now())
			}
			return noContent()
		})
	}
	return nil
}

// userBody is the body of a write to a user.
type userBody struct {
	Profile     map[string]any `json:"profile"`
	Credentials map[string]any `json:"credentials"`
	GroupIDs    []string       `json:"groupIds"`
}

// change takes the known attributes out of a body.
func (in userBody) change() (userChange, error) {
	var c userChange
	rest := map[string]any{}
	fields := map[string]**string{"login": &c.login, "email": &c.email, "firstName": &c.first, "lastName": &c.last}
	for name, v := range in.Profile {
		to, known := fields[name]
		if !known {
			rest[name] = v
			continue
		}
		text, isText := v.(string)
		if !isText || text == "" && isOneOf(name, "login", "email") {
			return c, invalid(name, name+": The field cannot be left blank")
		}
		*to = &text
	}
	var err error
	c.extra, err = toAttributes(rest)
	return c, err
}

// replaceProfile serves PUT /api/v1/users/{id}: what the body leaves out is taken
// away (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/#tag/User/operation/replaceUser).
func (s *Server) replaceProfile(r *http.Request, u *user) (reply, error) {
	var in userBody
	if err := decode(r, &in); err != nil {
		return reply{}, err
	}
	for _, name := range []string{"login", "email", "firstName", "lastName"} {
		if _, given := in.Profile[name]; !given {
			return reply{}, invalid(name, name+": The field cannot be left blank")
		}
	}
	c, err := in.change()
	if err != nil {
		return reply{}, err
	}
	if c.extra == nil {
		c.extra = attributes{}
	}
	for name := range u.extra {
		if _, given := c.extra[name]; !given {
			c.extra[name] = nil // to be taken away
		}
	}
	return s.write(r, u, c)
}

func (s *Server) changeProfile(r *http.Request, u *user) (reply, error) {
	var in userBody
	if err := decode(r, &in); err != nil {
		return reply{}, err
	}
	c, err := in.change()
	if err != nil {
		return reply{}, err
	}
	return s.write(r, u, c)
}

func (s *Server) write(r *http.Request, u *user, c userChange) (reply, error) {
	if err := s.dir.changeUser(u, c, s.now()); err != nil {
		return reply{}, nameTaken("login")
	}
	return done(showUser(nil, u, baseURL(r), true))
}

// makeUser serves POST /api/v1/users. With activate=false the person is
// STAGED; else ACTIVE when there is a password, PROVISIONED when not.
func (s *Server) makeUser(r *http.Request) (reply, error) {
	var in userBody
	if err := decode(r, &in); err != nil {
		return reply{}, err
	}
	c, err := in.change()
	if err != nil {
		return reply{}, err
	}
	if c.login == nil {
		return reply{}, invalid("login", "login: The field cannot be left blank")
	}
	now := s.now()
	u := &user{login: *c.login, email: *c.login, extra: c.extra, created: now, changed: now, updated: now}
	for to, from := range map[*string]*string{&u.email: c.email, &u.first: c.first, &u.last: c.last} {
		if from != nil {
			*to = *from
		}
	}
	_, password := in.Credentials["password"]
	switch {
	case r.URL.Query().Get("activate") == "false":
		u.status = "STAGED"
	case password:
		u.status, u.activated = "ACTIVE", now
	default:
		u.status, u.activated = "PROVISIONED", now
	}
	return s.enrol(r, u, in.GroupIDs)
}

func (s *Server) enrol(r *http.Request, u *user, groupIDs []string) (reply, error) {
	var groups []*group
	for _, id := range groupIDs {
		g, there := s.dir.group(id)
		if !there {
			return reply{}, notFound(id, "UserGroup")
		}
		groups = append(groups, g)
	}
	u.id = s.dir.newUserID(u.login)
	if err := s.dir.addUser(u, s.now()); err != nil {
		return reply{}, nameTaken("login")
	}
	for _, g := range groups {
		s.dir.joinOrLeave(g, u, true, s.now(), s.clock())
	}
	return done(showUser(nil, u, baseURL(r), true))
}

// lifecycle serves POST /api/v1/users/{id}/lifecycle/{action}.
func (s *Server) lifecycle(ref, action string) endpoint {
	switch action {
	case "suspend", "unsuspend", "deactivate", "activate":
	default:
		return nil
	}
	return s.withUser(ref, func(_ *http.Request, u *user) (reply, error) {
		to := "ACTIVE"
		switch {
		case action == "suspend" && u.status != "ACTIVE":
			return reply{}, invalid("suspendUser", "Cannot suspend a user that is not active")
		case action == "unsuspend" && u.status != "SUSPENDED":
			return reply{}, invalid("unsuspendUser", "Cannot unsuspend a user that is not suspended")
		case action == "deactivate" && u.gone():
			return reply{}, notFound(ref, "User")
		case action == "activate" && !isOneOf(u.status, "STAGED", "DEPROVISIONED"):
			return reply{}, alreadyActive()
		case action == "suspend":
			to = "SUSPENDED"
		case action == "deactivate":
			to = "DEPROVISIONED"
		}
		s.dir.setStatus(u, to, s.now())
		return done([]byte("{}"))
	})
}
