package view

// planText is what a plan is written on.
type planText struct {
	*printer
	verbose bool
}

func (p *printer) title(text string, n int, style paint) {
	p.blank()
	p.line(0, 2, seg{text: text, paint: style}, seg{text: " (" + thousands(n) + ")", paint: p.faint})
}

// hangStep is the column below the subject, or less on a narrow terminal.
func (p *printer) hangStep() int {
	const below = 2 + 2 + widestVerb + 2
	if p.wrap > 0 {
		return min(below, p.wrap/4)
	}
	return below
}

// step writes one step as one line: sigil, verb, subject, what, (why).
func (p *printer) step(r row) {
	segs := make([]seg, 0, 6)
	segs = append(segs,
		seg{text: r.sigil + " " + pad(r.verb, widestVerb), paint: p.tone(r.tone)}, plain("  "),
		seg{text: r.subject, paint: p.bold})
	if r.what != "" {
		segs = append(segs, seg{text: "  " + r.what})
	}
	if r.why != "" {
		segs = append(segs, seg{text: "  (" + r.why + ")", paint: p.faint, whole: true})
	}
	p.line(2, p.hangStep(), segs...)
}
