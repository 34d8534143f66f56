package attiotest

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Visitor is a person before a browser: for tests of programs that sign in,
// where a real browser would be too much.
type Visitor struct {
	Email     string // to sign in with
	Workspace string // slug of the workspace to choose
	Cancel    bool   // cancel instead of confirming
}

var (
	requestField = regexp.MustCompile(`name="request" value="([^"]*)"`)                                                      //nolint:gochecknoglobals // compiled once, never changed
	offered      = regexp.MustCompile(`name="workspace" value="([^"]+)"[^>]*><span><bdi>[^<]*</bdi><small>([A-Za-z0-9_-]+)`) //nolint:gochecknoglobals // likewise
)

// Consent goes from the address of /authorize to the end of the consent page,
// and gives the address that the browser is sent to.
func (v Visitor) Consent(ctx context.Context, address string) (back string, err error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return "", err
	}
	b := visit{ctx: ctx, client: &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/authorize" {
			return nil
		}
		return http.ErrUseLastResponse
	}}}
	at, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	if err := b.send(http.MethodGet, address, nil); err != nil {
		return "", err
	}
	signIn := url.URL{Scheme: at.Scheme, Host: at.Host, Path: "/sign-in"}
	if err := b.send(http.MethodPost, signIn.String(), b.form("email", v.Email)); err != nil {
		return "", err
	}
	fields := b.form("action", "confirm")
	for _, m := range offered.FindAllStringSubmatch(b.page, -1) {
		if m[2] == v.Workspace {
			fields.Set("workspace", m[1])
		}
	}
	if v.Cancel {
		fields.Set("action", "cancel")
	}
	consent := url.URL{Scheme: at.Scheme, Host: at.Host, Path: "/authorize"}
	if err := b.send(http.MethodPost, consent.String(), fields); err != nil {
		return "", err
	}
	if b.leads == "" {
		return "", fmt.Errorf("the consent page does not lead back: %s", b.page)
	}
	return b.leads, nil
}

// visit is a browser on one page.
type visit struct {
	ctx         context.Context //nolint:containedctx // a visit lasts as long as one call
	client      *http.Client
	page, leads string
}

// form is the page's form with one more field.
func (b *visit) form(name, value string) url.Values {
	fields := url.Values{name: {value}}
	for _, m := range requestField.FindAllStringSubmatch(b.page, -1) {
		fields.Set("request", html.UnescapeString(m[1]))
	}
	return fields
}

func (b *visit) send(method, address string, fields url.Values) error {
	req, err := http.NewRequestWithContext(b.ctx, method, address, strings.NewReader(fields.Encode()))
	if err != nil {
		return err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	b.page, b.leads = string(text), resp.Header.Get("Location")
	return err
}
