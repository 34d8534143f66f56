package view

import (
	"bytes"
	"encoding/json"
	"html/template"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"scim-sync/internal/sample"

	core "scim-sync/sync"
)

// streams are the kinds of output that look different.
var streams = []struct {
	name string
	s    Stream
}{
	{"tty80", Stream{TTY: true, Width: 80}},
	{"tty120colour", Stream{TTY: true, Width: 120, Colour: true}},
	{"pipe", Stream{}},
}

func TestPlanTextGolden(t *testing.T) {
	plans := map[string]struct {
		plan core.Plan
		o    PlanOptions
	}{
		"everything": {fullPlan(), PlanOptions{Footer: someFooter()}},
		"unmanaged":  {fullPlan(), PlanOptions{Unmanaged: true, Apply: true}},
		"nothing":    {emptyPlan(), PlanOptions{Footer: someFooter()}},
		"refused":    {refusedPlan(), PlanOptions{Footer: someFooter()}},
		"hostile":    {hostilePlan(), PlanOptions{Unmanaged: true}},
	}
	for name, c := range plans {
		for _, kind := range streams {
			t.Run(name+"-"+kind.name, func(t *testing.T) {
				var b bytes.Buffer
				s := kind.s
				s.W = &b
				if err := PlanText(s, c.plan, c.o); err != nil {
					t.Fatal(err)
				}
				golden(t, "plan-"+name+"-"+kind.name, b.Bytes())
			})
		}
	}
}

func TestPlanTextIsOneLineAStepInAPipe(t *testing.T) {
	var b bytes.Buffer
	if err := PlanText(Stream{W: &b}, fullPlan(), PlanOptions{Verbose: true}); err != nil {
		t.Fatal(err)
	}
	for _, s := range fullPlan().Steps {
		r := voice{short: true, all: true}.row(s)
		want := r.subject
		if r.what != "" {
			want += "  " + r.what
		}
		if s.Action != core.Adopt || !plainAdoption(&s) {
			want += "  (" + r.why + ")"
		}
		if want += "\n"; !strings.Contains(b.String(), want) {
			t.Errorf("step %d: no line holds %q", s.N, want)
		}
	}
}

func TestPlanTextNeverWiderThanTheTerminal(t *testing.T) {
	for _, w := range []int{60, 80, 120} {
		var b bytes.Buffer
		if err := PlanText(Stream{W: &b, TTY: true, Width: w}, fullPlan(), PlanOptions{Unmanaged: true, Footer: someFooter()}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			line = strings.TrimRight(line, "\n")
			if n := width(line); n > w && strings.Contains(strings.TrimSpace(line), " ") {
				t.Errorf("width %d: a line of %d columns: %q", w, n, line)
			}
			if strings.HasSuffix(line, " ") && !strings.ContainsAny(line, "│╭") {
				t.Errorf("width %d: trailing space: %q", w, line)
			}
		}
	}
}

func TestRefusalRemedyIsWhole(t *testing.T) {
	var b bytes.Buffer
	if err := PlanText(Stream{W: &b, TTY: true, Width: 60}, refusedPlan(), PlanOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{refusedPlan().Refusals[0].Remedy, "nothing will be written", "31 of 120"} {
		if !strings.Contains(strings.Join(strings.Fields(b.String()), " "), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if !strings.Contains(b.String(), "scim-sync apply --allow-removals 31;") {
		t.Error("the command was wrapped: it cannot be copied")
	}
}

func TestWhatIsTakenAwayComesFirstThenAdmins(t *testing.T) {
	p := fullPlan()
	var got []string
	for _, part := range sections(&p)[:2] {
		got = append(got, part.title)
		for _, s := range part.steps {
			got = append(got, string(s.Action)+" "+voice{}.subject(*s))
		}
	}
	want := []string{
		"Taken away", "suspend old-boss@acme.com", "suspend leaver@acme.com", "suspend back-door@acme.com", "cancel_invite never-came@partner.example",
		"delete_team Skunkworks", "remove_members Eng", "remove_members Sales",
		"Admins", "promote grace@acme.com", "provision new-admin@acme.com", "demote sneaky@acme.com",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestEveryStepIsShownOnce(t *testing.T) {
	p := fullPlan()
	seen := map[int]int{}
	for _, part := range sections(&p) {
		for _, s := range part.steps {
			seen[s.N]++
		}
	}
	for _, s := range p.Steps {
		if seen[s.N] != 1 {
			t.Errorf("step %d (%s) is in %d sections", s.N, s.Action, seen[s.N])
		}
	}
}

func TestPlanJSON(t *testing.T) {
	for name, p := range map[string]core.Plan{"everything": fullPlan(), "nothing": emptyPlan(), "hostile": hostilePlan()} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := PlanJSON(&b, p); err != nil {
				t.Fatal(err)
			}
			golden(t, "plan-"+name+"-json", b.Bytes())
			if bytes.Contains(b.Bytes(), []byte("null")) {
				t.Error("a list is null")
			}
			var back core.Plan
			if err := json.Unmarshal(b.Bytes(), &back); err != nil {
				t.Fatal(err)
			}
			if name == "hostile" {
				return // invalid UTF-8 cannot come back; a property covers the rest
			}
			if diff := cmp.Diff(wholePlan(p), back); diff != "" {
				t.Errorf("not the same plan (-written +read):\n%s", diff)
			}
		})
	}
}

func TestPlanMarkdownAndHTMLGolden(t *testing.T) {
	for name, p := range map[string]core.Plan{"everything": fullPlan(), "nothing": emptyPlan(), "refused": refusedPlan(), "hostile": hostilePlan()} {
		var md, page bytes.Buffer
		if err := PlanMarkdown(&md, p); err != nil {
			t.Fatal(err)
		}
		golden(t, "plan-"+name+"-markdown", md.Bytes())
		if err := PlanHTML(&page, p); err != nil {
			t.Fatal(err)
		}
		golden(t, "plan-"+name+"-html", undressed(t, page.Bytes()))
	}
}

// manySteps is a plan of n steps of the usual kind.
func manySteps(n int) core.Plan {
	p := emptyPlan()
	all := fullPlan().Steps
	p.Steps = make([]core.Step, n)
	for i := range p.Steps {
		p.Steps[i] = all[i%len(all)]
	}
	return p
}

func BenchmarkPlanText(b *testing.B) {
	p := manySteps(100_000)
	for _, kind := range streams {
		b.Run(kind.name, func(b *testing.B) {
			b.ReportAllocs()
			s := kind.s
			s.W = io.Discard
			for b.Loop() {
				if err := PlanText(s, p, PlanOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPlanDocuments(b *testing.B) {
	p := manySteps(100_000)
	for name, write := range map[string]func(io.Writer, core.Plan) error{"json": PlanJSON, "markdown": PlanMarkdown, "html": PlanHTML} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := write(io.Discard, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestRowsAreEscapedAsTheRestOfThePage, whatever they hold.
func TestRowsAreEscapedAsTheRestOfThePage(t *testing.T) {
	page := template.Must(template.New("").Parse(`<td><bdi>{{.}}</bdi></td>`))
	sample.Check(t, func(t *rapid.T) {
		text := clean(hostile().Draw(t, "text"))
		var want strings.Builder
		if err := page.Execute(&want, text); err != nil {
			t.Fatal(err)
		}
		if got := "<td><bdi>" + inHTML(text) + "</bdi></td>"; got != want.String() {
			t.Fatalf("%s, want %s", got, want.String())
		}
	})
}
