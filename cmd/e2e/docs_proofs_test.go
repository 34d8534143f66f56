package e2e

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	testNamed    = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z0-9]\\w*)`")
	scriptNamed  = regexp.MustCompile("\\bscripts? ((?:`[a-z_]+`(?:, | and )?)+)")
)

// TestTestsNamedInTheDocumentsAreThere: a promise rests on the test that is named for it.
func TestTestsNamedInTheDocumentsAreThere(t *testing.T) {
	there, err := testFunctions()
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, file := range documents(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range testNamed.FindAllStringSubmatch(string(text), -1) {
			named++
			if !there[m[1]] {
				t.Errorf("%s names %s, and there is no such test", file, m[1])
			}
		}
		for _, m := range scriptNamed.FindAllStringSubmatch(string(text), -1) {
			for _, script := range inline.FindAllStringSubmatch(m[1], -1) {
				named++
				if _, err := os.Stat(filepath.Join(root, "testdata", "scripts", script[1]+".txtar")); err != nil {
					t.Errorf("%s names the script %s, and there is none", file, script[1])
				}
			}
		}
	}
	if named < 200 {
		t.Errorf("only %d tests were found: the test no longer reads the documents", named)
	}
}

// testFunctions are the names of all tests of the project.
func testFunctions() (map[string]bool, error) {
	there := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range testFunction.FindAllSubmatch(text, -1) {
			there[string(m[1])] = true
		}
		return err
	})
	return there, err
}
