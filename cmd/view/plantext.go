package view

import (
	"slices"
	"strings"

	core "scim-sync/sync"
)

// PlanOptions say what a plan's text shows besides the plan.
type PlanOptions struct {
	// Unmanaged lists who is not managed instead of counting them.
	Unmanaged bool
	Footer    Footer
	// Apply: the plan is about to be carried out, so how to do that is not told.
	Apply bool
	// Command carries the plan out; empty: scim-sync apply.
	Command string
	// Saved is the file that holds the plan by now, if any.
	Saved string
	// Only is whom or what --only names; empty: the plan is about everybody.
	Only string
	// Verbose shows every step, with its reason, and what was asked.
	Verbose bool
}

// PlanText writes a plan for people: where it leads, the changes in the order
// in which they matter, what is held back or refused and how to go on, and a
// summary as the last thing on the screen. Everything that comes from Okta or
// Attio is shown with control, hidden and direction-turning characters as
// visible escapes. The error is the stream's.
func PlanText(s Stream, p core.Plan, o PlanOptions) error {
	out := planText{newPrinter(s), o.Verbose}
	out.all = o.Verbose
	out.from = p.Source.Name
	out.headline(p)
	out.verdict(p, o.Only)
	if !s.TTY { // a file is read from its beginning, a terminal from its end
		out.refusals(p.Refusals)
	}
	for _, part := range sections(&p) {
		out.section(part)
	}
	out.held(p.Held)
	out.notes(p.Notes)
	out.unmanaged(p, o.Unmanaged)
	if s.TTY {
		out.refusals(p.Refusals)
	}
	out.summary(p, o)
	out.printFooter(o.Footer, o.Verbose)
	return out.flush()
}

// headline names both ends: "Acme (acme) ← Okta app Attio at https://…".
func (p planText) headline(plan core.Plan) {
	p.line(0, 2, seg{text: p.workspace(plan.Workspace), paint: p.bold}, plain(" ← "+p.source(plan.Source)))
}

func (v voice) workspace(w core.WorkspaceRef) string {
	name, slug := v.name(w.Name), v.name(firstOf(w.Slug, w.ID))
	switch {
	case name == "":
		return "Workspace " + firstOf(slug, "unknown")
	case slug == "" || slug == name:
		return name
	}
	return name + " (" + slug + ")"
}

func (v voice) source(s core.SourceRef) string {
	text := v.okta() + " app " + v.name(firstOf(s.AppLabel, s.AppID, "unknown"))
	if s.OrgURL != "" {
		text += " at " + v.name(s.OrgURL)
	}
	return text
}

// verdict says at once when nothing is to be done or nothing will be.
func (p planText) verdict(plan core.Plan, only string) {
	if stop := stoppers(plan.Refusals); len(stop) > 0 {
		p.line(0, 2, seg{text: "Refused: nothing will be written (" + p.codes(stop) + "); see below.", paint: p.alarm})
		return
	}
	if inStep(plan) {
		text := "Nothing to do: Attio is in step with " + p.okta() + "."
		if only != "" {
			text = "Nothing to do for " + p.name(only) + "; what else there may be was left out (--only)."
		}
		p.line(0, 2, seg{text: text, paint: p.add})
	}
}

// inStep says whether there is nothing to do and nothing kept from being done.
func inStep(p core.Plan) bool {
	return len(p.Steps) == 0 && len(p.Held) == 0 && len(p.Refusals) == 0
}

func (v voice) codes(codes []string) string {
	shown := make([]string, len(codes))
	for i, c := range codes {
		shown[i] = v.name(c)
	}
	return strings.Join(shown, ", ")
}

// held lists what was worked out and will not run, by what keeps it back.
func (p planText) held(held []core.HeldStep) {
	for _, g := range heldByCode(held) {
		p.title("Held back by "+p.name(g.code), len(g.steps), p.change)
		p.alike(g.steps)
	}
}

// refusals say which rails said no, with the numbers and the way on. The way
// on is never wrapped nor cut: it holds commands to copy.
func (p *printer) refusals(refusals []core.Refusal) {
	p.refusalsThat(refusals, true, "Refused: nothing will be written while this stands")
	p.refusalsThat(refusals, false, "Refused: only the steps named here are left out")
}

func (p *printer) refusalsThat(refusals []core.Refusal, stop bool, title string) {
	var some []core.Refusal
	for _, r := range refusals {
		if (r.Reach == core.ReachRun) == stop {
			some = append(some, r)
		}
	}
	if len(some) == 0 {
		return
	}
	p.title(title, len(some), p.alarm)
	for _, r := range some {
		p.refusal(r)
	}
}

func (p *printer) refusal(r core.Refusal) {
	segs := []seg{{text: "! " + p.name(string(r.Code)), paint: p.alarm}}
	if r.Subject != "" {
		segs = append(segs, plain("  "), seg{text: p.name(r.Subject), paint: p.bold})
	}
	p.line(2, 4, append(segs, seg{text: "  " + p.detail(r.Detail)})...)
	p.wayOn(4, r.Remedy)
}

// longestRemedy is far more than a remedy needs: names in it come from outside.
const longestRemedy = 4000

// wayOn writes what to do next, on a line of its own. A command in it is never
// broken.
func (p *printer) wayOn(indent int, remedy string) {
	if remedy != "" {
		remedy = p.stream.always(remedy)
		p.line(indent, indent+2, seg{text: "→ " + p.say(remedy, longestRemedy), paint: p.bold})
	}
}

// mostNotes of one code are told one by one; more are counted.
const mostNotes = 5

func (p *printer) notes(notes []core.Note) {
	if len(notes) == 0 {
		return
	}
	p.title("Notes", len(notes), p.bold)
	for _, g := range notesByCode(notes) {
		if len(g.notes) > mostNotes {
			p.manyNotes(g)
			continue
		}
		for _, n := range g.notes {
			p.note(n)
		}
	}
}

func (p *printer) note(n core.Note) {
	segs := []seg{{text: p.name(string(n.Code)), paint: p.change}}
	if n.Subject != "" {
		segs = append(segs, plain("  "), seg{text: p.name(n.Subject), paint: p.bold})
	}
	p.line(2, 4, append(segs, seg{text: "  " + p.detail(n.Detail)})...)
}

// manyNotes tells a code once: how often, a few of the subjects, and what the
// first of them says.
func (p *printer) manyNotes(g noteGroup) {
	subjects := make([]string, mostNotes)
	for i := range subjects {
		subjects[i] = p.name(g.notes[i].Subject)
	}
	subjects = slices.DeleteFunc(subjects, func(s string) bool { return s == "" })
	text := "  " + thousands(len(g.notes)) + " times"
	if len(subjects) > 0 {
		text += ": " + strings.Join(subjects, ", ") + " and " + thousands(len(g.notes)-len(subjects)) + " more"
	}
	lead := "; the first: "
	if sameDetail(g.notes) {
		lead = "; each: "
	}
	p.line(2, 4, seg{text: p.name(g.code), paint: p.change}, seg{text: text + lead + p.detail(g.notes[0].Detail)})
}

func sameDetail(notes []core.Note) bool {
	for _, n := range notes {
		if n.Detail != notes[0].Detail {
			return false
		}
	}
	return true
}

// unmanaged counts or lists whom Okta does not manage.
func (p planText) unmanaged(plan core.Plan, all bool) {
	text := p.unmanagedCount(plan.Summary)
	if text == "" {
		if all {
			p.blank()
			p.line(0, 2, plain("Everybody and every team in the workspace is managed by "+p.okta()+"."))
		}
		return
	}
	p.blank()
	if !all {
		p.line(0, 2, seg{text: text, paint: p.faint})
		return
	}
	p.line(0, 2, seg{text: text, paint: p.bold})
	if len(plan.Unmanaged) > 0 {
		p.table(grid{columns: []column{{title: "EMAIL"}, {title: "ROLE"}, {title: "STATUS"}, {title: "TEAMS"}}, rows: p.unmanagedRows(plan.Unmanaged), wide: true})
	}
	if len(plan.UnmanagedTeams) > 0 {
		names := make([]string, len(plan.UnmanagedTeams))
		for i, t := range plan.UnmanagedTeams {
			names[i] = p.name(t)
		}
		p.line(2, 9, plain("Teams: "+strings.Join(names, ", ")))
	}
}

func (v voice) unmanagedRows(list []core.Unmanaged) [][]string {
	rows := make([][]string, len(list))
	for i, u := range list {
		teams := make([]string, len(u.Teams))
		for j, t := range u.Teams {
			teams[j] = v.name(t)
		}
		rows[i] = []string{v.name(u.Email), v.name(string(u.Role)), v.name(string(u.Status)), strings.Join(teams, ", ")}
	}
	return rows
}

// summary is the last paragraph: what stays on the screen.
func (p planText) summary(plan core.Plan, o PlanOptions) {
	stop := stoppers(plan.Refusals)
	p.blank()
	if inStep(plan) {
		return // the verdict has said so
	}
	p.line(0, 6, seg{text: "Plan: " + firstOf(tally(plan.Summary), "no changes") + ".", paint: p.bold})
	if text := seats(plan.Summary); text != "" {
		p.line(0, 7, plain(text))
	}
	if n := len(plan.Held); n > 0 {
		p.line(0, 2, seg{text: "Held back: " + count(n, "step", "steps") + ".", paint: p.change})
	}
	switch n := len(plan.Refusals); {
	case len(stop) > 0:
		p.line(0, 2, seg{text: "Refused: " + p.codes(stop) + ". Nothing will be written.", paint: p.alarm})
	case n > 0:
		p.line(0, 2, seg{text: "Refused: " + count(n, "thing", "things") + ", named above; the rest can go on.", paint: p.alarm})
	}
	if !o.Apply && len(stop) == 0 && len(plan.Steps) > 0 {
		done := "Nothing was written. "
		if o.Saved != "" {
			done = "The plan is saved in " + Clean(o.Saved) + ". "
		}
		p.line(0, 2, plain(done+Clean(firstOf(o.Command, "scim-sync apply"))+" carries this out."))
	}
}
