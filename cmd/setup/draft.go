package setup

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"scim-sync/cmd/view"
)

// draft is the settings file as far as it is known.
type draft struct {
	org           string
	appID, app    string // its id and what people call it
	token         secretAt
	key           serviceApp
	roleAttribute string
	adminGroups   []string
	teams         string
	workspace     string
	attioToken    secretAt
	attioVariable bool // the setting's own variable has the token for Attio
	login         bool // ATTIO_CLIENT_ID and ATTIO_CLIENT_SECRET hold the app to sign in with
}

// secretAt says where a secret is: in a file, or in a variable that the settings
// name; nowhere: a variable of the setting's own has it, or nothing.
type secretAt struct{ file, variable string }

func (s secretAt) given() bool { return s != secretAt{} }

// text is the settings file, its paths as seen from folder; from none they stay
// whole.
func (d draft) text(folder string) []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# Settings of scim-sync, as \"scim-sync init\" asked for them. No secret belongs in here.")
	line("# Every other setting has its usual value; \"scim-sync config show\" lists them all,")
	line("# and scim-sync.yaml.example explains each.")
	line("")
	line("# Where people and groups come from.")
	line("okta:")
	line("  # The address that people sign in at.")
	line("  org_url: %s", scalar(d.org))
	if d.appID != "" {
		line("  # The app %swhose assigned people belong in the workspace.", named(d.app))
		line("  app_id: %s", scalar(d.appID))
	}
	d.credential(line, folder)
	if d.roleAttribute != "" {
		line("  # The attribute of the app's profile that says who is an admin.")
		line("  role_attribute: %s", scalar(d.roleAttribute))
	}
	line("")
	d.attio(line, folder)
	if len(d.adminGroups) > 0 {
		line("")
		line("# Who is an admin, beside what the role attribute says: the people of these groups.")
		line("roles:")
		line("  admin_groups: %s", list(d.adminGroups))
	}
	if d.teams != "" {
		line("")
		line("# Which Okta groups become Attio teams: assigned_groups (those that are assigned to")
		line("# the app), push_mappings (those that the app pushes), listed, or none.")
		line("teams:")
		line("  source: %s", scalar(d.teams))
	}
	line("")
	line("# How much one run may change before it refuses and asks: see docs/safety.md.")
	line("# protect:")
	line("#   removals: 20%%")
	return []byte(b.String())
}

func (d draft) credential(line func(string, ...any), folder string) {
	switch {
	case d.key.clientID != "":
		line("  # The service app that signs in to Okta with a key.")
		line("  service_app:")
		line("    client_id: %s", scalar(d.key.clientID))
		line("    key_id: %s", scalar(d.key.id))
		line("    private_key_file: %s", scalar(seenFrom(folder, d.key.file)))
	case d.token.file != "":
		line("  # The file that holds the API token. It is read anew each run.")
		line("  api_token_file: %s", scalar(seenFrom(folder, d.token.file)))
	case d.token.variable != "":
		line("  # The API token is in a variable, which every run has to be given.")
		line("  api_token: ${%s}", d.token.variable)
	default:
		line("  # The API token comes from SCIM_SYNC_OKTA_API_TOKEN. Or name a file:")
		line("  # api_token_file: okta-token")
	}
}

func (d draft) attio(line func(string, ...any), folder string) {
	line("# The workspace that is kept in line.")
	line("attio:")
	line("  # Its slug: a token for any other workspace is refused.")
	if d.workspace != "" {
		line("  workspace: %s", scalar(d.workspace))
	} else {
		line("  # workspace: acme")
	}
	switch {
	case d.attioToken.file != "":
		line("  # The file that holds the access token.")
		line("  token_file: %s", scalar(seenFrom(folder, d.attioToken.file)))
	case d.attioToken.variable != "":
		line("  # The access token is in a variable, which every run has to be given.")
		line("  token: ${%s}", d.attioToken.variable)
	case d.attioVariable:
		line("  # The access token comes from SCIM_SYNC_ATTIO_TOKEN. Or name a file:")
		line("  # token_file: attio-token")
	default:
		line("  # The access token is the one that \"scim-sync login\" keeps.")
	}
	if d.login {
		line("  # The Attio app that \"scim-sync login\" signs in with.")
		line("  oauth:")
		line("    client_id: ${ATTIO_CLIENT_ID}")
		line("    client_secret: ${ATTIO_CLIENT_SECRET}")
	}
}

func named(app string) string {
	if app == "" {
		return ""
	}
	return strings.Join(strings.Fields(view.Clean(app)), " ") + ", "
}

// seenFrom is a path as a file in folder names it: from there where it is below
// it, else whole.
func seenFrom(folder, path string) string {
	if folder == "" {
		return path
	}
	if near, err := filepath.Rel(folder, path); err == nil && filepath.IsLocal(near) {
		return filepath.ToSlash(near)
	}
	return path
}

// scalar writes a text as YAML does, in quotes where it could be taken for another
// thing.
func scalar(text string) string {
	out, err := yaml.Marshal(plain(text))
	if err != nil || bytes.Count(out, []byte("\n")) != 1 {
		return quoted(text)
	}
	return strings.TrimSpace(string(out))
}

// quoted writes a text in quotes, as JSON and YAML both read it.
func quoted(text string) string {
	out, _ := json.Marshal(plain(text))
	return string(out)
}

// plain makes a $ that would begin a variable an ordinary one.
func plain(text string) string { return strings.ReplaceAll(text, "${", "$${") }

func list(texts []string) string {
	all := make([]string, len(texts))
	for i, t := range texts {
		all[i] = quoted(t)
	}
	return "[" + strings.Join(all, ", ") + "]"
}
