package cli

import (
	"context"
	"errors"

	"scim-sync/attio/auth"
	"scim-sync/attio/scim"
	"scim-sync/cmd/view"
	"scim-sync/config"
	"scim-sync/internal/transport"
)

// Credential is where the token for Attio comes from, and which workspace it
// has to be for.
type Credential struct {
	Token scim.TokenSource
	Want  ExpectedWorkspace
	// From says in words where the token lies.
	From string
	// Login is the stored sign-in, nil for a token of the settings; Exposed is
	// who else may look at it.
	Login   *auth.Login
	Exposed []auth.Exposure
}

// CredentialStore gives the place where login keeps tokens.
func CredentialStore(p *Program) (*auth.CredentialStore, error) {
	folder, err := config.DataDir(config.EnvMap(p.Environ))
	if err != nil {
		return nil, &UsageError{err.Error(), "Set HOME or XDG_DATA_HOME, or give the token as SCIM_SYNC_ATTIO_TOKEN."}
	}
	return auth.NewCredentialStore(folder, auth.SystemKeyring()), nil
}

// RepairedCredentialStore is [CredentialStore], its list of sign-ins saved where
// it was damaged.
func RepairedCredentialStore(ctx context.Context, p *Program) (*auth.CredentialStore, error) {
	store, err := CredentialStore(p)
	if err != nil {
		return nil, err
	}
	m, err := store.Repair(ctx)
	if err != nil {
		return nil, err
	}
	if m.Aside != "" {
		p.Warn("the list of the sign-ins was damaged. " + view.Count(len(m.Logins), "sign-in was", "sign-ins were") + " saved out of it; the damaged file is now " + m.Aside +
			". For another one the keyring may still hold a token: delete it in Attio (Workspace settings > Developers, or Apps).")
	}
	return store, nil
}

// NewCredential finds the token: that of the settings goes before the one that
// login stored. A sandbox has its own and asks nobody else.
func NewCredential(p *Program, s *Settings) (Credential, error) {
	want := ExpectedBy("attio.workspace", s.Attio.Workspace)
	if s.Attio.Token.Given() {
		return givenCredential(p, s, want), nil
	}
	store, err := CredentialStore(p)
	if err != nil {
		return Credential{}, err
	}
	l, err := store.Find(want.Name)
	if several, ok := errors.AsType[*auth.AmbiguousError](err); ok {
		return Credential{}, &UsageError{several.Error(), several.Hint()}
	}
	if err != nil {
		return Credential{}, err
	}
	if want.Name == "" {
		want = expectedOf(l)
	}
	token := store.Source(l, OAuthClient(p, s), p.Now).Access
	return Credential{Want: want, From: store.Where(l), Login: &l, Exposed: store.Exposed(l), Token: func(ctx context.Context) (string, error) {
		text, err := token(ctx)
		p.Secret(text)
		return text, err
	}}, nil
}

// givenCredential is the token of the settings. Where they name no workspace, a
// stored sign-in does.
func givenCredential(p *Program, s *Settings, want ExpectedWorkspace) Credential {
	c := Credential{Want: want, From: "attio.token (" + s.Origin("attio.token").String() + ")",
		Token: func(context.Context) (string, error) { return s.Attio.Token.Reveal(), nil }}
	if s.Sandbox != nil {
		c.From = "the sandbox"
		return c
	}
	if want.Name == "" {
		if store, err := CredentialStore(p); err == nil {
			if l, err := store.Find(""); err == nil {
				c.Want = expectedOf(l)
			}
		}
	}
	return c
}

// OAuthClient gives the app of the settings; it cannot renew tokens when it has
// no secret, or when it is no app at all.
func OAuthClient(p *Program, s *Settings) auth.Client {
	o := s.Attio.OAuth
	client := auth.Client{ClientID: o.ClientID, TokenURL: o.TokenURL, Transport: transport.New(transport.Options{
		Side: "attio", Hosts: hosts(o.TokenURL), UserAgent: p.userAgent(), Log: p.Log, MaxBody: 1 << 20, Secrets: &p.secrets,
	})}
	if o.ClientID != "" && o.ClientSecret.Given() {
		client.ClientSecret = o.ClientSecret.Reveal
	}
	return client
}
