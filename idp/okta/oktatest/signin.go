package oktatest

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// How long things of the sign-in last
// (https://developer.okta.com/docs/guides/dpop/main/).
const (
	tokenLife     = time.Hour
	assertionLife = time.Hour
	clockSkew     = 5 * time.Minute
	proofLife     = 5 * time.Minute
	nonceTurns    = 24 * time.Hour
	nonceKept     = 3 // further turns for which an old nonce is good
)

// oauthRefusal is an answer in OAuth's shape of an error (RFC 6749 section 5.2).
type oauthRefusal struct {
	status      int
	code        string
	description string
}

func (e *oauthRefusal) Error() string { return e.code + ": " + e.description }

func badClient(description string) *oauthRefusal {
	return &oauthRefusal{http.StatusUnauthorized, "invalid_client", description}
}

func badProof(description string) *oauthRefusal {
	return &oauthRefusal{http.StatusBadRequest, "invalid_dpop_proof", description}
}

// client is a service app with its key ready.
type client struct {
	ServiceApp
	key crypto.PublicKey
}

// grantedToken is an access token that is out.
type grantedToken struct {
	client  *client
	scopes  []string
	expires time.Time
	thumb   string // of the key it is bound to, "" for a bearer token
}

// signIn hands out and checks access tokens.
type signIn struct {
	mu      sync.Mutex
	clients map[string]*client
	tokens  map[string]grantedToken
	used    map[string]time.Time // ids of assertions and proofs, with the time until which they are kept
	swept   time.Time
	secret  []byte
	epoch   uint64 // raised to make every nonce so far a wrong one
}

func newSignIn(apps []ServiceApp) (*signIn, error) {
	s := &signIn{clients: map[string]*client{}, tokens: map[string]grantedToken{}, used: map[string]time.Time{}, secret: []byte(rand.Text())}
	for i, a := range apps {
		key, err := publicKey(a.PublicKey)
		if err != nil {
			return nil, fmt.Errorf("service_apps[%d]: %q: %w", i, a.ClientID, err)
		}
		if a.ClientID == "" || s.clients[a.ClientID] != nil {
			return nil, fmt.Errorf("service_apps[%d]: client_id %q is empty or taken", i, a.ClientID)
		}
		s.clients[a.ClientID] = &client{ServiceApp: a, key: key}
	}
	return s, nil
}

// nonce gives the nonce of a turn.
func (s *signIn) nonce(now time.Time, back int) string {
	m := hmac.New(sha256.New, s.secret)
	m.Write(binary.BigEndian.AppendUint64(nil, s.epoch))
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(now.Unix()/int64(nonceTurns/time.Second)-int64(back))))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:24])
}

func (s *signIn) goodNonce(n string, now time.Time) bool {
	for back := range nonceKept + 1 {
		if hmac.Equal([]byte(n), []byte(s.nonce(now, back))) {
			return true
		}
	}
	return false
}

// once says whether an id is used for the first time, and remembers it.
func (s *signIn) once(id string, keep time.Duration, now time.Time) bool {
	if now.Sub(s.swept) > time.Minute {
		s.swept = now
		for k, until := range s.used {
			if until.Before(now) {
				delete(s.used, k)
			}
		}
	}
	if until, seen := s.used[id]; seen && !until.Before(now) {
		return false
	}
	s.used[id] = now.Add(keep)
	return true
}

// issued is the answer to a token request.
type issued struct {
	Type    string `json:"token_type"`
	Expires int    `json:"expires_in"`
	Token   string `json:"access_token"`
	Scope   string `json:"scope"`
}

// token answers POST /oauth2/v1/token. The nonce is for the header DPoP-Nonce,
// "" when no DPoP is at play.
func (s *signIn) token(r *http.Request, now time.Time) (out issued, nonce string, refused *oauthRefusal) {
	// The SDK for Go puts the parameters into the query, others into the body.
	if err := r.ParseForm(); err != nil {
		return out, "", &oauthRefusal{http.StatusBadRequest, "invalid_request", "The request body was not well-formed."}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Form.Get("grant_type") != "client_credentials" {
		return out, "", &oauthRefusal{http.StatusBadRequest, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server."}
	}
	c, refused := s.assertion(r, now)
	if refused != nil {
		return out, "", refused
	}
	scopes, refused := c.grantable(r.Form.Get("scope"))
	if refused != nil {
		return out, "", refused
	}
	t := grantedToken{client: c, scopes: scopes, expires: now.Add(tokenLife)}
	proofs := r.Header.Values("DPoP")
	if c.DPoP || len(proofs) > 0 {
		nonce = s.nonce(now, 0)
		if t.thumb, refused = s.tokenProof(r, proofs, now); refused != nil {
			return out, nonce, refused
		}
	}
	out = issued{Type: "Bearer", Expires: int(tokenLife / time.Second), Token: "eyJ" + rand.Text() + rand.Text(), Scope: strings.Join(scopes, " ")}
	if t.thumb != "" {
		out.Type = "DPoP"
	}
	s.tokens[out.Token] = t
	return out, nonce, nil
}

// assertion checks the client's assertion (RFC 7523). One with an id is good
// for a single request, whatever comes of it.
func (s *signIn) assertion(r *http.Request, now time.Time) (*client, *oauthRefusal) {
	if r.Form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		return nil, badClient("The client_assertion_type is missing or not supported.")
	}
	t, err := parseToken(r.Form.Get("client_assertion"))
	if err != nil {
		return nil, badClient("The parsing of the client_assertion failed.")
	}
	c := s.clients[t.claims.Subject]
	switch {
	case c == nil || t.claims.Issuer != t.claims.Subject:
		return nil, badClient("Invalid value for 'client_id' parameter.")
	case c.KeyID != "" && t.header.Kid != "" && t.header.Kid != c.KeyID, !t.signedBy(c.key):
		return nil, badClient("The client_assertion signature is invalid.")
	case !slices.Contains(t.claims.Audience, baseURL(r)+string(BucketToken)):
		return nil, badClient("The audience claim for client_assertion must be the endpoint invoked for the request.")
	}
	expires := time.Unix(int64(t.claims.Expiry), 0)
	switch {
	case !now.Before(expires):
		return nil, badClient("The client_assertion token is expired.")
	case expires.After(now.Add(assertionLife + clockSkew)):
		return nil, badClient("The client_assertion token has an expiration too far into the future.")
	case t.claims.ID != "" && !s.once("assertion "+c.ClientID+" "+t.claims.ID, expires.Sub(now), now):
		return nil, badClient("The client_assertion token has already been used.")
	}
	return c, nil
}

func (c *client) grantable(asked string) ([]string, *oauthRefusal) {
	scopes := strings.Fields(asked)
	if len(scopes) == 0 {
		return nil, &oauthRefusal{http.StatusBadRequest, "invalid_scope",
			"The authorization server resource does not have any configured default scopes, 'scope' must be provided."}
	}
	for _, scope := range scopes {
		if !slices.Contains(c.Scopes, scope) {
			return nil, &oauthRefusal{http.StatusBadRequest, "invalid_scope",
				"One or more scopes are not configured for the authorization server resource."}
		}
	}
	return scopes, nil
}

// tokenProof checks the DPoP proof of a token request (RFC 9449 section 5).
func (s *signIn) tokenProof(r *http.Request, proofs []string, now time.Time) (thumb string, refused *oauthRefusal) {
	if len(proofs) == 0 {
		return "", badProof("The DPoP proof JWT header is missing.")
	}
	t, thumb, refused := s.proof(r, proofs, now)
	switch {
	case refused != nil:
		return "", refused
	case !s.goodNonce(t.claims.Nonce, now):
		return "", &oauthRefusal{http.StatusBadRequest, "use_dpop_nonce", "Authorization server requires nonce in DPoP proof."}
	}
	return thumb, nil
}

// proof checks what every proof must hold (RFC 9449 section 4.3).
func (s *signIn) proof(r *http.Request, proofs []string, now time.Time) (*token, string, *oauthRefusal) {
	t, err := parseToken(proofs[0])
	if len(proofs) != 1 || err != nil {
		return nil, "", badProof("The DPoP proof JWT is malformed.")
	}
	var k jwk
	if json.Unmarshal(t.header.JWK, &k) != nil {
		return nil, "", badProof("The DPoP proof JWT header is invalid.")
	}
	key, err := k.key()
	issuedAt := time.Unix(int64(t.claims.IssuedAt), 0)
	switch {
	case t.header.Typ != "dpop+jwt" || err != nil:
		return nil, "", badProof("The DPoP proof JWT header is invalid.")
	case !t.signedBy(key):
		return nil, "", badProof("The DPoP proof JWT signature is invalid.")
	case t.claims.Method != r.Method:
		return nil, "", badProof("'htm' claim in the DPoP proof JWT is invalid.")
	case t.claims.URL != baseURL(r)+r.URL.EscapedPath():
		return nil, "", badProof("'htu' claim in the DPoP proof JWT is invalid.")
	case t.claims.ID == "":
		return nil, "", badProof("'jti' claim in the DPoP proof JWT is invalid.")
	case issuedAt.Before(now.Add(-proofLife)):
		return nil, "", badProof("The DPoP proof JWT is issued more than five minutes in the past.")
	case issuedAt.After(now.Add(proofLife)):
		return nil, "", badProof("The DPoP proof JWT is issued in the future.")
	case !s.once("proof "+t.claims.ID, 2*proofLife, now):
		return nil, "", badProof("The DPoP proof JWT has already been used.")
	}
	return t, k.thumbprint(), nil
}

// RevokeTokens makes every access token so far a wrong one.
func (s *Server) RevokeTokens() {
	s.signIn.mu.Lock()
	defer s.signIn.mu.Unlock()
	clear(s.signIn.tokens)
}

// RenewNonce makes every DPoP nonce so far a wrong one, as if three days had
// gone by.
func (s *Server) RenewNonce() {
	s.signIn.mu.Lock()
	defer s.signIn.mu.Unlock()
	s.signIn.epoch++
}
