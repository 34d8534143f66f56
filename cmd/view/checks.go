package view

import "io"

// CheckStatus is how a check came out.
type CheckStatus string

// The statuses.
const (
	CheckGood    CheckStatus = "ok"
	CheckOdd     CheckStatus = "warn" // a run works, and something should be looked at
	CheckBad     CheckStatus = "fail"
	CheckSkipped CheckStatus = "skipped"
)

// Check is one thing that doctor looked at.
type Check struct {
	Code   string      `json:"code"` // stable
	Title  string      `json:"title"`
	Status CheckStatus `json:"status"`
	Detail string      `json:"detail,omitempty"`
	Fix    string      `json:"mend,omitempty"` // what to do; empty when nothing. The key is older than the word.
}

// ChecksJSON writes what was looked at, for programs. The document only grows.
func ChecksJSON(w io.Writer, all []Check) error {
	doc := struct {
		FormatVersion int     `json:"format_version"`
		OK            bool    `json:"ok"`
		Checks        []Check `json:"checks"`
	}{1, true, make([]Check, len(all))}
	for i, c := range all {
		doc.OK = doc.OK && c.Status != CheckBad
		c.Detail, c.Fix = clean(c.Detail), clean(c.Fix)
		doc.Checks[i] = c
	}
	return writeJSON(w, doc, "  ")
}

// ChecksText writes one line a check, what to do about it below, and a closing
// line. The word says what the colour says.
func ChecksText(s Stream, all []Check) error {
	out := newPrinter(s)
	counts := map[CheckStatus]int{}
	for _, c := range all {
		counts[c.Status]++
		word, ink := out.statusWord(c.Status)
		title := clean(c.Title)
		if c.Status == CheckOdd { // it is a question then, and no claim
			title = "whether " + title
		}
		if c.Detail != "" {
			title += ": "
		}
		out.line(0, wordWidth, seg{text: pad(word, wordWidth), paint: ink}, plain(title), seg{text: out.say(c.Detail, longestError), paint: out.faint})
		if c.Fix != "" {
			out.line(wordWidth, wordWidth+2, plain("→ "+out.say(c.Fix, longestError)))
		}
	}
	out.blank()
	out.line(0, 2, seg{text: summaryOf(counts), paint: out.bold})
	return out.flush()
}

func summaryOf(counts map[CheckStatus]int) string {
	switch {
	case counts[CheckBad] > 0:
		return count(counts[CheckBad], "check", "checks") + " failed."
	case counts[CheckOdd] > 0:
		return "A run will work; " + count(counts[CheckOdd], "thing", "things") + " should be looked at."
	case counts[CheckSkipped] > 0:
		return "Everything that could be looked at is right."
	}
	return "Everything is right."
}

const wordWidth = 6

func (p *printer) statusWord(status CheckStatus) (word string, ink paint) {
	switch status {
	case CheckGood:
		return "ok", p.add
	case CheckOdd:
		return "look", p.change
	case CheckBad:
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
