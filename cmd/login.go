package cmd

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"scim-sync/attio"
	"scim-sync/attio/auth"
	"scim-sync/attio/scim"
	"scim-sync/cmd/view"
	"scim-sync/config"
)

type loginOptions struct {
	noBrowser  bool
	workspace  string
	tokenStdin bool
}

func newLogin(a *app) *cobra.Command {
	var o loginOptions
	c := &cobra.Command{
		Use:   "login",
		Short: "Sign in to Attio in the browser and keep the workspace's token",
		Long: `login opens Attio in the browser, where an admin chooses the workspace and
confirms. The token that comes of it is for that one workspace. It is checked
(the right workspace, the scope, that SCIM answers) and then kept in this
system's keyring, or in a file that only you can read where there is none.

It needs an app of your own at build.attio.com. With --token-stdin it takes an
access token made by hand in Attio instead, after the same checks.`,
		Example: `  scim-sync login
  scim-sync login --no-browser                      on a machine without a screen
  scim-sync login --workspace acme
  scim-sync login --token-stdin < token.txt         a developer token`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.login(c.Context(), o) },
	}
	f := c.Flags()
	f.BoolVar(&o.noBrowser, "no-browser", false, "open no browser: print the address, and take the address that the browser ends at from standard input, too")
	f.StringVar(&o.workspace, "workspace", "", "slug or id of the workspace; any other is refused (default: attio.workspace)")
	f.BoolVar(&o.tokenStdin, "token-stdin", false, "take an access token made in Attio from standard input")
	return c
}

func (a *app) login(ctx context.Context, o loginOptions) error {
	s := &session{began: a.Now()}
	if a.global.sandbox && !o.tokenStdin {
		s.redirect = freeRedirect(ctx)
	}
	if err := a.load(ctx, s); err != nil {
		return err
	}
	defer s.close()
	c := s.settings
	if c.Attio.OAuth.ClientID == "" && !o.tokenStdin {
		return a.explainLogin(c)
	}
	want := meantIn("attio.workspace", c.Attio.Workspace)
	if o.workspace != "" {
		want = meantIn("--workspace", o.workspace)
	}
	if want.workspace == "" && !a.Interactive {
		return &usageError{text: "which workspace is meant? attio.workspace is not set, and here is nobody to ask",
			hint: "Name it, so that no other is ever changed: scim-sync login --workspace SLUG, or attio.workspace in the settings file"}
	}
	if s.sandbox == nil {
		// Nobody shall consent to what cannot be kept.
		v, err := a.mendedVault(ctx)
		if err == nil {
			err = v.Ready(ctx)
		}
		if err != nil {
			return err
		}
	}
	if o.tokenStdin {
		return a.loginByToken(ctx, s, want)
	}
	return a.consent(ctx, s, o, want)
}

// loginByToken takes a token that was made by hand.
func (a *app) loginByToken(ctx context.Context, s *session, want meant) error {
	lines := sync.OnceValue(a.stdinLines) // the token itself may be typed unseen
	token, err := a.readToken(ctx, lines)
	if err != nil {
		return err
	}
	ask := func(id attio.Identity) error { return a.askWorkspace(ctx, id, lines()) }
	_, words, err := a.welcome(ctx, s, want, token, ask)
	return firstOf(err, a.told(s, words))
}

// freeRedirect is a redirect address for a sandbox, whose app can be told:
// trying it out shall not fail for a port that is in use. Empty: the usual one.
func freeRedirect(ctx context.Context) string {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return ""
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return "http://localhost:" + port + "/callback"
}

// consent is the sign-in in the browser, from the printed address to the last
// page.
func (a *app) consent(ctx context.Context, s *session, o loginOptions, want meant) error {
	c := s.settings
	if err := c.Need(config.NeedLogin); err != nil {
		return err
	}
	flow, err := auth.Consent{
		Client: a.oauthClient(c), AuthorizeURL: c.Attio.OAuth.AuthorizeURL, RedirectURL: c.Attio.OAuth.RedirectURL, PasteOnly: o.noBrowser,
	}.Begin(ctx)
	if err != nil {
		return signInError(err)
	}
	defer flow.Close()
	var lines <-chan string
	if o.noBrowser || want.workspace == "" {
		lines = a.stdinLines()
	}
	if err := a.sendOff(ctx, s, o, want, flow); err != nil {
		return err
	}
	waiting, answered := context.WithCancel(ctx)
	defer answered()
	if o.noBrowser {
		go a.paste(waiting, flow, lines)
	}
	token, err := flow.Token(ctx)
	answered()
	if err != nil {
		flow.Show(failurePage(err))
		return signInError(err)
	}
	ask := func(id attio.Identity) error {
		flow.Show(auth.Page{Good: true, Title: "Back to the terminal", Text: "scim-sync asks there whether this is the right workspace.",
			Facts: [][2]string{{"Workspace", workspaceName(id)}}})
		return a.askWorkspace(ctx, id, lines)
	}
	done, words, err := a.welcome(ctx, s, want, token, ask)
	if err != nil {
		flow.Show(failurePage(err))
		return err
	}
	flow.Show(done)
	return a.told(s, words)
}

// told says how a sign-in ended.
func (a *app) told(s *session, words string) error {
	if words == "" {
		return nil
	}
	if s.settings.Attio.Token.Given() && s.sandbox == nil {
		a.say("Warning: attio.token is set (" + s.settings.Origin("attio.token").String() + ") and goes before the token that was just stored.")
	}
	return view.Line(a.out, words)
}

// sendOff prints the address and opens it.
func (a *app) sendOff(ctx context.Context, s *session, o loginOptions, want meant, flow *auth.SignIn) error {
	where := "choose the workspace"
	if want.workspace != "" {
		where = "choose the workspace " + view.Clean(want.workspace)
	}
	a.say("Sign in to Attio as an admin, " + where + ", and confirm. The address:")
	if _, err := fmt.Fprintln(a.Stdout, flow.Address()); err != nil {
		return err
	}
	switch {
	case o.noBrowser && flow.Deaf() != nil:
		a.say(sentence(flow.Deaf().Error()))
		a.say("So come back and paste the address that the browser ends at here, whatever that page shows.")
	case o.noBrowser:
		a.say("Then come back: paste the address that the browser ends at here, unless it says that you are signed in.")
	case s.sandbox != nil:
		a.say("That is the sandbox: any address of a member will do to sign in. Nothing will be kept.")
	default:
		if err := auth.OpenBrowser(ctx, a.publicEnviron(s.settings), flow.Address()); err != nil {
			a.say("No browser was opened: " + err.Error() + ". Open the address yourself; on a machine without a browser use --no-browser.")
		}
	}
	return nil
}

// publicEnviron is the environment without the settings and without their
// secrets, which may stand in other variables too: a browser needs none.
func (a *app) publicEnviron(c *config.Settings) []string {
	secrets := secretsOf(c)
	return slices.DeleteFunc(slices.Clone(a.Environ), func(pair string) bool {
		name, value, _ := strings.Cut(pair, "=")
		return strings.HasPrefix(name, "SCIM_SYNC_") || slices.ContainsFunc(secrets, func(s string) bool {
			return value == s || len(s) >= leastSecret && strings.Contains(value, s)
		})
	})
}

// paste hands in the addresses that are pasted until one is taken.
func (a *app) paste(ctx context.Context, flow *auth.SignIn, lines <-chan string) {
	for {
		select {
		case <-ctx.Done():
			return
		case line, ok := <-lines:
			if !ok {
				flow.NothingToPaste()
				return
			}
			if strings.TrimSpace(line) == "" {
				continue
			}
			err := flow.Paste(line)
			if err == nil {
				return
			}
			a.say("Not taken: " + err.Error() + ".")
		}
	}
}

// welcome checks a new token, has the workspace confirmed where none was
// named, and keeps the token. It gives the last page, and the words for the
// terminal.
func (a *app) welcome(ctx context.Context, s *session, want meant, token auth.Token, ask func(attio.Identity) error) (auth.Page, string, error) {
	id, author, err := a.examine(ctx, s.settings, want, token)
	if err != nil {
		return auth.Page{}, "", err
	}
	if want.workspace == "" {
		if err := ask(id); err != nil {
			return auth.Page{}, "", err
		}
	}
	login := auth.Login{
		WorkspaceID: id.WorkspaceID, WorkspaceSlug: id.WorkspaceSlug, WorkspaceName: id.WorkspaceName,
		ClientID: id.ClientID, AuthorizedBy: author, SignedInAt: a.Now().UTC(),
	}
	if token.Expires.IsZero() {
		token.Expires = id.Expires
	}
	kept := "Nothing was kept: this was the sandbox."
	if s.sandbox == nil {
		if kept, err = a.keep(ctx, login, token); err != nil {
			return auth.Page{}, "", err
		}
	}
	lines := []string{"Signed in to " + view.Clean(workspaceName(id)) + by(author) + ".", kept}
	if !token.Expires.IsZero() {
		lines = append(lines, expiryWords(token))
	}
	lines = append(lines, "Next: scim-sync plan")
	return auth.Page{
		Good: true, Title: "Signed in to", Name: cmp.Or(id.WorkspaceName, id.WorkspaceSlug),
		Text:  "scim-sync has access to this workspace and to no other.",
		Facts: facts(id, author), Next: "You can close this page and go back to the terminal.",
	}, strings.Join(lines, "\n"), nil
}

// keep stores the token and says in words where.
func (a *app) keep(ctx context.Context, l auth.Login, token auth.Token) (string, error) {
	v, err := a.vault()
	if err != nil {
		return "", err
	}
	l, why, err := v.Keep(ctx, l, token)
	switch {
	case err != nil:
		return "", err
	case l.Kept == auth.InFile:
		return "There is no keyring to use here (" + view.Clean(why) + "), so the token is in the " + view.Clean(v.Where(l)) + ", which only you can read.", nil
	}
	return "The token is kept in the " + v.Where(l) + ".", nil
}

// examine makes sure that a token is what a run needs: active, for the right
// workspace, with the scope, and that SCIM answers it. author is the address
// of the person behind it, if that can be found out.
func (a *app) examine(ctx context.Context, c *config.Settings, want meant, token auth.Token) (id attio.Identity, author string, err error) {
	a.hush.add(token.Access(), token.Refresh())
	_, opts := a.connectAttio(c, func(context.Context) (string, error) { return token.Access(), nil })
	reader, err := scim.NewReader(opts)
	if err != nil {
		return id, "", err
	}
	if id, err = reader.Identity(ctx); err != nil {
		return id, "", err
	}
	if want.workspace != "" {
		if err := want.right(id); err != nil {
			return id, "", err
		}
	}
	if !id.Expires.IsZero() && !a.Now().Before(id.Expires) {
		return id, "", &attio.Error{Kind: attio.NotSignedIn, Op: "sign in to Attio", Subject: id.WorkspaceSlug,
			Detail: "the token has ended already, on " + endWords(id.Expires), Hint: "Nothing was stored. Make a new one, and look whether this machine's clock is right."}
	}
	if !id.CanWrite() {
		return id, "", &attio.Error{Kind: attio.MissingScope, Op: "sign in to Attio", Subject: id.WorkspaceSlug,
			Detail: "the token lacks the scope " + attio.ScopeWrite + " (it has " + scopesIn(id) + ")", Hint: scopeHint}
	}
	if err := reader.Probe(ctx); err != nil {
		return id, "", err
	}
	joined, err := reader.Joined(ctx)
	if err != nil {
		return id, "", err
	}
	m, _ := authorOf(id, joined)
	return id, m.Email, nil
}

// authorOf finds the person behind a token.
func authorOf(id attio.Identity, joined []attio.Member) (attio.Member, bool) {
	i := slices.IndexFunc(joined, func(m attio.Member) bool { return m.RestID != "" && m.RestID == id.AuthorizedBy })
	if i < 0 {
		return attio.Member{}, false
	}
	return joined[i], true
}

// explainLogin says how to get access when there is no app to sign in with.
func (a *app) explainLogin(c *config.Settings) error {
	text := `There are two ways to give scim-sync access to Attio. Both take an admin of the
workspace, and the workspace needs the Enterprise plan.

1. An app of your own, and consent in the browser:
   make an app at https://build.attio.com and switch OAuth on;
   redirect address, letter by letter: ` + view.Clean(c.Attio.OAuth.RedirectURL) + `
   Scopes: tick ` + attio.ScopeWrite + `
   set attio.oauth.client_id and attio.oauth.client_secret, then run: scim-sync login

2. An access token made by hand:
   in Attio: Workspace settings > Developers > New access token,
   with User Management set to Read-write (` + attio.ScopeWrite + `);
   then run: scim-sync login --token-stdin < token.txt
   or, in cron and CI, give it as SCIM_SYNC_ATTIO_TOKEN
`
	if err := view.Line(a.err, text); err != nil {
		return err
	}
	if err := c.Need(config.NeedLogin); err != nil {
		return err
	}
	return usagef("attio.oauth.client_id is not set")
}
