package config

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// kind is the form of a node.
type kind int

const (
	absent kind = iota // null, or nothing at all
	scalar
	list
	mapping
)

// node is a piece of settings from the file, the environment or a flag, with
// variables filled in.
type node struct {
	kind kind
	tag  string // of a scalar, as !!str or !!int
	text string // of a scalar
	// shown is the text as it was written, before variables were filled in:
	// the only form that a message may quote.
	shown string
	// loose scalars are text whose type is not known, since they come from a
	// variable or a flag.
	loose bool
	// used and unset are the variables that the text names; unset ones are
	// not in the environment, or are empty and leave the text empty.
	used, unset []string
	// bad nodes have been reported already.
	bad       bool
	line, col int
	items     []node  // of a list
	fields    []field // of a mapping
}

// field is one key of a mapping.
type field struct{ key, value node }

// plain is a loose scalar.
func plain(text string) node {
	return node{kind: scalar, tag: "!!str", text: text, shown: text, loose: true}
}

// limits of a settings file: far beyond any real one, close enough to stop a
// file whose aliases multiply.
const (
	maxNodes = 50_000
	maxDepth = 20
)

// reader turns YAML nodes into ours.
type reader struct {
	lookup func(string) (string, bool) // nil: variables are not filled in
	count  int
	faults []fault
}

// read converts one YAML node at a path, aliases resolved.
func (r *reader) read(y *yaml.Node, path string, depth int) node {
	r.count++
	if r.count > maxNodes || depth > maxDepth {
		if r.count <= maxNodes+1 || depth == maxDepth+1 {
			r.fault(y, path, "is too large or too deep for settings")
		}
		return node{line: y.Line, col: y.Column}
	}
	if y.Kind == yaml.AliasNode && y.Alias != nil {
		n := r.read(y.Alias, path, depth+1)
		n.line, n.col = y.Line, y.Column
		return n
	}
	n := node{line: y.Line, col: y.Column, tag: y.ShortTag()}
	switch y.Kind {
	case yaml.ScalarNode:
		r.scalar(&n, y, path)
	case yaml.SequenceNode:
		n.kind = list
		for i, item := range y.Content {
			n.items = append(n.items, r.read(item, fmt.Sprintf("%s[%d]", path, i), depth+1))
		}
	case yaml.MappingNode:
		n.kind = mapping
		r.fields(&n, y, path, depth)
	}
	return n
}

func (r *reader) scalar(n *node, y *yaml.Node, path string) {
	n.text, n.shown = y.Value, y.Value
	if n.tag == "!!null" {
		return
	}
	n.kind = scalar
	if n.tag != "!!str" || r.lookup == nil {
		return
	}
	text, used, unset, err := expand(y.Value, r.lookup)
	if err != "" {
		r.fault(y, path, err)
		n.kind, n.bad = absent, true
		return
	}
	n.text, n.used, n.unset, n.loose = text, used, unset, len(used) > 0
	if n.loose && text == "" && len(unset) == 0 {
		n.unset = used // set, but to nothing
	}
}

func (r *reader) fields(n *node, y *yaml.Node, path string, depth int) {
	if path != "" {
		path += "."
	}
	first := map[string]int{}
	for i := 0; i+1 < len(y.Content); i += 2 {
		k := y.Content[i]
		key := node{kind: scalar, text: k.Value, shown: k.Value, line: k.Line, col: k.Column}
		switch {
		case k.Kind == yaml.ScalarNode && k.ShortTag() == "!!merge":
			r.fault(k, path+"<<", "merge keys are not taken; write the settings out")
			continue
		case k.Kind != yaml.ScalarNode || k.Value == "":
			r.fault(k, strings.TrimSuffix(path, "."), "a key must be a name")
			continue
		}
		if line, twice := first[k.Value]; twice {
			r.fault(k, path+label(k.Value), fmt.Sprintf("is given twice; the first is in line %d", line))
			continue
		}
		first[k.Value] = k.Line
		n.fields = append(n.fields, field{key, r.read(y.Content[i+1], path+label(k.Value), depth+1)})
	}
}

func (r *reader) fault(y *yaml.Node, path, msg string) {
	r.faults = append(r.faults, fault{line: y.Line, col: y.Column, below: path, msg: msg})
}

// fault is something wrong with a node, seen from the setting it is in.
type fault struct {
	line, col int
	below     string // place below the setting, as [2].team
	msg       string
	missing   bool
}

// wrong makes a fault at n.
func (n node) wrong(format string, args ...any) fault {
	return fault{line: n.line, col: n.col, msg: fmt.Sprintf(format, args...)}
}

// quote gives what was written, for a message. What stands before an @ in an
// address may hold a password, what stands behind a ? or # a token.
func (n node) quote() string { return strconv.Quote(clip(withoutQuery(withoutUser(n.shown)))) }

// withoutQuery masks the query and the fragment of an address, which may lack
// its scheme.
func withoutQuery(text string) string {
	i := strings.IndexAny(text, "?#")
	if i < 0 || !strings.Contains(text, "://") && !strings.Contains(text[i:], "=") {
		return text
	}
	return text[:i+1] + masked
}

// withoutUser masks the user and password of an address.
func withoutUser(text string) string {
	scheme, rest, ok := strings.Cut(text, "://")
	authority, path, slash := strings.Cut(rest, "/")
	at := strings.LastIndex(authority, "@")
	if !ok || at < 0 {
		return text
	}
	text = scheme + "://" + masked + authority[at:]
	if slash {
		text += "/" + path
	}
	return text
}

// form says in words what a node is.
func (n node) form() string {
	switch n.kind {
	case list:
		return "a list"
	case mapping:
		return "a section with keys"
	case scalar:
		switch n.tag {
		case "!!int", "!!float":
			return "a number"
		case "!!bool":
			return "true or false"
		case "!!str":
			return "text"
		case "!!timestamp":
			return "a date"
		}
		return "something else"
	}
	return "nothing"
}

// label gives a name that somebody wrote, fit to stand in a message.
func label(name string) string { return printable(clip(name)) }

// clip shortens long texts for messages.
func clip(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
