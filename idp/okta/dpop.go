package okta

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
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
	key   *ecdsa.PrivateKey
	jwk   map[string]string
	clock *serverTime

	mu     sync.Mutex
	nonces map[string]string // by path, for the token endpoint, or "" for all others
}

func newProver(clock *serverTime) (*prover, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key for DPoP: %w", err)
	}
	point, err := key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		return nil, fmt.Errorf("make a key for DPoP: %w", err)
	}
	return &prover{
		key: key, clock: clock, nonces: map[string]string{},
		jwk: map[string]string{"kty": "EC", "crv": "P-256", "x": base64url(point[1:33]), "y": base64url(point[33:65])},
	}, nil
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
	proof, err = signed(p.key, map[string]any{"typ": "dpop+jwt", "alg": "ES256", "jwk": p.jwk}, claims)
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

// signed makes a JWS in compact form: RS256 or ES256 (RFC 7518, section 3).
func signed(key crypto.Signer, header, claims map[string]any) (string, error) {
	h, err := json.Marshal(header)
	if err != nil {
		return "", err
	}
	c, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	text := base64url(h) + "." + base64url(c)
	sum := sha256.Sum256([]byte(text))
	var sig []byte
	switch key := key.(type) {
	case *rsa.PrivateKey:
		sig, err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	case *ecdsa.PrivateKey:
		r, s, e := ecdsa.Sign(rand.Reader, key, sum[:])
		if err = e; err == nil {
			sig = make([]byte, 64)
			r.FillBytes(sig[:32])
			s.FillBytes(sig[32:])
		}
	default:
		err = fmt.Errorf("a key of type %T cannot sign", key)
	}
	if err != nil {
		return "", err
	}
	return text + "." + base64url(sig), nil
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// wantsNonce says whether an answer refuses a proof for its nonce alone and
// brings another than the one that was used.
func wantsNonce(resp *http.Response, used, said string) bool {
	n := resp.Header.Get("DPoP-Nonce")
	return n != "" && n != used && (said == "use_dpop_nonce" ||
		strings.Contains(resp.Header.Get("WWW-Authenticate"), "use_dpop_nonce"))
}
