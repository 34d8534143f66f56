package view

import (
	"html/template"
	"io"
	"iter"
	"slices"
	"strings"

	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// historyPage is what the template shows.
type historyPage struct {
	Dress     dress
	Title     string
	Headline  string
	Facts     []pageFact
	Figures   []figure
	Chart     template.HTML
	Days      []dayRow
	Choices   []string
	Title2    string // of the table
	Count     string
	Aside     string
	Columns   []string
	tableRows iter.Seq[template.HTML]
}

// Rows are put into words while the page is written.
func (h historyPage) Rows() func(yield func(template.HTML) bool) { return h.tableRows }

// RunsHTML writes a list of runs as one file that needs nothing else, as
// [PlanHTML] does, with a chart of what changed each day. older is how many runs
// are not in the list.
func RunsHTML(w io.Writer, runs []state.RunRecord, older int, d *Days) error {
	return writePage(w, "history.html", func(v voice, look dress) any {
		h := historyPage{Dress: look, Title: "history", Headline: "What past runs did", Chart: d.chart(), Days: d.rows(), Title2: "Runs", Count: thousands(len(runs)),
			Columns: []string{"run", "began", "command", "by", "ended", "note"}}
		if older > 0 {
			h.Aside = count(older, "older run is", "older runs are") + " not in this list."
		}
		h.tableRows = func(yield func(template.HTML) bool) {
			for _, r := range slices.Backward(runs) {
				row := htmlRow(firstOf(r.Info.Command, "run"), cell{"who", strings.TrimSpace(v.name(r.Info.RunID) + "  " + runNumber(r))}, cell{"when", when(r.Info.Began)}, cell{"", v.name(r.Info.Command)},
					cell{"", v.name(r.Info.Operator)}, cell{"", v.ending(r)}, cell{"", v.aside(r)})
				if !yield(row) {
					return
				}
			}
		}
		return h
	})
}

// RunHTML writes one run, each step and what became of it.
func RunHTML(w io.Writer, r state.RunRecord, events []state.Event) error {
	return writePage(w, "history.html", func(v voice, look dress) any {
		h := historyPage{Dress: look, Title: "run " + v.name(r.Info.RunID), Headline: "Run " + v.name(r.Info.RunID), Facts: journalVoice{v}.runFacts(r)}
		h.list(journalVoice{v}, events, false)
		return h
	})
}

// PersonHTML writes all that the journal holds about somebody.
func PersonHTML(w io.Writer, name string, events []state.Event) error {
	return writePage(w, "history.html", func(v voice, look dress) any {
		h := historyPage{Dress: look, Title: v.name(name), Headline: "What happened to " + v.name(name)}
		h.list(journalVoice{v}, aboutThem(events, name), true)
		return h
	})
}

// list adds what happened, with its chart.
func (h *historyPage) list(v journalVoice, events []state.Event, by bool) {
	var d Days
	n, kinds := 0, map[string]bool{}
	for e := range told(events) {
		d.Add(e)
		n++
		kinds[v.happened(e).kind] = true
	}
	if len(d.days()) > 1 {
		h.Chart, h.Days = d.chart(), d.rows()
	}
	for kind := range kinds {
		h.Choices = append(h.Choices, kind)
	}
	slices.Sort(h.Choices)
	h.Title2, h.Count, h.Columns = "What happened", thousands(n), []string{"when", "action", "who", "what", "what became of it", "why"}
	if by {
		h.Columns = append(h.Columns, "by")
	}
	h.tableRows = func(yield func(template.HTML) bool) {
		for e := range told(events) {
			x := v.happened(e)
			cells := []cell{{"when", x.at}, {"act " + x.class, x.action}, {"who", x.who}, {"", x.what}, {"", x.became}, {"why", x.why}}
			if by {
				cells = append(cells, cell{"", v.byWhom(e)})
			}
			if !yield(htmlRow(x.kind, cells...)) {
				return
			}
		}
	}
}

// told are the events worth a line, and last the writes whose end is not known.
func told(events []state.Event) iter.Seq[state.Event] {
	return func(yield func(state.Event) bool) {
		open := map[uint64]bool{}
		for _, e := range events {
			if e.Kind == state.LineIntent {
				open[e.Seq] = true
			} else if Tells(e) {
				delete(open, e.Ticket)
				if !yield(e) {
					return
				}
			}
		}
		for _, e := range events { // in the order of the journal
			if open[e.Seq] && e.Kind == state.LineIntent && e.Intent != nil && !yield(e) {
				return
			}
		}
	}
}

// happening is an event in words.
type happening struct{ kind, class, at, action, who, what, became, why string }

func (v journalVoice) happened(e state.Event) happening {
	x := happening{at: when(e.At), kind: "other"}
	switch {
	case e.Kind == state.LineOutcome && e.Of != nil && e.Outcome != nil:
		x.step(v.row(e.Of.Step), v.became(*e.Outcome))
		if e.Of.Proof != nil {
			x.why += "; " + v.okta() + ": " + v.proofWords(*e.Of.Proof)
		}
		if log := v.logWords(e.Of.Log); log != "" {
			x.why += "; " + log
		}
	case e.Kind == state.LineIntent && e.Intent != nil:
		x.step(v.row(e.Intent.Step), "was begun; its end is not in the journal")
	case e.Step != nil:
		x.step(v.row(*e.Step), "noted, no request")
	default:
		x.what = v.other(e)
	}
	return x
}

// logWords say what the source's log tells of a step: the first of it.
func (v journalVoice) logWords(log []core.Witnessed) string {
	var parts []string
	for _, w := range log[:min(len(log), witnessedAtMost)] {
		parts = append(parts, v.witnessedWords(w))
	}
	if rest := len(log) - witnessedAtMost; rest > 0 {
		parts = append(parts, "and "+count(rest, "other entry", "other entries")+" of "+v.okta()+"'s log")
	}
	return strings.Join(parts, "; ")
}

func (x *happening) step(r row, became string) {
	x.kind, x.class, x.action, x.who, x.what, x.why, x.became = r.verb, classOf(r.tone), r.sigil+" "+r.verb, r.subject, r.what, r.why, became
}

// cell is one of a row: its class and its text.
type cell struct{ class, text string }

func htmlRow(kind string, cells ...cell) template.HTML {
	var b strings.Builder
	b.WriteString(`<tr data-k="` + inHTML(kind) + `">`)
	for _, c := range cells {
		class := c.class
		if class == "who" && len(c.text) > longestWord {
			class = "who long"
		}
		if class != "" {
			class = ` class="` + class + `"`
		}
		b.WriteString(`<td` + class + `><bdi>` + inWords(c.text) + `</bdi></td>`)
	}
	return template.HTML(b.String() + `</tr>`) //nolint:gosec // just escaped
}

// runFacts say which run it was, and what it came to.
func (v journalVoice) runFacts(r state.RunRecord) []pageFact {
	facts := []pageFact{
		{"command", v.name(r.Info.Command)}, {"by", v.name(r.Info.Operator)}, {"CI job", v.detail(r.Info.CIJob)}, {"reason", v.detail(r.Info.Reason)},
		{"began", when(r.Info.Began)}, {"ended", when(r.Ended)}, {"program", "scim-sync " + v.name(r.Info.ToolVersion)}, {"plan", v.name(r.Info.PlanID)},
		{"settings", v.name(r.Info.SettingsDigest)}, {"came to", v.ending(r)},
	}
	if s := r.Summary; s != nil {
		facts = append(facts, pageFact{"error", v.detail(s.Error)}, pageFact{"refused", v.codes(s.Refusals)}, pageFact{"requests", requests(s.Requests)})
	}
	return slices.DeleteFunc(facts, func(f pageFact) bool { return f.Text == "" })
}
