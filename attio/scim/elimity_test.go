package scim_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	elimity "github.com/elimity-com/scim"
	scimerrors "github.com/elimity-com/scim/errors"
	"github.com/elimity-com/scim/optional"
	"github.com/elimity-com/scim/schema"
)

// independent is a SCIM server on somebody else's library, with the two REST
// endpoints of Attio served beside it from the same store.
type independent struct {
	mu     sync.Mutex
	users  *store
	groups *store
}

// store is one sort of resource in memory; it implements elimity.ResourceHandler.
type store struct {
	mu     *sync.Mutex
	prefix string
	unique string // attribute
	schema schema.Schema
	order  []string
	byID   map[string]elimity.ResourceAttributes
	next   int
}

func newIndependent(t *testing.T) (*independent, http.Handler) {
	t.Helper()
	s := &independent{}
	s.users = &store{mu: &s.mu, prefix: "user", unique: "userName", schema: userSchema(), byID: map[string]elimity.ResourceAttributes{}}
	s.groups = &store{mu: &s.mu, prefix: "group", unique: "displayName", schema: schema.CoreGroupSchema(), byID: map[string]elimity.ResourceAttributes{}}
	server, err := elimity.NewServer(&elimity.ServerArgs{
		ServiceProviderConfig: &elimity.ServiceProviderConfig{},
		ResourceTypes: []elimity.ResourceType{
			{ID: optional.NewString("User"), Name: "User", Endpoint: "/Users", Schema: s.users.schema, Handler: s.users},
			{ID: optional.NewString("Group"), Name: "Group", Endpoint: "/Groups", Schema: s.groups.schema, Handler: s.groups},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/scim/", http.StripPrefix("/scim", server))
	mux.HandleFunc("GET /v2/self", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `{"active":true,"scope":"user_management:read-write","workspace_id":"w1","workspace_slug":"acme","workspace_name":"Acme","exp":null}`)
	})
	mux.HandleFunc("GET /v2/workspace_members", s.joined)
	return s, mux
}

func userSchema() schema.Schema {
	u := schema.CoreUserSchema()
	u.Attributes = append(slices.Clone(u.Attributes), schema.SimpleCoreAttribute(schema.SimpleStringParams(schema.StringParams{Name: "appRole"})))
	return u
}

// joined is GET /v2/workspace_members: nobody is invited here.
func (s *independent) joined(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data := []map[string]any{}
	for _, id := range s.users.order {
		u := s.users.byID[id]
		access := "member"
		switch {
		case u["active"] == false:
			access = "suspended"
		case u["appRole"] == "admin":
			access = "admin"
		}
		data = append(data, map[string]any{"id": map[string]any{"workspace_id": "w1", "workspace_member_id": "rest-" + id},
			"email_address": u["userName"], "access_level": access, "first_name": nil, "last_name": nil})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
}

func (s *store) Create(_ *http.Request, a elimity.ResourceAttributes) (elimity.Resource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, have := range s.byID {
		if strings.EqualFold(fmt.Sprint(have[s.unique]), fmt.Sprint(a[s.unique])) {
			return elimity.Resource{}, scimerrors.ScimErrorUniqueness
		}
	}
	s.next++
	id := fmt.Sprintf("%s %d/@", s.prefix, s.next) // ids that have to be escaped
	s.byID[id], s.order = a, append(s.order, id)
	return s.resource(id), nil
}

func (s *store) resource(id string) elimity.Resource {
	return elimity.Resource{ID: id, Attributes: maps.Clone(s.byID[id])}
}

func (s *store) Get(_ *http.Request, id string) (elimity.Resource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[id] == nil {
		return elimity.Resource{}, scimerrors.ScimErrorResourceNotFound(id)
	}
	return s.resource(id), nil
}

func (s *store) GetAll(_ *http.Request, p elimity.ListRequestParams) (elimity.Page, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []string
	for _, id := range s.order {
		if p.FilterValidator == nil || p.FilterValidator.PassesFilter(s.byID[id]) == nil {
			found = append(found, id)
		}
	}
	page := elimity.Page{TotalResults: len(found), Resources: []elimity.Resource{}}
	for i := p.StartIndex - 1; i < len(found) && i < p.StartIndex-1+p.Count; i++ {
		page.Resources = append(page.Resources, s.resource(found[i]))
	}
	return page, nil
}

func (s *store) Replace(_ *http.Request, id string, a elimity.ResourceAttributes) (elimity.Resource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[id] == nil {
		return elimity.Resource{}, scimerrors.ScimErrorResourceNotFound(id)
	}
	s.byID[id] = a
	return s.resource(id), nil
}

func (s *store) Delete(_ *http.Request, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[id] == nil {
		return scimerrors.ScimErrorResourceNotFound(id)
	}
	delete(s.byID, id)
	s.order = slices.DeleteFunc(s.order, func(have string) bool { return have == id })
	return nil
}

func (s *store) Patch(_ *http.Request, id string, ops []elimity.PatchOperation) (elimity.Resource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[id] == nil {
		return elimity.Resource{}, scimerrors.ScimErrorResourceNotFound(id)
	}
	changed, err := elimity.ApplyPatch(s.byID[id], ops, s.schema)
	if err != nil {
		return elimity.Resource{}, err
	}
	s.byID[id] = changed
	return s.resource(id), nil
}
