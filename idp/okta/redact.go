package okta

import (
	"regexp"

	"scim-sync/internal/redact"
	"scim-sync/internal/shown"
)

// redactor keeps secrets out of texts: the tokens that were in use, and whatever
// looks like a credential, should a server or proxy send it back.
type redactor struct {
	redact.Secrets
	learn func(secrets ...string) // hears of each as well; nil: nobody does
}

var credentials = regexp.MustCompile(
	`(?i)\b(SSWS|Bearer|DPoP|Basic)\s+[A-Za-z0-9._~+/=-]{8,}` + // an Authorization header
		`|\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+` + // a signed token
		`|(client_assertion|client_secret|access_token|token)=[^&\s"]+`)

func (r *redactor) remember(token string) {
	r.Add(token)
	if r.learn != nil {
		r.learn(token)
	}
}

// clean makes a text from outside fit to show: without secrets, on one line.
func (r *redactor) clean(text string) string {
	return plain(credentials.ReplaceAllString(r.Clean(text), redact.Mark))
}

// plain makes a text from outside fit for an error or a log.
func plain(text string) string { return shown.Line(text, 300) }
