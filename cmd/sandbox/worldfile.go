package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"

	"scim-sync/internal/nearest"
)

// LoadWorld reads a world from a file, by which it is called in errors, or one that
// is built in, by its name.
func LoadWorld(path string) (*World, error) {
	b, err := readWorld(path)
	if err != nil {
		return nil, fmt.Errorf("world file: %w", err)
	}
	return parseWorld(path, b)
}

// ParseWorld reads a world; an unknown key is an error.
func ParseWorld(b []byte) (*World, error) { return parseWorld("world file", b) }

func parseWorld(name string, b []byte) (*World, error) {
	w := World{name: name, text: b}
	d := yaml.NewDecoder(bytes.NewReader(b))
	var doc yaml.Node
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return &w, nil
	} else if err != nil {
		return nil, fmt.Errorf("%s: %s", name, plain(err))
	}
	r := reading{name: name, on: map[*yaml.Node]bool{}, done: map[part]bool{}}
	r.check(doc.Content[0], reflect.TypeFor[World](), "")
	if err := r.err(); err != nil {
		return nil, err
	}
	if err := doc.Decode(&w); err != nil {
		return nil, fmt.Errorf("%s: %s", name, plain(err))
	}
	return &w, nil
}

// plain gives what a YAML library complains of on one line.
func plain(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if many, ok := errors.AsType[*yaml.TypeError](err); ok {
		text = strings.Join(many.Errors, "; ")
	}
	return strings.Join(strings.Fields(text), " ")
}

// reading compares a file with the types that it is read into, so that what is
// wrong can be said in the file's own words.
type reading struct {
	name  string
	wrong []string
	on    map[*yaml.Node]bool // being looked at: an alias may lead back
	done  map[part]bool       // aliases may lead to one part very often
}

// part is a part of the file and what it is read into.
type part struct {
	node *yaml.Node
	t    reflect.Type
}

// err gives the first thing that is wrong, and how many more there are.
func (r *reading) err() error {
	switch len(r.wrong) {
	case 0:
		return nil
	case 1:
		return errors.New(r.wrong[0])
	}
	return fmt.Errorf("%s (and %d more)", r.wrong[0], len(r.wrong)-1)
}

// complain notes what is wrong: file, line, column, key, message.
func (r *reading) complain(n *yaml.Node, path, format string, args ...any) {
	line := fmt.Sprintf("%s:%d:%d: ", r.name, n.Line, n.Column)
	if path != "" {
		line += path + ": "
	}
	r.wrong = append(r.wrong, line+fmt.Sprintf(format, args...))
}

func (r *reading) check(n *yaml.Node, t reflect.Type, path string) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if r.on[n] {
		r.complain(n, path, "leads back to itself")
		return
	}
	if r.done[part{n, t}] || n.Tag == "!!null" {
		return
	}
	r.on[n], r.done[part{n, t}] = true, true
	defer delete(r.on, n)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		r.value(n, t, path)
	case t.Kind() == reflect.Struct:
		r.object(n, t, path)
	case t.Kind() == reflect.Slice:
		r.list(n, t, path)
	case t.Kind() == reflect.Map:
		if n.Kind != yaml.MappingNode {
			r.complain(n, path, "must hold keys and values")
		}
	case t.Kind() != reflect.Interface:
		r.value(n, t, path)
	}
}

// object checks the keys of a part of the file, and what they hold.
func (r *reading) object(n *yaml.Node, t reflect.Type, path string) {
	if n.Kind != yaml.MappingNode {
		r.complain(n, path, "must hold keys, such as %s", strings.Join(keysOf(t), ", "))
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" {
			r.merged(value, t, path)
			continue
		}
		below := strings.TrimPrefix(path+"."+label(key.Value), ".")
		f, known := fieldFor(t, key.Value)
		if !known {
			r.complain(key, below, "unknown key%s", nearest.Suggestion(key.Value, keysOf(t)))
			continue
		}
		r.check(value, f.Type, below)
	}
}

// merged checks what a key << brings in: one part, or a list of them.
func (r *reading) merged(n *yaml.Node, t reflect.Type, path string) {
	if n.Kind == yaml.SequenceNode {
		for _, one := range n.Content {
			r.check(one, t, path)
		}
		return
	}
	r.check(n, t, path)
}

func (r *reading) list(n *yaml.Node, t reflect.Type, path string) {
	if n.Kind != yaml.SequenceNode {
		r.complain(n, path, "must be a list")
		return
	}
	for i, one := range n.Content {
		r.check(one, t.Elem(), path+"["+strconv.Itoa(i)+"]")
	}
}

func (r *reading) value(n *yaml.Node, t reflect.Type, path string) {
	if n.Kind != yaml.ScalarNode || n.Decode(reflect.New(t).Interface()) != nil {
		r.complain(n, path, "must be %s", wanted(t))
	}
}

// wanted names a kind of value as people do.
func wanted(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "a length of time, such as 36h"
	case t == reflect.TypeFor[time.Time]():
		return "a time, such as 2026-01-31T09:00:00Z"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Int:
		return "a whole number"
	}
	return "one text"
}

// fieldFor finds what a key is read into.
func fieldFor(t reflect.Type, key string) (reflect.StructField, bool) {
	for _, f := range reflect.VisibleFields(t) {
		if f.IsExported() && keyOf(f) == key {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

func keysOf(t reflect.Type) (keys []string) {
	for _, f := range reflect.VisibleFields(t) {
		if f.IsExported() {
			keys = append(keys, keyOf(f))
		}
	}
	return keys
}

func keyOf(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return key
}

// label gives a key fit to stand in a message.
func label(key string) string {
	if len(key) > 60 || strings.ContainsFunc(key, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		return fmt.Sprintf("%+.60q", key)
	}
	return key
}
