package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A room is one package, type-checked without its tests.
type room struct {
	path string // from the root: "sync/state"
	pkg  *types.Package
	info *types.Info
	fset *token.FileSet
}

// A listed package, as `go list -json` writes it. Export is the file with the
// compiler's export data; what go list has compiled once, it has in its cache.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	DepOnly                 bool
}

// load type-checks the package in the folder and all below it. What they
// import is read from export data, so that it takes a second.
func load(root, folder string) ([]room, error) {
	cmd := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,GoFiles,Export,DepOnly", "./"+folder+"/...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s in %s: %w\n%s", cmd, root, err, stderr.String())
	}
	var found []listed
	exports := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p listed
		if err := d.Decode(&p); err != nil {
			return nil, fmt.Errorf("what go list wrote: %w", err)
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly {
			found = append(found, p)
		}
	}
	var rooms []room
	for _, p := range found {
		r, err := check(p, exports)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.ImportPath, err)
		}
		r.path = strings.TrimPrefix(p.Dir, root+string(filepath.Separator))
		rooms = append(rooms, r)
	}
	return rooms, nil
}

func check(p listed, exports map[string]string) (room, error) {
	r := room{fset: token.NewFileSet(), info: &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}}
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(r.fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return room{}, err
		}
		files = append(files, f)
	}
	exported := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	config := types.Config{Importer: importer.ForCompiler(r.fset, "gc", exported)}
	var err error
	r.pkg, err = config.Check(p.ImportPath, r.fset, files, r.info)
	return r, err
}
