package config

import (
	"maps"
	"slices"
	"strings"

	"scim-sync/internal/nearest"
)

// given is one value of a key, from one place.
type given struct {
	origin Origin
	store  func(*Settings)
	// text is the value of keys that name a file.
	text string
	// bad values were refused; their problem is reported already.
	bad bool
}

// layer is all that one place gives, by key.
type layer map[string]*given

// byDefault gives the default of a key.
func (k key) byDefault() (*given, []fault) {
	g := &given{origin: Origin{From: FromDefault}, store: func(*Settings) {}}
	if k.def == "" {
		return g, nil
	}
	n, faults := k.fromText(k.def)
	if len(faults) == 0 {
		g.store, faults = k.decode(n)
	}
	return g, faults
}

// fromText makes a node of text in a variable, a flag or the table.
func (k key) fromText(text string) (node, []fault) {
	if !k.takesList() {
		return plain(text), nil
	}
	n, faults := document([]byte(text), nil)
	if len(faults) == 0 && n.kind == absent {
		n = plain(text)
	}
	return n, faults
}

// loading is one load under way.
type loading struct {
	src      Sources
	keys     []key
	index    map[string]key
	record   *record
	problems []Problem
}

// give adds a node as the value of a key to a layer.
func (l *loading) give(to layer, k key, n node, at Origin) {
	store, faults := k.decode(n)
	for _, f := range faults {
		l.problems = append(l.problems, f.problem(at, k.path))
	}
	to[k.path] = &given{origin: at, store: store, text: n.text, bad: len(faults) > 0}
}

// problem puts a fault into its place. Positions inside a variable mean nothing.
func (f fault) problem(at Origin, path string) Problem {
	p := at.problem(path+f.below, "%s", f.msg)
	p.Missing = f.missing
	if at.File != "" {
		p.Line, p.Column = f.line, f.col
	}
	return p
}

// fromFile reads the settings file into a layer.
func (l *loading) fromFile(f file) layer {
	to := layer{}
	root, faults := document(f.data, l.src.lookup)
	at := Origin{From: FromFile, File: f.shown}
	for _, fault := range faults {
		l.problems = append(l.problems, fault.problem(at, ""))
	}
	switch {
	case root.kind == mapping:
		rest, entries := l.takeEntries(root, at)
		l.section(to, rest, "", at)
		l.withWorkspaces(to, entries, at)
	case root.kind != absent:
		l.problems = append(l.problems, root.wrong("is %s; it must be the sections okta, attio and so on", root.form()).problem(at, ""))
	}
	return to
}

// section reads the keys below prefix, which is empty or ends with a dot.
func (l *loading) section(to layer, n node, prefix string, at Origin) {
	for _, f := range n.fields {
		path := prefix + f.key.text
		k, known := l.index[path]
		switch {
		case slices.Contains(l.src.Ignore, path):
		case strings.Contains(f.key.text, "."):
			l.unknown(f.key, prefix, at)
		case known:
			l.setting(to, k, f.value, at)
		case !l.isSection(path):
			l.unknown(f.key, prefix, at)
		case f.value.kind == mapping:
			l.section(to, f.value, path+".", at)
		case f.value.kind != absent:
			l.problems = append(l.problems, f.value.wrong("is %s; it must be a section with keys below it", f.value.form()).problem(at, path))
		}
	}
}

// setting reads one key of the file. Without a value, or with a variable that
// is not set, the key is absent.
func (l *loading) setting(to layer, k key, n node, at Origin) {
	if n.kind == absent {
		return
	}
	at.Line, at.Column, at.Variables = n.line, n.col, n.used
	l.hide(k, n)
	if len(n.unset) > 0 {
		why := unsetWords(n.unset, l.src.defined)
		l.record.absent[k.path] = why
		if k.used == 0 {
			l.record.warnings = append(l.record.warnings, at.problem(k.path, "%s; the key counts as absent", why))
		}
		return
	}
	l.give(to, k, n, at)
}

// hide remembers what is given for a secret, whether or not it is taken.
func (l *loading) hide(k key, n node) {
	var texts []string
	switch {
	case k.secret:
		texts = []string{n.text}
	case k.path == "state.url":
		texts = NewStateURL(n.text).Secrets()
	case k.path == "notify":
		for _, item := range n.items {
			for _, f := range item.fields {
				if f.key.text == "url" {
					texts = append(texts, f.value.text)
				}
			}
		}
	}
	for _, text := range texts {
		l.record.hidden = append(l.record.hidden, NewSecret(text))
	}
}

func (l *loading) isSection(path string) bool {
	return slices.ContainsFunc(sections(), func(s section) bool { return s.path == path })
}

// unknown reports a key that is not in the table, with the nearest that is.
func (l *loading) unknown(n node, prefix string, at Origin) {
	here := l.children(prefix)
	hint := nearest.Suggestion(n.text, here)
	if _, dotted := l.index[prefix+n.text]; dotted {
		parent, leaf := cutLast(n.text)
		hint = "; write " + leaf + " below " + parent
	} else if nearest.Name(n.text, here) == "" {
		for _, k := range l.keys {
			if _, leaf := cutLast(k.path); leaf == n.text {
				hint = "; did you mean " + k.path + "?"
				break
			}
		}
	}
	l.problems = append(l.problems, n.wrong("unknown key%s", hint).problem(at, prefix+label(n.text)))
}

// children are the names that may stand right below prefix.
func (l *loading) children(prefix string) []string {
	var names []string
	add := func(path string) {
		if rest, ok := strings.CutPrefix(path, prefix); ok && rest != "" && !strings.Contains(rest, ".") {
			names = append(names, rest)
		}
	}
	for _, k := range l.keys {
		add(k.path)
	}
	for _, s := range sections() {
		add(s.path)
	}
	add(workspacesKey)
	return names
}

func cutLast(path string) (parent, leaf string) {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return "", path
}

// fromEnvironment reads SCIM_SYNC_ variables into a layer. Those that nothing
// reads are warned of.
func (l *loading) fromEnvironment() layer {
	to, known := layer{}, append([]string{FileVariable, WorkspaceVariable, PagerVariable}, l.src.Controls...)
	for _, k := range l.keys {
		known = append(known, k.variable())
		if text, ok := l.src.lookup(k.variable()); ok {
			l.giveText(to, k, text, Origin{From: FromEnvironment, Name: k.variable()})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.src.Env)) {
		if !strings.HasPrefix(name, variablePrefix) || slices.Contains(known, name) {
			continue
		}
		hint := ""
		if near := nearestVariable(name, known); near != "" {
			hint = "; did you mean " + near + "?"
		}
		l.record.warnings = append(l.record.warnings, Problem{Variable: label(name), Message: "no setting has this variable" + hint})
	}
	return to
}

// nearestVariable compares without the prefix that all of them have.
func nearestVariable(name string, known []string) string {
	rest := make([]string, len(known))
	for i, k := range known {
		rest[i] = strings.TrimPrefix(k, variablePrefix)
	}
	if near := nearest.Name(strings.TrimPrefix(name, variablePrefix), rest); near != "" {
		return variablePrefix + near
	}
	return ""
}

// fromFlags reads what flags set into a layer.
func (l *loading) fromFlags() layer {
	to := layer{}
	for _, o := range l.src.Overrides {
		at := Origin{From: FromFlag, Name: o.Flag}
		if k, ok := l.index[o.Key]; ok {
			l.giveText(to, k, o.Value, at)
		} else {
			l.problems = append(l.problems, at.problem(o.Key, "there is no such setting"))
		}
	}
	return to
}

func (l *loading) giveText(to layer, k key, text string, at Origin) {
	n, faults := k.fromText(text)
	if len(faults) > 0 {
		l.problems = append(l.problems, at.problem(k.path, "is not a YAML list, as [one, two]"))
		to[k.path] = &given{origin: at, store: func(*Settings) {}, bad: true}
		return
	}
	l.hide(k, n)
	l.give(to, k, n, at)
}
