package config

import (
	"fmt"
	"path/filepath"
	"slices"

	"scim-sync/idp"
)

// Load reads the settings: flag before environment before file before default.
// It reports every problem it finds at once, as an [*Error]; what a command
// needs beyond that is asked with [Settings.Need].
func Load(src Sources) (*Settings, error) {
	alone, err := src.inFolder()
	if err != nil {
		return nil, err
	}
	chosen := ""
	if alone != "" { // the folder's file is the workspace
		chosen, src.ConfigFlag, src.Workspace = nameOf(alone), alone, ""
	}
	f, err := src.find()
	if err != nil {
		return nil, err
	}
	l := &loading{src: src, keys: keys(), index: map[string]key{}, record: newRecord()}
	l.record.file, l.record.workspace = f.shown, chosen
	defaults := layer{}
	for _, k := range l.keys {
		l.index[k.path] = k
		defaults[k.path], _ = k.byDefault()
	}
	file := l.fromFile(f)
	if l.record.workspace == "" && src.Workspace != "" { // of one alone
		l.src.Overrides = append(slices.Clone(src.Overrides), Override{Key: "attio.workspace", Value: src.Workspace, Flag: "--workspace"})
	}
	layers := []layer{file, l.fromEnvironment(), l.fromFlags()}
	l.bothForms(layers)
	values, err := stack(defaults, layers[0], layers[1], layers[2])
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}

	s := &Settings{record: l.record}
	for _, k := range l.keys {
		g := values.get(k.path)
		g.store(s)
		l.record.origins[k.path] = g.origin
		if g.origin.From != FromDefault {
			delete(l.record.absent, k.path)
		}
	}
	base := f.folder()
	for _, k := range l.keys {
		if k.secret {
			l.secretFromFile(s, k, values, base)
		}
	}
	l.directory(s, values.get("idp.file"), base)
	l.telling(s, values, base)
	l.together(s, values)
	if err := asError(l.problems); err != nil {
		return nil, err
	}
	return s, nil
}

// directory completes the path of the directory file.
func (l *loading) directory(s *Settings, named *given, base string) {
	if s.IDP.File == "" {
		return
	}
	if named.origin.From != FromFile {
		base = ""
	}
	l.record.directoryFile = l.src.resolve(base, s.IDP.File)
	if s.IDP.Source != FromDirectoryFile {
		l.record.warnings = append(l.record.warnings, named.origin.problem("idp.file", "is not read: idp.source is %s", s.IDP.Source))
	}
}

// folder is where the relative paths of the file start; empty: there is no file.
func (f file) folder() string {
	if !f.exists {
		return ""
	}
	return filepath.Dir(f.path)
}

// bothForms refuses a secret that one place gives as itself and as a file.
func (l *loading) bothForms(layers []layer) {
	for _, at := range layers {
		for _, k := range l.keys {
			text, inFile := at[k.path], at[k.path+fileSuffix]
			if k.secret && text != nil && inFile != nil {
				l.problems = append(l.problems, inFile.origin.problem(k.path+fileSuffix, "is given together with %s (%s); keep one of them", k.path, text.origin))
			}
		}
	}
}

// secretFromFile reads a secret's file when nothing stronger gives the secret
// itself. A file that cannot be used is remembered for [Settings.Need]: a
// command that does not look at the secret works without it.
func (l *loading) secretFromFile(s *Settings, k key, values overlay, base string) {
	text, named := values.get(k.path), values.get(k.path+fileSuffix)
	if named.origin.From == FromDefault || named.bad || named.text == "" || strength(text) >= strength(named) {
		return
	}
	at := named.origin
	if at.From != FromFile {
		base = ""
	}
	at.SecretFile = named.text
	l.record.origins[k.path] = at
	store, why := l.readSecret(k, l.src.resolve(base, named.text), at)
	if why != "" {
		l.record.absent[k.path] = why
		l.record.broken[k.path] = named.origin.problem(k.path+fileSuffix, "%s", why)
		none, _ := k.decode(plain(""))
		none(s)
		return
	}
	delete(l.record.absent, k.path)
	store(s)
}

// together checks what single keys cannot: settings that contradict each other.
func (l *loading) together(s *Settings, values overlay) {
	inUse := func(path string) (Origin, bool) {
		_, broken := l.record.broken[path]
		return l.record.origins[path], broken || values.get(path).bad || present(l.index[path].shown(s))
	}
	if token, ok := inUse("okta.api_token"); ok {
		for _, path := range []string{"okta.service_app.client_id", "okta.service_app.key_id", "okta.service_app.private_key"} {
			if app, ok := inUse(path); ok {
				l.problems = append(l.problems, token.problem("okta.api_token", "is given together with okta.service_app (%s); keep one of them", app))
				break
			}
		}
	}
	groups := values.get("teams.groups")
	if s.Policy.Teams.Source == idp.ListedGroups && len(s.Policy.Teams.Groups) == 0 && !groups.bad {
		l.problems = append(l.problems, values.get("teams.source").origin.problem("teams.source", "is listed, but teams.groups lists no group; list them, or write none"))
	}
}

// strength orders the places a value may come from.
func strength(g *given) int {
	return slices.Index([]From{FromDefault, FromFile, FromEnvironment, FromFlag}, g.origin.From)
}
