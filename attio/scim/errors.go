package scim

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"scim-sync/attio"
	"scim-sync/internal/shown"
	"scim-sync/internal/transport"
)

const (
	maxDetail    = 400      // runes kept of a server's words
	maxErrorBody = 64 << 10 // bytes looked at of an error
)

// fromTransport makes the error of a request that got no usable answer.
func (r redactor) fromTransport(ctx context.Context, c call, err error) *attio.Error {
	e := &attio.Error{Kind: attio.Unavailable, Op: c.op, Subject: c.subject, Err: err}
	var t *transport.Error
	if !errors.As(err, &t) {
		if ctx.Err() != nil {
			e.Err = ctx.Err()
		}
		e.Hint = hint(e.Kind)
		return e
	}
	e.Status, e.RequestID = t.Status, cmp.Or(r.requestID(t.Header), r.text(t.RequestID))
	if len(t.Body) > 0 && t.Status >= 400 {
		e.Detail = r.wordsOf(t.Body).detail
	}
	switch t.Kind {
	case transport.Limited:
		// Attio has not processed what it answers with 429
		// (https://docs.attio.com/rest-api/guides/rate-limiting).
		e.Kind, e.Unsent = attio.RateLimited, errors.Is(err, context.Canceled)
		if t.Doubt { // but an attempt before it may have been carried out
			e.Kind, e.Unsent, e.Status = attio.Unavailable, false, 0
		}
		if e.Detail != "" && t.Err != nil {
			e.Detail += "; " + t.Err.Error() // how long it would take, and what the patience is
		}
	case transport.Withheld:
		e.Kind, e.Unsent, e.Status = attio.Unavailable, !t.Doubt, 0
	case transport.TooLarge:
		e.Kind = attio.Untrusted
	case transport.Forbidden:
		e.Kind = attio.Refused
	case transport.Unreachable, transport.Lost, transport.Failed:
		e.Kind, e.Unsent = attio.Unavailable, t.Kind == transport.Unreachable && t.Attempts == 0 && !t.Doubt
	}
	if ctx.Err() == nil {
		e.Hint = hint(e.Kind)
	}
	return e
}

// fateUnknown says that a write which failed with err may have been carried
// out all the same.
func fateUnknown(err error) bool {
	var e *attio.Error
	if !errors.As(err, &e) || e.Unsent {
		return false
	}
	if t, ok := errors.AsType[*transport.Error](e.Err); ok {
		switch t.Kind {
		case transport.Lost, transport.Failed, transport.TooLarge:
			return true
		case transport.Unreachable, transport.Limited, transport.Forbidden, transport.Withheld:
			return t.Doubt // an earlier attempt may have got through
		}
		return false
	}
	// From a plain transport: no answer, or an answer 5xx.
	return e.Kind == attio.Unavailable
}

// refusal makes the error of an answer that is neither 2xx nor 3xx.
func (r redactor) refusal(c call, status int, requestID string, body []byte) *attio.Error {
	w := r.wordsOf(body)
	kind := classify(c.method, status, w.codes, unquoted(w.detail, c))
	e := &attio.Error{Kind: kind, Op: c.op, Subject: c.subject, Status: status, Detail: w.detail, RequestID: requestID,
		Hint: hint(kind), ReachUnknown: reachUnknown(c.method, status, kind)}
	switch {
	case kind == attio.Gone && w.page:
		// Whoever is gone may be suspended, or invited anew: that is Attio's to say.
		e.Kind, e.Hint = attio.Untrusted, hint(attio.Untrusted)
	case c.method == http.MethodPost && (status == http.StatusNotFound || status == http.StatusGone):
		e.Hint = "Something that the request names is not in Attio, or nothing answers at its address (attio.scim_url). The next run looks for all of it anew."
	case e.ReachUnknown && kind == attio.Refused:
		e.Hint = "See Attio's words: they may mean this one alone, or the token's rights, or the workspace's plan. scim-sync doctor tells whether token and plan are as they should be."
	}
	return e
}

// redirected makes the error of an answer 3xx: Attio documents none, and the
// token must not travel on.
func (r redactor) redirected(a answer, location string) *attio.Error {
	e := a.untrusted("it redirects, and redirects are not followed")
	if u, err := url.Parse(location); err == nil && u.Host != "" {
		e.Detail = "it redirects to " + r.words(u.Host, 100) + ", and redirects are not followed"
	}
	e.Hint = "Check attio.api_url and attio.scim_url, and whether a proxy or sign-in page answers in Attio's place."
	return e
}

// words are what an error body says.
type words struct {
	codes  string // machine words: scimType, type, code
	detail string // for people
	page   bool   // it is a web page, of a proxy perhaps
}

// errorBody holds both shapes of error that Attio may send: the SCIM one
// (RFC 7644 section 3.12) and that of its REST interface
// (https://docs.attio.com/rest-api/guides/rate-limiting shows one). Attio
// documents no error of its SCIM interface, so any type is taken anywhere.
type errorBody struct {
	Detail           json.RawMessage `json:"detail"`
	Message          json.RawMessage `json:"message"`
	Error            json.RawMessage `json:"error"`
	ErrorDescription json.RawMessage `json:"error_description"`
	Errors           json.RawMessage `json:"errors"`
	Validation       json.RawMessage `json:"validation_errors"`
	ScimType         json.RawMessage `json:"scimType"`
	Type             json.RawMessage `json:"type"`
	Code             json.RawMessage `json:"code"`
}

// wordsOf reads the body of an error, whatever it is.
func (r redactor) wordsOf(body []byte) words {
	body = bytes.TrimSpace(body[:min(len(body), maxErrorBody)])
	var e errorBody
	if len(body) == 0 {
		return words{}
	}
	if body[0] == '<' {
		return words{detail: "a web page", page: true}
	}
	if body[0] != '{' || json.Unmarshal(body, &e) != nil {
		return words{detail: r.words(text(body), maxDetail)}
	}
	var w words
	for _, raw := range []json.RawMessage{e.ScimType, e.Type, e.Code} {
		w.codes = strings.TrimSpace(w.codes + " " + text(raw))
	}
	for _, raw := range []json.RawMessage{e.Detail, e.Message, e.ErrorDescription, e.Error, e.Errors} {
		if w.detail = text(raw); w.detail != "" {
			break
		}
	}
	if v := text(e.Validation); v != "" {
		w.detail = strings.TrimPrefix(w.detail+": "+v, ": ")
	}
	if w.detail == "" {
		w.detail = w.codes
	}
	w.codes, w.detail = r.words(w.codes, maxDetail), r.words(w.detail, maxDetail)
	return w
}

// text makes words of any JSON value; what is no JSON is taken as it is.
func text(raw []byte) string {
	var v any
	if len(raw) == 0 {
		return ""
	}
	if json.Unmarshal(raw, &v) != nil {
		return string(raw)
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		var parts []string
		for _, item := range v {
			if b, err := json.Marshal(item); err == nil && text(b) != "" {
				parts = append(parts, text(b))
			}
		}
		return strings.Join(parts, "; ")
	case map[string]any:
		return textOfObject(v, raw)
	}
	return string(raw)
}

// textOfObject prefers "path: message" over the JSON itself.
func textOfObject(v map[string]any, raw []byte) string {
	for _, key := range []string{"message", "detail"} {
		if s, ok := v[key].(string); ok {
			if b, err := json.Marshal(v["path"]); err == nil && v["path"] != nil {
				return text(b) + ": " + s
			}
			return s
		}
	}
	return string(raw)
}

// isStatus says whether err is an answer of one of these statuses.
func isStatus(err error, statuses ...int) bool {
	var e *attio.Error
	if !errors.As(err, &e) {
		return false
	}
	return slices.Contains(statuses, e.Status)
}

// unfilterable says that a list refused the filter rather than the request.
func unfilterable(err error) bool {
	return isStatus(err, http.StatusBadRequest, http.StatusNotFound, http.StatusNotImplemented)
}

// plain makes one short line of a server's words.
func plain(s string, n int) string { return shown.Line(s, n) }
