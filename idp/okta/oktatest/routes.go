package oktatest

import (
	"net/http"
	"strings"
)

// endpoint answers one kind of request. It runs under the server's lock: shared
// for GET, alone for all else.
type endpoint func(r *http.Request) (reply, error)

// route finds the endpoint of a request. Okta answers E0000022 for a path or
// method that does not exist.
func (s *Server) route(r *http.Request) endpoint {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	none := func(*http.Request) (reply, error) { return reply{}, noSuchMethod() }
	if len(parts) < 3 || parts[0] != "api" || parts[1] != "v1" {
		return none
	}
	var e endpoint
	switch rest := parts[3:]; parts[2] {
	case "apps":
		e = s.routeApps(r.Method, rest)
	case "groups":
		e = s.routeGroups(r.Method, rest)
	case "users":
		e = s.routeUsers(r.Method, rest)
	case "logs":
		if r.Method == http.MethodGet && len(rest) == 0 {
			e = s.listLog
		}
	case "meta":
		if r.Method == http.MethodGet && len(rest) == 4 && rest[0] == "schemas" && rest[1] == "apps" && rest[3] == "default" {
			e = s.inApp(rest[2], func(r *http.Request) (reply, error) { return done(s.dir.showSchema(nil, baseURL(r))) })
		}
	}
	if e == nil {
		return none
	}
	return e
}

// inApp refuses an app that does not exist.
func (s *Server) inApp(id string, e endpoint) endpoint {
	if e == nil {
		return nil
	}
	return func(r *http.Request) (reply, error) {
		if id != s.dir.app.id {
			return reply{}, notFound(id, "AppInstance")
		}
		return e(r)
	}
}

func (s *Server) routeApps(method string, p []string) endpoint {
	switch len(p) {
	case 0:
		if method == http.MethodGet {
			return s.listApps
		}
		return nil
	case 1:
		if method == http.MethodGet {
			return s.inApp(p[0], func(r *http.Request) (reply, error) { return done(s.dir.showApp(nil, baseURL(r))) })
		}
		return nil
	}
	key := method + " " + p[1]
	switch len(p) {
	case 2:
		return s.inApp(p[0], map[string]endpoint{
			"GET users": s.listAppUsers, "POST users": s.assignUser, "GET groups": s.listGrants,
		}[key])
	case 3:
		if p[1] == "users" {
			return s.inApp(p[0], s.oneAppUser(method, p[2]))
		}
		if p[1] == "groups" {
			return s.inApp(p[0], s.oneGrant(method, p[2]))
		}
		return s.inApp(p[0], map[string]endpoint{
			"GET group-push/mappings": s.listMappings, "POST group-push/mappings": s.makeMapping,
			"POST lifecycle/activate": s.switchApp("ACTIVE"), "POST lifecycle/deactivate": s.switchApp("INACTIVE"),
		}[key+"/"+p[2]])
	case 4:
		if p[1] == "group-push" && p[2] == "mappings" {
			return s.inApp(p[0], s.oneMapping(method, p[3]))
		}
	}
	return nil
}

func (s *Server) routeGroups(method string, p []string) endpoint {
	switch {
	case len(p) == 0:
		return map[string]endpoint{"GET": s.listGroups, "POST": s.makeGroup}[method]
	case len(p) == 1:
		return s.oneGroup(method, p[0])
	case len(p) == 2 && p[1] == "users" && method == http.MethodGet:
		return s.listMembers(p[0])
	case len(p) == 3 && p[1] == "users":
		return s.oneMember(method, p[0], p[2])
	}
	return nil
}

func (s *Server) routeUsers(method string, p []string) endpoint {
	switch {
	case len(p) == 0:
		return map[string]endpoint{"GET": s.listUsers, "POST": s.makeUser}[method]
	case len(p) == 1:
		return s.oneUser(method, p[0])
	case len(p) == 3 && p[1] == "lifecycle" && method == http.MethodPost:
		return s.lifecycle(p[0], p[2])
	}
	return nil
}
