package view

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"scim-sync/attio"
	"scim-sync/internal/sample"
	core "scim-sync/sync"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "",
		"Ada Lovelace":           "Ada Lovelace",
		"Žofie Müller-Øst 山田　太郎": "Žofie Müller-Øst 山田　太郎",
		`C:\temp "x"`:            `C:\temp "x"`,
		"a\nb\tc\rd":             `a\nb\tc\rd`,
		"\x1b[2Jx":               `\x1b[2Jx`,
		"x\u202egpj.exe":         `x\u202egpj.exe`,
		"a\u200bb\ufeff":         `a\u200bb\ufeff`,
		"\u009b31m":              `\x9b31m`,
		"\xff":                   `\xff`,
		"\U000e0041":             `\U000e0041`,
		"👍🏽":                     "👍🏽",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

// hostile draws strings rich in what must not get through.
func hostile() *rapid.Generator[string] {
	nasty := rapid.SampledFrom([]rune{'\n', '\r', '\t', 0, 7, 8, 0x1b, 0x7f, 0x85, 0x9b, 0x200b, 0x200e, 0x200f, 0x202a, 0x202e, 0x2066, 0x2069,
		0x2028, 0x2029, 0xfeff, 0xad, 0x301, 0x3164, 0xe0041, '<', '>', '&', '"', '\'', '`', '|', '*', '_', '[', ']', '@', '#', ':', '\\', ' ', 'a'})
	commands := rapid.StringMatching(`(##\[error\]|##vso\[x\]|::add-mask::| |#|a)*`)
	return rapid.OneOf(rapid.String(), rapid.StringOf(nasty), commands, rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
}

// firstBad finds a character that no output may hold.
func firstBad(s string, allowed string) (rune, bool) {
	for i, r := range s {
		if strings.ContainsRune(allowed, r) {
			continue
		}
		if _, size := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && size == 1 || unicode.Is(unicode.C, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return r, true
		}
	}
	return 0, false
}

func TestCleanHoldsForAnyString(t *testing.T) {
	sample.Check(t, func(t *rapid.T) {
		in := hostile().Draw(t, "in")
		out := clean(in)
		if r, bad := firstBad(out, ""); bad {
			t.Fatalf("clean(%q) = %q holds %U", in, out, r)
		}
		if again := clean(out); again != out {
			t.Fatalf("clean(%q) = %q, cleaned again %q", in, out, again)
		}
		short := voice{short: true}.name(in)
		if _, bad := firstBad(short, ""); bad || utf8.RuneCountInString(short) > longestName {
			t.Fatalf("name(%q) = %q", in, short)
		}
	})
}

// anyPlan draws plans whose every text is hostile.
func anyPlan(text *rapid.Generator[string]) *rapid.Generator[core.Plan] {
	actions := []core.Action{core.Provision, core.Adopt, core.Reactivate, core.Suspend, core.CancelInvite, core.Promote, core.Demote, core.Rename,
		core.ChangeEmail, core.CreateTeam, core.LinkTeam, core.RenameTeam, core.DeleteTeam, core.AddMembers, core.RemoveMembers}
	return rapid.Custom(func(t *rapid.T) core.Plan {
		s := func(label string) string { return text.Draw(t, label) }
		p := emptyPlan()
		p.Workspace.Name, p.Source.AppLabel, p.Source.OrgURL = s("workspace"), s("app"), s("org")
		for range rapid.IntRange(0, 5).Draw(t, "steps") {
			step := core.Step{
				Action: rapid.SampledFrom(append(actions, core.Action(s("action")))).Draw(t, "which"), AttioID: s("id"), Reason: s("reason"), Cause: core.Cause(s("cause")),
				Before: core.Values{Email: s("e"), Name: s("n"), Profile: attio.Profile{GivenName: s("g")}, Role: attio.Role(s("r")), Status: attio.Status(s("st"))},
				After:  core.Values{Email: s("e"), Name: s("n"), Profile: attio.Profile{FamilyName: s("f")}, Role: attio.Role(s("r"))},
				People: []*core.MemberRef{{Email: s("m")}, {OktaID: s("o")}},
			}
			if rapid.Bool().Draw(t, "team") {
				step.Team = &core.TeamRef{Name: s("team"), OktaID: s("group"), Groups: []string{s("g1"), s("g2")}}
			} else {
				step.Person = &core.PersonRef{Email: s("email")}
			}
			add(&p, step)
			p.Held = append(p.Held, core.HeldStep{Code: core.Code(s("held")), Step: step})
		}
		p.Refusals = []core.Refusal{{Code: core.Code(s("code")), Subject: s("subject"), Detail: s("detail"), Remedy: s("remedy")}}
		p.Notes = []core.Note{{Code: core.Code(s("code")), Subject: s("subject"), Detail: s("detail")}}
		p.Unmanaged = []core.Unmanaged{{Email: s("email"), Role: attio.Role(s("role")), Status: attio.Status(s("status")), Teams: []string{s("team")}}}
		p.Summary.UnmanagedMembers = 1
		return p
	})
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// command is what runners look for in a log.
var command = regexp.MustCompile(`(?m)##[A-Za-z0-9]*\[|^[ \t]*::`)

// TestNoOutputActsOnATerminal: nor on a CI runner that reads a log.
func TestNoOutputActsOnATerminal(t *testing.T) {
	sample.Checks(t, 30, 100)
	sample.Check(t, func(t *rapid.T) {
		p := anyPlan(hostile()).Draw(t, "plan")
		results := []core.StepResult{}
		for _, s := range p.Steps {
			results = append(results, core.StepResult{Step: s, Outcome: core.StepFailed, Detail: s.Reason, Hint: s.Reason, Status: 400})
		}
		report := core.Report{Results: results, Notes: p.Notes}
		err := errors.Join(errors.New(p.Workspace.Name), &attio.Error{Op: p.Source.AppLabel, Hint: p.Source.OrgURL})
		outputs := map[string]func(s Stream) error{
			"plan":     func(s Stream) error { return PlanText(s, p, PlanOptions{Unmanaged: true}) },
			"report":   func(s Stream) error { return ReportText(s, report, ReportOptions{Refusals: p.Refusals}) },
			"error":    func(s Stream) error { return Error(s, err) },
			"json":     func(s Stream) error { return PlanJSON(s.W, p) },
			"markdown": func(s Stream) error { return PlanMarkdown(s.W, p) },
			"html":     func(s Stream) error { return PlanHTML(s.W, p) },
			"steps": func(s Stream) error {
				steps := NewSteps(s, StepsOptions{})
				for _, r := range results {
					steps.StepStarted(r.Step)
					steps.StepDone(r)
				}
				steps.Close()
				return nil
			},
		}
		for name, write := range outputs {
			for _, kind := range streams {
				var b bytes.Buffer
				s := kind.s
				s.W = &b
				if err := write(s); err != nil {
					t.Fatal(err)
				}
				text := colours.ReplaceAllString(b.String(), "")
				if found := command.FindString(b.String()); found != "" && !s.TTY {
					t.Fatalf("%s holds a command to a CI runner, %q:\n%q", name, found, text)
				}
				allowed := "\n"
				if name == "plan" {
					allowed += "\t" // between the columns of a table in a pipe
				}
				if r, bad := firstBad(text, allowed); bad {
					t.Fatalf("%s on %s holds %U:\n%q", name, kind.name, r, text)
				}
			}
		}
	})
}

func TestPlanJSONComesBackTheSame(t *testing.T) {
	sample.Check(t, func(t *rapid.T) {
		p := anyPlan(rapid.Map(hostile(), func(s string) string { return strings.ToValidUTF8(s, "?") })).Draw(t, "plan")
		var b bytes.Buffer
		if err := PlanJSON(&b, p); err != nil {
			t.Fatal(err)
		}
		var back core.Plan
		if err := json.Unmarshal(b.Bytes(), &back); err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
		if diff := cmp.Diff(wholePlan(p), back); diff != "" {
			t.Fatalf("not the same plan (-written +read):\n%s", diff)
		}
	})
}

// htmlElements parses a page and counts its elements by name; attributes that
// run or load something are errors.
func htmlElements(page []byte) (elements map[string]int, text string, err error) {
	d := xml.NewDecoder(bytes.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	elements = map[string]int{}
	var b strings.Builder
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return elements, b.String(), nil
		}
		if err != nil {
			return nil, "", err
		}
		switch x := token.(type) {
		case xml.StartElement:
			elements[x.Name.Local]++
			for _, a := range x.Attr {
				n := strings.ToLower(a.Name.Local)
				if strings.HasPrefix(n, "on") || n == "src" || n == "style" || n == "href" && !leads.MatchString(a.Value) {
					return nil, "", errors.New("attribute " + n + " " + a.Value)
				}
			}
		case xml.CharData:
			b.Write(x)
		}
	}
}

// leads is where links of a page may lead.
var leads = regexp.MustCompile(`^https://(app\.attio\.com/[0-9a-z-]+|[0-9a-z-]+-admin\.okta\.com(/admin/(user/profile/view|group)/[0-9A-Za-z]+)?)$`)

// undressed is a page without its look and its script, which are the page's own:
// its policy allows exactly these, and nothing else in it may run or be fetched.
func undressed(t *testing.T, page []byte) []byte {
	t.Helper()
	policy := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindSubmatch(page)
	if policy == nil {
		t.Fatal("the page has no policy")
	}
	allows := html.UnescapeString(string(policy[1]))
	for _, part := range []string{"style", "script"} {
		own := regexp.MustCompile(`(?s)<`+part+`>(.*?)</`+part+`>`).FindAllSubmatch(page, -1)
		if len(own) != 1 {
			t.Fatalf("%d elements <%s>", len(own), part)
		}
		if want := part + "-src " + hashOf(string(own[0][1])) + ";"; !strings.Contains(allows, want) {
			t.Errorf("the policy %q does not say %s", allows, want)
		}
		page = bytes.Replace(page, own[0][0], []byte("<!-- "+part+" -->"), 1)
	}
	if !strings.HasPrefix(allows, "default-src 'none'; ") || strings.Contains(allows, "unsafe") || strings.Contains(allows, "http") {
		t.Errorf("the policy is %q", allows)
	}
	page = bytes.Replace(page, []byte(`<link rel="icon" href="data:,">`), nil, 1) // keeps a browser from asking for one
	return hashes.ReplaceAll(page, []byte("sha256-…"))
}

var hashes = regexp.MustCompile(`sha256-[A-Za-z0-9/+=&#;]*?(=|&#61;)(&#39;)`)

func TestPlanHTMLHoldsNoMarkupFromOutside(t *testing.T) {
	var b bytes.Buffer
	if err := PlanHTML(&b, hostilePlan()); err != nil {
		t.Fatal(err)
	}
	elements, text, err := htmlElements(undressed(t, b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"script", "img", "b", "link", "iframe", "https:"} {
		if elements[never] > 0 {
			t.Errorf("%d elements <%s>", elements[never], never)
		}
	}
	if want := 4*len(evil) + len(evil); elements["tr"] < want {
		t.Errorf("%d rows, want at least the %d steps", elements["tr"], want)
	}
	for _, x := range evil {
		if !strings.Contains(text, clean(x)) {
			t.Errorf("%q cannot be read on the page", clean(x))
		}
	}
}

func TestPlanMarkdownHoldsNoMarkupFromOutside(t *testing.T) {
	var b bytes.Buffer
	if err := PlanMarkdown(&b, hostilePlan()); err != nil {
		t.Fatal(err)
	}
	ours := regexp.MustCompile("</?(code|details|summary)>|<br>|`[-+~=↻]`|\\*\\*")
	for line := range strings.Lines(b.String()) {
		line = strings.TrimRight(line, "\n")
		rest := ours.ReplaceAllString(line, "")
		if i := strings.IndexAny(rest, "<>`*_[]@\\$~"); i >= 0 {
			t.Errorf("%q is live in %q", rest[i], line)
		}
		if strings.HasPrefix(line, "|") && strings.Count(line, "|") != 6 {
			t.Errorf("a row of %d bars: %q", strings.Count(line, "|"), line)
		}
		if strings.Contains(rest, "www.") || strings.Contains(rest, "://") {
			t.Errorf("a live address in %q", line)
		}
		if regexp.MustCompile(`&#(64|35);[\pL\pN]`).MatchString(regexp.MustCompile(`<code>.*?</code>|[\pL\pN]&#64;`).ReplaceAllString(line, "")) {
			t.Errorf("somebody is mentioned in %q", line)
		}
	}
}
