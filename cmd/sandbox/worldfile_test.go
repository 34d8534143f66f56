package sandbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestWorldFileErrorsAreInItsOwnWords: one line with file, line, key and what
// would be right, and nothing of Go.
func TestWorldFileErrorsAreInItsOwnWords(t *testing.T) {
	for text, want := range map[string]string{
		"okta: {userz: []}":  "w.yaml:1:8: okta.userz: unknown key; did you mean users?",
		"okta: {}\noktaa: 1": "w.yaml:2:1: oktaa: unknown key; did you mean okta?",
		"x: 1":               "w.yaml:1:1: x: unknown key; known here: okta, attio, managed, settings",
		"okta:\n  users:\n    - {login: a}\n    - {login: b, frist_name: B}": "w.yaml:4:18: okta.users[1].frist_name: unknown key; did you mean first_name?",
		"okta: {users: {a: 1}}\nattio: 3":                                    "w.yaml:1:15: okta.users: must be a list (and 1 more)",
		"attio: {workspace: {seats: many}}":                                  "w.yaml:1:28: attio.workspace.seats: must be a whole number",
		"attio: {members: [{created_at: soon}]}":                             "w.yaml:1:32: attio.members[0].created_at: must be a time, such as 2026-01-31T09:00:00Z",
		"attio: {members: [{expert: 3}]}":                                    "w.yaml:1:28: attio.members[0].expert: must be true or false",
		"attio: {members: [{email: [a]}]}":                                   "w.yaml:1:27: attio.members[0].email: must be one text",
		"managed: {people: [{invited_ago: 3 days}]}":                         "w.yaml:1:34: managed.people[0].invited_ago: must be a length of time, such as 36h",
		"settings: 1":                           "w.yaml:1:11: settings: must hold keys and values",
		"- a":                                   "w.yaml:1:1: must hold keys, such as okta, attio, managed, settings",
		"okta: &x {users: *x}":                  "w.yaml:1:7: okta.users: leads back to itself",
		"okta: {\"a\\u001bb\": 1}":              `w.yaml:1:8: okta."a\x1bb": unknown key`,
		"okta: &o {}\nattio: {<<: {teamz: []}}": "w.yaml:2:14: attio.teamz: unknown key; did you mean teams?",
		"okta: {}\nokta: {}":                    `w.yaml: line 2: mapping key "okta" already defined at line 1`,
		"okta: [":                               "w.yaml: line 1: did not find expected node content",
		"attio: {workspace: {slug: x}}\nokta: {users: [{}]}": "w.yaml: okta: users[0]: a user needs a login",
		"okta: {}": "w.yaml: attio: this site cannot be: the workspace has no slug",
		"attio: {workspace: {slug: x}}\nmanaged: {teams: [{}]}": "w.yaml: managed.teams: Attio has no team ",
	} {
		w, err := parseWorld("w.yaml", []byte(text))
		if err == nil {
			var s *Sandbox
			if s, err = Start(t.Context(), w, Options{Now: time.Now}); err == nil {
				s.Close()
			}
		}
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), "oktatest") {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}

// TestWorldFileMayRepeatItself: anchors lead to the same part many times over,
// which is looked at once.
func TestWorldFileMayRepeatItself(t *testing.T) {
	var b strings.Builder
	b.WriteString("settings:\n  a0: &a0 [x, x]\n")
	for i := 1; i < 8; i++ {
		b.WriteString(strings.NewReplacer("N", string(rune('0'+i)), "M", string(rune('0'+i-1))).Replace("  aN: &aN [*aM, *aM]\n"))
	}
	b.WriteString("attio:\n  members: [&m {email: x@a.example, given_name: X}, {<<: *m, email: y@a.example}]\n")
	file := filepath.Join(t.TempDir(), "w.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := LoadWorld(file)
	if err != nil || len(w.Attio.Members) != 2 || w.Attio.Members[1].GivenName != "X" {
		t.Errorf("%+v, %v", w, err)
	}
}

// TestTheExampleOfTheDocumentIsAWorld that can be served, and every world that the
// document names is one.
func TestTheExampleOfTheDocumentIsAWorld(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "sandbox.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(strings.ReplaceAll(string(doc), "\r\n", "\n"), "```yaml\n")
	example, _, ended := strings.Cut(rest, "```")
	if !found || !ended {
		t.Fatal("the document has no example")
	}
	w, err := ParseWorld([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Start(t.Context(), w, Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if people, managed := len(s.Okta.Snapshot().People), len(s.Managed.People); people != 4 || managed != 2 || !s.HasState {
		t.Errorf("%d people, %d managed", people, managed)
	}
	for _, name := range WorldNames() {
		if !strings.Contains(string(doc), "| `"+name+"` |") {
			t.Errorf("the document does not name the world %s", name)
		}
	}
}
