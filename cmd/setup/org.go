package setup

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"scim-sync/cmd/internal/cli"
	"scim-sync/idp"
	"scim-sync/idp/okta"
)

// tokenVariable is where a token for Okta is looked for, beside the setting's own.
const tokenVariable = "OKTA_API_TOKEN"

// tries is how often an answer that does not work may be given.
const tries = 5

// findOrg asks for the org and a credential until both work, and gives the org's
// apps.
func (w *wizard) findOrg(ctx context.Context) ([]okta.App, error) {
	w.draft.org, w.draft.key = w.given("okta.org_url", w.options.org), w.options.key
	for range tries {
		if err := w.askOrg(ctx); err != nil {
			return nil, err
		}
		if err := w.askToken(ctx); err != nil {
			return nil, err
		}
		s, err := w.settings()
		if err == nil {
			w.Say("Listing the apps of " + w.draft.org + " ...")
			var apps []okta.App
			if apps, err = cli.OktaApps(ctx, w.Program, s); err == nil {
				return apps, nil
			}
		}
		if err := w.wrong(err); err != nil {
			return nil, err
		}
		if w.draft.token.given() && idp.KindOf(err) == idp.Credential {
			w.draft.token, w.typed, w.refused = secretAt{}, "", true
		} else {
			w.draft.org = ""
		}
	}
	return nil, errors.New("init gave up: Okta could not be asked; nothing was written")
}

func (w *wizard) askOrg(ctx context.Context) error {
	for range tries {
		text := w.draft.org
		if text == "" {
			var err error
			if text, err = w.ask(ctx, "Okta org: the address that people sign in at, such as https://acme.okta.com", ""); err != nil {
				return err
			}
			if text == "" && w.silent {
				return missing("--org", "the address of the Okta org")
			}
		}
		if text != "" && !strings.Contains(text, "://") {
			text = "https://" + text
		}
		org, err := okta.NormalOrgURL(text)
		if err == nil {
			w.draft.org = org
			return nil
		}
		w.draft.org = ""
		if err := w.wrong(err); err != nil {
			return err
		}
	}
	return nobody()
}

// askToken finds the credential for Okta, or asks for a token.
func (w *wizard) askToken(ctx context.Context) error {
	_, there := w.LookupEnv(tokenVariable)
	switch {
	case w.draft.token.given() || w.draft.key.clientID != "" || w.typed != "":
		return nil
	case w.refused: // what is there does not do
	case w.options.tokenFile != "":
		w.draft.token.file = w.path(w.options.tokenFile)
		return nil
	case w.fromVariables("okta.api_token", "okta.service_app.client_id"):
		return nil // a setting's own variable says it
	case there:
		w.draft.token.variable = tokenVariable
		return nil
	case w.silent:
		return missing("--token-file or "+tokenVariable, "a token for Okta")
	}
	w.Say("A token for Okta comes from its admin console: Security > API > Tokens. A Read-only Administrator's is enough.")
	text, open, err := w.HiddenAnswer(ctx, "API token for Okta (it is not shown): ")
	if err != nil {
		return err
	}
	if !open && text == "" {
		return nobody()
	}
	w.typed = text
	w.draft.token.variable = tokenVariable
	w.Environ = append(w.Environ, tokenVariable+"="+text)
	return nil
}

// keepToken offers to keep a token that was typed in a file of its own.
func (w *wizard) keepToken(ctx context.Context) error {
	if w.typed == "" {
		return nil
	}
	path := filepath.Join(filepath.Dir(w.target), "okta-token")
	keep, err := w.agree(ctx, "Keep that token in the file "+path+", which only you can read?")
	if err != nil || !keep {
		return err
	}
	if trouble := create(path, []byte(w.typed+"\n"), 0o600); trouble != nil {
		w.Warn("the token is not kept: " + trouble.Error() + ". Give it as " + tokenVariable + ".")
	} else {
		w.draft.token = secretAt{file: path}
	}
	return nil
}
