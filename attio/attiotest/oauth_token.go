package attiotest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"mime"
	"net/http"
	"net/url"
)

// oauthError is RFC 6749 section 5.2.
type oauthError struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
	status      int
}

func (e *oauthError) Error() string { return e.Description }

func grantError(code, description string) *oauthError {
	return &oauthError{Code: code, Description: description, status: http.StatusBadRequest}
}

// redeemToken serves POST /oauth/token.
func (s *Server) redeemToken(w http.ResponseWriter, r *http.Request) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		s.oauthFail(w, grantError("invalid_request", "The body has to be application/x-www-form-urlencoded."))
		return
	}
	if err := r.ParseForm(); err != nil {
		s.oauthFail(w, grantError("invalid_request", "The form cannot be read."))
		return
	}
	app, bad := s.client(r)
	if bad != nil {
		s.oauthFail(w, bad)
		return
	}
	var t *token
	switch r.PostForm.Get("grant_type") {
	case "authorization_code":
		t, bad = s.world.redeem(app, r.PostForm)
	case "refresh_token":
		t, bad = s.world.renew(app, r.PostForm.Get("refresh_token"))
	default:
		bad = grantError("unsupported_grant_type", "grant_type has to be authorization_code.")
	}
	if bad != nil {
		s.oauthFail(w, bad)
		return
	}
	writeJSON(w, http.StatusOK, t.answer())
}

func (s *Server) oauthFail(w http.ResponseWriter, e *oauthError) {
	if e.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="Attio"`)
	}
	writeJSON(w, e.status, e)
}

// client checks client_id and client_secret, from the form or from Basic
// authentication (RFC 6749 section 2.3.1).
func (s *Server) client(r *http.Request) (*App, *oauthError) {
	id, key := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	if user, pass, ok := r.BasicAuth(); ok {
		var err1, err2 error
		id, err1 = url.QueryUnescape(user)
		key, err2 = url.QueryUnescape(pass)
		if err1 != nil || err2 != nil {
			return nil, &oauthError{Code: "invalid_client", Description: "The client credentials cannot be read.", status: http.StatusUnauthorized}
		}
	}
	app := s.world.apps[id]
	if app == nil || subtle.ConstantTimeCompare([]byte(app.ClientSecret), []byte(key)) != 1 {
		return nil, &oauthError{Code: "invalid_client", Description: "Unknown client, or a wrong client secret.", status: http.StatusUnauthorized}
	}
	return app, nil
}

// redeem gives the token of a code, once. A code that comes back revokes what
// it was redeemed for (RFC 6749 section 4.1.2).
func (w *world) redeem(app *App, form url.Values) (*token, *oauthError) {
	g := w.codes[form.Get("code")]
	switch {
	case g == nil || g.app != app:
		return nil, grantError("invalid_grant", "The code is not valid.")
	case g.used != nil:
		g.used.revoked = true
		return nil, grantError("invalid_grant", "The code was used before.")
	case !w.now().Before(g.expires):
		return nil, grantError("invalid_grant", "The code has expired.")
	case form.Has("redirect_uri") && form.Get("redirect_uri") != g.redirectURI,
		!form.Has("redirect_uri") && w.b.RedirectURIRequired:
		return nil, grantError("invalid_grant", "The redirect_uri is not the one of the authorization request.")
	case !g.verifies(form.Get("code_verifier")):
		return nil, grantError("invalid_grant", "The code_verifier does not match the code_challenge.")
	case g.author.status != Active || g.author.role != RoleAdmin:
		return nil, grantError("invalid_grant", "The person who confirmed is not an admin of the workspace any more.")
	}
	g.used = w.issue(app, g.ws, g.author)
	return g.used, nil
}

// verifies checks PKCE (RFC 7636) where the authorization request had a challenge.
func (g *grant) verifies(verifier string) bool {
	switch {
	case g.challenge == "":
		return true
	case g.method == "S256":
		sum := sha256.Sum256([]byte(verifier))
		verifier = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return subtle.ConstantTimeCompare([]byte(verifier), []byte(g.challenge)) == 1
}

// renew replaces a token by its refresh token, which is good for one use.
func (w *world) renew(app *App, refresh string) (*token, *oauthError) {
	old := w.refresh[refresh]
	if old == nil || old.app != app || old.revoked {
		return nil, grantError("invalid_grant", "The refresh token is not valid.")
	}
	delete(w.refresh, refresh)
	old.revoked = true
	return w.issue(app, old.ws, old.author), nil
}

// introspect serves POST /oauth/introspect
// (https://docs.attio.com/docs/oauth/introspect).
func (s *Server) introspect(w http.ResponseWriter, r *http.Request) {
	text := bearer(r)
	if text == "" {
		s.fail(w, r, unauthorized("The Authorization header is missing or of an unknown kind."))
		return
	}
	writeJSON(w, http.StatusOK, s.world.about(s.world.tokens[text]))
}
