package config

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"scim-sync/internal/nearest"
)

// One file may describe several workspaces: below workspaces stands a list, and what
// an entry says goes before what the file says above it. Or --config names a folder,
// in which each file describes one.

// WorkspaceVariable names the workspace when --workspace does not.
const WorkspaceVariable = variablePrefix + "WORKSPACE"

// PagerVariable names what a terminal is read with, before PAGER.
const PagerVariable = variablePrefix + "PAGER"

// EveryWorkspace is what --workspace says for all of them, one after the other.
const EveryWorkspace = "all"

const workspacesKey = "workspaces"

// Workspaces are the names of those that the settings file, or folder, describes
// beside one another, in their order; none where it describes only one, without a
// name.
func Workspaces(src Sources) ([]string, error) {
	if place, files, err := src.folder(); err != nil || place != "" {
		names := make([]string, len(files))
		for i, f := range files {
			names[i] = nameOf(f)
		}
		return names, err
	}
	f, err := src.find()
	if err != nil {
		return nil, err
	}
	l := &loading{src: src, record: newRecord()}
	root, faults := document(f.data, src.lookup)
	if len(faults) > 0 || root.kind != mapping {
		return nil, nil // whoever loads it hears what is wrong
	}
	_, entries := l.takeEntries(root, Origin{From: FromFile, File: f.shown})
	return namesOf(entries), nil
}

// Workspace is the name of the workspace that was chosen of several; empty where
// there is nothing to choose.
func (s *Settings) Workspace() string { return s.about().workspace }

// workspaceEntry is one of the list.
type workspaceEntry struct {
	name string
	node node
}

func namesOf(entries []workspaceEntry) []string {
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.name
	}
	return names
}

// takeEntries takes the list of workspaces out of a file. What is wrong with it is
// a problem.
func (l *loading) takeEntries(root node, at Origin) (rest node, entries []workspaceEntry) {
	i := slices.IndexFunc(root.fields, func(f field) bool { return f.key.text == workspacesKey })
	if i < 0 {
		return root, nil
	}
	value := root.fields[i].value
	rest = root
	rest.fields = slices.Concat(root.fields[:i], root.fields[i+1:])
	if value.kind != list && value.kind != absent {
		l.problems = append(l.problems, value.wrong("is %s; it must be a list of workspaces, each with the settings that are its own", value.form()).problem(at, workspacesKey))
		return rest, nil
	}
	for n, item := range value.items {
		path := fmt.Sprintf("%s[%d]", workspacesKey, n)
		if item.kind != mapping {
			l.problems = append(l.problems, item.wrong("is %s; it must hold the settings of one workspace, as attio: {workspace: acme}", item.form()).problem(at, path))
			continue
		}
		e := entryOf(item)
		switch {
		case e.name == "":
			l.problems = append(l.problems, item.wrong("has no name; give it one, or attio.workspace").problem(at, path))
		case strings.EqualFold(e.name, EveryWorkspace):
			l.problems = append(l.problems, item.wrong("cannot be called %s, which means all of them", EveryWorkspace).problem(at, path))
		case slices.ContainsFunc(entries, func(x workspaceEntry) bool { return strings.EqualFold(x.name, e.name) }):
			l.problems = append(l.problems, item.wrong("is called %s, as another one before it", label(e.name)).problem(at, path))
		}
		entries = append(entries, e)
	}
	return rest, entries
}

// entryOf reads an entry's name: its own, else the workspace that it is for.
func entryOf(item node) workspaceEntry {
	e := workspaceEntry{node: item}
	e.node.fields = nil
	slug := ""
	for _, f := range item.fields {
		switch {
		case f.key.text == "name" && f.value.kind == scalar:
			e.name = f.value.text
			continue
		case f.key.text == "attio" && f.value.kind == mapping:
			for _, below := range f.value.fields {
				if below.key.text == "workspace" {
					slug = below.value.text
				}
			}
		}
		e.node.fields = append(e.node.fields, f)
	}
	e.name = cmp.Or(e.name, slug)
	return e
}

// withWorkspaces adds to the file's layer what the chosen entry says. The others are
// looked at as well: a slip in one shall not wait for its turn, and no secret of any
// may be told.
func (l *loading) withWorkspaces(to layer, entries []workspaceEntry, at Origin) {
	if len(entries) == 0 {
		return
	}
	chosen, why := choose(namesOf(entries), l.src.Workspace, at.File)
	if why != "" {
		l.problems = append(l.problems, Problem{File: at.File, Key: workspacesKey, Message: why})
	}
	for i, e := range entries {
		into := layer{}
		if i == chosen {
			l.record.workspace = e.name
			l.section(into, e.node, "", at)
			to.override(into)
			continue
		}
		other := *l
		other.problems, other.record = nil, newRecord()
		other.section(into, e.node, "", at)
		l.problems = append(l.problems, other.problems...)
		l.record.hidden = append(l.record.hidden, other.record.hidden...)
	}
}

// override puts what a stronger layer says before what this one does. A secret and
// the file that holds it are one thing, and so are Okta's two credentials.
func (l layer) override(stronger layer) {
	for path := range stronger {
		delete(l, path+fileSuffix)
		delete(l, strings.TrimSuffix(path, fileSuffix))
		switch {
		case strings.HasPrefix(path, "okta.service_app."):
			delete(l, "okta.api_token")
			delete(l, "okta.api_token"+fileSuffix)
		case strings.HasPrefix(path, "okta.api_token"):
			maps.DeleteFunc(l, func(p string, _ *given) bool { return strings.HasPrefix(p, "okta.service_app.") })
		}
	}
	maps.Copy(l, stronger)
}

// choose gives the place of the one that is meant among several names, or why none is.
func choose(names []string, wanted, where string) (at int, why string) {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = label(n)
	}
	switch at := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, wanted) }); {
	case wanted == "" && len(names) == 1:
		return 0, ""
	case wanted == "":
		return -1, fmt.Sprintf("there are several: %s; say which is meant with --workspace NAME, or --workspace %s for each of them", strings.Join(list, ", "), EveryWorkspace)
	case at >= 0:
		return at, ""
	}
	return -1, fmt.Sprintf("none is called %s%s", label(wanted), nearest.Suggestion(wanted, list))
}

// folder gives the folder that is named as the settings, and the files in it; no
// place where a file is named, or nothing.
func (src Sources) folder() (place string, files []string, err error) {
	place, _ = src.lookup(FileVariable)
	if place = cmp.Or(src.ConfigFlag, place); place == "" || src.Text != nil {
		return "", nil, nil
	}
	open := src.Open
	if open == nil {
		open = func(path string) (fs.File, error) { return os.Open(path) }
	}
	f, err := open(src.resolve("", place))
	if err != nil {
		return "", nil, nil // whoever reads it says why
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.IsDir() {
		return "", nil, nil
	}
	dir, ok := f.(fs.ReadDirFile)
	if !ok {
		return "", nil, nil
	}
	entries, err := dir.ReadDir(-1)
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); (ext == ".yaml" || ext == ".yml") && !e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			files = append(files, filepath.Join(place, e.Name()))
		}
	}
	slices.Sort(files)
	if err == nil && len(files) == 0 {
		err = &Error{Problems: []Problem{{File: place, Message: "is a folder without a .yaml file; each one in it describes a workspace"}}}
	}
	return place, files, err
}

func nameOf(file string) string {
	base := filepath.Base(file)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// inFolder chooses the file of a folder; there is none where no folder is named.
func (src Sources) inFolder() (path string, err error) {
	place, files, err := src.folder()
	if err != nil || place == "" {
		return "", err
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = nameOf(f)
	}
	at, why := choose(names, src.Workspace, place)
	if why != "" {
		return "", &Error{Problems: []Problem{{File: place, Message: "holds the settings of several workspaces: " + why}}}
	}
	return files[at], nil
}
