package cmd

import (
	"context"
	"time"

	"scim-sync/cmd/view"
	"scim-sync/config"
	"scim-sync/idp/okta"
	"scim-sync/internal/transport"
)

// connectOkta makes the source and the transport that counts its requests. A
// service app signs below the transport: each attempt needs a proof of its own.
func (a *app) connectOkta(ctx context.Context, s *session) (err error) {
	c := s.settings
	pacer := transport.NewWindowPacer(transport.WindowOptions{Share: c.Okta.RateShare.Fraction(), Bucket: okta.Bucket})
	below := transport.Options{
		Side: "okta", Hosts: hosts(c.Okta.OrgURL), UserAgent: a.userAgent(), Timeout: 2 * time.Minute, Log: a.log,
		Pacer: pacer, Waits: a.waiting,
	}
	o := okta.Options{
		OrgURL: c.Okta.OrgURL, AppID: c.Okta.AppID, RoleAttribute: c.Okta.RoleAttribute, EmailAttribute: c.Okta.EmailAttribute, Log: a.log,
	}
	if c.Okta.ServiceApp.Given() {
		if s.serviceApp, err = a.serviceApp(c, pacer); err != nil {
			return err
		}
		below.Base, o.ServiceApp = s.serviceApp, s.serviceApp
	} else {
		o.APIToken = func() (string, error) { return c.Okta.APIToken.Reveal(), nil }
	}
	s.okta = transport.New(below)
	o.Transport = s.okta
	s.source, err = okta.New(ctx, o)
	return err
}

// serviceApp makes what signs in with a key.
func (a *app) serviceApp(c *config.Settings, pacer transport.Pacer) (*okta.ServiceApp, error) {
	app := c.Okta.ServiceApp
	return okta.NewServiceApp(okta.ServiceAppOptions{
		OrgURL: c.Okta.OrgURL, ClientID: app.ClientID, KeyID: app.KeyID, PrivateKeyPEM: []byte(app.PrivateKey.Reveal()), DPoP: app.DPoP,
		Pacer: pacer, Waits: a.waiting, Log: a.log,
	})
}

// oktaCounts gives what Okta was asked so far, sign-in included.
func (s *session) oktaCounts() transport.Counts {
	if s.okta == nil {
		return transport.Counts{} // a file costs none
	}
	n := s.okta.Counts()
	if s.serviceApp == nil {
		return n
	}
	more := s.serviceApp.Counts()
	n.Requests, n.Retries, n.Waited = n.Requests+more.Requests, n.Retries+more.Retries, n.Waited+more.Waited
	return n
}

// recallGroups lets the source remember who was in which group, in a file
// beside the state. A state without a place for it, such as a sandbox's, has
// none.
func (s *session) recallGroups() {
	if src, ok := s.source.(*okta.Source); ok {
		src.CacheAt(s.store.CachePath())
	}
}

// keepGroups writes down who is in which group, for the runs to come. Only who
// holds the lock calls it; losing it costs the next run some requests.
func (a *app) keepGroups(s *session) {
	src, ok := s.source.(*okta.Source)
	if !ok {
		return
	}
	if err := src.SaveCache(); err != nil {
		a.say("Warning: " + view.Clean(err.Error()))
	}
}

// fullCycle is how many requests reading both sides takes without any cache; 0
// before they were read.
func (s *session) fullCycle() int {
	src, ok := s.source.(*okta.Source)
	if !ok || src.FullCycle() == 0 {
		return 0
	}
	return src.FullCycle() + s.workspaceReads
}
