package oktatest

import (
	"net/http"
	"strings"
)

// listApps serves GET /api/v1/apps.
func (s *Server) listApps(r *http.Request) (reply, error) {
	a := s.dir.app
	q := strings.ToLower(r.URL.Query().Get("q"))
	want, err := parseParam(r, "filter", grammar{attributes: map[string]bool{"status": false, "name": false, "id": false}, operators: []string{"eq"}})
	if err != nil {
		return reply{}, err
	}
	return page(s, r, list[*app]{
		name: "apps", bounds: bounds{standard: 20, least: 1, most: 200, strict: true},
		after: func(key string) []*app {
			if key != "" {
				return nil
			}
			return []*app{a}
		},
		key: func(a *app) string { return a.id },
		keep: func(a *app) bool {
			if q != "" && !strings.HasPrefix(strings.ToLower(a.label), q) && !strings.HasPrefix(strings.ToLower(a.name), q) {
				return false
			}
			return want == nil || want.holds(func(name string) (value, bool) {
				v, known := map[string]string{"status": a.status, "name": a.name, "id": a.id}[name]
				return value{text: v}, known
			})
		},
		show: func(b []byte, _ *app) []byte { return s.dir.showApp(b, baseURL(r)) },
	})
}

// parseParam reads a filter or search from the query; nil when there is none.
func parseParam(r *http.Request, name string, g grammar) (condition, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return nil, nil
	}
	c, good := parseFilter(text, g)
	if !good {
		return nil, invalidSearch()
	}
	return c, nil
}

// switchApp serves POST /api/v1/apps/{id}/lifecycle/....
func (s *Server) switchApp(status string) endpoint {
	return func(*http.Request) (reply, error) {
		s.dir.setAppStatus(status, s.now())
		return done([]byte("{}"))
	}
}

// listAppUsers serves GET /api/v1/apps/{id}/users.
func (s *Server) listAppUsers(r *http.Request) (reply, error) {
	q := strings.ToLower(r.URL.Query().Get("q"))
	var keep func(*appUser) bool
	if q != "" {
		keep = func(a *appUser) bool {
			for _, field := range []string{a.name(), a.user.first, a.user.last, a.user.email} {
				if strings.HasPrefix(strings.ToLower(field), q) {
					return true
				}
			}
			return false
		}
	}
	view := s.dir.viewAppUsers(baseURL(r), r.URL.Query().Get("expand"))
	return page(s, r, list[*appUser]{
		name: "app users", bounds: bounds{standard: 50, least: 1, most: 500, strict: true},
		after: s.dir.app.listed().after, key: (*appUser).key, keep: keep, show: view.show,
	})
}

// assignment is the body of a write to an app user.
type assignment struct {
	ID          string `json:"id"`
	Credentials struct {
		UserName string `json:"userName"`
	} `json:"credentials"`
	Profile map[string]any `json:"profile"`
}

// assignUser serves POST /api/v1/apps/{id}/users.
func (s *Server) assignUser(r *http.Request) (reply, error) {
	var in assignment
	if err := decode(r, &in); err != nil {
		return reply{}, err
	}
	u, found := s.dir.users.get(in.ID)
	if !found {
		return reply{}, notFound(in.ID, "User")
	}
	return s.writeAppUser(r, u, in)
}

func (s *Server) writeAppUser(r *http.Request, u *user, in assignment) (reply, error) {
	if u.gone() {
		return reply{}, wrongState()
	}
	if len(in.Credentials.UserName) > 100 {
		return reply{}, invalid("credentials.userName", "credentials.userName: The field is too long")
	}
	own, err := s.dir.checkProfile(in.Profile)
	if err != nil {
		return reply{}, invalid("profile", "profile: "+err.Error())
	}
	a := s.dir.assign(u, in.Credentials.UserName, own, s.now())
	return done(s.dir.viewAppUsers(baseURL(r), "").show(nil, a))
}

// oneAppUser serves /api/v1/apps/{id}/users/{uid}.
func (s *Server) oneAppUser(method, id string) endpoint {
	found := func(then func(r *http.Request, a *appUser) (reply, error)) endpoint {
		return func(r *http.Request) (reply, error) {
			a, there := s.dir.app.users.get(id)
			if !there {
				return reply{}, notFound(id, "AppUser")
			}
			return then(r, a)
		}
	}
	switch method {
	case http.MethodGet:
		return found(func(r *http.Request, a *appUser) (reply, error) {
			return done(s.dir.viewAppUsers(baseURL(r), r.URL.Query().Get("expand")).show(nil, a))
		})
	case http.MethodPost, http.MethodPut:
		return found(func(r *http.Request, a *appUser) (reply, error) {
			var in assignment
			if err := decode(r, &in); err != nil {
				return reply{}, err
			}
			return s.writeAppUser(r, a.user, in)
		})
	case http.MethodDelete:
		return found(func(_ *http.Request, a *appUser) (reply, error) {
			if !a.direct() {
				return reply{}, invalid("user", "The user is assigned through a group; take the person out of the group or the group off the app.")
			}
			s.dir.unassign(a.user, s.now())
			return noContent()
		})
	}
	return nil
}
