package setup

import (
	"context"
	"slices"
	"strings"

	"scim-sync/attio"
	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/idp"
)

// findWorkspace finds the workspace that a token is for, or asks for its name, and
// shows who in it would be adopted.
func (w *wizard) findWorkspace(ctx context.Context, d idp.Directory) error {
	w.draft.workspace = w.given("attio.workspace", w.WorkspaceName())
	_, client := w.LookupEnv("ATTIO_CLIENT_ID")
	_, secret := w.LookupEnv("ATTIO_CLIENT_SECRET")
	_, token := w.LookupEnv("ATTIO_TOKEN")
	w.draft.login = client && secret
	switch {
	case w.options.attioTokenFile != "":
		w.draft.attioToken.file = w.path(w.options.attioTokenFile)
	case w.fromVariables("attio.token"):
		w.draft.attioVariable = true
	case token:
		w.draft.attioToken.variable = "ATTIO_TOKEN"
	}
	s, err := w.settings()
	if err != nil {
		return err
	}
	credential, err := cli.NewCredential(w.Program, s)
	if err != nil { // nobody is signed in yet, or it is not known which sign-in is meant
		return w.askWorkspace(ctx)
	}
	side, err := cli.NewAttioSide(w.Program, s, credential.Token)
	if err != nil {
		return err
	}
	id, err := side.Reader.Identity(ctx)
	if err == nil {
		err = credential.Want.Right(id)
	}
	if err != nil {
		if err := w.wrong(err); err != nil {
			return err
		}
		return w.askWorkspace(ctx)
	}
	w.draft.workspace, w.signedIn = id.WorkspaceSlug, true
	w.Say("Attio: the workspace " + view.Clean(cli.WorkspaceName(id)) + ".")
	if !id.CanRead() {
		return nil // doctor says what is missing
	}
	there, err := side.Reader.Workspace(ctx, nil)
	if err != nil {
		return w.wrong(err)
	}
	if len(d.People) > 0 {
		w.Say(adoptionWords(there, d.People))
	}
	return nil
}

func (w *wizard) askWorkspace(ctx context.Context) error {
	if w.draft.workspace != "" {
		return nil
	}
	text, err := w.ask(ctx, "Attio: nobody is signed in yet. The slug of the workspace, as in its address app.attio.com/SLUG; empty: the one you sign in to", "")
	if at := strings.LastIndex(text, "app.attio.com/"); at >= 0 {
		text, _, _ = strings.Cut(text[at+len("app.attio.com/"):], "/")
	}
	w.draft.workspace = text
	return err
}

// adoptionWords say who of the workspace's people would be managed, and who not.
func adoptionWords(there attio.Workspace, people []idp.Person) string {
	assigned := map[string]bool{}
	for _, p := range people {
		if p.Email != "" && p.Access != idp.Revoked {
			assigned[strings.ToLower(p.Email)] = true
		}
	}
	adopted, others := 0, []string{}
	for _, m := range there.Members {
		if assigned[strings.ToLower(m.Email)] {
			adopted++
		} else {
			others = append(others, view.Clean(m.Email))
		}
	}
	slices.Sort(others)
	text := "It has " + view.Count(len(there.Members), "person", "people") + ", invites included: "
	if len(others) == 0 {
		return text + "all are assigned in Okta and would be adopted."
	}
	return text + view.Count(adopted, "has the address of somebody", "have the address of somebody") + " assigned in Okta and would be adopted; " +
		view.Count(len(others), "has", "have") + " another one, and none of them is touched unless Okta says who it is: " + some(others) + "."
}
