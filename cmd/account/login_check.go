package account

import (
	"cmp"
	"context"
	"strings"

	"scim-sync/attio"
	"scim-sync/attio/auth"
	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
)

// examine makes sure that a token is what a run needs: active, for the right
// workspace, with the scope, and that SCIM answers it. owner is the address
// of the person behind it, if that can be found out.
func examine(ctx context.Context, p *cli.Program, s *cli.Settings, want cli.ExpectedWorkspace, token auth.Token) (id attio.Identity, owner string, err error) {
	p.Secret(token.Access(), token.Refresh())
	side, err := cli.NewAttioSide(p, s, func(context.Context) (string, error) { return token.Access(), nil })
	if err != nil {
		return id, "", err
	}
	reader := side.Reader
	if id, err = reader.Identity(ctx); err != nil {
		return id, "", err
	}
	if want.Name != "" {
		if err := want.Right(id); err != nil {
			return id, "", err
		}
	}
	if !id.Expires.IsZero() && !p.Now().Before(id.Expires) {
		return id, "", &attio.Error{Kind: attio.NotSignedIn, Op: "sign in to Attio", Subject: id.WorkspaceSlug,
			Detail: "the token has ended already, on " + endWords(id.Expires), Hint: "Nothing was stored. Make a new one, and look whether this machine's clock is right."}
	}
	if !id.CanWrite() {
		return id, "", cli.NeedsScope("sign in to Attio", id, "the token lacks the scope "+attio.ScopeWrite+" (it has "+cli.ScopesIn(id)+")")
	}
	if err := reader.Probe(ctx); err != nil {
		return id, "", err
	}
	joined, err := reader.Joined(ctx)
	if err != nil {
		return id, "", err
	}
	m, _ := cli.TokenOwner(id, joined)
	return id, m.Email, nil
}

// welcome checks a new token, has the workspace confirmed where none was
// named, and keeps the token. It gives the last page, and the words for the
// terminal.
func welcome(ctx context.Context, p *cli.Program, s *cli.Settings, want cli.ExpectedWorkspace, token auth.Token, ask func(attio.Identity) error) (auth.Page, string, error) {
	id, owner, err := examine(ctx, p, s, want, token)
	if err != nil {
		return auth.Page{}, "", err
	}
	if want.Name == "" {
		if err := ask(id); err != nil {
			return auth.Page{}, "", err
		}
	}
	login := auth.Login{
		WorkspaceID: id.WorkspaceID, WorkspaceSlug: id.WorkspaceSlug, WorkspaceName: id.WorkspaceName,
		ClientID: id.ClientID, AuthorizedBy: owner, SignedInAt: p.Now().UTC(),
	}
	if token.Expires.IsZero() {
		token.Expires = id.Expires
	}
	kept := "Nothing was kept: this was the sandbox."
	if s.Sandbox == nil {
		if kept, err = keep(ctx, p, login, token); err != nil {
			return auth.Page{}, "", err
		}
	}
	lines := []string{"Signed in to " + view.Clean(cli.WorkspaceName(id)) + by(owner) + ".", kept}
	if !token.Expires.IsZero() {
		lines = append(lines, expiryWords(token))
	}
	lines = append(lines, "Next: scim-sync plan")
	return auth.Page{
		Good: true, Title: "Signed in to", Name: cmp.Or(id.WorkspaceName, id.WorkspaceSlug),
		Text:  "scim-sync has access to this workspace and to no other.",
		Facts: facts(id, owner), Next: "You can close this page and go back to the terminal.",
	}, strings.Join(lines, "\n"), nil
}

// keep stores the token and says in words where.
func keep(ctx context.Context, p *cli.Program, l auth.Login, token auth.Token) (string, error) {
	store, err := cli.CredentialStore(p)
	if err != nil {
		return "", err
	}
	l, why, err := store.Keep(ctx, l, token)
	switch {
	case err != nil:
		return "", err
	case l.Kept == auth.InFile:
		return "There is no keyring to use here (" + view.Clean(why) + "), so the token is in the " + view.Clean(store.Where(l)) + ", which only you can read.", nil
	}
	return "The token is kept in the " + store.Where(l) + ".", nil
}
