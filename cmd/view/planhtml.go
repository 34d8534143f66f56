package view

import (
	"html/template"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	core "scim-sync/sync"
)

// PlanHTML writes a plan as one file that needs nothing else, light and dark:
// whole without its script, which searches. Values from Okta and Attio are
// cleaned, and escaped as html/template does.
func PlanHTML(w io.Writer, p core.Plan) error {
	return writePage(w, "plan.html", func(v voice, d dress) any { return pageOf(p, v, d) })
}

// page is what the template shows of a plan or of a run, in its order.
type page struct {
	Dress     dress
	Head      pageHead
	Links     links
	Figures   []figure
	Run       pageRun
	Kinds     []kindBar
	Stopped   bool
	Refusals  []core.Refusal
	Drawing   template.HTML
	Choices   []string // of the filter
	Sections  []pageSection
	Notes     []core.Note
	Unmanaged pageUnmanaged
	Made      pageMade
}

type pageHead struct{ Headline, Workspace, Source, Lead, Tally, Seats, Held string }

// pageRun is what a page says of a run beside its steps.
type pageRun struct {
	Applied bool // something was carried out
	Facts   []pageFact
	Ends    []pageEnd // what ended it early
}

// Title is that of the browser's window.
func (p page) Title() string { return p.Head.Headline }

type pageFact struct{ What, Text string }

type pageEnd struct {
	What, Text string
	Advice     []string
}

type pageUnmanaged struct {
	Text string
	Rows [][]string
}

type pageMade struct{ ID, At, By, Cost string }

// FewNotes says whether the notes are few enough to be open.
func (p page) FewNotes() bool { return len(p.Notes) <= openRows }

func pageOf(p core.Plan, v voice, d dress) page {
	out := pageAround(p, v, d)
	v.from = p.Source.Name
	out.Head.Headline, out.Head.Lead = capital(headlineOf(p)), "Plan"
	out.Head.Tally = firstOf(tally(p.Summary), "no changes")
	out.Figures = figuresOf(p)
	out.Kinds = kindsOf(p.Summary)
	out.Drawing = drawTeams(&p, v)
	for _, s := range sections(&p) {
		out.Sections = append(out.Sections, newSection(s.title, s.steps, v, out.Links))
	}
	for _, g := range heldByCode(p.Held) {
		out.Sections = append(out.Sections, newSection("Held back by "+v.name(g.code), g.steps, v, out.Links))
	}
	out.Choices = choicesOf(out.Kinds)
	return out
}

// pageAround is what a plan says beside its steps.
func pageAround(p core.Plan, v voice, d dress) page {
	v.from = p.Source.Name
	out := page{
		Dress:     d,
		Head:      pageHead{Workspace: v.workspace(p.Workspace), Source: v.source(p.Source), Seats: seats(p.Summary)},
		Links:     linksOf(p.Workspace, p.Source),
		Stopped:   len(stoppers(p.Refusals)) > 0,
		Unmanaged: pageUnmanaged{v.unmanagedCount(p.Summary), v.unmanagedRows(p.Unmanaged)},
		Made:      pageMade{v.name(p.ID), p.CreatedAt.UTC().Format(time.RFC3339), v.name(p.ScimSync), ""},
	}
	if n := len(p.Held); n > 0 {
		out.Head.Held = count(n, "step", "steps")
	}
	for _, r := range p.Refusals {
		out.Refusals = append(out.Refusals, core.Refusal{
			Code: core.Code(v.name(string(r.Code))), Subject: v.name(r.Subject), Detail: v.detail(r.Detail), Remedy: v.detail(r.Remedy)})
	}
	for _, n := range p.Notes {
		out.Notes = append(out.Notes, v.pageNote(n))
	}
	return out
}

func (v voice) pageNote(n core.Note) core.Note {
	return core.Note{Code: core.Code(v.name(string(n.Code))), Subject: v.name(n.Subject), Detail: v.detail(n.Detail)}
}

// pageSection is a table of steps.
type pageSection struct {
	Title, Count string
	Class        string
	Why          string // of all of them, where it is the same
	Open         bool
	Became       bool // it says what became of each
	steps        []*core.Step
	results      []*core.StepResult // of a run, in place of steps
	voice        voice
	links        links
}

func newSection(title string, steps []*core.Step, v voice, l links) pageSection {
	return pageSection{Title: title, Count: thousands(len(steps)), Why: oneReason(steps, v), Open: len(steps) <= openRows, steps: steps, voice: v, links: l}
}

// oneReason is what all of several steps have for a reason; empty where they differ.
func oneReason(steps []*core.Step, v voice) string {
	if len(steps) < 2 {
		return ""
	}
	for _, s := range steps[1:] {
		if s.Cause != steps[0].Cause || s.Reason != steps[0].Reason {
			return ""
		}
	}
	return v.why(*steps[0])
}

// Rows are the steps as rows of the table, each put into words and escaped when
// the page gets there: a template would take its time for 100,000 of them.
func (s pageSection) Rows() func(yield func(template.HTML) bool) {
	return func(yield func(template.HTML) bool) {
		for _, step := range s.steps {
			if !yield(s.tableRow(step, "")) {
				return
			}
		}
		for _, r := range s.results {
			if !yield(s.tableRow(&r.Step, s.voice.whatHappened(r)+s.hint(r))) {
				return
			}
		}
	}
}

func (s pageSection) hint(r *core.StepResult) string {
	if r.Hint == "" {
		return ""
	}
	return " → " + s.voice.detail(r.Hint)
}

func (s pageSection) tableRow(step *core.Step, became string) template.HTML {
	r := s.voice.row(*step)
	var b strings.Builder
	b.WriteString(`<tr data-k="` + inHTML(r.verb) + `"><td class="act ` + classOf(r.tone) + `"><span class="sigil" aria-hidden="true">` + inHTML(r.sigil) + `</span> ` + inHTML(r.verb) + `</td><td class="who`)
	if utf8.RuneCountInString(r.subject) > longestWord {
		b.WriteString(" long")
	}
	b.WriteString(`"><bdi>`)
	if at := s.links.of(step); at != "" {
		b.WriteString(`<a href="` + inHTML(at) + `" rel="noreferrer">` + inHTML(r.subject) + `</a>`)
	} else {
		b.WriteString(inHTML(r.subject))
	}
	b.WriteString(`</bdi></td><td>` + s.what(step, r.what) + `</td>`)
	if s.Became {
		b.WriteString(`<td><bdi>` + inWords(became) + `</bdi></td>`)
	}
	if s.Why == "" {
		b.WriteString(`<td class="why"><bdi>` + inWords(r.why) + `</bdi></td>`)
	}
	b.WriteString("</tr>")
	return template.HTML(b.String()) //nolint:gosec // just escaped
}

// mostNamed are named below a step on a page; its JSON names all.
const mostNamed = 1000

// what says what a step does. More members than the sentence names are folded
// away below it.
func (s pageSection) what(step *core.Step, words string) string {
	text := `<bdi>` + inWords(words) + `</bdi>`
	if len(step.People) <= mostNames+1 {
		return text
	}
	var b strings.Builder
	b.WriteString(`<details><summary>` + text + `</summary><ul class="more">`)
	for _, m := range step.People[:min(len(step.People), mostNamed)] {
		b.WriteString(`<li><bdi>`)
		writeWords(&b, s.voice.name(firstOf(m.Email, m.AttioID, m.OktaID)))
		b.WriteString(`</bdi></li>`)
	}
	b.WriteString(`</ul>`)
	if rest := len(step.People) - mostNamed; rest > 0 {
		b.WriteString(`<p class="soft">… and ` + thousands(rest) + ` more, all in the plan's JSON.</p>`)
	}
	b.WriteString(`</details>`)
	return b.String()
}

// capital begins a sentence.
func capital(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}
