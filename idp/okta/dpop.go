package okta

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v3"
)

// serverTime is Okta's clock as far as its answers tell: the newest Date and
// what has passed since. It is never ahead of Okta's, so that nothing is signed
// as if in the future; before the first answer it is our own.
type serverTime struct {
	mu   sync.Mutex
	date time.Time
	came time.Time // ours
}

func (s *serverTime) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.date.IsZero() {
		return time.Now()
	}
	return s.date.Add(time.Since(s.came))
}

// learn takes in an answer's Date, and gives how far that moved the clock.
func (s *serverTime) learn(h http.Header) time.Duration {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	before := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.date, s.came = date, time.Now()
	return date.Sub(before).Abs()
}

// prover makes DPoP proofs with a key of its own, which lives as long as the
// process (RFC 9449, https://developer.okta.com/docs/guides/dpop/main/).
type prover struct {
	signer jose.Signer
	clock  *serverTime

	mu     sync.Mutex
	nonces map[string]string // by path, for the token endpoint, or "" for all others
}

func newProver(clock *serverTime) (*prover, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key for DPoP: %w", err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, (&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt"))
	if err != nil {
		return nil, fmt.Errorf("make a key for DPoP: %w", err)
	}
	return &prover{signer: signer, clock: clock, nonces: map[string]string{}}, nil
}

// prove makes the proof of one attempt. token is the access token it goes
// with, empty at the token endpoint.
func (p *prover) prove(r *http.Request, token string) (proof, nonce string, err error) {
	nonce = p.nonce(r)
	claims := map[string]any{
		"jti": rand.Text(), "htm": r.Method, "iat": p.clock.now().Unix(),
		"htu": r.URL.Scheme + "://" + r.URL.Host + r.URL.EscapedPath(),
	}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	if token != "" {
		sum := sha256.Sum256([]byte(token))
		claims["ath"] = base64url(sum[:])
	}
	proof, err = signed(p.signer, claims)
	return proof, nonce, err
}

func (p *prover) nonce(r *http.Request) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.nonces[nonceFor(r)]
}

// learn keeps the nonce of an answer, for the next proof.
func (p *prover) learn(r *http.Request, h http.Header) {
	if n := h.Get("DPoP-Nonce"); n != "" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.nonces[nonceFor(r)] = n
	}
}

// nonceFor tells apart the two that hand out nonces: the authorization server
// and the API (RFC 9449, section 9).
func nonceFor(r *http.Request) string {
	if r.URL.Path == tokenPath {
		return tokenPath
	}
	return ""
}

// signed makes a JWS of claims, in compact form.
func signed(by jose.Signer, claims map[string]any) (string, error) {
	text, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	jws, err := by.Sign(text)
	if err != nil {
		return "", err
	}
	return jws.CompactSerialize()
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// wantsNonce says whether an answer refuses a proof for its nonce alone and
// brings another than the one that was used.
func wantsNonce(resp *http.Response, used, said string) bool {
	n := resp.Header.Get("DPoP-Nonce")
	return n != "" && n != used && (said == "use_dpop_nonce" ||
		strings.Contains(resp.Header.Get("WWW-Authenticate"), "use_dpop_nonce"))
}
