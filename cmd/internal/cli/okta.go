package cli

import (
	"context"
	"time"

	"scim-sync/config"
	"scim-sync/idp"
	"scim-sync/idp/file"
	"scim-sync/idp/okta"
	"scim-sync/internal/transport"
	"scim-sync/sync/state"
)

// OktaSide is where people and groups come from, and what asking costs.
type OktaSide struct {
	Source idp.Source

	transport  *transport.Transport
	serviceApp *okta.ServiceApp // nil with an API token
}

// NewOktaSide makes the source that the settings name. For Okta it brings okta.org_url into its usual
// form.
func NewOktaSide(ctx context.Context, p *Program, s *Settings) (*OktaSide, error) {
	err := s.Need(config.NeedOkta)
	if err != nil {
		return nil, err
	}
	if s.IDP.Source == config.FromDirectoryFile {
		src, err := directoryFile(s.Settings)
		return &OktaSide{Source: src}, err
	}
	side := &OktaSide{}
	o, err := side.options(p, s)
	if err != nil {
		return nil, err
	}
	side.Source, err = okta.New(ctx, o)
	return side, err
}

// OktaApps lists the apps of the org that the settings name, whatever app they name.
func OktaApps(ctx context.Context, p *Program, s *Settings) ([]okta.App, error) {
	if err := s.Need(config.NeedOrg); err != nil {
		return nil, err
	}
	o, err := new(OktaSide).options(p, s)
	if err != nil {
		return nil, err
	}
	return okta.Apps(ctx, o)
}

// options are how to reach Okta. A service app signs below the transport: each
// attempt needs a proof of its own.
func (s *OktaSide) options(p *Program, settings *Settings) (o okta.Options, err error) {
	c := &settings.Okta
	if c.OrgURL, err = okta.NormalOrgURL(c.OrgURL); err != nil {
		return o, err
	}
	pacer := transport.NewWindowPacer(transport.WindowOptions{Share: c.RateShare.Fraction(), Bucket: okta.Bucket})
	below := transport.Options{
		Side: "okta", Hosts: hosts(c.OrgURL), UserAgent: p.userAgent(), Timeout: 2 * time.Minute, Log: p.Log,
		Pacer: pacer, Waits: p.waiting, Secrets: &p.secrets, Elapsed: p.Elapsed,
	}
	o = okta.Options{OrgURL: c.OrgURL, AppID: c.AppID, RoleAttribute: c.RoleAttribute, EmailAttribute: c.EmailAttribute, Log: p.Log}
	if c.ServiceApp.Given() {
		if s.serviceApp, err = ServiceApp(p, settings, pacer); err != nil {
			return o, err
		}
		below.Base, o.ServiceApp = s.serviceApp, s.serviceApp
	} else {
		o.APIToken = func() (string, error) { return c.APIToken.Reveal(), nil }
	}
	s.transport = transport.New(below)
	o.Transport = s.transport
	return o, nil
}

// ServiceApp makes what signs in with a key. It makes no request yet.
func ServiceApp(p *Program, s *Settings, pacer transport.Pacer) (*okta.ServiceApp, error) {
	app := s.Okta.ServiceApp
	return okta.NewServiceApp(okta.ServiceAppOptions{
		OrgURL: s.Okta.OrgURL, ClientID: app.ClientID, KeyID: app.KeyID, PrivateKeyPEM: []byte(app.PrivateKey.Reveal()), DPoP: app.DPoP,
		Optional: []string{"okta.logs.read"}, Pacer: pacer, Waits: p.waiting, Learn: p.Secret, Log: p.Log,
	})
}

// Name is what people call the source.
func (s *OktaSide) Name() string {
	if f, ok := s.Source.(*file.Source); ok {
		return f.Origin().Name
	}
	return "Okta"
}

// counts gives what Okta was asked so far, sign-in included.
func (s *OktaSide) counts() transport.Counts {
	if s.transport == nil {
		return transport.Counts{} // a file costs none
	}
	n := s.transport.Counts()
	if s.serviceApp == nil {
		return n
	}
	more := s.serviceApp.Counts()
	n.Requests, n.Retries, n.Waited = n.Requests+more.Requests, n.Retries+more.Retries, n.Waited+more.Waited
	return n
}

// recallGroups lets the source remember who was in which group, beside the state.
func (s *OktaSide) recallGroups(store *state.Store) {
	if src, ok := s.Source.(*okta.Source); ok {
		src.CacheIn(store)
	}
}

// KeepGroups writes down who is in which group, for the runs to come. Only who
// holds the lock calls it; losing it costs the next run some requests.
func (s *OktaSide) KeepGroups(ctx context.Context, p *Program) {
	if src, ok := s.Source.(*okta.Source); ok {
		if err := src.SaveCache(context.WithoutCancel(ctx)); err != nil {
			p.Warn(err.Error())
		}
	}
}

// fullRead is how many requests reading Okta takes without any cache; 0 before
// it was read.
func (s *OktaSide) fullRead() int {
	if src, ok := s.Source.(*okta.Source); ok {
		return src.FullCycle()
	}
	return 0
}
