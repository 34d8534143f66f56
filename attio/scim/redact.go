package scim

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"scim-sync/attio"
	"scim-sync/internal/transport"
)

// leastSecret is the fewest characters of a text that can be told from a word.
const leastSecret = 8

// redactor takes a token out of what a server says, should it have repeated it:
// as it is, percent-encoded, in base64 at each of its three alignments, and in
// hexadecimal. The zero value takes nothing out.
type redactor struct{ forms []string }

// redactorOf makes the redactor of a token.
func redactorOf(token string) redactor {
	if len(token) < leastSecret {
		return redactor{}
	}
	forms := []string{token, url.QueryEscape(token), url.PathEscape(token), hex.EncodeToString([]byte(token))}
	for lead := range 3 {
		// Characters that hold bits of what stands before or after are left out.
		padded := append(make([]byte, lead), token...)
		whole := padded[:len(padded)/3*3]
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := enc.EncodeToString(whole)
			if lead > 0 {
				text = text[4:]
			}
			if len(text) >= leastSecret {
				forms = append(forms, text)
			}
		}
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	return redactor{forms: slices.Compact(forms)}
}

// text takes the token out of a text. Capitals and small letters of the digits of
// an encoding make no difference.
func (r redactor) text(s string) string {
	for _, form := range r.forms {
		for {
			i := indexFold(s, form)
			if i < 0 {
				break
			}
			s = s[:i] + "[token]" + s[i+len(form):]
		}
	}
	return s
}

// indexFold is strings.Index without regard to the case of ASCII letters.
func indexFold(s, form string) int {
	if i := strings.Index(s, form); i >= 0 || len(form) > len(s) {
		return i
	}
	return strings.Index(lower(s), lower(form))
}

// lower keeps every byte where it is, as strings.ToLower does not.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// words is one short line of a server's words without the token, which is looked
// for before anything is cut off: most of a token is as good as all of it.
func (r redactor) words(s string, n int) string { return cut(r.text(cleaned(s)), n) }

// body takes the token out of an answer, which is left as it is without one.
func (r redactor) body(b []byte) []byte {
	for _, form := range r.forms {
		if bytes.Contains(b, []byte(form)) {
			b = bytes.ReplaceAll(b, []byte(form), []byte("[token]"))
		}
	}
	return b
}

// requestID is the server's id of a request.
func (r redactor) requestID(h http.Header) string {
	safe := make(http.Header, len(h))
	for name, values := range h {
		for _, v := range values {
			safe.Add(name, r.text(v))
		}
	}
	return transport.RequestID(safe)
}

// error gives the error of a transport without the token, whichever part of it
// holds one.
func (r redactor) error(e *attio.Error) *attio.Error {
	e.Detail = r.text(e.Detail)
	t, ok := errors.AsType[*transport.Error](e.Err)
	if !ok || len(r.forms) == 0 {
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
