package oktatest

import (
	"net/http"
	"strings"
)

// groupGrammar is what filter takes on groups; search takes profile
// attributes too.
func groupGrammar(open bool) grammar {
	g := grammar{
		attributes: map[string]bool{"id": false, "type": false, "lastUpdated": true, "lastMembershipUpdated": true, "created": true},
		operators:  []string{"eq", "gt", "ge", "lt", "le"}, open: open,
	}
	if open {
		g.operators = append(g.operators, "sw", "co", "pr")
	}
	return g
}

func (g *group) attribute(name string) (value, bool) {
	_, changed := g.shown()
	switch name {
	case "id":
		return value{text: g.id}, true
	case "type":
		return value{text: g.kind}, true
	case "created":
		return value{at: g.created, isTime: true}, true
	case "lastUpdated":
		return value{at: g.updated, isTime: true}, true
	case "lastMembershipUpdated":
		return value{at: changed, isTime: true}, true
	case "profile.name":
		return value{text: g.name}, true
	case "profile.description":
		return value{text: g.description}, true
	}
	return value{}, false
}

// shows says whether the credential may see a group.
func (s *Server) shows(g *group) bool { return s.hidden == nil || !s.hidden(g.name) }

// selection reads filter and search, of which a request may have one.
func selection(r *http.Request, g func(open bool) grammar) (condition, error) {
	q := r.URL.Query()
	switch {
	case q.Get("filter") != "" && q.Get("search") != "":
		return nil, searchAndFilter()
	case q.Get("sortBy") != "" || q.Get("sortOrder") != "":
		return nil, invalidSearch() // the order of this org is that of its ids
	case q.Get("search") != "":
		return parseParam(r, "search", g(true))
	}
	return parseParam(r, "filter", g(false))
}

// listGroups serves GET /api/v1/groups. With q there is one page of at most
// 300 and no link at all.
func (s *Server) listGroups(r *http.Request) (reply, error) {
	want, err := selection(r, groupGrammar)
	if err != nil {
		return reply{}, err
	}
	q := strings.ToLower(r.URL.Query().Get("q"))
	stats := r.URL.Query().Get("expand") == "stats"
	l := list[*group]{
		name: "groups", bounds: bounds{standard: 10000, most: 10000}, after: s.dir.groups.after, key: (*group).key,
		keep: func(g *group) bool {
			return s.shows(g) && (q == "" || strings.HasPrefix(strings.ToLower(g.name), q)) && (want == nil || want.holds(g.attribute))
		},
		show: func(b []byte, g *group) []byte { return s.dir.showGroup(b, g, baseURL(r), stats) },
	}
	if q != "" {
		l.bounds.standard = 300
	}
	rep, err := page(s, r, l)
	if q != "" {
		rep.links = nil
	}
	return rep, err
}

// groupBody is the body of a write to a group.
type groupBody struct {
	Profile struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	} `json:"profile"`
}

func (s *Server) readGroup(r *http.Request) (groupBody, error) {
	var in groupBody
	if err := decode(r, &in); err != nil {
		return in, err
	}
	if n := len(in.Profile.Name); n == 0 || n > 255 {
		return in, invalid("name", "name: The field must have 1 to 255 characters")
	}
	return in, nil
}

func nameTaken(field string) *refusal {
	return invalid(field, field+": An object with this field already exists in the current organization")
}

// makeGroup serves POST /api/v1/groups.
func (s *Server) makeGroup(r *http.Request) (reply, error) {
	in, err := s.readGroup(r)
	if err != nil {
		return reply{}, err
	}
	g, err := s.dir.newGroup("", in.Profile.Name, in.Profile.Description, "OKTA_GROUP", s.now())
	if err != nil {
		return reply{}, nameTaken("name")
	}
	return done(s.dir.showGroup(nil, g, baseURL(r), false))
}

// withGroup refuses a group that does not exist, or that the org itself keeps
// when the request would change it.
func (s *Server) withGroup(id string, then func(r *http.Request, g *group) (reply, error)) endpoint {
	return func(r *http.Request) (reply, error) {
		g, there := s.dir.group(id)
		if !there || !s.shows(g) {
			return reply{}, notFound(id, "UserGroup")
		}
		if r.Method != http.MethodGet && g.kind != "OKTA_GROUP" {
			return reply{}, invalid("group", "A group of type "+g.kind+" cannot be changed.")
		}
		return then(r, g)
	}
}

// oneGroup serves /api/v1/groups/{id}.
func (s *Server) oneGroup(method, id string) endpoint {
	switch method {
	case http.MethodGet:
		return s.withGroup(id, func(r *http.Request, g *group) (reply, error) {
			return done(s.dir.showGroup(nil, g, baseURL(r), r.URL.Query().Get("expand") == "stats"))
		})
	case http.MethodPut:
		return s.withGroup(id, func(r *http.Request, g *group) (reply, error) {
			in, err := s.readGroup(r)
			if err != nil {
				return reply{}, err
			}
			if err := s.dir.changeGroup(g, in.Profile.Name, in.Profile.Description, s.now()); err != nil {
				return reply{}, nameTaken("name")
			}
			return done(s.dir.showGroup(nil, g, baseURL(r), false))
		})
	case http.MethodDelete:
		return s.withGroup(id, func(_ *http.Request, g *group) (reply, error) {
			s.dir.deleteGroup(g, s.now())
			return noContent()
		})
	}
	return nil
}

// listMembers serves GET /api/v1/groups/{id}/users.
func (s *Server) listMembers(id string) endpoint {
	return s.withGroup(id, func(r *http.Request, g *group) (reply, error) {
		members, _ := g.shown()
		base := baseURL(r)
		return page(s, r, list[*user]{
			name: "members " + g.id, bounds: bounds{standard: 1000, most: 1000}, after: members.after, key: (*user).key,
			show: func(b []byte, u *user) []byte { return showUser(b, u, base, false) },
		})
	})
}

// oneMember serves PUT and DELETE of /api/v1/groups/{id}/users/{uid}.
func (s *Server) oneMember(method, id, userID string) endpoint {
	if !isOneOf(method, http.MethodPut, http.MethodDelete) {
		return nil
	}
	return s.withGroup(id, func(_ *http.Request, g *group) (reply, error) {
		u, there := s.dir.users.get(userID)
		if !there {
			return reply{}, notFound(userID, "User")
		}
		s.dir.joinOrLeave(g, u, method == http.MethodPut, s.now(), s.clock())
		return noContent()
	})
}
