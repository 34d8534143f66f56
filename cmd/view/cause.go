package view

import (
	"strings"

	core "scim-sync/sync"
)

// cause is why steps came to the same end, and the steps.
type cause struct {
	results []*core.StepResult
}

// causes puts the results that ended so together by what happened to them and what is
// to be done: forty people for whom there is no seat are one cause.
func (p reportText) causes(results []core.StepResult, outcome core.StepOutcome) []cause {
	var list []cause
	place := map[string]int{}
	for i := range results {
		r := &results[i]
		if r.Outcome != outcome {
			continue
		}
		key := p.causeOf(r)
		at, known := place[key]
		if !known || p.verbose {
			at = len(list)
			place[key], list = at, append(list, cause{})
		}
		list[at].results = append(list[at].results, r)
	}
	return list
}

// causeOf is the same for results that differ in whom they are about alone.
func (p reportText) causeOf(r *core.StepResult) string {
	const who = "\x00"
	if r.Code == core.NoteNoSeat { // whoever met it first, and whoever was not tried then
		return string(r.Step.Action) + who + string(r.Code)
	}
	text := p.whatHappened(r) + who + r.Hint
	for _, name := range []string{p.subject(r.Step), r.Step.AttioID} {
		if name != "" {
			text = strings.ReplaceAll(text, name, who)
		}
	}
	return string(r.Step.Action) + who + text
}

// cause writes the one paragraph of a cause.
func (p reportText) cause(c cause) {
	first := c.results[0]
	if len(c.results) == 1 {
		p.outcome(first)
		return
	}
	names := make([]string, 0, mostNames)
	for _, r := range c.results[:min(len(c.results), mostNames)] {
		names = append(names, p.subject(r.Step))
	}
	m := markOf(first.Step.Action)
	whom := count(len(c.results), "person", "people")
	if first.Step.Team != nil {
		whom = count(len(c.results), "team", "teams")
	}
	room := 0
	if p.wrap > 0 {
		room = max(p.wrap-p.hangStep()-width(whom)-2, 1)
	}
	p.line(2, p.hangStep(), seg{text: m.sigil + " " + pad(m.verb, widestVerb), paint: p.tone(m.tone)}, plain("  "),
		seg{text: whom, paint: p.bold}, plain(": "+firstOf(p.named(names, len(c.results), room), p.named(names[:1], len(c.results), 0))))
	if why := p.whatHappened(first); why != "" {
		p.spaces(p.hangStep())
		p.line(0, p.hangStep(), plain(why))
	}
	p.wayOn(p.hangStep(), first.Hint)
}
