package attiotest

import (
	"net/http"
	"time"
)

// routeREST serves what a directory client needs of Attio's REST API.
func (s *Server) routeREST() {
	s.mux.HandleFunc("GET /v2/self", s.self)
	s.mux.HandleFunc("GET /v2/workspace_members", s.authorized(ScopeRead, s.workspaceMembers))
	s.mux.HandleFunc("GET /v2/workspace_members/{id}", s.authorized(ScopeRead, s.workspaceMember))
	for _, path := range []string{"self", "workspace_members", "workspace_members/{id}"} {
		s.mux.HandleFunc("/v2/"+path, s.methodNotAllowed)
	}
	s.mux.HandleFunc("/", s.noSuchPath)
}

// self says what a token is. A revoked one answers 200 {"active": false}, a
// text that is no token 400.
func (s *Server) self(w http.ResponseWriter, r *http.Request) {
	switch text := bearer(r); {
	case text == "":
		s.fail(w, r, unauthorized("The Authorization header is missing or of an unknown kind."))
	case !s.world.wellFormed(text):
		s.fail(w, r, &Refusal{Status: http.StatusBadRequest, Type: "invalid_request_error", Code: "validation_type", Detail: "The access token is malformed."})
	default:
		writeJSON(w, http.StatusOK, s.world.about(s.world.tokens[text]))
	}
}

// restMember is a workspace member of the REST API
// (https://docs.attio.com/rest-api/endpoint-reference/workspace-members/get-a-workspace-member).
type restMember struct {
	ID struct {
		WorkspaceID       string `json:"workspace_id"`
		WorkspaceMemberID string `json:"workspace_member_id"`
	} `json:"id"`
	FirstName    string  `json:"first_name"`
	LastName     string  `json:"last_name"`
	AvatarURL    *string `json:"avatar_url"`
	EmailAddress string  `json:"email_address"`
	CreatedAt    string  `json:"created_at"`
	AccessLevel  string  `json:"access_level"`
}

func restMemberOf(ws *workspace, p *person) restMember {
	m := restMember{
		FirstName: p.given, LastName: p.family, EmailAddress: p.email,
		CreatedAt: p.created.UTC().Format("2006-01-02T15:04:05.000000000Z"), AccessLevel: string(p.role),
	}
	m.ID.WorkspaceID, m.ID.WorkspaceMemberID = ws.ID, p.rest
	if p.status == Suspended {
		m.AccessLevel = string(Suspended)
	}
	return m
}

// workspaceMembers lists who has joined, suspended or not; invites are not in it.
func (s *Server) workspaceMembers(c call) error {
	data := make([]restMember, 0, len(c.ws.people))
	for _, p := range without(s, c.r, c.ws.people, func(p *person) string { return p.rest }) {
		if p.status != Invited {
			data = append(data, restMemberOf(c.ws, p))
		}
	}
	writeJSON(c.w, http.StatusOK, map[string]any{"data": data})
	return nil
}

func (s *Server) workspaceMember(c call) error {
	p := c.ws.byRest[c.r.PathValue("id")]
	if p == nil {
		return notFound("Workspace member with id %s was not found.", c.r.PathValue("id"))
	}
	writeJSON(c.w, http.StatusOK, map[string]any{"data": restMemberOf(c.ws, p)})
	return nil
}

// tokenAnswer is what a redeemed code gives: two fields, as documented, and
// more only where the app is set so (https://docs.attio.com/docs/oauth/token).
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in,omitempty"`
	RefreshToken string `json:"refresh_token,omitempty"`
}

func (t *token) answer() tokenAnswer {
	return tokenAnswer{
		AccessToken: t.text, TokenType: "Bearer", RefreshToken: t.refresh,
		ExpiresIn: int64(t.app.TokenExpiresIn / time.Second),
	}
}
