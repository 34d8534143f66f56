package account

import (
	"cmp"
	"context"
	"net"

	"github.com/spf13/cobra"

	"scim-sync/attio"
	"scim-sync/attio/auth"
	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/config"
)

type loginOptions struct {
	noBrowser  bool
	tokenStdin bool
}

func newLogin(p *cli.Program) *cobra.Command {
	var o loginOptions
	c := &cobra.Command{
		Use:        "login",
		SuggestFor: []string{"signin", "sign-in", "auth"},
		Short:      "Sign in to Attio in the browser and keep the workspace's token",
		Long: `login opens Attio in the browser, where an admin chooses the workspace and
confirms; it waits up to 10 minutes for that. The token that comes of it is for
that one workspace. It is checked (the right workspace, the scope, that SCIM
answers) and then kept in this system's keyring, or in a file that only you can
read where there is none.

It needs an app of your own at build.attio.com. With --token-stdin it takes an
access token made by hand in Attio instead, after the same checks.`,
		Example: `  scim-sync login
  scim-sync login --no-browser                 on a machine without a screen
  scim-sync login --workspace acme
  scim-sync login --token-stdin < token.txt    a developer token`,
		Annotations: cli.EndsAfterWriting(),
		Args:        cobra.NoArgs,
		RunE:        func(c *cobra.Command, _ []string) error { return login(c.Context(), p, o) },
	}
	f := c.Flags()
	f.BoolVar(&o.noBrowser, "no-browser", false, "open no browser: print the address, and take the address that the browser ends at from standard input, too")
	f.BoolVar(&o.tokenStdin, "token-stdin", false, "take an access token made in Attio from standard input")
	return c
}

func login(ctx context.Context, p *cli.Program, o loginOptions) error {
	redirect := ""
	if p.Flags.Sandbox && !o.tokenStdin {
		redirect = freeRedirect(ctx)
	}
	s, err := cli.NewSettingsBackTo(ctx, p, redirect)
	if err != nil {
		return err
	}
	defer s.Close()
	if s.Attio.OAuth.ClientID == "" && !o.tokenStdin {
		return explainLogin(p, s)
	}
	want := cli.ExpectedBy("attio.workspace", s.Attio.Workspace)
	if name := p.WorkspaceName(); name != "" && s.Workspace() == "" {
		want = cli.ExpectedBy("--workspace", name)
	}
	if want.Name == "" && !p.Interactive {
		return &cli.UsageError{Text: "which workspace is meant? attio.workspace is not set, and there is no terminal to ask on",
			Advice: "Name it, so that no other is ever changed: scim-sync login --workspace SLUG, or attio.workspace in the settings file"}
	}
	if s.Sandbox == nil {
		// Nobody shall consent to what cannot be kept.
		store, err := cli.RepairedCredentialStore(ctx, p)
		if err == nil {
			err = store.Ready(ctx)
		}
		if err != nil {
			return err
		}
	}
	if o.tokenStdin {
		return loginByToken(ctx, p, s, want)
	}
	return consent(ctx, p, s, o, want)
}

// loginByToken takes a token that was made by hand.
func loginByToken(ctx context.Context, p *cli.Program, s *cli.Settings, want cli.ExpectedWorkspace) error {
	token, err := readToken(ctx, p)
	if err != nil {
		return err
	}
	ask := func(id attio.Identity) error { return askWorkspace(ctx, p, id) }
	_, words, err := welcome(ctx, p, s, want, token, ask)
	return cmp.Or(err, told(p, s, words))
}

// consent is the sign-in in the browser, from the printed address to the last
// page.
func consent(ctx context.Context, p *cli.Program, s *cli.Settings, o loginOptions, want cli.ExpectedWorkspace) error {
	if err := s.Need(config.NeedLogin); err != nil {
		return err
	}
	flow, err := auth.Consent{
		Client: cli.OAuthClient(p, s), AuthorizeURL: s.Attio.OAuth.AuthorizeURL, RedirectURL: s.Attio.OAuth.RedirectURL, PasteOnly: o.noBrowser,
	}.Begin(ctx)
	if err != nil {
		return signInError(err)
	}
	defer flow.Close()
	if err := sendOff(ctx, p, s, o.noBrowser, want, flow); err != nil {
		return err
	}
	waiting, answered := context.WithCancel(ctx)
	defer answered()
	if o.noBrowser {
		go paste(waiting, p, flow)
	}
	token, err := flow.Token(ctx)
	answered()
	if err != nil {
		flow.Show(failurePage(err))
		return signInError(err)
	}
	ask := func(id attio.Identity) error {
		flow.Show(auth.Page{Good: true, Title: "Back to the terminal", Text: "scim-sync asks there whether this is the right workspace.",
			Facts: [][2]string{{"Workspace", cli.WorkspaceName(id)}}})
		return askWorkspace(ctx, p, id)
	}
	done, words, err := welcome(ctx, p, s, want, token, ask)
	if err != nil {
		flow.Show(failurePage(err))
		return err
	}
	flow.Show(done)
	return told(p, s, words)
}

// told says how a sign-in ended.
func told(p *cli.Program, s *cli.Settings, words string) error {
	if words == "" {
		return nil
	}
	if s.Attio.Token.Given() && s.Sandbox == nil {
		p.Warn("attio.token is set (" + s.Origin("attio.token").String() + ") and goes before the token that was just stored.")
	}
	return view.Line(p.Out, words)
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
