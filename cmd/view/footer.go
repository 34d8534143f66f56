package view

import (
	"fmt"
	"strings"
	"time"
)

// Footer is what a run cost: shown under plans and reports.
type Footer struct {
	Sides []Side `json:"sides"`
	// FullCycle is how many requests a run without any cache needs; 0: not known.
	FullCycle int           `json:"full_cycle_requests,omitempty"`
	Took      time.Duration `json:"took_ns,omitempty"`
}

// Side counts the requests to one service.
type Side struct {
	Name     string        `json:"name"` // "okta", "attio"
	Requests int           `json:"requests"`
	Writes   int           `json:"writes"`
	Retries  int           `json:"retries"`
	Waited   time.Duration `json:"waited_ns"` // for limits and between attempts, with nothing under way
}

func (f Footer) isZero() bool { return len(f.Sides) == 0 && f.FullCycle == 0 && f.Took == 0 }

// String says the footer in one line: "Requests: okta 12, attio 9 (5 writes, …)".
func (f Footer) String() string {
	var parts []string
	if len(f.Sides) > 0 {
		sides := make([]string, len(f.Sides))
		for i, s := range f.Sides {
			sides[i] = s.String()
		}
		parts = append(parts, "Requests: "+strings.Join(sides, "; ")+".")
	}
	if f.FullCycle > 0 {
		parts = append(parts, "A full cycle needs "+count(f.FullCycle, "request", "requests")+".")
	}
	if f.Took > 0 {
		parts = append(parts, "Took "+span(f.Took)+".")
	}
	return strings.Join(parts, " ")
}

// String says one side: "attio 9 (5 writes, 1 retry, waited 1.2 s)".
func (s Side) String() string {
	var more []string
	if s.Writes > 0 {
		more = append(more, count(s.Writes, "write", "writes"))
	}
	if s.Retries > 0 {
		more = append(more, count(s.Retries, "retry", "retries"))
	}
	if s.Waited >= time.Millisecond {
		more = append(more, "waited "+span(s.Waited))
	}
	text := clean(s.Name) + " " + thousands(s.Requests)
	if len(more) > 0 {
		text += " (" + strings.Join(more, ", ") + ")"
	}
	return text
}

// span says a duration in as much detail as anybody needs.
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		d = d.Round(time.Second)
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

// Brief says the footer in a few words: "Took 1.2 s, 28 requests."
func (f Footer) Brief() string {
	asked := 0
	for _, s := range f.Sides {
		asked += s.Requests
	}
	switch {
	case f.Took == 0 && asked == 0:
		return f.String()
	case f.Took == 0:
		return count(asked, "request", "requests") + "."
	case asked == 0:
		return "Took " + span(f.Took) + "."
	}
	return "Took " + span(f.Took) + ", " + count(asked, "request", "requests") + "."
}

// printFooter writes the footer as the last line of a view.
func (p *printer) printFooter(f Footer, verbose bool) {
	text := f.Brief()
	if verbose {
		text = f.String()
	}
	if !f.isZero() {
		p.line(0, 2, seg{text: text, paint: p.faint})
	}
}
