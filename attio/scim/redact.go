package scim

import (
	"errors"
	"net/http"

	"scim-sync/attio"
	"scim-sync/internal/redact"
	"scim-sync/internal/shown"
	"scim-sync/internal/transport"
)

// redactor takes the token out of what a service says, should it have repeated it.
// The zero value takes nothing out.
type redactor struct{ secrets *redact.Secrets }

// text takes the token out of a text, in whatever form it stands there.
func (r redactor) text(s string) string {
	if r.secrets == nil {
		return s
	}
	return r.secrets.Clean(s)
}

// words is one short line of a server's words without the token, which is looked
// for after what draws nothing is gone from between, and before anything is cut
// off: most of a token is as good as all of it.
func (r redactor) words(s string, n int) string {
	return shown.Line(r.text(shown.Line(s, len(s))), n)
}

// body takes the token out of an answer, which is left as it is without one.
func (r redactor) body(b []byte) []byte {
	if r.secrets == nil {
		return b
	}
	return r.secrets.CleanBytes(b)
}

// requestID is the server's id of a request.
func (r redactor) requestID(h http.Header) string {
	safe := make(http.Header, len(h))
	for name, values := range h {
		for _, v := range values {
			safe.Add(name, r.words(v, len(v)))
		}
	}
	return transport.RequestID(safe)
}

// error gives the error of a transport without the token, whichever part of it
// holds one.
func (r redactor) error(e *attio.Error) *attio.Error {
	e.Detail = r.text(e.Detail)
	t, ok := errors.AsType[*transport.Error](e.Err)
	if !ok || r.secrets == nil {
		return e
	}
	safe := *t
	safe.RequestID, safe.Path, safe.Body, safe.Header = e.RequestID, r.text(t.Path), nil, nil
	if t.Err != nil && r.text(t.Err.Error()) != t.Err.Error() {
		safe.Err = errors.New(r.text(t.Err.Error()))
	}
	e.Err = &safe
	return e
}
