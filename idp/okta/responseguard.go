package okta

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"scim-sync/idp"
	"scim-sync/internal/transport"
)

// responseGuard stands between the SDK and the transport. What it lets through, the
// SDK may believe: a 200 with one whole JSON value and well-formed links.
// Everything else becomes a typed error before the SDK sees it, because the
// SDK takes an empty body for an empty list, follows a folded Link header in
// circles, and panics on a link that is no address.
type responseGuard struct {
	org    string                 // scheme and host that requests may go to
	token  func() (string, error) // nil: the transport signs
	below  http.RoundTripper
	redact *redactor
}

// The most bytes read of a page, of a single thing, and of an error's body. A page
// that is larger is asked for at half its size.
const (
	maxPage    = 12 << 20
	maxSingle  = 4 << 20
	maxErrBody = 64 << 10
)

// maxBody is the most that is read of what ctx asks for.
func maxBody(ctx context.Context) int {
	if _, list := shapeOf(ctx); list {
		return maxPage
	}
	return maxSingle
}

// RoundTrip implements http.RoundTripper.
func (g *responseGuard) RoundTrip(r *http.Request) (*http.Response, error) {
	out, err := g.outgoing(r)
	if err != nil {
		return nil, err
	}
	resp, err := g.below.RoundTrip(out)
	if err != nil {
		return nil, &lost{err}
	}
	if resp == nil || resp.Body == nil {
		return nil, &refusal{why: "there was no answer"}
	}
	g.redact.CleanHeader(resp.Header)
	defer func() { _ = resp.Body.Close() }()
	switch {
	case resp.StatusCode >= 400:
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrBody)) // the status alone says enough
		return nil, readRejection(resp.StatusCode, resp.Header, body)
	case resp.StatusCode >= 300:
		return nil, &refusal{status: resp.StatusCode, header: resp.Header, why: "it sends us elsewhere" + elsewhere(resp.Header)}
	case resp.StatusCode != http.StatusOK:
		return nil, &refusal{status: resp.StatusCode, header: resp.Header, why: "200 was expected"}
	}
	return g.checked(r, resp)
}

// outgoing is the request as it leaves: reading only, to the org only, with
// the true credential.
func (g *responseGuard) outgoing(r *http.Request) (*http.Request, error) {
	if r.Method != http.MethodGet || r.Body != nil {
		return nil, &refusal{why: "only reading is allowed here"}
	}
	if r.URL.Scheme+"://"+r.URL.Host != g.org {
		return nil, &refusal{why: "the request was meant for another host"}
	}
	out := r.Clone(r.Context())
	out.Header.Del("Authorization")
	if g.token == nil {
		return out, nil
	}
	token, err := g.token()
	if err != nil {
		return nil, badToken("it could not be read: " + err.Error())
	}
	token = strings.TrimSpace(token)
	switch {
	case token == "":
		return nil, badToken("it is empty")
	case inQuotes(token):
		return nil, badToken("it stands in quotes, which belong to the file it came from and not to the token")
	case strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c > '~' }):
		return nil, badToken("it holds blanks or characters that no token has")
	}
	g.redact.remember(token)
	out.Header.Set("Authorization", "SSWS "+token)
	return out, nil
}

// inQuotes says whether a secret begins or ends with a quote, as when a file of
// variables was read by something that keeps them.
func inQuotes(secret string) bool {
	const quotes = "\"'`“”‘’"
	return strings.Trim(secret, quotes) != secret
}

func badToken(why string) error {
	return &idp.Error{
		Kind: idp.Credential, Op: "read the Okta API token", Subject: "okta.api_token", Detail: why,
		Hint: "Give the token as Okta showed it when it was made, without quotes and without the word SSWS.",
	}
}

// checked reads the whole answer and returns it with the body in memory, and its
// links written as the SDK can read them. A list goes entry by entry, cut down to
// the fields that are used, to who asked for it; the SDK then gets no body, from
// which it decodes nothing.
func (g *responseGuard) checked(r *http.Request, resp *http.Response) (*http.Response, error) {
	refuse := func(why string) (*http.Response, error) {
		return nil, &refusal{status: resp.StatusCode, header: resp.Header, why: why}
	}
	most := maxBody(r.Context())
	body, err := wholeBody(resp, most)
	if err != nil {
		return nil, &lost{err}
	}
	if len(body) > most {
		return refuse(fmt.Sprintf("it is larger than %d MiB", most>>20))
	}
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return refuse(fmt.Sprintf("it is of type %q, not JSON", plain(resp.Header.Get("Content-Type"))))
	}
	var (
		small []byte
		whole bool
	)
	if s, list := shapeOf(r.Context()); list {
		var odd string
		if small, odd, whole = filterJSON(body, s); odd != "" {
			return refuse(odd)
		}
	}
	if !whole {
		if why := oneValue(body); why != "" {
			return refuse(why)
		}
		small = bytes.Clone(body) // which may be lent, and the SDK reads it later
	}
	links, err := normalLinks(resp.Header.Values("Link"))
	if err != nil {
		return refuse(err.Error())
	}
	header := resp.Header.Clone()
	header.Del("Link")
	for _, l := range links {
		header.Add("Link", l)
	}
	return &http.Response{
		Status: resp.Status, StatusCode: resp.StatusCode,
		Proto: resp.Proto, ProtoMajor: resp.ProtoMajor, ProtoMinor: resp.ProtoMinor,
		Header: header, Body: io.NopCloser(bytes.NewReader(small)), ContentLength: int64(len(small)), Request: r,
	}, nil
}

// wholeBody is the body in memory, where the transport has it already.
func wholeBody(resp *http.Response, most int) ([]byte, error) {
	if b, ok := resp.Body.(transport.Body); ok {
		return b.Whole(), nil
	}
	var buf bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= 1<<20 {
		buf.Grow(int(n) + bytes.MinRead)
	}
	_, err := buf.ReadFrom(io.LimitReader(resp.Body, int64(most)+1))
	return buf.Bytes(), err
}

// elsewhere names the host of a redirect, which helps to correct the setting.
func elsewhere(h http.Header) string {
	u, err := url.Parse(h.Get("Location"))
	if err != nil || u.Host == "" {
		return ""
	}
	return " (to " + plain(u.Host) + ")"
}

// refusal is an answer that cannot be believed, or a request that must not be
// made.
type refusal struct {
	status int
	header http.Header
	why    string
}

func (e *refusal) Error() string { return e.why }

// lost is a failure of the transport. It shows what is behind it to errors.As
// and errors.Is, but never io.EOF, which the SDK takes as leave to repeat at
// once.
type lost struct{ err error }

func (e *lost) Error() string { return e.err.Error() }

func (e *lost) As(target any) bool { return errors.As(e.err, target) }

func (e *lost) Is(target error) bool {
	return target != io.EOF && target != io.ErrUnexpectedEOF && errors.Is(e.err, target)
}
