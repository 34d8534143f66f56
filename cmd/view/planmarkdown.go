package view

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	core "scim-sync/sync"
)

const (
	// mostMarkdownRows, over all tables, keeps a document below the 65,536
	// characters that a comment on GitHub may have. Notes are counted apart.
	mostMarkdownRows  = 150
	mostMarkdownNotes = 40
	// openRows: longer tables are folded away.
	openRows = 25
)

// PlanMarkdown writes a plan for a pull request or a job summary: headline,
// what is refused and how to go on, tables of the changes (long ones folded,
// very long ones cut and said so), held steps and notes. Values from Okta and
// Attio can neither form markup nor links nor mention anybody.
func PlanMarkdown(w io.Writer, p core.Plan) error {
	m := &markdown{w: bufio.NewWriter(w), voice: voiceOn(w, true), rows: mostMarkdownRows}
	m.from = p.Source.Name
	m.say("## %s\n\n", m.text("scim-sync: "+headlineOf(p)))
	m.say("Into %s from %s\n\n", m.text(m.workspace(p.Workspace)), m.text(m.source(p.Source)))
	m.summary(p)
	m.refusals(p.Refusals)
	for _, s := range sections(&p) {
		m.steps("### "+s.title, s.steps)
	}
	for _, g := range heldByCode(p.Held) {
		m.steps("### Held back by "+m.code(g.code), g.steps)
	}
	m.notes(p.Notes)
	if text := m.unmanagedCount(p.Summary); text != "" {
		m.say("%s\n\n", text)
	}
	m.say("Plan %s\n", m.code(p.ID))
	return m.w.Flush()
}

// headlineOf says in a few words what a plan comes to.
func headlineOf(p core.Plan) string {
	switch stop := stoppers(p.Refusals); {
	case len(stop) > 0:
		return "refused, nothing will be written"
	case inStep(p):
		return "nothing to do"
	case len(p.Steps) == 0:
		return "nothing to do but what is held back or refused"
	}
	return count(len(p.Steps), "change", "changes")
}

type markdown struct {
	w *bufio.Writer
	voice
	rows int // that may still be shown
}

// say writes; its values have gone through text or code.
func (m *markdown) say(format string, a ...any) { _, _ = fmt.Fprintf(m.w, format, a...) }

func (m *markdown) summary(p core.Plan) {
	text := tally(p.Summary)
	if text == "" {
		text = "no changes"
	}
	m.say("**Plan:** %s.", text)
	if s := seats(p.Summary); s != "" {
		m.say(" %s", s)
	}
	if n := len(p.Held); n > 0 {
		m.say(" Held back: %s.", count(n, "step", "steps"))
	}
	m.say("\n\n")
}

func (m *markdown) refusals(refusals []core.Refusal) {
	if len(refusals) == 0 {
		return
	}
	m.say("### Refused\n\n")
	for _, r := range refusals {
		m.say("- ⛔ **%s**", m.code(string(r.Code)))
		if r.Subject != "" {
			m.say(" %s", m.code(r.Subject))
		}
		m.say(": %s\n", m.text(r.Detail))
		if r.Remedy != "" {
			m.say("  <br>→ %s\n", m.code(r.Remedy))
		}
	}
	m.say("\n")
}

func (m *markdown) steps(title string, steps []*core.Step) {
	m.say("%s (%s)\n\n", title, thousands(len(steps)))
	shown := min(len(steps), m.rows)
	m.rows -= shown
	if shown == 0 {
		m.say("All of them are in the plan's JSON.\n\n")
		return
	}
	folded := len(steps) > openRows
	if folded {
		m.say("<details><summary>Show</summary>\n\n")
	}
	m.say("| | | who | what | why |\n| --- | --- | --- | --- | --- |\n")
	for _, s := range steps[:shown] {
		r := m.row(*s)
		m.say("| `%s` | %s | %s | %s | %s |\n", r.sigil, m.text(r.verb), m.code(r.subject), m.text(r.what), m.text(r.why))
	}
	m.say("\n")
	if rest := len(steps) - shown; rest > 0 {
		m.say("… and %s more, all in the plan's JSON.\n\n", thousands(rest))
	}
	if folded {
		m.say("</details>\n\n")
	}
}

func (m *markdown) notes(notes []core.Note) {
	if len(notes) == 0 {
		return
	}
	m.say("### Notes (%s)\n\n<details><summary>Show</summary>\n\n", thousands(len(notes)))
	for _, n := range notes[:min(len(notes), mostMarkdownNotes)] {
		m.say("- %s", m.code(string(n.Code)))
		if n.Subject != "" {
			m.say(" %s", m.code(n.Subject))
		}
		m.say(": %s\n", m.text(n.Detail))
	}
	if rest := len(notes) - mostMarkdownNotes; rest > 0 {
		m.say("\n… and %s more, all in the plan's JSON.\n", thousands(rest))
	}
	m.say("\n</details>\n\n")
}

// code shows a value as code: within it GitHub looks neither for mentions nor
// for references.
func (m *markdown) code(s string) string {
	if s == "" {
		return ""
	}
	return "<code>" + entities(m.detail(m.secretless(s))) + "</code>"
}

// text shows a sentence. An @ or # that would mention somebody or something is
// parted from its name by a space without width.
func (m *markdown) text(s string) string {
	s = m.detail(m.secretless(s))
	var b strings.Builder
	word := false // the character before belongs to a word
	start := 0
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c == '@' || c == '#') && !word {
			b.WriteString(entities(s[start:i+1]) + "&#8203;")
			start = i + 1
		}
		word = s[i] >= 0x80 || isAlphanumeric(s[i])
	}
	b.WriteString(entities(s[start:]))
	return b.String()
}

// entities writes the punctuation that Markdown or HTML could act on as
// numeric character references, which never form markup
// (https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references).
// A full stop and a colon are only written so where a bare address or an
// emoji could begin.
func entities(s string) string {
	www := strings.Contains(strings.ToLower(s), "www.")
	var b strings.Builder
	b.Grow(len(s) + 32)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 0x80, isAlphanumeric(c), strings.IndexByte(" ,-+()'/;!?\"=%^{}", c) >= 0,
			c == '.' && !www, c == ':' && i+1 < len(s) && s[i+1] == ' ':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "&#%d;", c)
		}
	}
	return b.String()
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
