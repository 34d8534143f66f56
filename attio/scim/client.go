package scim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"scim-sync/attio"
	"scim-sync/internal/redact"
	"scim-sync/internal/transport"
)

// contentType of what is sent: Attio's pages show application/json for SCIM
// too (https://docs.attio.com/rest-api/scim/create-user).
const contentType = "application/json"

const (
	accepted  = "application/scim+json, application/json"
	maxAnswer = 64 << 20 // bytes, should the transport have no cap of its own
)

// client is one authorised way to Attio.
type client struct {
	rt      http.RoundTripper
	token   TokenSource
	api     *url.URL
	scim    *url.URL
	secrets *redact.Secrets
	waits   context.Context // ends the waits of its requests, and nothing else; nil: none
	held    func() error    // asked before a request leaves; nil: nobody is
}

// do makes one request and gives the answer if its status is 2xx. Any other
// outcome is an *attio.Error.
func (cl *client) do(ctx context.Context, c call) (answer, error) {
	if cl.waits != nil {
		ctx = transport.WithCallOptions(ctx, transport.CallOptions{Waits: cl.waits})
	}
	if cl.held != nil {
		ctx = transport.WithCallOptions(ctx, transport.CallOptions{Leaves: func(context.Context) error { return cl.held() }})
	}
	req, token, err := cl.request(ctx, c)
	if err != nil {
		return answer{}, err
	}
	cl.secrets.Add(token)
	secret := redactor{cl.secrets}
	began := time.Now()
	// RoundTrip rather than a Client: nothing follows a redirect, and no
	// error text holds the query.
	resp, err := cl.rt.RoundTrip(req) //nolint:bodyclose // closed by answer.take, or by who is done with the answer
	if err != nil {
		return answer{}, secret.error(secret.fromTransport(ctx, c, err))
	}
	a := answer{call: c, status: resp.StatusCode, requestID: secret.requestID(resp.Header)}
	err = a.take(resp)
	a.body = secret.body(a.body)
	a.took = time.Since(began)
	switch {
	case err != nil:
		return answer{}, secret.error(secret.fromTransport(ctx, c, err))
	case len(a.body) > maxAnswer:
		return answer{}, a.untrusted("the answer is larger than 64 MiB")
	case a.status >= 300 && a.status < 400:
		return answer{}, secret.redirected(a, resp.Header.Get("Location"))
	case a.status < 200 || a.status >= 300:
		return answer{}, secret.refusal(c, a.status, a.requestID, a.body)
	}
	return a, nil
}

// take takes the body of an answer over, as the transport has it in memory already.
func (a *answer) take(resp *http.Response) (err error) {
	if b, ok := resp.Body.(transport.Body); ok {
		a.body, a.lent = b.Whole(), b
		return nil
	}
	defer func() { _ = resp.Body.Close() }() // everything of it has been read
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	return err
}

// request builds the HTTP request. The token is set here and nowhere else.
func (cl *client) request(ctx context.Context, c call) (*http.Request, string, error) {
	u, err := url.Parse(c.root.String() + c.path)
	if err != nil || u.Host != c.root.Host {
		return nil, "", &attio.Error{Kind: attio.Refused, Op: c.op, Subject: c.subject, Detail: "no address can be made of this id"}
	}
	u.RawQuery = c.query.Encode()
	token, err := cl.bearer(ctx, c)
	if err != nil {
		return nil, "", err
	}
	var body io.Reader
	if c.body != nil {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(c.body); err != nil {
			return nil, "", &attio.Error{Kind: attio.Refused, Op: c.op, Subject: c.subject, Err: err}
		}
		body = bytes.NewReader(bytes.TrimSpace(b.Bytes()))
	}
	req, err := http.NewRequestWithContext(ctx, c.method, u.String(), body)
	if err != nil {
		return nil, "", &attio.Error{Kind: attio.Refused, Op: c.op, Subject: c.subject, Err: err}
	}
	req.Header.Set("Accept", accepted)
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return req, token, nil
}

// bearer asks for the token and checks that it can be a header's value.
func (cl *client) bearer(ctx context.Context, c call) (string, error) {
	token, err := cl.token(ctx)
	token = strings.TrimSpace(token)
	e := &attio.Error{Op: c.op, Subject: c.subject, Err: err, Hint: hint(attio.NotSignedIn), Kind: attio.NotSignedIn}
	var known *attio.Error
	switch {
	case errors.As(err, &known):
		return "", err
	case ctx.Err() != nil:
		e.Kind, e.Hint, e.Err = attio.Unavailable, "", ctx.Err()
		return "", e
	case err != nil:
		return "", e
	}
	if why := attio.UsableToken(token); why != "" {
		e.Detail = "the token cannot be one: " + why
		return "", e
	}
	return token, nil
}
