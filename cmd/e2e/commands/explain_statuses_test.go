package commands

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"scim-sync/cmd"
	core "scim-sync/sync"
)

// combination is one person with two statuses in Okta and what the table in
// docs/behaviour.md promises for them.
type combination struct{ app, user, promise string }

func (c combination) login() string {
	return strings.ToLower(c.app+"."+c.user) + "@acme.example"
}

// statusTable reads the table of statuses. A cell stands for each app user
// word of its row with each Okta user word of its column.
func statusTable(t *testing.T) []combination {
	t.Helper()
	doc, err := os.ReadFile("../../../docs/behaviour.md")
	if err != nil {
		t.Fatal(err)
	}
	word := regexp.MustCompile(`\b[A-Z]{3,}[A-Z_]*\b`)
	var heads [][]string
	var all []combination
	for line := range strings.Lines(string(doc)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		switch {
		case strings.HasPrefix(line, "| app user |"):
			for _, c := range cells[1:] {
				heads = append(heads, word.FindAllString(c, -1))
			}
		case heads == nil || !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| ---"):
		default:
			apps := word.FindAllString(cells[0], -1)
			if strings.Contains(cells[0], "no assignment") {
				apps = []string{"NONE"}
			}
			for i, users := range heads {
				for _, a := range apps {
					for _, u := range users {
						all = append(all, combination{a, u, strings.Trim(strings.TrimSpace(cells[i+1]), "*")})
					}
				}
			}
		}
		if heads != nil && strings.TrimSpace(line) == "" {
			break
		}
	}
	return all
}

// TestStatusesAreAsDocumented: for managed people of every pair of statuses, a
// plan does what the table in docs/behaviour.md says.
func TestStatusesAreAsDocumented(t *testing.T) {
	all := statusTable(t)
	if len(all) != 14*8 {
		t.Fatalf("the table has %d pairs of statuses, not 13 and none by 8", len(all))
	}
	for _, setting := range []string{"suspend", "keep"} {
		p := planOf(t, companyOf(all, setting))
		for _, c := range all {
			want := map[string]string{"in": "nothing", "out": "suspend", "waits": "note waiting", "suspended": map[string]string{"suspend": "suspend", "keep": "nothing"}[setting]}[c.promise]
			if got := happens(p, c.login()); got != want {
				t.Errorf("okta.suspended_users %s, app user %s, Okta user %s: %s, want %s", setting, c.app, c.user, got, want)
			}
		}
		if len(p.Refusals) > 0 {
			t.Errorf("refused: %+v", p.Refusals)
		}
	}
}

// companyOf is a world in which everybody is managed and active in Attio.
func companyOf(all []combination, suspended string) string {
	var users, assigned, members, managed strings.Builder
	for _, c := range all {
		fmt.Fprintf(&users, "    - {login: %s, first_name: A, last_name: B, status: %s}\n", c.login(), c.user)
		if c.app != "NONE" {
			fmt.Fprintf(&assigned, "    - {user: %s, status: %s, profile: {roles: [member]}}\n", c.login(), c.app)
		}
		fmt.Fprintf(&members, "    - {email: %s, given_name: A, family_name: B}\n", c.login())
		fmt.Fprintf(&managed, "    - {user: %s, role_seen: true}\n", c.login())
	}
	return fmt.Sprintf(`
okta:
  app: {label: Attio}
  users:
    - {login: ada@acme.example, first_name: Ada, last_name: Arden}
%s  assignments:
    - {user: ada@acme.example, profile: {roles: [admin]}}
%sattio:
  workspace: {slug: acme, name: Acme, verified_domains: [acme.example]}
  members:
    - {email: ada@acme.example, given_name: Ada, family_name: Arden, role: admin}
%smanaged:
  people:
    - {user: ada@acme.example, role_seen: true}
%ssettings:
  okta: {suspended_users: %s}
  protect: {removals: 1000, removals_ceiling: 1000}
`, users.String(), assigned.String(), members.String(), managed.String(), suspended)
}

func planOf(t *testing.T, world string) core.Plan {
	t.Helper()
	var out, errs bytes.Buffer
	code := cmd.Execute(t.Context(), cmd.System{
		Args: []string{"plan", "--sandbox", "--format", "json", "--quiet"}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Dir: t.TempDir(), Host: "host", User: "user", Now: time.Now, Version: "test", DefaultWorld: []byte(world),
	})
	var p core.Plan
	if err := json.Unmarshal(out.Bytes(), &p); code != 0 || err != nil {
		t.Fatalf("exit %d, %v: %s", code, err, errs.String())
	}
	return p
}

// happens says in a word what a plan does about somebody.
func happens(p core.Plan, email string) string {
	var words []string
	for _, s := range p.Steps {
		if s.Person != nil && s.Person.Email == email {
			words = append(words, string(s.Action))
		}
	}
	for _, n := range p.Notes {
		if n.Subject == email {
			words = append(words, "note "+string(n.Code))
		}
	}
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, ", ")
}
