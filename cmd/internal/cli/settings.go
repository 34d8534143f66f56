package cli

import (
	"context"
	"net/url"

	"scim-sync/cmd/internal/notify"
	"scim-sync/cmd/sandbox"
	"scim-sync/config"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// Settings are the settings in force.
type Settings struct {
	*config.Settings
	Sandbox *sandbox.Sandbox // that they point at; nil against the real services

	stores []*state.Store // that were opened by them
}

// NewSettings reads the settings and tells what is odd about them, or makes a
// sandbox and takes those of its world.
func NewSettings(ctx context.Context, p *Program) (*Settings, error) {
	return NewSettingsBackTo(ctx, p, "")
}

// NewSettingsBackTo is [NewSettings] with the address that a sign-in to a
// sandbox comes back to; empty: the usual one.
func NewSettingsBackTo(ctx context.Context, p *Program, redirect string) (*Settings, error) {
	if p.Flags.Sandbox {
		s, box, err := inSandbox(ctx, p, redirect)
		return &Settings{Settings: s, Sandbox: box}, err
	}
	s, err := SettingsAgain(p)
	if err != nil {
		return nil, err
	}
	for _, w := range s.Warnings() {
		p.Warn(w.String())
	}
	return s, nil
}

// SettingsAgain reads the settings, and tells nothing of what is odd about them: that
// was told, or is another's to tell. A sandbox's are not to be had twice.
func SettingsAgain(p *Program) (*Settings, error) {
	return loaded(p, p.Sources())
}

// SettingsOf are the settings as they would be with this text as the settings file,
// which goes before the variables of these keys.
func SettingsOf(p *Program, text []byte, keys ...string) (*Settings, error) {
	env := config.EnvMap(p.Environ)
	for _, key := range keys {
		delete(env, config.Variable(key))
	}
	return loaded(p, config.Sources{Text: text, Env: env, WorkDir: p.Dir})
}

// Sources are the places that settings come from.
func (p *Program) Sources() config.Sources {
	return config.Sources{ConfigFlag: p.Flags.Config, Workspace: p.WorkspaceName(), Env: config.EnvMap(p.Environ), WorkDir: p.Dir}
}

func loaded(p *Program, src config.Sources) (*Settings, error) {
	s, err := config.Load(src)
	if err != nil {
		return nil, err
	}
	p.Secret(secretsOf(s)...)
	return &Settings{Settings: s}, nil
}

// Place is what makes two readings of the directory the same, beside what they ask.
func (s *Settings) Place() any {
	return struct {
		Org, App, Role, Email, File string
		Teams                       core.TeamPolicy
	}{s.Okta.OrgURL, s.Okta.AppID, s.Okta.RoleAttribute, s.Okta.EmailAttribute, s.DirectoryFile(), s.Policy.Teams}
}

// PublicEnviron is the environment without settings and secrets, for a program
// that needs none.
func (s *Settings) PublicEnviron(p *Program) []string { return withoutSecrets(p.Environ, s.Settings) }

// Close gives back what stores hold that were opened by these settings, and ends a
// sandbox.
func (s *Settings) Close() {
	s.closeStores()
	if s.Sandbox != nil {
		s.Sandbox.Close()
	}
}

func (s *Settings) closeStores() {
	for _, store := range s.stores {
		_ = store.Close() // nothing is lost: a run has ended before
	}
	s.stores = nil
}

// From says where most of the settings come from.
func (s *Settings) From() string {
	switch {
	case s.Sandbox != nil:
		return "the sandbox"
	case s.File() != "":
		return s.File()
	}
	return "the environment"
}

// Sender tells the web hooks of the settings.
func (p *Program) Sender(s *Settings) *notify.Sender {
	return &notify.Sender{Hooks: s.Notify, Scrub: p.Scrub, UserAgent: p.userAgent()}
}

// hosts gives the hosts of addresses that were checked when they were loaded.
func hosts(addresses ...string) []string {
	var list []string
	for _, s := range addresses {
		if u, err := url.Parse(s); err == nil {
			list = append(list, u.Host)
		}
	}
	return list
}
