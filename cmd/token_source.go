package cmd

import (
	"context"

	"scim-sync/attio/auth"
	"scim-sync/attio/scim"
	"scim-sync/cmd/view"
	"scim-sync/config"
	"scim-sync/internal/transport"
)

// credential is where the token for Attio comes from, and which workspace it
// has to be for.
type credential struct {
	token scim.TokenSource
	want  meant
	// from says in words where the token lies.
	from string
	// login is the stored sign-in, nil for a token of the settings.
	login *auth.Login
}

// vault gives the place where login keeps tokens.
func (a *app) vault() (*auth.CredentialStore, error) {
	folder, err := config.DataDir(config.EnvMap(a.Environ))
	if err != nil {
		return nil, &usageError{text: err.Error(), hint: "Set HOME or XDG_DATA_HOME, or give the token as SCIM_SYNC_ATTIO_TOKEN."}
	}
	return auth.NewCredentialStore(folder, auth.SystemKeyring()), nil
}

// mendedVault gives the vault, its list of sign-ins saved where it was damaged.
func (a *app) mendedVault(ctx context.Context) (*auth.CredentialStore, error) {
	v, err := a.vault()
	if err != nil {
		return nil, err
	}
	m, err := v.Repair(ctx)
	if err != nil {
		return nil, err
	}
	if m.Aside != "" {
		a.say("Warning: the list of the sign-ins was damaged. " + view.Count(len(m.Logins), "sign-in was", "sign-ins were") + " saved out of it; the damaged file is now " + view.Clean(m.Aside) +
			". For another one the keyring may still hold a token: delete it in Attio (Workspace settings > Developers, or Apps).")
	}
	return v, nil
}

// credentialFor finds the token: that of the settings goes before the one that
// login stored. A sandbox has its own and asks nobody else.
func (a *app) credentialFor(c *config.Settings) (credential, error) {
	want := meantIn("attio.workspace", c.Attio.Workspace)
	if c.Attio.Token.Given() {
		cred := credential{want: want, from: "attio.token (" + c.Origin("attio.token").String() + ")",
			token: func(context.Context) (string, error) { return c.Attio.Token.Reveal(), nil }}
		if a.global.sandbox {
			cred.from = "the sandbox"
			return cred, nil
		}
		if want.workspace == "" {
			if v, err := a.vault(); err == nil {
				if l, err := v.Find(""); err == nil {
					cred.want = meantBy(l)
				}
			}
		}
		return cred, nil
	}
	v, err := a.vault()
	if err != nil {
		return credential{}, err
	}
	l, err := v.Find(want.workspace)
	if err != nil {
		return credential{}, ambiguous(err)
	}
	if want.workspace == "" {
		want = meantBy(l)
	}
	return credential{want: want, from: v.Where(l), login: &l, token: a.hushed(v.Source(l, a.oauthClient(c), a.Now).Access)}, nil
}

// exposed looks who else may look at a stored sign-in.
func (a *app) exposed(l auth.Login) []auth.Exposure {
	v, err := a.vault()
	if err != nil {
		return nil
	}
	return v.Exposed(l)
}

// hushed makes every token that a source gives a secret.
func (a *app) hushed(source scim.TokenSource) scim.TokenSource {
	return func(ctx context.Context) (string, error) {
		text, err := source(ctx)
		if err == nil {
			a.hush.add(text)
		}
		return text, err
	}
}

// oauthClient gives the app of the settings; it cannot renew tokens when it
// has no secret, or when it is no app at all.
func (a *app) oauthClient(c *config.Settings) auth.Client {
	o := c.Attio.OAuth
	client := auth.Client{ClientID: o.ClientID, TokenURL: o.TokenURL, Transport: transport.New(transport.Options{
		Side: "attio", Hosts: hosts(o.TokenURL), UserAgent: a.userAgent(), Log: a.log, MaxBody: 1 << 20,
	})}
	if o.ClientID != "" && o.ClientSecret.Given() {
		client.ClientSecret = o.ClientSecret.Reveal
	}
	return client
}
