package transport

import (
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// keepSecret remembers what a request carries in secret: a service may send it
// back in any header, error or page.
func (t *Transport) keepSecret(r *http.Request, body []byte) {
	for _, v := range r.Header["Authorization"] {
		if _, credential, ok := strings.Cut(v, " "); ok {
			t.o.Secrets.Add(credential)
		}
	}
	if len(body) == 0 {
		return
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return
	}
	// https://www.rfc-editor.org/rfc/rfc6749#appendix-A and RFC 7521, RFC 7636
	for _, name := range []string{"client_secret", "password", "code", "refresh_token", "code_verifier", "client_assertion", "assertion", "token"} {
		t.o.Secrets.Add(form[name]...)
	}
}

// clean takes the secrets out of an outcome: of its header in any case, of its
// body unless it is the answer that was asked for.
func (t *Transport) clean(o *outcome) {
	t.o.Secrets.CleanHeader(o.header)
	if o.code >= 300 || o.resp == nil {
		o.replaceBody(t.o.Secrets.CleanBytes(o.body))
	}
}
