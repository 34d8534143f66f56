package okta

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"scim-sync/idp"
	"scim-sync/internal/transport"
)

const (
	assertionLife = 5 * time.Minute
	// skewed is how wrong our clock must have been for that to be the reason
	// of a refusal.
	skewed = 30 * time.Second
	// tokenAnswer is the most that is read of an answer before it is judged.
	tokenAnswer = 64 << 10
)

const signInTask = "sign in to Okta as a service app"

// askToken asks for a token and makes every failure an *idp.Error.
func (a *ServiceApp) askToken(ctx context.Context) (*accessToken, error) {
	start := time.Now()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.org+tokenPath, nil)
	if err != nil {
		return nil, a.broken(err)
	}
	r.Header.Set("Accept", "application/json")
	resp, err := a.tokens.RoundTrip(r)
	if err != nil {
		return nil, a.notReached(ctx, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, a.broken(err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, a.refused(resp, body)
	}
	return a.issued(resp, body, start)
}

// issued reads a token out of an answer.
func (a *ServiceApp) issued(resp *http.Response, body []byte, start time.Time) (*accessToken, error) {
	var said struct {
		Type    string  `json:"token_type"`
		Token   string  `json:"access_token"`
		Expires float64 `json:"expires_in"`
		Scope   string  `json:"scope"`
	}
	odd := func(why string) (*accessToken, error) {
		return nil, &idp.Error{
			Kind: idp.Untrusted, Op: signInTask, Subject: tokenPath, Status: resp.StatusCode, Detail: why,
			RequestID: requestIDOf(resp.Header), Hint: "Check okta.org_url (" + a.org + ") and any proxy before it.",
		}
	}
	// The error of the decoder is left out: it may quote the answer.
	if err := json.Unmarshal(body, &said); err != nil {
		return odd("the answer is not the JSON of a token")
	}
	if said.Token == "" || strings.ContainsFunc(said.Token, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return odd("the answer holds no token")
	}
	t := &accessToken{text: said.Token, scopes: strings.Fields(said.Scope)}
	switch {
	case strings.EqualFold(said.Type, "Bearer") && a.prover != nil:
		// A token that is not bound to the key is of use to whoever finds it: who
		// asks for the binding does not take one
		// (https://www.rfc-editor.org/rfc/rfc9449#section-5).
		err := &idp.Error{Kind: idp.Setting, Op: signInTask, Subject: "okta.service_app.dpop", Status: resp.StatusCode, RequestID: requestIDOf(resp.Header),
			Detail: "Okta gave a token that is not bound to the key, though a proof was sent",
			Hint:   "Switch on \"Require Demonstrating Proof of Possession (DPoP) header in token requests\" on the app's General page in Okta's Admin Console; or set okta.service_app.dpop to false."}
		return nil, err
	case strings.EqualFold(said.Type, "Bearer"):
		t.scheme = "Bearer"
	case strings.EqualFold(said.Type, "DPoP") && a.prover != nil:
		t.scheme = "DPoP"
	default:
		return odd("the token is of the type " + strconv.Quote(a.redact.clean(said.Type)))
	}
	life := time.Duration(min(said.Expires, 24*3600) * float64(time.Second))
	if life <= 0 {
		life = shortLife
	}
	t.endsAt = start.Add(life)
	t.renewAt = start.Add(max(life-renewEarly, life/2))
	a.redact.remember(t.text)
	return t, nil
}

// tokenRequests makes one attempt at a token: each has an assertion and a proof
// of its own, as Okta takes neither twice.
type tokenRequests struct{ a *ServiceApp }

// RoundTrip implements http.RoundTripper. A refusal is met once each way: with
// the nonce that Okta asks for, and with times by its clock when ours is wrong.
func (t tokenRequests) RoundTrip(r *http.Request) (*http.Response, error) {
	shut(r)
	resp, used, err := t.attempt(r)
	if err != nil {
		return nil, err
	}
	moved := t.a.hear(r, resp.Header)
	if resp.StatusCode != http.StatusBadRequest && resp.StatusCode != http.StatusUnauthorized {
		return resp, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, tokenAnswer))
	if err != nil {
		// The Transport sees the same failure when it reads on.
		resp.Body = tail{io.MultiReader(bytes.NewReader(body), failing{err}), resp.Body}
		return resp, nil //nolint:nilerr // see above
	}
	resp.Body = tail{io.MultiReader(bytes.NewReader(body), resp.Body), resp.Body}
	switch {
	case t.a.prover != nil && wantsNonce(resp, used, oauthError(body)):
		return nil, &transport.Challenge{Answer: resp, Key: nonceWith{}}
	case moved > skewed:
		return nil, &transport.Challenge{Answer: resp, Key: clockSet{}}
	case len(t.a.optional) > 0 && !t.a.bare.Load() && oauthError(body) == "invalid_scope":
		t.a.bare.Store(true)
		return nil, &transport.Challenge{Answer: resp, Key: withoutOptional{}}
	}
	return resp, nil
}

// withoutOptional: the optional scopes are not granted.
type withoutOptional struct{}

// clockSet: our clock was wrong, and is known better now.
type clockSet struct{}

func (t tokenRequests) attempt(r *http.Request) (resp *http.Response, nonce string, err error) {
	a := t.a
	form, err := a.form()
	if err != nil {
		return nil, "", &unsent{a.broken(err)}
	}
	out := r.Clone(r.Context())
	out.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	out.Body, out.ContentLength = io.NopCloser(strings.NewReader(form)), int64(len(form))
	out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(form)), nil }
	if a.prover != nil {
		var proof string
		if proof, nonce, err = a.prover.prove(out, ""); err != nil {
			return nil, "", &unsent{a.broken(err)}
		}
		out.Header.Set("DPoP", proof)
	}
	if resp, err = a.base.RoundTrip(out); err == nil {
		a.redact.CleanHeader(resp.Header)
	}
	return resp, nonce, err
}

// form is the body of a token request, with an assertion of its own (RFC 7523).
func (a *ServiceApp) form() (string, error) {
	now := a.clock.now()
	assertion, err := signed(a.signer, map[string]any{
		"iss": a.clientID, "sub": a.clientID, "aud": a.org + tokenPath, "jti": rand.Text(),
		"iat": now.Unix(), "exp": now.Add(assertionLife).Unix(),
	})
	if err != nil {
		return "", err
	}
	a.redact.remember(assertion)
	return url.Values{
		"grant_type":            {"client_credentials"},
		"scope":                 {strings.Join(a.wanted(), " ")},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"client_assertion":      {assertion},
	}.Encode(), nil
}

// wanted are the scopes to ask for.
func (a *ServiceApp) wanted() []string {
	if a.bare.Load() {
		return a.scopes
	}
	return slices.Concat(a.scopes, a.optional)
}

// refused words an answer of the token endpoint that is no token.
func (a *ServiceApp) refused(resp *http.Response, body []byte) error {
	said := readRejection(resp.StatusCode, resp.Header, body)
	e := &idp.Error{
		Kind: idp.Credential, Op: signInTask, Subject: "okta.service_app.client_id " + a.clientID,
		Status: resp.StatusCode, Detail: a.redact.clean(said.Error()), RequestID: requestIDOf(resp.Header),
	}
	const console = "In Okta's Admin Console under Applications > the service app: "
	switch {
	case said.code == "invalid_client":
		e.Hint = console + "check on General that the app is active, that the Client ID is the configured one, that client authentication is by public key, and that the key" + a.keyWords() + " is among its public keys and active."
		if strings.Contains(said.summary, "expire") || strings.Contains(said.summary, "future") {
			e.Hint += " Or set this machine's clock."
		}
	case said.code == "invalid_scope":
		e.Hint = console + "grant " + strings.Join(a.scopes, ", ") + " on Okta API Scopes, and give the app an admin role on Admin roles (Read-only Administrator is enough)."
	case said.code == "invalid_dpop_proof" && a.prover == nil:
		e.Hint = "Set okta.service_app.dpop to true, or switch off \"Require Demonstrating Proof of Possession (DPoP) header in token requests\" on the app's General page in Okta's Admin Console."
	case said.code == "invalid_dpop_proof" || said.code == "use_dpop_nonce":
		e.Hint = "Set this machine's clock. If it is right, switch off \"Require Demonstrating Proof of Possession (DPoP) header in token requests\" on the app's General page in Okta's Admin Console and set okta.service_app.dpop to false."
	case said.code == "unauthorized_client", said.code == "unsupported_grant_type":
		e.Hint = console + "it must be an API Services app, for which the grant type Client Credentials is on."
	case said.code == "access_denied" || resp.StatusCode == http.StatusForbidden:
		e.Hint = console + "give it an admin role on Admin roles (Read-only Administrator is enough) and the scopes " + strings.Join(a.scopes, ", ") + " on Okta API Scopes; network zones may bar this machine, too."
	case said.ofOkta() && resp.StatusCode < 404:
		e.Hint = console + "check its settings against okta.service_app."
	default:
		e.Kind, e.Subject = idp.Setting, a.org+tokenPath
		e.Hint = "That is not how Okta answers. Check okta.org_url (" + a.org + ") and any proxy before it."
	}
	return e
}

func (a *ServiceApp) keyWords() string {
	if a.keyID == "" {
		return ""
	}
	return " with the id " + plain(a.keyID)
}

// notReached words a token request without a usable answer.
func (a *ServiceApp) notReached(ctx context.Context, err error) error {
	if known, ok := errors.AsType[*idp.Error](err); ok {
		return known
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e := &idp.Error{Kind: idp.Unavailable, Op: signInTask, Subject: tokenPath, Err: err, Detail: a.redact.clean(err.Error()),
		Hint: "Check okta.org_url (" + a.org + "), the network and the proxy settings, then run again."}
	if f, ok := errors.AsType[*transport.Error](err); ok {
		e.Status, e.RequestID = f.Status, plain(f.RequestID)
		switch f.Kind {
		case transport.Failed, transport.Limited:
			e.Hint = "Okta did not answer well for now. Run again later."
		case transport.TooLarge:
			e.Kind = idp.Untrusted
		case transport.Forbidden:
			e.Kind = idp.Setting
		}
	}
	return e
}

// broken is for what only a fault of ours, or of the machine, can bring about.
func (a *ServiceApp) broken(err error) error {
	return &idp.Error{Kind: idp.Unavailable, Op: signInTask, Subject: tokenPath, Detail: a.redact.clean(err.Error()), Hint: "Run again."}
}

// oauthError is the word of an OAuth error, "" when the body is none.
func oauthError(body []byte) string {
	var said struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(body, &said) != nil {
		return ""
	}
	return said.Error
}

// tail reads on where something was read before.
type tail struct {
	io.Reader
	io.Closer
}

// failing is a reader that failed before.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// shut closes a request's body, as whoever takes a request must.
func shut(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}
