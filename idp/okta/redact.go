package okta

import (
	"regexp"
	"strings"
	"sync/atomic"

	"scim-sync/internal/shown"
)

// redactor keeps secrets out of texts: the token in use, and whatever looks
// like a credential, should a server or proxy send it back.
type redactor struct{ token atomic.Pointer[string] }

var credentials = regexp.MustCompile(
	`(?i)\b(SSWS|Bearer|DPoP|Basic)\s+[A-Za-z0-9._~+/=-]{8,}` + // an Authorization header
		`|\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+` + // a signed token
		`|(client_assertion|client_secret|access_token|token)=[^&\s"]+`)

func (r *redactor) remember(token string) {
	if old := r.token.Load(); old == nil || *old != token {
		r.token.Store(&token)
	}
}

// clean makes a text from outside fit to show: without secrets, on one line.
func (r *redactor) clean(text string) string {
	if t := r.token.Load(); t != nil && len(*t) > 0 {
		text = strings.ReplaceAll(text, *t, "[redacted]")
	}
	return plain(credentials.ReplaceAllString(text, "[redacted]"))
}

// plain makes a text from outside fit for an error or a log.
func plain(text string) string { return shown.Line(text, 300) }
