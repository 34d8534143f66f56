package attiotest

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

// restError is the error body of Attio's API outside SCIM.
type restError struct {
	StatusCode int    `json:"status_code"`
	Type       string `json:"type"`
	Code       string `json:"code"`
	Message    string `json:"message"`
}

// scimError is RFC 7644 section 3.12.
type scimError struct {
	Schemas  []string `json:"schemas"`
	Status   any      `json:"status"`
	SCIMType string   `json:"scimType,omitempty"`
	Detail   string   `json:"detail"`
}

const (
	schemaUser  = "urn:ietf:params:scim:schemas:core:2.0:User"
	schemaGroup = "urn:ietf:params:scim:schemas:core:2.0:Group"
	schemaMeta  = "urn:ietf:params:scim:schemas:core:2.0:Schema"
	schemaList  = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	schemaPatch = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	schemaError = "urn:ietf:params:scim:api:messages:2.0:Error"
)

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

// fail answers with an error in the shape that belongs to the path.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var ref *Refusal
	if !errors.As(err, &ref) {
		ref = &Refusal{Status: http.StatusInternalServerError, Type: "api_error", Code: "internal", Detail: err.Error()}
	}
	if ref.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="Attio"`)
	}
	if !isSCIM(r.URL.Path) || s.world.b.ErrorShape == RESTErrors {
		writeJSON(w, ref.Status, restError{StatusCode: ref.Status, Type: ref.Type, Code: ref.Code, Message: ref.Detail})
		return
	}
	e := scimError{Schemas: []string{schemaError}, Status: strconv.Itoa(ref.Status), SCIMType: ref.SCIMType, Detail: ref.Detail}
	if s.world.b.ErrorStatusIsNumber {
		e.Status = ref.Status
	}
	writeJSON(w, ref.Status, e)
}

// methodNotAllowed answers for a path that exists with other methods.
func (s *Server) methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, &Refusal{Status: http.StatusMethodNotAllowed, Type: "invalid_request_error", Code: "method_not_allowed", Detail: r.Method + " is not allowed here."})
}

func (s *Server) noSuchPath(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, notFound("There is nothing at %s.", r.URL.Path))
}
