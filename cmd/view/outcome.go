package view

import (
	"fmt"
	"regexp"
	"strings"

	core "scim-sync/sync"
)

// reportText is what a report is written on.
type reportText struct {
	*printer
	verbose bool
}

func (p reportText) outcome(r *core.StepResult) {
	m := markOf(r.Step.Action)
	segs := []seg{
		{text: m.sigil + " " + pad(m.verb, widestVerb), paint: p.tone(m.tone)}, plain("  "),
		{text: p.subject(r.Step), paint: p.bold},
	}
	if why := strings.TrimPrefix(p.whatHappened(r), p.subject(r.Step)+" "); why != "" {
		segs = append(segs, plain("  "+why))
	}
	p.line(2, p.hangStep(), segs...)
	p.wayOn(p.hangStep(), r.Hint)
}

// whatHappened joins the code and the detail, "email-not-changed: …", and where it is
// asked for or nothing else is known the HTTP status: "HTTP 409: …".
func (v voice) whatHappened(r *core.StepResult) string {
	if r.Code == core.NoteNoSeat && !v.technical {
		return "the workspace has no free seat"
	}
	detail := v.detail(v.inWords(detailOf(r)))
	if lead := clean(string(r.Code)) + ": "; r.Code != "" && !strings.HasPrefix(detail, lead) {
		detail = lead + detail
	}
	if r.Status < 300 || detail != "" && (!v.technical || strings.Contains(detail, fmt.Sprintf("HTTP %d", r.Status))) {
		return detail
	}
	status := fmt.Sprintf("HTTP %d", r.Status)
	if detail == "" {
		return status
	}
	return status + ": " + detail
}

// inWords is what a service's answer says, without its status and the id of the
// request, unless they are asked for.
func (v voice) inWords(text string) string {
	if v.technical {
		return text
	}
	for _, x := range [][2]string{{`HTTP [0-9]{3} \(([^)]*)\)`, "$1"}, {`HTTP [0-9]{3}: `, ""}, {` \[request [^\]]*\]`, ""}} {
		text = regexp.MustCompile(x[0]).ReplaceAllString(text, x[1])
	}
	return text
}

// detailOf is what a result says of itself, else its error.
func detailOf(r *core.StepResult) string {
	if r.Detail == "" && r.Err != nil {
		return r.Err.Error()
	}
	return r.Detail
}
