package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"scim-sync/attio"
	"scim-sync/internal/redact"
	"scim-sync/internal/shown"
	"scim-sync/internal/transport"
)

// Client is an app as registered at build.attio.com.
type Client struct {
	ClientID     string
	ClientSecret func() string
	// TokenURL changes codes and refresh tokens for tokens.
	TokenURL string
	// Transport carries the requests; redirects are never followed.
	Transport http.RoundTripper
}

// config gives what x/oauth2 needs. Attio takes id and secret in the form
// (https://docs.attio.com/docs/oauth/token).
func (c Client) config() oauth2.Config {
	return oauth2.Config{
		ClientID: c.ClientID, ClientSecret: c.ClientSecret(),
		Endpoint: oauth2.Endpoint{TokenURL: c.TokenURL, AuthStyle: oauth2.AuthStyleInParams},
	}
}

func (c Client) on(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, &http.Client{
		Transport:     wholeSeconds{c.Transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
}

// redeem changes a code for a token. The redirect address goes along, as
// RFC 6749 section 4.1.3 asks.
func (c Client) redeem(ctx context.Context, o *oauth2.Config, code, verifier string) (Token, error) {
	t, err := o.Exchange(c.on(ctx), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return Token{}, c.refusedExchange(ctx, err, "Run scim-sync login again: a code is good for one use and a short while.", code, verifier)
	}
	return checked(t)
}

// Renew changes the refresh token for a new token.
func (c Client) Renew(ctx context.Context, old Token) (Token, error) {
	o := c.config()
	t, err := o.TokenSource(c.on(ctx), &oauth2.Token{RefreshToken: old.Refresh()}).Token()
	if err != nil {
		return Token{}, c.refusedExchange(ctx, err, "Sign in again: scim-sync login", old.Refresh())
	}
	return checked(t)
}

// checked makes sure that what came is a bearer token.
func checked(t *oauth2.Token) (Token, error) {
	if !strings.EqualFold(t.Type(), "Bearer") {
		return Token{}, untrusted("it gives a token of the type " + plain(t.Type(), 40) + ", not Bearer")
	}
	if why := attio.UsableToken(t.AccessToken); why != "" {
		return Token{}, untrusted("it gives a token that cannot be one: " + why)
	}
	if !t.Expiry.IsZero() && !time.Now().Before(t.Expiry) {
		return Token{}, untrusted("it gives a token that has ended already")
	}
	return NewToken(t.AccessToken, t.RefreshToken, t.Expiry.UTC()), nil
}

func untrusted(detail string) *attio.Error {
	return &attio.Error{Kind: attio.Untrusted, Op: op, Detail: "the answer to the code cannot be believed: " + detail,
		Hint: "Nothing was stored. Check attio.oauth.token_url and what stands between here and Attio, then run scim-sync login again."}
}

// refusedExchange words a failure of the token request. Of the answer only
// the words meant for people are kept, and of those no secret that was sent,
// should it have come back.
func (c Client) refusedExchange(ctx context.Context, err error, again string, secrets ...string) error {
	var (
		answer *oauth2.RetrieveError
		failed *transport.Error
	)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &failed):
		return byTransport(failed)
	case errors.As(err, &answer):
		var told redact.Secrets
		told.Add(append(secrets, c.ClientSecret())...)
		answer.ErrorCode, answer.ErrorDescription = told.Clean(answer.ErrorCode), told.Clean(answer.ErrorDescription)
		return byAnswer(answer, again)
	case strings.Contains(err.Error(), "missing access_token"):
		return untrusted("it holds no access token")
	case strings.HasPrefix(err.Error(), "oauth2: "):
		return untrusted("it is malformed")
	}
	return &attio.Error{Kind: attio.Unavailable, Op: op, Detail: "Attio could not be reached", Err: err,
		Hint: "Check the network, the proxy and attio.oauth.token_url, then run scim-sync login again."}
}

func byTransport(f *transport.Error) error {
	e := &attio.Error{Kind: attio.Unavailable, Op: op, Status: f.Status, RequestID: f.RequestID, Err: f,
		Hint: "Nothing was stored. Check the network, the proxy and attio.oauth.token_url, then run scim-sync login again."}
	switch f.Kind {
	case transport.Limited:
		e.Kind = attio.RateLimited
	case transport.TooLarge:
		e.Kind = attio.Untrusted
	case transport.Forbidden:
		e.Kind = attio.Refused
	case transport.Unreachable, transport.Lost, transport.Failed:
	}
	return e
}

// byAnswer words an answer that is an error (RFC 6749 section 5.2). What is
// none, such as a proxy's page, says nothing of the code or of the app.
func byAnswer(a *oauth2.RetrieveError, again string) error {
	status := 0
	if a.Response != nil {
		status = a.Response.StatusCode
	}
	words := plain(a.ErrorCode, 60)
	if d := plain(a.ErrorDescription, 200); d != "" {
		words = strings.TrimPrefix(words+": "+d, ": ")
	}
	e := &attio.Error{Kind: attio.NotSignedIn, Op: op, Status: status, Detail: words, Hint: again}
	switch code := a.ErrorCode; {
	case status >= 500:
		e.Kind, e.Hint = attio.Unavailable, "Nothing was stored. Run scim-sync login again later."
	case code == "":
		e = untrusted("it is neither a token nor an error")
		e.Status = status
	case code == "invalid_client", code == "unauthorized_client", status == http.StatusUnauthorized:
		e.Detail = "Attio does not take the app's client id and secret (" + words + ")"
		e.Hint = "Compare attio.oauth.client_id and attio.oauth.client_secret with the app at build.attio.com; a secret that was made anew voids the old one."
	case code == "invalid_grant":
		e.Detail = "Attio does not take the code or refresh token (" + words + ")"
	}
	return e
}

// plain makes one short line of words from outside.
func plain(s string, n int) string { return shown.Line(s, n) }
