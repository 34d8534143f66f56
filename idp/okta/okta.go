// Package okta reads the directory of an Okta org: who is assigned to one app,
// and the groups that become teams. It fills [idp.Source] and holds everything
// that has to do with Okta: its words, its limits, and the ways of
// okta-sdk-golang v2, none of which leave the package.
//
// The SDK's request executor makes every request. It is built without the
// SDK's own search for settings (see executor.go), and an http.RoundTripper of
// this package (see responseguard.go) stands between it and the network.
package okta

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	sdk "github.com/okta/okta-sdk-golang/v2/okta"

	"scim-sync/idp"
	"scim-sync/internal/transport"
)

// Options say which org and app to read, and how.
type Options struct {
	// OrgURL is the org's own address, as https://acme.okta.com; the admin
	// console's address is refused. Plain http is taken for loopback only.
	OrgURL string
	// AppID is the id of the app (0oa...).
	AppID string

	// APIToken gives the API token. It is asked before each request, so that
	// a token kept in a file may be replaced at any time. Exactly one of
	// APIToken and Signed is given.
	APIToken func() (string, error)
	// Signed says that Transport signs each attempt itself, as a service app
	// with DPoP must. Requests then reach it without an Authorization header.
	Signed bool
	// ServiceApp is what signs, when it is one of this package, and says so by
	// itself: its tokens are then kept out of every text.
	ServiceApp *ServiceApp

	// RoleAttribute and EmailAttribute name attributes of the app user
	// profile. EmailAttribute is "email" by default; an empty RoleAttribute
	// means that nobody has a role.
	RoleAttribute  string
	EmailAttribute string

	// Transport carries the requests: normally a *transport.Transport, which
	// is also the default.
	Transport http.RoundTripper
	// MaxPages is the most pages one list may have: 10,000.
	MaxPages int
	// Deadline of one request, and of one whole list, the transport's waits and
	// all repetitions included: 15 min. Each page of a list that was read adds
	// a minute.
	Deadline time.Duration
	// Parallel is how many groups are read at a time: 16. Okta answers 75
	// requests of an org at once, 35 on free plans
	// (https://developer.okta.com/docs/reference/rl2-concurrency/).
	Parallel int
	// Log hears of smaller pages and other second attempts; nil is silent.
	Log *slog.Logger
}

// usualEmail is the attribute of the address when no other is named.
const usualEmail = "email"

// appSetting names the app in errors.
const appSetting = "okta.app_id"

// Source reads one app of one Okta org. It is an [idp.Source], safe for
// concurrent use.
type Source struct {
	org      string
	appID    string
	role     string
	email    string
	signed   bool
	maxPages int
	parallel int
	deadline time.Duration
	log      *slog.Logger
	redact   *redactor
	executor *sdk.RequestExecutor
	dated    idp.Dated // nil: the transport does not tell Okta's time

	cache Cache // nil: everything is read each time
	stats *stats
}

// stats is what a Source notes while it works.
type stats struct {
	asked     atomic.Int64 // requests so far that were answered
	spared    atomic.Int64 // requests that the last Directory did without
	fullCycle atomic.Int64 // requests that it would have taken without a cache
	noWitness atomic.Bool  // the log may not be read: it is not asked again who did something

	mu      sync.Mutex
	learned *groupCache // by the last Directory
	unsaved bool        // learned is more than the cache holds
	// everyone is the group Everyone, if any reading that is known of saw it.
	everyone idp.GroupRef
	readAt   time.Time // Okta's clock when the last Directory began; zero: not known
	log      logPlace  // where in the log the last look ended
	logNews  bool      // events were told since the cache was saved
}

var (
	_ idp.Rereader     = (*Source)(nil)
	_ idp.AppChecker   = (*Source)(nil)
	_ idp.SightChecker = (*Source)(nil)
	_ idp.Lister       = (*Source)(nil)
	_ idp.LogReader    = (*Source)(nil)
	_ idp.Witness      = (*Source)(nil)
	_ idp.Dated        = (*Source)(nil)
)

// isID says whether a text may be an id: letters and digits, as ids go into
// paths as they are.
func isID[T string | []byte](s T) bool { return isWord(s, "") }

func isWord[T string | []byte](s T, more string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', i > 0 && strings.IndexByte(more, c) >= 0:
		default:
			return false
		}
	}
	return len(s) > 0 && len(s) <= 128
}

// New makes a Source. It makes no request and takes no setting from the
// environment or the home directory. A wrong option is an *idp.Error of the
// kind idp.Setting or idp.Credential.
func New(_ context.Context, o Options) (*Source, error) {
	if _, err := NormalOrgURL(o.OrgURL); err != nil {
		return nil, err
	}
	if !isID(o.AppID) {
		return nil, &idp.Error{
			Kind: idp.Setting, Op: "check the settings", Subject: "okta.app_id",
			Detail: fmt.Sprintf("%q is not the id of an Okta app", plain(o.AppID)),
			Hint:   "Open the app in Okta's admin console: its id is the part of the address that starts with 0oa.",
		}
	}
	return newSource(o)
}

// newSource is [New] for whatever app, or none.
func newSource(o Options) (*Source, error) {
	org, err := NormalOrgURL(o.OrgURL)
	if err != nil {
		return nil, err
	}
	o.Signed = o.Signed || o.ServiceApp != nil
	if (o.APIToken == nil) == !o.Signed {
		return nil, &idp.Error{
			Kind: idp.Credential, Op: "check the settings", Subject: "okta.api_token",
			Detail: "exactly one of an API token and a service app is needed",
			Hint:   "Set okta.api_token, or okta.service_app, not both.",
		}
	}
	s := &Source{
		org: org, appID: o.AppID, role: o.RoleAttribute, email: o.EmailAttribute, signed: o.Signed,
		maxPages: o.MaxPages, parallel: o.Parallel, deadline: o.Deadline, log: o.Log,
		redact: new(redactor), stats: new(stats),
	}
	if o.ServiceApp != nil {
		s.redact = o.ServiceApp.redact
	}
	s.defaults()
	below := o.Transport
	if below == nil {
		below = transport.New(transport.Options{Side: "okta", Hosts: []string{hostOf(org)}, Log: o.Log})
	}
	s.dated, _ = below.(idp.Dated)
	s.executor = newExecutor(org, &responseGuard{org: org, token: o.APIToken, below: below, redact: s.redact})
	return s, nil
}

func (s *Source) defaults() {
	if s.email == "" {
		s.email = usualEmail
	}
	if s.maxPages <= 0 {
		s.maxPages = 10_000
	}
	if s.parallel <= 0 {
		s.parallel = 16
	}
	if s.deadline <= 0 {
		s.deadline = 15 * time.Minute
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
}

// String names the app and the org.
func (s *Source) String() string { return "Okta app " + s.appID + " at " + s.org }

// ServiceTime implements [idp.Dated], where the transport does.
func (s *Source) ServiceTime() (time.Time, bool) {
	if s.dated == nil {
		return time.Time{}, false
	}
	return s.dated.ServiceTime()
}

func hostOf(org string) string {
	u, err := url.Parse(org)
	if err != nil {
		return ""
	}
	return u.Host
}
