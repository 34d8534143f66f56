package view

import (
	"bufio"
	"io"
	"slices"

	core "scim-sync/sync"
)

// RunReportMarkdown writes a run for a job summary or an issue, as [PlanMarkdown]
// does a plan: trouble first, long tables folded, very long ones cut and said so.
func RunReportMarkdown(w io.Writer, r RunReport) error {
	m := &markdown{w: bufio.NewWriter(w), voice: voiceOn(w, true), rows: mostMarkdownRows}
	if r.Plan != nil {
		m.from = r.Plan.Source.Name
	}
	m.say("## %s\n\n", m.text("scim-sync: "+r.headline()))
	if r.Plan != nil {
		m.say("Into %s from %s\n\n", m.text(m.workspace(r.Plan.Workspace)), m.text(m.source(r.Plan.Source)))
	}
	for _, f := range r.facts(m.voice) {
		m.say("- %s: %s\n", m.text(f.What), m.text(f.Text))
	}
	m.say("\n")
	for _, e := range r.ends(m.voice) {
		m.say("⛔ **%s:** %s\n\n", m.text(e.What), m.text(e.Text))
		for _, a := range e.Advice {
			m.say("→ %s\n\n", m.code(a))
		}
	}
	if r.Plan != nil {
		m.ofPlan(r)
	}
	if text := r.Footer.String(); text != "" {
		m.say("%s\n", m.text(text))
	}
	return m.w.Flush()
}

// ofPlan says what became of the plan, or the plan itself where nothing did.
func (m *markdown) ofPlan(r RunReport) {
	p := r.Plan
	notes := p.Notes
	if r.Did == nil {
		m.summary(*p)
		m.refusals(p.Refusals)
		for _, s := range sections(p) {
			m.steps("### "+s.title, s.steps)
		}
	} else {
		m.say("**Done:** %s.\n\n", firstOf(done(r.Did.Results), "nothing"))
		m.refusals(p.Refusals)
		for _, g := range outcomeGroups(r.Did) {
			m.results(g)
		}
		notes = slices.Concat(r.Did.Notes, notes)
	}
	for _, g := range heldByCode(p.Held) {
		m.steps("### Held back by "+m.code(g.code), g.steps)
	}
	m.notes(notes)
	m.say("Plan %s\n\n", m.code(p.ID))
}

// results lists steps that ended the same way: with what happened to each where
// that is trouble.
func (m *markdown) results(g outcomeGroup) {
	if !g.trouble {
		steps := make([]*core.Step, len(g.results))
		for i, r := range g.results {
			steps[i] = &r.Step
		}
		m.steps("### "+g.title, steps)
		return
	}
	m.say("### %s (%s)\n\n", g.title, thousands(len(g.results)))
	shown := min(len(g.results), m.rows)
	m.rows -= shown
	for _, r := range g.results[:shown] {
		mark := markOf(r.Step.Action)
		m.say("- `%s` %s %s: %s\n", mark.sigil, m.text(mark.verb), m.code(m.subject(r.Step)), m.text(firstOf(m.whatHappened(r), "no reason is known")))
		if r.Hint != "" {
			m.say("  <br>→ %s\n", m.code(r.Hint))
		}
	}
	if rest := len(g.results) - shown; rest > 0 {
		m.say("\n… and %s more.\n", thousands(rest))
	}
	m.say("\n")
}
