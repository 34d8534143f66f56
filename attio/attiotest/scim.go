package attiotest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// routeSCIM serves the thirteen documented operations
// (https://docs.attio.com/llms.txt); there is no ServiceProviderConfig,
// ResourceTypes, Bulk, Me or .search.
func (s *Server) routeSCIM() {
	read := func(pattern string, f func(call) error) {
		s.mux.HandleFunc("GET /scim/v2/"+pattern, s.scim(ScopeRead, f))
	}
	write := func(method, pattern string, f func(call) error) {
		s.mux.HandleFunc(method+" /scim/v2/"+pattern, s.scim(ScopeWrite, f))
	}
	read("Schemas", s.listSchemas)
	read("Users", s.listUsers)
	read("Users/{id}", s.getUser)
	write("POST", "Users", s.postUser)
	write("PUT", "Users/{id}", s.putUser)
	write("PATCH", "Users/{id}", s.patchUser)
	write("DELETE", "Users/{id}", s.deleteUser)
	read("Groups", s.listGroups)
	read("Groups/{id}", s.getGroup)
	write("POST", "Groups", s.postGroup)
	write("PUT", "Groups/{id}", s.putGroup)
	write("PATCH", "Groups/{id}", s.patchGroup)
	write("DELETE", "Groups/{id}", s.deleteGroup)
	for _, path := range []string{"Schemas", "Users", "Users/{id}", "Groups", "Groups/{id}"} {
		s.mux.HandleFunc("/scim/v2/"+path, s.methodNotAllowed)
	}
	s.mux.HandleFunc("/scim/", s.noSuchPath)
}

// scim lets a request in when the workspace's plan includes SCIM, too.
func (s *Server) scim(scope string, f func(call) error) http.HandlerFunc {
	return s.authorized(scope, func(c call) error {
		if c.ws.Plan != Enterprise || c.ws.SCIM != nil && !*c.ws.SCIM {
			return s.world.noSCIM()
		}
		return f(c)
	})
}

type scimMeta struct {
	ResourceType string `json:"resourceType"`
	Created      string `json:"created"`
	LastModified string `json:"lastModified"`
}

func metaOf(kind string, created, changed time.Time) scimMeta {
	const form = "2006-01-02T15:04:05.000Z"
	return scimMeta{ResourceType: kind, Created: created.UTC().Format(form), LastModified: changed.UTC().Format(form)}
}

// listResponse is RFC 7644 section 3.4.2.
type listResponse[T any] struct {
	Schemas      []string `json:"schemas"`
	TotalResults int      `json:"totalResults"`
	StartIndex   int      `json:"startIndex"`
	ItemsPerPage int      `json:"itemsPerPage"`
	Resources    []T      `json:"Resources"`
}

// page cuts what startIndex and count ask for out of a list.
func page[T any](b Behaviour, r *http.Request, all []T) (cut []T, start int, err error) {
	q := r.URL.Query()
	if start, err = number(q.Get("startIndex"), 1); err != nil {
		return nil, 0, err
	}
	count, err := number(q.Get("count"), b.DefaultCount)
	if err != nil {
		return nil, 0, err
	}
	start, count = max(start, 1), min(max(count, 0), b.PageCap)
	from := min(start-1, len(all))
	return all[from:min(from+count, len(all))], start, nil
}

func number(text string, otherwise int) (int, error) {
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, badValue("startIndex and count have to be whole numbers.")
	}
	return n, nil
}

// answerList cuts a page out of a list and shows what is on it.
func answerList[T, U any](s *Server, c call, all []T, show func(T) U) error {
	b := s.world.b
	cut, start, err := page(b, c.r, all)
	if err != nil {
		return err
	}
	out := listResponse[U]{
		Schemas: []string{schemaList}, TotalResults: len(all), StartIndex: start, ItemsPerPage: len(cut), Resources: make([]U, 0, len(cut)),
	}
	if b.ItemsPerPageLies {
		out.ItemsPerPage = len(all)
	}
	for _, v := range cut {
		out.Resources = append(out.Resources, show(v))
	}
	writeJSON(c.w, http.StatusOK, out)
	return nil
}

// decode reads a JSON body into v.
func decode(r *http.Request, v any) error {
	if ct := r.Header.Get("Content-Type"); ct != "" {
		kind, _, err := mime.ParseMediaType(ct)
		if err != nil || kind != "application/json" && kind != "application/scim+json" {
			return &Refusal{Status: http.StatusUnsupportedMediaType, Type: "invalid_request_error", Code: "validation_type",
				Detail: "The body has to be application/json or application/scim+json."}
		}
	}
	d := json.NewDecoder(r.Body)
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return badSyntax("The body is not JSON.")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badSyntax("There is something after the body's JSON value.")
	}
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || raw[0] != '{' {
		return badSyntax("The body has to be a JSON object.")
	}
	return decodeValue(raw, v)
}

func decodeValue(raw json.RawMessage, v any) error {
	err := json.Unmarshal(raw, v)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return badValue("%s cannot be a %s.", kind.Field, kind.Value)
	case err != nil:
		return badSyntax("The body is not as it should be.")
	}
	return nil
}

func needSchema(have []string, want string) error {
	if !slices.Contains(have, want) {
		return missing("schemas has to contain %s.", want)
	}
	return nil
}

// excludesMembers: excludedAttributes=members leaves the key out entirely.
func excludesMembers(r *http.Request) bool {
	for name := range strings.SplitSeq(r.URL.Query().Get("excludedAttributes"), ",") {
		if strings.EqualFold(strings.TrimSpace(name), "members") {
			return true
		}
	}
	return false
}
