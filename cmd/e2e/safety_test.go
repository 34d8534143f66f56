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
	namedTest   = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`")
	namedScript = regexp.MustCompile("scripts? ((?:`[a-z_]+`(?:, | and )?)+)")
	definedTest = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9]+)\(`)
	word        = regexp.MustCompile("`([a-z_]+)`")
)

// TestSafetyNamesItsProofs: every test and script that docs/safety.md names as
// the proof of a promise is there.
func TestSafetyNamesItsProofs(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, "docs", "safety.md"))
	if err != nil {
		t.Fatal(err)
	}
	doc := string(b)
	defined := map[string]bool{}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range definedTest.FindAllStringSubmatch(string(b), -1) {
			defined[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	proofs := 0
	for _, m := range namedTest.FindAllStringSubmatch(doc, -1) {
		proofs++
		if !defined[m[1]] {
			t.Errorf("there is no %s", m[1])
		}
	}
	for _, list := range namedScript.FindAllStringSubmatch(doc, -1) {
		for _, m := range word.FindAllStringSubmatch(list[1], -1) {
			proofs++
			if _, err := os.Stat(filepath.Join(root, "testdata", "scripts", m[1]+".txtar")); err != nil {
				t.Errorf("there is no script %s", m[1])
			}
		}
	}
	if proofs < 60 {
		t.Errorf("only %d proofs were found: the test no longer reads the document", proofs)
	}
}
