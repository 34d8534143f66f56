package view

// CheckLine is one thing that doctor looked at.
type CheckLine struct {
	Status string // ok, warn, fail, skipped
	Title  string
	Detail string
	Mend   string // what to do; empty when nothing
}

// Checks writes one line a check, what to do about it below, and a closing
// line. The word says what the colour says.
func Checks(s Stream, lines []CheckLine, closing string) error {
	out := newPrinter(s)
	for _, c := range lines {
		word, ink := out.statusWord(c.Status)
		title := clean(c.Title)
		if c.Detail != "" {
			title += ": "
		}
		out.line(0, wordWidth, seg{text: pad(word, wordWidth), paint: ink}, plain(title), seg{text: out.say(c.Detail, longestError), paint: out.faint})
		if c.Mend != "" {
			out.line(wordWidth, wordWidth+2, plain("→ "+out.say(c.Mend, longestError)))
		}
	}
	out.blank()
	out.line(0, 2, seg{text: clean(closing), paint: out.bold})
	return out.flush()
}

const wordWidth = 6

func (p *printer) statusWord(status string) (word string, ink paint) {
	switch status {
	case "ok":
		return "ok", p.add
	case "warn":
		return "look", p.change
	case "fail":
		return "FAIL", p.alarm
	}
	return "-", p.faint
}

// Fact is a name and what it is.
type Fact struct{ Name, Value string }

// Facts writes names and values in two columns.
func Facts(s Stream, facts []Fact) error {
	out := newPrinter(s)
	widest := 0
	for _, f := range facts {
		widest = max(widest, width(f.Name))
	}
	for _, f := range facts {
		out.line(0, widest+2, seg{text: pad(f.Name, widest+2), paint: out.faint}, plain(out.say(f.Value, longestError)))
	}
	return out.flush()
}

// Count says "1 person", "3 people".
func Count(n int, one, many string) string { return count(n, one, many) }
