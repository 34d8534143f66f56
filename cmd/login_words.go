package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"

	"scim-sync/attio"
	"scim-sync/attio/auth"
	"scim-sync/cmd/view"
)

// signInError makes a wrong setting a matter of usage.
func signInError(err error) error {
	if setting, ok := errors.AsType[*auth.SettingError](err); ok {
		return &usageError{text: setting.Error(), hint: setting.Hint()}
	}
	return err
}

// stdinLines gives the lines of standard input, read only as far as they are
// taken.
func (a *app) stdinLines() <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		scan := bufio.NewScanner(a.Stdin)
		scan.Buffer(nil, 64<<10)
		for scan.Scan() {
			lines <- scan.Text()
		}
	}()
	return lines
}

// askWorkspace asks whether the workspace that was chosen in the browser is
// the one that is meant.
func (a *app) askWorkspace(ctx context.Context, id attio.Identity, lines <-chan string) error {
	question := fmt.Sprintf("That is the workspace %s. Shall scim-sync manage it? Only \"yes\" does: ", view.Clean(workspaceName(id)))
	if err := view.Ask(a.err, question); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case line := <-lines:
		if strings.TrimSpace(line) == "yes" {
			return nil
		}
	}
	return errors.New("not signed in: the answer was not yes; nothing was stored")
}

// readToken takes an access token from standard input: on a terminal it is not
// shown, and where somebody sits it is one line, for there may be questions
// after it.
func (a *app) readToken(ctx context.Context, lines func() <-chan string) (auth.Token, error) {
	type input struct {
		text []byte
		err  error
	}
	read := make(chan input, 1)
	restore := func() {}
	if f, ok := a.Stdin.(interface{ Fd() uintptr }); ok && term.IsTerminal(int(f.Fd())) {
		fd := int(f.Fd())
		if state, err := term.GetState(fd); err == nil {
			restore = func() { _ = term.Restore(fd, state) }
		}
		if err := view.Ask(a.err, "Access token (it will not be shown): "); err != nil {
			return auth.Token{}, err
		}
		go func() {
			text, err := term.ReadPassword(fd)
			_, _ = fmt.Fprintln(a.Stderr) // the one that was typed is not shown either
			read <- input{text, err}
		}()
	} else if a.Interactive {
		go func() { read <- input{text: []byte(<-lines())} }()
	} else {
		go func() { text, err := io.ReadAll(io.LimitReader(a.Stdin, 16<<10)); read <- input{text, err} }()
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
			return auth.Token{}, &usageError{text: "that is no access token: " + why,
				hint: "Give the token alone, as Attio showed it: scim-sync login --token-stdin < token.txt"}
		}
		return auth.NewToken(text, "", time.Time{}), nil
	}
}

// failurePage is what the browser shows of a sign-in that failed.
func failurePage(err error) auth.Page {
	p := auth.Page{Title: "Not signed in", Text: sentence(err.Error()), Next: "The terminal says more. Nothing was stored."}
	var (
		known *attio.Error
		rail  *railError
		hint  interface{ Hint() string }
	)
	switch {
	case errors.As(err, &rail):
		p.Title, p.Text, p.Next = "Another workspace", sentence(rail.Detail), "Nothing was stored. Run scim-sync login again and choose the right workspace."
	case errors.As(err, &known):
		if known.Detail != "" {
			p.Text = sentence(known.Detail)
		}
		if known.Hint != "" {
			p.Next = known.Hint
		}
	case errors.As(err, &hint):
		p.Next = hint.Hint()
	}
	return p
}

// sentence makes a sentence of the words of an error.
func sentence(s string) string {
	s = view.Clean(s)
	if s == "" {
		return s
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(s[size:], ".") + "."
}

func workspaceName(id attio.Identity) string {
	if id.WorkspaceName == "" || id.WorkspaceName == id.WorkspaceSlug {
		return id.WorkspaceSlug
	}
	return id.WorkspaceName + " (" + id.WorkspaceSlug + ")"
}

func by(author string) string {
	if author == "" {
		return ""
	}
	return ", authorised by " + view.Clean(author)
}

func scopesIn(id attio.Identity) string {
	if len(id.Scopes) == 0 {
		return "none"
	}
	return view.Clean(strings.Join(id.Scopes, " "))
}

func endWords(t time.Time) string { return t.UTC().Format("2 January 2006 at 15:04 UTC") }

func expiryWords(t auth.Token) string {
	end := "The token ends on " + endWords(t.Expires)
	if t.Refresh() == "" {
		return end + ": sign in again before then."
	}
	return end + " and is renewed before then."
}

// facts are what the last page lists.
func facts(id attio.Identity, author string) [][2]string {
	all := [][2]string{{"Workspace", workspaceName(id)}}
	if author != "" {
		all = append(all, [2]string{"Authorised by", author})
	}
	return append(all, [2]string{"May", "see and change members and teams"})
}
