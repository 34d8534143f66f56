package view

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	core "scim-sync/sync"
)

//go:embed plan.html
var planPage string

// PlanHTML writes a plan as one file that needs nothing else: no script, no
// font, no picture, light and dark. Values from Okta and Attio are cleaned,
// and escaped by html/template.
func PlanHTML(w io.Writer, p core.Plan) error {
	page, err := template.New("plan").Parse(planPage)
	if err != nil {
		return fmt.Errorf("parse the plan's page: %w", err)
	}
	out := &lineWriter{w: w, escaped: escaped{"&#35;", "&#58;"}}
	if err := page.Execute(out, pageOf(p, voiceOn(w, false))); err != nil {
		return err
	}
	return out.flush()
}

// page is what the template shows, in its order.
type page struct {
	Head      pageHead
	Stopped   bool
	Refusals  []core.Refusal
	Sections  []pageSection
	Notes     []core.Note
	Unmanaged pageUnmanaged
	Made      pageMade
}

type pageHead struct{ Headline, Workspace, Source, Tally, Seats, Held string }

type pageUnmanaged struct {
	Text string
	Rows [][]string
}

type pageMade struct{ ID, At, By string }

// FewNotes says whether the notes are few enough to be open.
func (p page) FewNotes() bool { return len(p.Notes) <= openRows }

type pageSection struct {
	Title string
	Count string
	steps []*core.Step
	voice voice
}

// Rows are the steps as rows of the table, each put into words and escaped when
// the page gets there: a template would take its time for 100,000 of them.
func (s pageSection) Rows() func(yield func(template.HTML) bool) {
	class := [...]string{toneChange: "change", toneAdd: "add", toneCut: "cut", toneKnown: "known"}
	return func(yield func(template.HTML) bool) {
		for _, step := range s.steps {
			r := s.voice.row(*step)
			html := `<tr><td class="act ` + class[r.tone] + `"><span class="sigil" aria-hidden="true">` + inHTML(r.sigil) + `</span> ` + inHTML(r.verb) +
				`</td><td class="who"><bdi>` + inHTML(r.subject) + `</bdi></td><td><bdi>` + inHTML(r.what) + `</bdi></td><td class="why"><bdi>` + inHTML(r.why) + `</bdi></td></tr>`
			if !yield(template.HTML(html)) { //nolint:gosec // just escaped
				return
			}
		}
	}
}

// inHTML escapes a text as html/template does.
func inHTML(s string) string {
	return strings.ReplaceAll(template.HTMLEscapeString(s), "+", "&#43;")
}

func pageOf(p core.Plan, v voice) page {
	v.from = p.Source.Name
	out := page{
		Head: pageHead{
			Headline: capital(headlineOf(p)), Workspace: v.workspace(p.Workspace), Source: v.source(p.Source),
			Tally: firstOf(tally(p.Summary), "no changes"), Seats: seats(p.Summary),
		},
		Stopped:   len(stoppers(p.Refusals)) > 0,
		Unmanaged: pageUnmanaged{v.unmanagedCount(p.Summary), v.unmanagedRows(p.Unmanaged)},
		Made:      pageMade{v.name(p.ID), p.CreatedAt.UTC().Format(time.RFC3339), v.name(p.ScimSync)},
	}
	if n := len(p.Held); n > 0 {
		out.Head.Held = count(n, "step", "steps")
	}
	for _, s := range sections(&p) {
		out.Sections = append(out.Sections, pageSection{s.title, thousands(len(s.steps)), s.steps, v})
	}
	for _, g := range heldByCode(p.Held) {
		out.Sections = append(out.Sections, pageSection{"Held back by " + v.name(g.code), thousands(len(g.steps)), g.steps, v})
	}
	for _, r := range p.Refusals {
		out.Refusals = append(out.Refusals, core.Refusal{
			Code: core.Code(v.name(string(r.Code))), Subject: v.name(r.Subject), Detail: v.detail(r.Detail), Remedy: v.detail(r.Remedy)})
	}
	for _, n := range p.Notes {
		out.Notes = append(out.Notes, core.Note{Code: core.Code(v.name(string(n.Code))), Subject: v.name(n.Subject), Detail: v.detail(n.Detail)})
	}
	return out
}

// capital begins a sentence.
func capital(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}
