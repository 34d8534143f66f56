package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"go.yaml.in/yaml/v3"
)

var (
	linkText   = regexp.MustCompile(`\]\(([^)\s]+)\)|\b(?:src|srcset|href)="([^"]+)"`)
	heading    = regexp.MustCompile(`^#{1,6} +(.+?)\s*$`)
	codeOrLink = regexp.MustCompile("`|\\[([^\\]]*)\\]\\([^)]*\\)")
	namedFile  = regexp.MustCompile("`((?:\\.ci|attio|cmd|config|deploy|docs|findings|idp|internal|sync|testdata)/[^`\\s]*)`")
)

// TestLinksOfTheDocumentsLeadSomewhere: to a file that is there, and to a heading
// that it has. The repository's own pages (../../releases) are GitHub's.
func TestLinksOfTheDocumentsLeadSomewhere(t *testing.T) {
	followed := 0
	for _, file := range documents(t) {
		for _, target := range linksOf(t, file) {
			if strings.Contains(target, "://") || strings.HasPrefix(target, "../../releases") {
				continue
			}
			followed++
			path, anchor, _ := strings.Cut(target, "#")
			to := file
			if path != "" {
				to = filepath.Join(filepath.Dir(file), path)
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s: the link %s leads nowhere", file, target)
			} else if anchor != "" && !slices.Contains(anchorsOf(t, to), anchor) {
				t.Errorf("%s: %s has no heading for the link %s", file, to, target)
			}
		}
	}
	if followed < 50 {
		t.Errorf("only %d links were followed: the test no longer reads the documents", followed)
	}
}

// TestEachPageIsInTheIndex of docs/README.md, so that it is found.
func TestEachPageIsInTheIndex(t *testing.T) {
	index := linksOf(t, filepath.Join(root, "docs", "README.md"))
	for _, file := range documents(t) {
		page, ok := strings.CutPrefix(file, filepath.Join(root, "docs")+string(filepath.Separator))
		if ok && page != "README.md" && !slices.ContainsFunc(index, func(to string) bool { to, _, _ = strings.Cut(to, "#"); return to == page }) {
			t.Errorf("docs/README.md does not name %s", page)
		}
	}
}

// TestFilesNamedInTheDocumentsAreThere: a path between backticks that begins with a
// folder of the project leads to a file; NAME and SEQ stand for any. What is about
// former versions may name what is gone.
func TestFilesNamedInTheDocumentsAreThere(t *testing.T) {
	named := 0
	for _, file := range documents(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range namedFile.FindAllStringSubmatch(string(text), -1) {
			named++
			pattern := regexp.MustCompile(`[A-Z]{3,}`).ReplaceAllString(strings.TrimSuffix(m[1], "/..."), "*")
			if strings.HasSuffix(m[1], "README.md") || strings.HasSuffix(m[1], "CHANGELOG.md") {
				pattern = m[1]
			}
			if found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern))); err != nil || len(found) == 0 {
				t.Errorf("%s names %s, which is not there", file, m[1])
			}
		}
	}
	if named < 50 {
		t.Errorf("only %d files were found: the test no longer reads the documents", named)
	}
}

// linksOf are the targets of the links and pictures of a document, outside its blocks.
func linksOf(t *testing.T, file string) (targets []string) {
	t.Helper()
	for _, line := range prose(t, file) {
		for _, m := range linkText.FindAllStringSubmatch(line, -1) {
			targets = append(targets, m[1]+m[2])
		}
	}
	return targets
}

// anchorsOf are those that GitHub makes of a document's headings: small letters and
// digits, hyphens for blanks, all else left out; a second one of a name gets a number.
func anchorsOf(t *testing.T, file string) (anchors []string) {
	t.Helper()
	seen := map[string]int{}
	for _, line := range prose(t, file) {
		m := heading.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		text := codeOrLink.ReplaceAllString(m[1], "$1")
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, text)
		if n := seen[anchor]; n > 0 {
			anchors = append(anchors, fmt.Sprintf("%s-%d", anchor, n))
		} else {
			anchors = append(anchors, anchor)
		}
		seen[anchor]++
	}
	return anchors
}

// prose are the lines of a document outside its fenced blocks.
func prose(t *testing.T, file string) (lines []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			inside = !inside
		} else if !inside {
			lines = append(lines, line)
		}
	}
	return lines
}

// TestIssueFormsAskForWhatIsNeeded: which version and what doctor says, and for no secret.
func TestIssueFormsAskForWhatIsNeeded(t *testing.T) {
	for name, asked := range map[string][]string{"bug.yml": {"version", "doctor", "happened", "expected"}, "feature.yml": {"version", "need"}} {
		text, err := os.ReadFile(filepath.Join(root, ".github", "ISSUE_TEMPLATE", name))
		if err != nil {
			t.Fatal(err)
		}
		var form struct {
			Name, Description string
			Body              []struct {
				Type, ID    string
				Validations struct{ Required bool }
			}
		}
		if err := yaml.Unmarshal(text, &form); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		required := map[string]bool{}
		for _, field := range form.Body {
			required[field.ID] = field.Validations.Required
		}
		for _, id := range asked {
			if !required[id] {
				t.Errorf("%s does not require %s", name, id)
			}
		}
		if form.Name == "" || form.Description == "" || !strings.Contains(string(text), "No secret") {
			t.Errorf("%s has no name or description, or does not warn of secrets", name)
		}
	}
}
