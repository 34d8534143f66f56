package attiotest

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// bearer reads the token of a request: Bearer, or Basic with the token as the
// user name (https://docs.attio.com/rest-api/guides/authentication).
func bearer(r *http.Request) string {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	rest = strings.TrimSpace(rest)
	switch strings.ToLower(scheme) {
	case "bearer":
		return rest
	case "basic":
		if b, err := base64.StdEncoding.DecodeString(rest); err == nil {
			user, _, _ := strings.Cut(string(b), ":")
			return user
		}
	}
	return ""
}

// call is a request that was let in with a token.
type call struct {
	w   http.ResponseWriter
	r   *http.Request
	tok *token
	ws  *workspace
}

// authorized lets a request in when its token lives and has the scope.
func (s *Server) authorized(scope string, serve func(call) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		tok := s.world.tokens[bearer(r)]
		if err := s.world.admit(tok, scope); err != nil {
			s.fail(w, r, err)
			return
		}
		if err := serve(call{w: w, r: r, tok: tok, ws: tok.ws}); err != nil {
			s.fail(w, r, err)
		}
	}
}

func (w *world) admit(tok *token, scope string) error {
	switch {
	case !w.lives(tok):
		return unauthorized("The access token is missing, unknown, revoked or expired.")
	case !tok.has(scope):
		return forbidden(http.StatusForbidden, "unauthorized", "This access token lacks the scope %s.", scope)
	case w.b.AuthorMustStayAdmin && tok.author != nil && tok.author.role != RoleAdmin:
		return forbidden(http.StatusForbidden, "unauthorized", "This access token was authorised by someone who is not an admin of the workspace any more.")
	}
	return nil
}
