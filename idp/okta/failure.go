package okta

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"scim-sync/idp"
	"scim-sync/internal/transport"
)

// task is one thing being read, as an error names it.
type task struct {
	op   string // "list app users"
	path string
	page int // of a list, from 1; 0 for a single thing
	need need
	// thing is the id of what the path is below: a 404 for it is errGone.
	thing string
}

func (t task) String() string {
	if t.page > 0 {
		return fmt.Sprintf("%s, page %d", t.op, t.page)
	}
	return t.op
}

// need is what Okta asks of a credential for an endpoint: a scope for a
// service app, and an admin role for it as well as for a token's owner
// (https://developer.okta.com/docs/api/oauth2/).
type need struct{ scope, role string }

//nolint:gochecknoglobals // words, never changed
var (
	appsNeed   = need{"okta.apps.read", "an admin role that may see the app (Read-only Administrator is enough)"}
	groupsNeed = need{"okta.groups.read", "an admin role that may see all groups concerned (Read-only Administrator is enough)"}
	pushNeed   = need{"okta.apps.read and okta.groups.read", "an admin role that may see the app and its groups (Read-only Administrator is enough)"}
)

// fail makes an *idp.Error of whatever stopped a task. ctx is the caller's.
func (s *Source) fail(ctx context.Context, t task, err error) error {
	if known, ok := errors.AsType[*idp.Error](err); ok {
		e := *known
		if e.Op == "" {
			e.Op = t.String()
		}
		return &e
	}
	e := &idp.Error{Op: t.String(), Subject: t.path}
	var (
		answer  *rejection
		refused *refusal
		failed  *transport.Error
		dropped *lost
	)
	switch {
	case ctx.Err() != nil:
		e.Kind, e.Detail, e.Err = idp.Unavailable, "interrupted: "+ctx.Err().Error(), ctx.Err()
	case errors.As(err, &failed):
		s.byTransport(e, t, failed)
	case errors.As(err, &answer):
		s.byAnswer(e, t, answer)
	case errors.As(err, &refused):
		e.Kind, e.Status, e.Detail = idp.Untrusted, refused.status, "the answer cannot be trusted: "+s.redact.clean(refused.why)
		e.RequestID = requestIDOf(refused.header)
		e.Hint = "Nothing was concluded from it. Run again; if it stays so, check okta.org_url (" + s.org + ") and any proxy before it."
	case errors.Is(err, context.DeadlineExceeded):
		e.Kind, e.Err = idp.Unavailable, context.DeadlineExceeded
		e.Detail = "no whole answer within " + s.deadline.Round(time.Millisecond).String()
		e.Hint = "Run again later."
	case errors.As(err, &dropped):
		e.Kind, e.Detail, e.Hint = idp.Unavailable, s.redact.clean(dropped.Error()), s.unreachedHint()
	default:
		e.Kind, e.Detail = idp.Untrusted, "the answer is malformed: "+s.redact.clean(err.Error())
		e.Hint = "Nothing was concluded from it. Run again; if it stays so, tell Okta's support the request id."
	}
	return e
}

func (s *Source) unreachedHint() string {
	return "Check okta.org_url (" + s.org + "), the network and the proxy settings, then run again."
}

// byTransport words a failure of the transport.
func (s *Source) byTransport(e *idp.Error, t task, f *transport.Error) {
	e.Kind, e.Status, e.RequestID, e.Err = idp.Unavailable, f.Status, plain(f.RequestID), f
	e.Hint = "Okta did not answer well for now. Run again later."
	switch r := rejectionOf(f); {
	case f.Kind == transport.Limited && f.Err != nil:
		e.Detail = s.redact.clean(f.Err.Error()) // how long it would take, and what the patience is
	case r != nil && f.Status >= 400:
		e.Detail, e.RequestID = s.redact.clean(r.Error()), cmp.Or(e.RequestID, r.requestID)
		if f.Err != nil {
			e.Detail += "; " + s.redact.clean(f.Err.Error())
		}
	case f.Err != nil:
		e.Detail = s.redact.clean(f.Err.Error())
	default:
		e.Detail = f.Kind.String()
	}
	if f.Attempts > 1 {
		e.Detail += fmt.Sprintf(" (%d attempts)", f.Attempts)
	}
	switch f.Kind {
	case transport.Unreachable, transport.Lost:
		e.Hint = s.unreachedHint()
	case transport.Limited:
		e.Hint = "Other users of the org take the limit up: see Reports > Rate Limits in Okta, or lower okta.rate_share. Run again later."
	case transport.TooLarge:
		e.Kind, e.Hint = idp.Untrusted, "Nothing was concluded from it."
	case transport.Forbidden:
		e.Kind, e.Hint = idp.Setting, "Check okta.org_url ("+s.org+")."
	}
}

// byAnswer words an answer of status 400 and above.
func (s *Source) byAnswer(e *idp.Error, t task, a *rejection) {
	e.Status, e.Detail, e.RequestID = a.status, s.redact.clean(a.Error()), a.requestID
	if t.thing != "" && a.lacks(t.thing) {
		e.Err = errGone
	}
	switch {
	case a.status == http.StatusUnauthorized && a.code == "E0000015":
		e.Kind, e.Hint = idp.Setting, "The org does not have this feature. Choose another teams.source, or ask Okta to switch it on."
	case a.status == http.StatusUnauthorized:
		e.Kind, e.Hint = idp.Credential, s.deadCredential()
	case a.status == http.StatusForbidden:
		e.Kind, e.Hint = idp.Credential, s.missingRight(t.need)
	case a.lacksApp(s.appID):
		e.Kind, e.Subject = idp.Setting, appSetting+" "+s.appID
		e.Hint = "Check okta.app_id: it is the part of the app's address in the admin console that starts with 0oa. The app may also have been deleted."
	case a.status == http.StatusTooManyRequests || a.status == http.StatusLocked || a.status >= 500:
		e.Kind, e.Hint = idp.Unavailable, "Okta did not answer well for now. Run again later."
	case a.status == http.StatusNotFound && a.ofOkta():
		e.Kind, e.Hint = idp.Untrusted, "Nothing was concluded from it. Run again."
	case a.status == http.StatusBadRequest && a.ofOkta():
		e.Kind, e.Hint = idp.Untrusted, "Okta did not take the request, or no longer takes the place in the list. Run again."
	default:
		e.Kind = idp.Untrusted
		e.Hint = "That is not how Okta answers. Check okta.org_url (" + s.org + ") and any proxy before it."
	}
}

func (s *Source) deadCredential() string {
	if s.signed {
		return "Check okta.service_app: the client id, that its key is still registered in Okta, and that the app is active."
	}
	return "Make a new token in Okta under Security > API > Tokens and set okta.api_token. " +
		"A token dies with the account that made it, and when it is not used for 30 days; it may also be bound to a network zone."
}

func (s *Source) missingRight(n need) string {
	if s.signed {
		return "Grant the service app the scope " + n.scope + ", and " + n.role + "; Okta asks for both."
	}
	return "Give the account that made the API token " + n.role + " (a service app would need the scope " + n.scope + " as well)."
}
