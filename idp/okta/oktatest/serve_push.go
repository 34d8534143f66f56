package oktatest

import (
	"net/http"
	"time"
)

// listMappings serves GET /api/v1/apps/{id}/group-push/mappings. An app
// without provisioning has none.
func (s *Server) listMappings(r *http.Request) (reply, error) {
	q := r.URL.Query()
	var since time.Time
	if v := q.Get("lastUpdated"); v != "" {
		var err error
		if since, err = time.Parse(time.RFC3339, v); err != nil {
			return reply{}, invalid("lastUpdated", "lastUpdated: The value is no time")
		}
	}
	source, status := q.Get("sourceGroupId"), q.Get("status")
	return page(s, r, list[*mapping]{
		name: "mappings", bounds: bounds{standard: 100, least: 1, most: 1000, strict: true},
		after: s.dir.app.mappings.after, key: (*mapping).key,
		keep: func(m *mapping) bool {
			return s.dir.app.has("GROUP_PUSH") && !m.updated.Before(since) && isOneOf(source, "", m.source.id) && isOneOf(status, "", m.status)
		},
		show: func(b []byte, m *mapping) []byte { return s.dir.showMapping(b, m, baseURL(r)) },
	})
}

// makeMapping serves POST .../mappings.
func (s *Server) makeMapping(r *http.Request) (reply, error) {
	if !s.dir.app.has("GROUP_PUSH") {
		return reply{}, featureOff()
	}
	var in struct {
		Source     string `json:"sourceGroupId"`
		Status     string `json:"status"`
		Target     string `json:"targetGroupId"`
		TargetName string `json:"targetGroupName"`
	}
	if err := decode(r, &in); err != nil {
		return reply{}, err
	}
	source, there := s.dir.group(in.Source)
	if !there {
		return reply{}, notFound(in.Source, "UserGroup")
	}
	status := or(in.Status, "ACTIVE")
	if !isOneOf(status, "ACTIVE", "INACTIVE") || (in.Target == "") == (in.TargetName == "") {
		return reply{}, invalid("mapping", "Give a status of ACTIVE or INACTIVE and one of targetGroupId and targetGroupName.")
	}
	m, err := s.dir.push(source, in.Target, in.TargetName, status, s.now())
	if err != nil {
		return reply{}, invalid("mapping", err.Error())
	}
	return done(s.dir.showMapping(nil, m, baseURL(r)))
}

// oneMapping serves .../mappings/{id}.
func (s *Server) oneMapping(method, id string) endpoint {
	then := map[string]func(*http.Request, *mapping) (reply, error){
		http.MethodGet: func(r *http.Request, m *mapping) (reply, error) {
			return done(s.dir.showMapping(nil, m, baseURL(r)))
		},
		http.MethodPatch:  s.patchMapping,
		http.MethodDelete: s.deleteMapping,
	}[method]
	if then == nil {
		return nil
	}
	return func(r *http.Request) (reply, error) {
		m, there := s.dir.app.mappings.get(id)
		if !there {
			return reply{}, notFound(id, "GroupPushMapping")
		}
		return then(r, m)
	}
}

func (s *Server) patchMapping(r *http.Request, m *mapping) (reply, error) {
	var in struct {
		Status string `json:"status"`
	}
	if err := decode(r, &in); err != nil {
		return reply{}, err
	}
	if !isOneOf(in.Status, "ACTIVE", "INACTIVE") {
		return reply{}, invalid("status", "status: The status must be ACTIVE or INACTIVE")
	}
	m.status, m.err, m.updated = in.Status, "", s.now()
	return done(s.dir.showMapping(nil, m, baseURL(r)))
}

// deleteMapping answers 200 without a body, as Okta does though its
// specification says 204.
func (s *Server) deleteMapping(r *http.Request, m *mapping) (reply, error) {
	if m.status == "ACTIVE" {
		return reply{}, invalid("status", "The mapping must be INACTIVE or ERROR to be deleted.")
	}
	s.dir.app.mappings.remove(m.id)
	if r.URL.Query().Get("deleteTargetGroup") == "true" {
		s.dir.deleteGroup(m.target, s.now())
	}
	return reply{status: http.StatusOK}, nil
}
