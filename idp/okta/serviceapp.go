package okta

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v3"

	"scim-sync/idp"
	"scim-sync/internal/group"
	"scim-sync/internal/transport"
)

const (
	tokenPath = "/oauth2/v1/token"
	// renewEarly is how long before its end a token is replaced.
	renewEarly = time.Minute
	// shortLife is taken for a token that does not say how long it lives.
	shortLife = 5 * time.Minute
)

// ServiceAppOptions say how to sign in as an API Services app of Okta.
type ServiceAppOptions struct {
	OrgURL   string
	ClientID string
	// KeyID is the id (kid) under which Okta knows the key; it may be empty
	// when the app has a single one.
	KeyID string
	// PrivateKeyPEM is an RSA key, PKCS#1 or PKCS#8, not encrypted.
	PrivateKeyPEM []byte
	// DPoP binds tokens to a key, as apps made since February 2024 demand
	// unless that is switched off.
	DPoP bool
	// Scopes to ask for beside okta.apps.read and okta.groups.read.
	Scopes []string
	// Optional are scopes to ask for where they are granted: an app that lacks one
	// gets its token without all of them, for one request more.
	Optional []string
	// Transport makes the connections, for the tokens and for what RoundTrip
	// signs; nil is the default of transport.Options.Base.
	Transport http.RoundTripper
	// Pacer and Waits are those of the Transport above: token requests count
	// against a limit of Okta's, too.
	Pacer transport.Pacer
	Waits func(transport.Wait)
	// Learn hears of each token and signed assertion before it leaves, so that the
	// caller can keep it out of all that it shows; nil: nobody does.
	Learn func(secrets ...string)
	// Log hears of the token requests at debug level; never a token.
	Log *slog.Logger
}

// ServiceApp signs requests to Okta as an OAuth service app: client
// credentials with private_key_jwt, and DPoP where so set
// (https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/main/).
//
// It is the Base of a transport.Transport, below the repeating, since each
// attempt needs a proof of its own. It is safe for concurrent use. Failures to
// get a token are an *idp.Error that the Transport does not repeat: the token
// requests have a Transport of their own.
type ServiceApp struct {
	org      string
	clientID string
	keyID    string
	signer   jose.Signer
	scopes   []string
	optional []string
	bare     atomic.Bool // Okta has refused the optional ones
	base     http.RoundTripper
	tokens   *transport.Transport
	prover   *prover // nil without DPoP
	clock    *serverTime
	redact   *redactor

	mu     sync.Mutex
	token  *accessToken
	flight *tokenFlight
}

// accessToken is a token as Okta issued it. It never changes.
type accessToken struct {
	text    string
	scheme  string // Bearer or DPoP
	scopes  []string
	renewAt time.Time
	endsAt  time.Time
}

// NewServiceApp makes a ServiceApp. It makes no request. What is wrong with the
// options is an *idp.Error.
func NewServiceApp(o ServiceAppOptions) (*ServiceApp, error) {
	org, err := NormalOrgURL(o.OrgURL)
	if err != nil {
		return nil, err
	}
	if !isWord(o.ClientID, "._~-") {
		return nil, &idp.Error{
			Kind: idp.Setting, Op: "check the settings", Subject: "okta.service_app.client_id",
			Detail: fmt.Sprintf("%q is not a client id", plain(o.ClientID)),
			Hint:   "Copy it from Okta's Admin Console: Applications > the service app > General > Client ID; it starts with 0oa.",
		}
	}
	key, err := parseKey(o.PrivateKeyPEM)
	if err != nil {
		return nil, err
	}
	keyID := strings.TrimSpace(o.KeyID)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: keyID}}, new(jose.SignerOptions).WithType("JWT"))
	if err != nil {
		return nil, badKey("it cannot sign") // the error might quote it
	}
	a := &ServiceApp{org: org, clientID: o.ClientID, keyID: keyID, signer: signer, base: o.Transport,
		optional: o.Optional, clock: new(serverTime), redact: &redactor{learn: o.Learn}}
	for _, scope := range slices.Concat([]string{"okta.apps.read", "okta.groups.read"}, o.Scopes) {
		if !slices.Contains(a.scopes, scope) {
			a.scopes = append(a.scopes, scope)
		}
	}
	if a.base == nil {
		a.base = transport.Connections()
	}
	if o.DPoP {
		if a.prover, err = newProver(a.clock); err != nil {
			return nil, err
		}
	}
	a.tokens = transport.New(transport.Options{
		Side: "okta", Base: tokenRequests{a}, Hosts: []string{hostOf(org)}, Pacer: o.Pacer, Waits: o.Waits, Log: o.Log,
		Timeout: 30 * time.Second, Patience: 3 * time.Minute, MaxBody: 1 << 20,
		// Each attempt is signed anew, and a token too many does no harm.
		Idempotent: func(*http.Request) bool { return true },
	})
	return a, nil
}

// RoundTrip implements http.RoundTripper: it sends r once, with a token. A
// refusal that another nonce or token may answer is a *transport.Challenge.
// Requests to any other place than the org fail before they leave.
func (a *ServiceApp) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme+"://"+strings.ToLower(r.URL.Host) != a.org {
		shut(r)
		return nil, &unsent{&idp.Error{
			Kind: idp.Setting, Op: "sign a request", Detail: "it was meant for another host than the org",
			Hint: "Check okta.org_url (" + a.org + ").",
		}}
	}
	token, err := a.current(r.Context())
	if err != nil {
		shut(r)
		return nil, &unsent{err}
	}
	resp, nonce, err := a.send(r, token)
	switch {
	case err != nil || resp.StatusCode != http.StatusUnauthorized:
		return resp, err
	case wantsNonce(resp, nonce, ""):
		return nil, &transport.Challenge{Answer: resp, Key: nonceWith{token}}
	}
	return nil, &transport.Challenge{Answer: resp, Key: renewal{}, Met: func() { a.forget(token) }}
}

// What is asked for at most once a request: a new nonce for each token, and a
// new token.
type (
	nonceWith struct{ token *accessToken }
	renewal   struct{}
)

// SignIn gets a token if there is none, and gives the scopes it was granted.
// A failure is an *idp.Error, or the context's.
func (a *ServiceApp) SignIn(ctx context.Context) (scopes []string, err error) {
	token, err := a.current(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Clone(token.scopes), nil
}

// Counts gives what the token requests took.
func (a *ServiceApp) Counts() transport.Counts { return a.tokens.Counts() }

// CloseIdleConnections closes the connections nobody uses at the moment.
func (a *ServiceApp) CloseIdleConnections() {
	if c, ok := a.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// send sends r with the token, and with a proof if that needs one.
func (a *ServiceApp) send(r *http.Request, token *accessToken) (resp *http.Response, nonce string, err error) {
	out := r.Clone(r.Context())
	out.Header.Set("Authorization", token.scheme+" "+token.text)
	if token.scheme == "DPoP" {
		var proof string
		if proof, nonce, err = a.prover.prove(out, token.text); err != nil {
			shut(r)
			return nil, "", &unsent{a.broken(err)}
		}
		out.Header.Set("DPoP", proof)
	}
	if resp, err = a.base.RoundTrip(out); err != nil {
		return nil, nonce, err
	}
	a.hear(out, resp.Header)
	return resp, nonce, nil
}

// hear takes in what an answer's header says of the clock and the nonce, and
// takes out what it says of the token.
func (a *ServiceApp) hear(r *http.Request, h http.Header) (moved time.Duration) {
	a.redact.CleanHeader(h)
	if a.prover != nil {
		a.prover.learn(r, h)
	}
	return a.clock.learn(h)
}

// tokenFlight is a token on its way, for all who wait for it.
type tokenFlight struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int // guarded by ServiceApp.mu
	token   *accessToken
	err     error
}

// current gives a token that is good for a while. Any number of callers wait
// for one fetch; it goes on as long as one of them does.
func (a *ServiceApp) current(ctx context.Context) (*accessToken, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a.mu.Lock()
	if t := a.token; t != nil && time.Now().Before(t.renewAt) {
		a.mu.Unlock()
		return t, nil
	}
	if a.flight == nil {
		a.flight = a.take(ctx)
	}
	f := a.flight
	f.waiting++
	a.mu.Unlock()

	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		f.cancel()
		if a.flight == f {
			a.flight = nil
		}
	}
	return nil, ctx.Err()
}

// take starts a fetch, which is as patient as who asks first and outlives them.
// That a list would rather ask for less than wait for a slow answer does not
// count for it: there is no smaller token. The caller holds the lock.
func (a *ServiceApp) take(ctx context.Context) *tokenFlight {
	ctx, cancel := context.WithCancel(transport.WithCallOptions(context.WithoutCancel(ctx), transport.CallOptions{SlowAttempts: math.MaxInt}))
	f := &tokenFlight{done: make(chan struct{}), cancel: cancel}
	old := a.token
	go func() {
		defer cancel()
		token, err := a.fetch(ctx)
		if err != nil && idp.KindOf(err) == idp.Unavailable && old != nil && time.Now().Before(old.endsAt) {
			token, err = old, nil // it still has some of the last minute
		}
		a.mu.Lock()
		f.token, f.err = token, err
		if a.flight == f {
			a.flight = nil
			if err == nil {
				a.token = token
			}
		}
		a.mu.Unlock()
		close(f.done)
	}()
	return f
}

// forget drops a token that was not taken, unless it was replaced already.
func (a *ServiceApp) forget(t *accessToken) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.token == t {
		a.token = nil
	}
}

// fetch gets a new token. A panic on the way is an error for those who wait.
func (a *ServiceApp) fetch(ctx context.Context) (token *accessToken, err error) {
	defer group.Recover(&err)
	return a.askToken(ctx)
}

// unsent is a failure before a request left, for the Transport above. Another
// attempt would not help, as the token requests were repeated already, unless
// it was only this attempt whose time was up.
type unsent struct{ err error }

func (e *unsent) Error() string { return e.err.Error() }
func (e *unsent) Unwrap() error { return e.err }
func (e *unsent) Again() bool   { return errors.Is(e.err, context.DeadlineExceeded) }
