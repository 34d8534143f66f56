package account

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/term"

	"scim-sync/attio"
	"scim-sync/attio/auth"
	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
)

// sendOff prints the address and opens it.
func sendOff(ctx context.Context, p *cli.Program, s *cli.Settings, noBrowser bool, want cli.ExpectedWorkspace, flow *auth.SignIn) error {
	where := "choose the workspace"
	if want.Name != "" {
		where = "choose the workspace " + view.Clean(want.Name)
	}
	p.Say("Sign in to Attio as an admin, " + where + ", and confirm. The address:")
	if _, err := fmt.Fprintln(p.Stdout, flow.Address()); err != nil {
		return err
	}
	switch {
	case noBrowser && flow.Deaf() != nil:
		p.Say(sentence(flow.Deaf().Error()))
		p.Say("So come back and paste the address that the browser ends at here, whatever that page shows.")
	case noBrowser:
		p.Say("Then come back: paste the address that the browser ends at here, unless it says that you are signed in.")
	case s.Sandbox != nil:
		p.Say("That is the sandbox: any address of a member will do to sign in. Nothing will be kept.")
	default:
		if err := auth.OpenBrowser(ctx, s.PublicEnviron(p), flow.Address()); err != nil {
			p.Say("No browser was opened: " + err.Error() + ". Open the address yourself; on a machine without a browser use --no-browser.")
		}
	}
	p.Say("Waiting for the answer of the browser, up to " + flow.Patience() + "; Ctrl-C ends it.")
	return nil
}

// askWorkspace asks whether the workspace that was chosen in the browser is
// the one that is meant.
func askWorkspace(ctx context.Context, p *cli.Program, id attio.Identity) error {
	question := fmt.Sprintf("That is the workspace %s. Shall scim-sync manage it? Only \"yes\" does: ", view.Clean(cli.WorkspaceName(id)))
	return p.Confirm(ctx, question, "the answer was not yes; nothing was stored, and nobody is signed in")
}

// readToken takes an access token from standard input: on a terminal it is not
// shown, and where somebody sits it is one line, for there may be questions
// after it.
func readToken(ctx context.Context, p *cli.Program) (auth.Token, error) {
	type input struct {
		text []byte
		err  error
	}
	read := make(chan input, 1)
	restore := func() {}
	if f, ok := p.Stdin.(interface{ Fd() uintptr }); ok && term.IsTerminal(int(f.Fd())) {
		fd := int(f.Fd())
		if state, err := term.GetState(fd); err == nil {
			restore = func() { _ = term.Restore(fd, state) }
		}
		if err := view.Ask(p.Err, "Access token (it will not be shown): "); err != nil {
			return auth.Token{}, err
		}
		go func() {
			text, err := term.ReadPassword(fd)
			_, _ = fmt.Fprintln(p.Stderr) // the one that was typed is not shown either
			read <- input{text, err}
		}()
	} else if p.Interactive {
		go func() { read <- input{text: []byte(<-p.Lines())} }()
	} else {
		go func() { text, err := io.ReadAll(io.LimitReader(p.Stdin, 16<<10)); read <- input{text, err} }()
	}
	select {
	case <-ctx.Done():
		restore()
		return auth.Token{}, context.Cause(ctx)
	case in := <-read:
		text := strings.TrimSpace(string(in.text))
		why := attio.UsableToken(text)
		if in.err != nil {
			why = "standard input cannot be read"
		}
		if why != "" {
			return auth.Token{}, &cli.UsageError{Text: "that is no access token: " + why,
				Advice: "Give the token alone, as Attio showed it: scim-sync login --token-stdin < token.txt"}
		}
		return auth.NewToken(text, "", time.Time{}), nil
	}
}

// paste hands in the addresses that are pasted until one is taken.
func paste(ctx context.Context, p *cli.Program, flow *auth.SignIn) {
	for {
		select {
		case <-ctx.Done():
			return
		case line, ok := <-p.Lines():
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
			p.Say("Not taken: " + err.Error() + ".")
		}
	}
}
