package oktatest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// challenge is a refusal of an access token: a WWW-Authenticate header and no
// body (RFC 6750 section 3, RFC 9449 section 7.1).
type challenge struct {
	status        int
	scheme, scope string
	code          string
	description   string
}

func (c *challenge) Error() string { return c.code + ": " + c.description }

func (c *challenge) header(r *http.Request) string {
	realm := "http://" + r.Host
	algs := ""
	if c.scheme == "DPoP" {
		algs = `algs="RS256 RS384 RS512 ES256 ES384 ES512", `
	}
	return fmt.Sprintf(`%s %sauthorization_uri="%s/oauth2/v1/authorize", realm="%s", scope="%s", error="%s", error_description="%s", resource="%s"`,
		c.scheme, algs, realm, realm, c.scope, c.code, c.description, r.URL.EscapedPath())
}

// scopesOf gives the scopes that a request needs, all of them:
// okta.<kind>.read, or .manage for a write.
func scopesOf(r *http.Request) []string {
	kinds := []string{"apps"}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case len(parts) > 2 && isOneOf(parts[2], "groups", "users", "logs"):
		kinds = []string{parts[2]}
	case len(parts) > 2 && parts[2] == "meta":
		kinds = []string{"schemas"}
	case len(parts) > 4 && parts[4] == "group-push":
		kinds = []string{"apps", "groups"}
	}
	verb := ".manage"
	if r.Method == http.MethodGet {
		verb = ".read"
	}
	for i, kind := range kinds {
		kinds[i] = "okta." + kind + verb
	}
	return kinds
}

// holds says whether a token has a scope; what may be managed may be read.
func (t grantedToken) holds(scope string) bool {
	kind, reads := strings.CutSuffix(scope, ".read")
	return slices.Contains(t.scopes, scope) || reads && slices.Contains(t.scopes, kind+".manage")
}

// admit checks who asks. A nil error lets the request in.
func (s *Server) admit(r *http.Request, now time.Time) error {
	scheme, credential, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "":
		return invalidSession()
	case "ssws":
		if s.apiToken == "" || subtle.ConstantTimeCompare([]byte(credential), []byte(s.apiToken)) != 1 {
			return invalidToken()
		}
		return nil
	case "bearer", "dpop":
		return s.signIn.admit(r, strings.EqualFold(scheme, "dpop"), credential, now)
	}
	return invalidToken()
}

func (s *signIn) admit(r *http.Request, dpop bool, credential string, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, known := s.tokens[credential]
	refuse := func(status int, code, description string) error {
		scheme := "Bearer"
		if dpop || t.thumb != "" {
			scheme = "DPoP"
		}
		return &challenge{status, scheme, strings.Join(scopesOf(r), " "), code, description}
	}
	switch {
	case !known:
		return refuse(http.StatusUnauthorized, "invalid_token", "The access token is invalid.")
	case !now.Before(t.expires):
		return refuse(http.StatusUnauthorized, "invalid_token", "The token has expired.")
	case dpop != (t.thumb != ""):
		return refuse(http.StatusUnauthorized, "invalid_token", "The access token is bound to another scheme.")
	}
	if dpop {
		if refused := s.callProof(r, t, credential, now); refused != nil {
			return refuse(refused.status, refused.code, refused.description)
		}
	}
	for _, scope := range scopesOf(r) {
		if !t.holds(scope) {
			return refuse(http.StatusForbidden, "insufficient_scope", "The access token provided does not contain the required scopes.")
		}
	}
	if t.client.NoAdminRole {
		return accessDenied()
	}
	return nil
}

// callProof checks the proof beside an access token: also its hash and that it
// is of the key the token is bound to.
func (s *signIn) callProof(r *http.Request, t grantedToken, credential string, now time.Time) *oauthRefusal {
	proofs := r.Header.Values("DPoP")
	if len(proofs) == 0 {
		return badProof("The DPoP proof JWT header is missing.")
	}
	p, thumb, refused := s.proof(r, proofs, now)
	sum := sha256.Sum256([]byte(credential))
	switch {
	case refused != nil:
		return refused
	case p.claims.Hash != base64.RawURLEncoding.EncodeToString(sum[:]):
		return badProof("'ath' claim in the DPoP proof JWT is invalid.")
	case thumb != t.thumb:
		return badProof("The DPoP proof JWT is not bound to the access token.")
	}
	return nil
}
