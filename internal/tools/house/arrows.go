package main

import (
	"go/token"
	"go/types"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// An arrow goes from a file to another of its package that it uses.
type arrow struct{ from, to string }

// A drawing has a package's arrows, with the names that cause each.
type drawing map[arrow][]string

// draw draws a room's files. A method is of the file that declares it, a
// field of the file of its type. With everything unset, only what is called
// or read draws an arrow: functions, methods, variables, constants. Types and
// their fields are the words that a package's files share, and a method in
// another file than its type would run backward whenever it is called there.
func draw(r room, everything bool) drawing {
	d := drawing{}
	for use, object := range r.info.Uses {
		name, word := nameOf(r.pkg, object)
		if name == "" || word && !everything {
			continue
		}
		a := arrow{r.file(use.Pos()), r.file(object.Pos())}
		if a.from != a.to && !slices.Contains(d[a], name) {
			d[a] = append(d[a], name)
		}
	}
	return d
}

func (r room) file(p token.Pos) string {
	return path.Join(filepath.ToSlash(r.path), filepath.Base(r.fset.Position(p).Filename))
}

// nameOf is how the list calls an object: load, diff.match, .field. It is ""
// for what is local or another package's. A word is a type or a field.
func nameOf(pkg *types.Package, object types.Object) (name string, word bool) {
	if object.Pkg() != pkg {
		return "", false
	}
	if f, ok := object.(*types.Func); ok && f.Signature().Recv() != nil {
		receiver := types.TypeString(f.Signature().Recv().Type(), func(*types.Package) string { return "" })
		return strings.TrimPrefix(receiver, "*") + "." + f.Name(), false
	}
	if v, ok := object.(*types.Var); ok && v.IsField() {
		return "." + v.Name(), true
	}
	if object.Parent() != pkg.Scope() {
		return "", false
	}
	_, word = object.(*types.TypeName)
	return object.Name(), word
}

// backward keeps the arrows that are part of a circle: from a file to one
// that uses it, directly or through others.
func (d drawing) backward() drawing {
	kept := maps.Clone(d)
	maps.DeleteFunc(kept, func(a arrow, _ []string) bool { return !d.reaches(a.to, a.from, map[string]bool{}) })
	return kept
}

// mutual keeps the shortest circles: two files that use each other directly.
func (d drawing) mutual() drawing {
	kept := maps.Clone(d)
	maps.DeleteFunc(kept, func(a arrow, _ []string) bool { return d[arrow{a.to, a.from}] == nil })
	return kept
}

func (d drawing) reaches(from, to string, seen map[string]bool) bool {
	seen[from] = true
	for a := range d {
		if a.from == from && (a.to == to || !seen[a.to] && d.reaches(a.to, to, seen)) {
			return true
		}
	}
	return false
}
