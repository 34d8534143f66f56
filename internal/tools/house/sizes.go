package main

import (
	"bytes"
	"cmp"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

const (
	manyMethods = 30
	manyFields  = 15
)

// A large type has more methods or fields than one can keep in mind.
type large struct {
	name  string // "sync.diff"
	count int
	what  string // "methods" or "fields"
}

// largeTypes finds them, the largest first. What a type embeds counts as one
// field and no method. Documents and settings have a field for each of their
// keys, however many, and are left out.
func largeTypes(r room) []large {
	var found []large
	for _, object := range r.info.Defs {
		name, ok := object.(*types.TypeName)
		if !ok || name.IsAlias() {
			continue
		}
		named, ok := name.Type().(*types.Named)
		if !ok {
			continue // a type parameter
		}
		methods, fields := named.NumMethods(), 0
		switch under := named.Underlying().(type) {
		case *types.Struct:
			if !isDocument(under) && !strings.HasSuffix(name.Name(), "Settings") {
				fields = under.NumFields()
			}
		case *types.Interface:
			methods = under.NumExplicitMethods()
		}
		full := filepath.ToSlash(r.path) + "." + name.Name()
		if methods > manyMethods {
			found = append(found, large{full, methods, "methods"})
		}
		if fields > manyFields {
			found = append(found, large{full, fields, "fields"})
		}
	}
	slices.SortFunc(found, func(a, b large) int {
		return cmp.Or(b.count-a.count, cmp.Compare(a.name, b.name))
	})
	return found
}

// isDocument says whether each field of a struct has a key in a document.
func isDocument(s *types.Struct) bool {
	for i := range s.NumFields() {
		if _, ok := reflect.StructTag(s.Tag(i)).Lookup("json"); !ok {
			return false
		}
	}
	return true
}

// productLines counts the lines of the Go files below the root that are no
// tests, in all and in one folder of them. The developers' tools are a module
// of their own and not of the product.
func productLines(root, folder string) (all, inside int, err error) {
	tree := os.DirFS(root)
	err = fs.WalkDir(tree, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != "." && (entry.Name()[0] == '.' || entry.Name() == "testdata" || exists(root, file, "go.mod")):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		content, err := fs.ReadFile(tree, file)
		lines := bytes.Count(content, []byte("\n"))
		all += lines
		if strings.HasPrefix(file, folder+"/") {
			inside += lines
		}
		return err
	})
	return all, inside, err
}

func exists(path ...string) bool {
	_, err := os.Stat(filepath.Join(path...))
	return err == nil
}
