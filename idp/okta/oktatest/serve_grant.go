package oktatest

import (
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"strings"
)

// grantKey orders group assignments: by priority, then id.
func grantKey(g *grant) string { return fmt.Sprintf("%010d %s", g.priority, g.group.id) }

// listGrants serves GET /api/v1/apps/{id}/groups.
func (s *Server) listGrants(r *http.Request) (reply, error) {
	q := strings.ToLower(r.URL.Query().Get("q"))
	expand := r.URL.Query().Get("expand")
	if !isOneOf(expand, "", "group") {
		return reply{}, invalid("expand", "expand: only group is served")
	}
	grants := s.dir.app.grants
	return page(s, r, list[*grant]{
		name: "app groups", bounds: bounds{standard: 20, least: 20, most: 200, strict: true},
		after: func(key string) []*grant {
			if key == "" {
				return grants
			}
			return grants[sort.Search(len(grants), func(i int) bool { return grantKey(grants[i]) > key }):]
		},
		key:  grantKey,
		keep: func(g *grant) bool { return q == "" || strings.HasPrefix(strings.ToLower(g.group.name), q) },
		show: func(b []byte, g *grant) []byte { return s.dir.showGrant(b, g, baseURL(r), expand) },
	})
}

// oneGrant serves /api/v1/apps/{id}/groups/{gid}.
func (s *Server) oneGrant(method, id string) endpoint {
	switch method {
	case http.MethodGet:
		return func(r *http.Request) (reply, error) {
			g := s.dir.app.grantFor(id)
			if g == nil {
				return reply{}, notFound(id, "ApplicationGroupAssignment")
			}
			return done(s.dir.showGrant(nil, g, baseURL(r), r.URL.Query().Get("expand")))
		}
	case http.MethodPut:
		return func(r *http.Request) (reply, error) { return s.putGrant(r, id) }
	case http.MethodDelete:
		return func(*http.Request) (reply, error) {
			g, there := s.dir.group(id)
			if !there || !s.dir.revokeGroup(g, s.now()) {
				return reply{}, notFound(id, "ApplicationGroupAssignment")
			}
			return noContent()
		}
	}
	return nil
}

func (s *Server) putGrant(r *http.Request, id string) (reply, error) {
	g, there := s.dir.group(id)
	if !there {
		return reply{}, notFound(id, "UserGroup")
	}
	in := struct {
		Priority *int           `json:"priority"`
		Profile  map[string]any `json:"profile"`
	}{}
	if r.ContentLength != 0 {
		if err := decode(r, &in); err != nil {
			return reply{}, err
		}
	}
	profile, err := s.dir.checkProfile(in.Profile)
	if err != nil {
		return reply{}, invalid("profile", "profile: "+err.Error())
	}
	priority := s.dir.nextPriority(g)
	if in.Priority != nil {
		priority = *in.Priority
	}
	if priority < 0 || priority > 100 {
		return reply{}, invalid("priority", "priority: The priority must be between 0 and 100, not "+strconv.Itoa(priority))
	}
	return done(s.dir.showGrant(nil, s.dir.grantGroup(g, priority, profile, s.now()), baseURL(r), ""))
}

// nextPriority is that which a group has, or the one behind all others.
func (d *directory) nextPriority(g *group) int {
	if gr := d.app.grantFor(g.id); gr != nil {
		return gr.priority
	}
	if n := len(d.app.grants); n > 0 {
		return min(d.app.grants[n-1].priority+1, 100)
	}
	return 0
}
