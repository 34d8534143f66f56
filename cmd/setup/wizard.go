package setup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"scim-sync/cmd/internal/cli"
	"scim-sync/config"
	"scim-sync/idp"
)

// wizard is one round of questions, and what came of them so far.
type wizard struct {
	interview
	options  options
	target   string // the file to write
	draft    draft
	typed    string // a token that was typed and lies nowhere
	refused  bool   // Okta has refused a token that lay somewhere, or was typed
	signedIn bool   // to Attio
}

// begin refuses what could not be ended, before anything is asked.
func (w *wizard) begin() error {
	switch {
	case w.Flags.Sandbox:
		return &cli.UsageError{Text: "init --sandbox: that sandbox ends with the command that made it, and settings would point nowhere",
			Advice: "Try it on one that stays: scim-sync sandbox --env-file sandbox.env, then in another shell: . ./sandbox.env && scim-sync init"}
	case !w.silent && !w.Interactive:
		return &cli.UsageError{Text: "init asks questions, and there is no terminal to ask on", Advice: "In scripts: scim-sync init --yes --org ADDRESS --app APP"}
	case w.options.key != serviceApp{} && (w.options.key.clientID == "" || w.options.key.id == "" || w.options.key.file == ""):
		return cli.Usagef("a service app takes all three: --client-id, --key-id and --key-file")
	}
	switch w.options.teams {
	case "", string(idp.AssignedGroups), string(idp.PushMappings), string(idp.NoTeams):
	default:
		return cli.Usagef("--teams %q: use assigned_groups, push_mappings or none", w.options.teams)
	}
	for flag, file := range map[string]string{"token-file": w.options.tokenFile, "key-file": w.options.key.file, "attio-token-file": w.options.attioTokenFile} {
		if file == "" {
			continue
		}
		if _, err := os.Stat(w.path(file)); err != nil {
			return cli.Usagef("--%s %s: there is no such file, or it cannot be looked at", flag, file)
		}
	}
	if w.options.key.file != "" {
		w.options.key.file = w.path(w.options.key.file)
	}
	w.target = w.path(w.place())
	if _, err := os.Lstat(w.target); !errors.Is(err, fs.ErrNotExist) {
		return &cli.UsageError{Text: w.target + " is there already, and init replaces no file", Advice: "See what it says: scim-sync config show. To write another: scim-sync init --out FILE"}
	}
	if st, err := os.Stat(filepath.Dir(w.target)); err != nil || !st.IsDir() {
		return cli.Usagef("there is no folder %s to write the settings to", filepath.Dir(w.target))
	}
	return nil
}

// place is the file that is written: one that somebody named, unless a variable
// names one that is there.
func (w *wizard) place() string {
	for _, name := range []string{w.options.out, w.Flags.Config} {
		if name != "" {
			return name
		}
	}
	if name, ok := w.LookupEnv(config.FileVariable); ok && name != "" {
		if _, err := os.Lstat(w.path(name)); errors.Is(err, fs.ErrNotExist) {
			return name
		}
	}
	return config.FileName
}

func (w *wizard) path(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(w.Dir, name)
}

// settings are those in force if the draft were the settings file.
func (w *wizard) settings() (*cli.Settings, error) {
	return cli.SettingsOf(w.Program, w.draft.text(""), chosen()...)
}

// chosen are the settings that init asks for: an answer goes before a variable.
func chosen() []string { return []string{"okta.org_url", "okta.app_id", "attio.workspace"} }

// given is a setting that a flag or else a variable says.
func (w *wizard) given(key, flag string) string {
	if flag != "" {
		return flag
	}
	text, _ := w.LookupEnv(config.Variable(key))
	return text
}

// fromVariables says whether a variable gives one of these settings, itself or as a
// file.
func (w *wizard) fromVariables(keys ...string) bool {
	for _, key := range keys {
		if w.given(key, "") != "" || w.given(key+"_file", "") != "" {
			return true
		}
	}
	return false
}
