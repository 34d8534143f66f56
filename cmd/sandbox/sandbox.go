package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"scim-sync/attio/attiotest"
	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/pages"
	core "scim-sync/sync"
)

// Options say how a sandbox is served.
type Options struct {
	// Listen is the address that Okta is served at; Attio gets the next port.
	// Empty: two free ports of the loopback interface.
	Listen string
	Now    func() time.Time
	// Latency is added to every answer.
	Latency time.Duration
	// Unlimited lifts the rate limits of both sides.
	Unlimited bool
	// RedirectURI is one more redirect address that Attio's app knows, and
	// then the one to use.
	RedirectURI string
	// Planner makes the plan that the pages show; nil: they show none.
	Planner Planner
	// OnReset is called when both sides have begun anew: what is kept of them
	// elsewhere has to, too. nil: nothing is.
	OnReset func(*Sandbox) error
}

// Planner makes a plan against the sandbox, in a format of the command plan, and
// gives what that prints: the plan, or else (false) what kept it from being made.
type Planner func(ctx context.Context, s *Sandbox, format string) ([]byte, bool)

// Sandbox is both services, being served.
type Sandbox struct {
	Okta     *oktatest.Server
	Attio    *attiotest.Server
	OktaURL  string
	AttioURL string
	// Managed is what was managed before; HasState: the world says something of it.
	Managed  core.Managed
	HasState bool

	world   *World
	options Options
	okta    *side
	attio   *side
	resets  sync.Mutex
	servers []*http.Server
}

// The credentials of every sandbox. They open nothing else.
const (
	oktaToken    = "sandbox-okta-token"
	attioToken   = "sandbox-attio-token"
	clientID     = "sandbox-client"
	clientSecret = "sandbox-secret"

	usualRedirectURI = "http://localhost:8910/callback"
)

// Start serves a world.
func Start(ctx context.Context, w *World, o Options) (*Sandbox, error) {
	s := &Sandbox{world: w, options: o}
	oktaAt, attioAt, err := listen(ctx, o.Listen)
	if err != nil {
		return nil, err
	}
	s.OktaURL, s.AttioURL = "http://"+oktaAt.Addr().String(), "http://"+attioAt.Addr().String()
	err = s.begin()
	if err != nil {
		return nil, errors.Join(err, oktaAt.Close(), attioAt.Close())
	}
	s.serve(oktaAt, s.okta)
	s.serve(attioAt, s.attio)
	return s, nil
}

// begin makes both sides as the world says.
func (s *Sandbox) begin() (err error) {
	org, site := pages.Other{Name: "Okta", Address: s.OktaURL + "/sandbox", Resets: true}, pages.Other{Name: "Attio", Address: s.AttioURL + "/sandbox", Resets: true}
	if s.options.Planner != nil {
		org.Plan, site.Plan = s.OktaURL+"/sandbox/plan", s.OktaURL+"/sandbox/plan"
	}
	for _, to := range []**side{&s.okta, &s.attio} {
		if *to != nil {
			continue
		}
		*to = &side{okta: org.Address, attio: site.Address, reset: s.Reset}
		if planner := s.options.Planner; planner != nil {
			(*to).plan = func(ctx context.Context, format string) ([]byte, bool) { return planner(ctx, s, format) }
		}
		if err := (*to).look(); err != nil {
			return err
		}
	}
	s.world.Fill(s.options)
	if err := s.build(s.world, s.options, org); err != nil {
		return err
	}
	page, err := newOktaSite(s.Okta, site)
	if err != nil {
		return err
	}
	s.okta.set(withDoor(page))
	s.attio.set(withDoor(s.Attio))
	return nil
}

// Reset has both sides begin anew, under the same addresses and credentials.
func (s *Sandbox) Reset() error {
	s.resets.Lock()
	defer s.resets.Unlock()
	if s.world.text != nil { // what was made of it may have been changed
		w, err := parseWorld(s.world.name, s.world.text)
		if err != nil {
			return err
		}
		s.world = w
	}
	if err := s.begin(); err != nil {
		return err
	}
	if s.options.OnReset != nil {
		return s.options.OnReset(s)
	}
	return nil
}

func (s *Sandbox) build(w *World, o Options, other pages.Other) (err error) {
	org := []oktatest.Option{oktatest.WithLatency(o.Latency)}
	site := []attiotest.Option{attiotest.WithBaseURL(s.AttioURL), attiotest.WithLatency(o.Latency), attiotest.WithOtherPage(other)}
	if o.Unlimited {
		org, site = append(org, oktatest.WithRateLimits(oktatest.NoLimits())), append(site, attiotest.WithRateLimits(0, 0))
	}
	if s.Okta, err = oktatest.New(w.Okta, org...); err != nil {
		return fmt.Errorf("%s: okta: %s", w.name, said(err))
	}
	if s.Attio, err = attiotest.New(w.Attio, site...); err != nil {
		return fmt.Errorf("%s: attio: %w", w.name, err)
	}
	s.HasState = len(w.Managed.People)+len(w.Managed.Teams) > 0
	if s.Managed, err = w.Resolve(s.Okta, s.Attio, s.OktaURL, o.Now()); err != nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	return nil
}

// Fill gives a world the credentials of the sandbox.
func (w *World) Fill(o Options) {
	if w.Okta.APIToken == "" {
		w.Okta.APIToken = oktaToken
	}
	if len(w.Attio.Tokens) == 0 {
		w.Attio.Tokens = []attiotest.Token{{Token: attioToken, AuthorizedBy: w.firstAdmin()}}
	}
	if len(w.Attio.Apps) == 0 {
		w.Attio.Apps = []attiotest.App{{ClientID: clientID, ClientSecret: clientSecret, Name: "scim-sync", RedirectURIs: []string{usualRedirectURI}}}
	}
	for i := range w.Attio.Apps {
		if app := &w.Attio.Apps[i]; len(app.RedirectURIs) == 0 {
			app.RedirectURIs = []string{usualRedirectURI}
		}
	}
	if o.RedirectURI != "" {
		app := &w.Attio.Apps[0]
		app.RedirectURIs = append([]string{o.RedirectURI}, app.RedirectURIs...)
	}
}

func (w *World) firstAdmin() string {
	for _, m := range w.Attio.Members {
		if m.Role == attiotest.RoleAdmin && m.Status != attiotest.Suspended && m.Status != attiotest.Invited && !m.Expert {
			return m.Email
		}
	}
	return ""
}

// listen opens both ports on the loopback interface and nowhere else.
func listen(ctx context.Context, address string) (okta, site net.Listener, err error) {
	first, second := "127.0.0.1:0", "127.0.0.1:0"
	if address != "" {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, nil, noAddress(address)
		}
		ip := net.ParseIP(host)
		if ip == nil || !ip.IsLoopback() {
			return nil, nil, fmt.Errorf("--listen %s: the sandbox has no secrets and listens on the loopback interface only (127.0.0.1:PORT)", address)
		}
		n, err := net.DefaultResolver.LookupPort(ctx, "tcp", port)
		if err != nil {
			return nil, nil, noAddress(address)
		}
		first = address
		if n != 0 {
			second = net.JoinHostPort(host, fmt.Sprint(n+1))
		}
	}
	var lc net.ListenConfig
	if okta, err = lc.Listen(ctx, "tcp", first); err != nil {
		return nil, nil, notServed("Okta", first, err)
	}
	if site, err = lc.Listen(ctx, "tcp", second); err != nil {
		return nil, nil, errors.Join(notServed("Attio", second, err), okta.Close())
	}
	return okta, site, nil
}

func noAddress(given string) error {
	return fmt.Errorf("--listen %s: give an address of this machine with a port, as 127.0.0.1:8080", given)
}

// notServed says that a port cannot be had: it is in use, or not allowed.
func notServed(side, address string, err error) error {
	if call, ok := errors.AsType[*os.SyscallError](err); ok {
		err = call.Err
	}
	return fmt.Errorf("the sandbox's %s cannot be served at %s: %w", side, address, err)
}

func (s *Sandbox) serve(l net.Listener, h http.Handler) {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	s.servers = append(s.servers, srv)
	go func() { _ = srv.Serve(l) }() // ends with Close
}

// Close stops serving.
func (s *Sandbox) Close() {
	for _, srv := range s.servers {
		_ = srv.Close()
	}
}

// Variable is one environment variable that points scim-sync at the sandbox.
type Variable struct{ Name, Value string }

// Environment gives the variables with which scim-sync runs against the
// sandbox, and against nothing else.
func (s *Sandbox) Environment() []Variable {
	site := s.Attio.Snapshot().Workspace
	return []Variable{
		{"SCIM_SYNC_OKTA_ORG_URL", s.OktaURL},
		{"SCIM_SYNC_OKTA_APP_ID", s.Okta.AppID()},
		{"SCIM_SYNC_OKTA_API_TOKEN", s.world.Okta.APIToken},
		{"SCIM_SYNC_ATTIO_WORKSPACE", site.Slug},
		{"SCIM_SYNC_ATTIO_API_URL", s.AttioURL},
		{"SCIM_SYNC_ATTIO_SCIM_URL", s.AttioURL + "/scim/v2"},
		{"SCIM_SYNC_ATTIO_TOKEN", s.world.Attio.Tokens[0].Token},
		{"SCIM_SYNC_ATTIO_VERIFIED_DOMAINS", "[" + strings.Join(site.VerifiedDomains, ", ") + "]"},
		{"SCIM_SYNC_ATTIO_OAUTH_CLIENT_ID", s.world.Attio.Apps[0].ClientID},
		{"SCIM_SYNC_ATTIO_OAUTH_CLIENT_SECRET", s.world.Attio.Apps[0].ClientSecret},
		{"SCIM_SYNC_ATTIO_OAUTH_AUTHORIZE_URL", s.AttioURL + "/authorize"},
		{"SCIM_SYNC_ATTIO_OAUTH_TOKEN_URL", s.AttioURL + "/oauth/token"},
		{"SCIM_SYNC_ATTIO_OAUTH_REDIRECT_URL", s.world.Attio.Apps[0].RedirectURIs[0]},
	}
}

// Settings gives the world's settings as a settings file.
func (s *Sandbox) Settings() ([]byte, error) {
	if len(s.world.Settings) == 0 {
		return nil, nil
	}
	return yaml.Marshal(s.world.Settings)
}
