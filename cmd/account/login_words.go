package account

import (
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"scim-sync/attio"
	"scim-sync/attio/auth"
	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/config"
)

// explainLogin says how to get access when there is no app to sign in with.
func explainLogin(p *cli.Program, s *cli.Settings) error {
	text := `There are two ways to give scim-sync access to Attio. Both take an admin of the
workspace, and the workspace needs the Enterprise plan.

1. An app of your own, and consent in the browser:
   make an app at https://build.attio.com and switch OAuth on;
   redirect address, letter by letter: ` + view.Clean(s.Attio.OAuth.RedirectURL) + `
   Scopes: tick ` + attio.ScopeWrite + `
   set attio.oauth.client_id and attio.oauth.client_secret, then run: scim-sync login

2. An access token made by hand:
   in Attio: Workspace settings > Developers > New access token,
   with User Management set to Read-write (` + attio.ScopeWrite + `);
   then run: scim-sync login --token-stdin < token.txt
   or, in cron and CI, give it as SCIM_SYNC_ATTIO_TOKEN
`
	if err := view.Line(p.Err, text); err != nil {
		return err
	}
	if err := s.Need(config.NeedLogin); err != nil {
		return err
	}
	return cli.Usagef("attio.oauth.client_id is not set")
}

// signInError makes a wrong setting a matter of usage.
func signInError(err error) error {
	if setting, ok := errors.AsType[*auth.SettingError](err); ok {
		return &cli.UsageError{Text: setting.Error(), Advice: setting.Hint()}
	}
	return err
}

// failurePage is what the browser shows of a sign-in that failed.
func failurePage(err error) auth.Page {
	p := auth.Page{Title: "Not signed in", Text: sentence(err.Error()), Next: "The terminal says more. Nothing was stored."}
	if rail, ok := errors.AsType[*cli.RailError](err); ok {
		p.Title, p.Text, p.Next = "Another workspace", sentence(rail.Detail), "Nothing was stored. Run scim-sync login again and choose the right workspace."
		return p
	}
	if known, ok := errors.AsType[*attio.Error](err); ok && known.Detail != "" {
		p.Text = sentence(known.Detail)
	}
	if advice := view.Advice(err); len(advice) > 0 {
		p.Next = strings.Join(advice, " ")
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

func by(owner string) string {
	if owner == "" {
		return ""
	}
	return ", authorised by " + view.Clean(owner)
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
func facts(id attio.Identity, owner string) [][2]string {
	all := [][2]string{{"Workspace", cli.WorkspaceName(id)}}
	if owner != "" {
		all = append(all, [2]string{"Authorised by", owner})
	}
	return append(all, [2]string{"May", "see and change members and teams"})
}
