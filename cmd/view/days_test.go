package view

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// dayOf is a run of so many steps, as each page tells of it.
type dayOf struct {
	plan    core.Plan
	report  core.Report
	options ReportOptions
	record  state.RunRecord
	status  RunStatus
}

// dayPlan has so many steps, the usual ones.
func dayPlan(steps int) core.Plan {
	if steps > 3 {
		return mixed(steps)
	}
	p := emptyPlan()
	of(&p, 1, core.Suspend, core.CauseOkta, "is not assigned in Okta any more")
	of(&p, 1, core.Provision, core.CauseOkta, "is assigned in Okta; Okta's role says member")
	of(&p, 1, core.AddMembers, core.CauseOkta, "are in")
	return p
}

// days are the ways in which a run of so many steps ends.
func days(steps int) map[string]dayOf {
	const good, refused, seats, cut = "well", "refused", "seats short", "cut off"
	all := map[string]dayOf{}
	for _, end := range []string{good, refused, seats, cut} {
		d := dayOf{plan: dayPlan(steps), record: state.RunRecord{Info: state.RunInfo{Number: 12, RunID: "20260820T030000Z-1a2b3c4d", Began: made, Command: "apply", Operator: "ada@runner-17"}}}
		d.options = ReportOptions{Footer: someFooter()}
		sum := &state.Summary{Counts: map[string]int{}}
		for i, s := range d.plan.Steps {
			r := core.StepResult{Step: s, Outcome: core.StepOK, Status: 200, People: len(s.People)}
			switch {
			case end == seats && s.Action == core.Provision:
				r = core.StepResult{Step: s, Outcome: core.StepFailed, Status: 400, Detail: "no free seat is left in this workspace", Hint: "Buy seats in Attio under Settings > Billing, or let some people go in Okta; then: scim-sync apply"}
			case end == cut && i >= len(d.plan.Steps)/2:
				r = core.StepResult{Step: s, Outcome: core.StepNotRun}
			}
			d.report.Results = append(d.report.Results, r)
			sum.Counts[string(r.Outcome)]++
		}
		switch end {
		case refused:
			d.plan.Refusals = refusedPlan().Refusals
			d.report.Results, sum.Counts, d.options.Refusals = nil, nil, d.plan.Refusals
			sum.ExitCode, sum.Refusals = 3, []string{"too-many-removals"}
			d.status.Outcome = "a safety rail refused something"
		case seats:
			sum.ExitCode, d.status.Outcome = 4, "a step failed"
		case cut:
			d.report.Interrupted, d.status.Outcome = true, "interrupted"
			sum.ExitCode = 130
		default:
			d.status.Outcome = "done"
		}
		d.record.Summary, d.record.Ended, d.record.Intents = sum, made.Add(time.Minute), sum.Counts["done"]
		d.status.RunID, d.status.Number, d.status.Began, d.status.Operator = d.record.Info.RunID, 12, made, d.record.Info.Operator
		d.status.ExitCode, d.status.Steps, d.status.Refusals, d.status.Ended = &sum.ExitCode, sum.Counts, sum.Refusals, &d.record.Ended
		all[end] = d
	}
	return all
}

// pages are what people read of a day.
func (d dayOf) pages() map[string]func(Stream) error {
	signedIn := true
	st := Status{SignedIn: &signedIn, Workspace: &WorkspaceStatus{ID: "2f1a", Slug: "harbour", Name: "Harbour"}, LastRun: &d.status, LastGoodRun: &d.status,
		State: &StateStatus{Place: "/var/lib/scim-sync/harbour.json", Exists: true, People: PeopleCounts{Active: 245, Suspended: 55}, Teams: 12}}
	return map[string]func(Stream) error{
		"plan":    func(s Stream) error { return PlanText(s, d.plan, PlanOptions{Footer: someFooter()}) },
		"apply":   func(s Stream) error { return ReportText(s, d.report, d.options) },
		"history": func(s Stream) error { return RunsText(s, []state.RunRecord{d.record}, 0, false) },
		"status":  func(s Stream) error { return StatusText(s, st, made.Add(5*time.Minute)) },
	}
}

// shown is a page on a terminal of that width; 0: in a pipe.
func shownAt(t *testing.T, page func(Stream) error, width int, colour bool) string {
	t.Helper()
	var b bytes.Buffer
	if err := page(Stream{W: &b, TTY: width > 0, Width: width, Colour: colour}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// ends are the first and the last lines of a long text, and how many there are.
func ends(text string) string {
	const most = 20
	lines := strings.SplitAfter(text, "\n")
	if lines = lines[:len(lines)-1]; len(lines) <= 2*most {
		return text
	}
	return strings.Join(lines[:most], "") + fmt.Sprintf("[… %d lines …]\n", len(lines)-2*most) + strings.Join(lines[len(lines)-most:], "")
}

// TestADayIsReadable: what a run of 3, 300 and 3,000 steps shows, at each width and in a
// pipe, however it ends. Of long ones the golden file holds the ends; of widths between,
// of long ones, how many lines there are.
func TestADayIsReadable(t *testing.T) {
	for _, steps := range []int{3, 300, 3000} {
		var b strings.Builder
		all := days(steps)
		for _, end := range []string{"well", "refused", "seats short", "cut off"} {
			pages := all[end].pages()
			for _, page := range []string{"plan", "apply", "history", "status"} {
				if page == "plan" && end != "well" && end != "refused" {
					continue // it was the same
				}
				before := ""
				for _, width := range []int{80, 100, 140, 0} {
					text := shownAt(t, pages[page], width, false)
					fmt.Fprintf(&b, "-- %s, %s, %d columns: %d lines --\n", end, page, width, strings.Count(text, "\n"))
					switch {
					case text == before:
						b.WriteString("(the same)\n")
					case steps == 3 || width == 0 || width == 80:
						b.WriteString(ends(text))
					}
					before = text
				}
			}
		}
		golden(t, fmt.Sprintf("day-%d", steps), []byte(b.String()))
	}
}

// TestColourChangesNoWord: without its colours a page is what it is where there are none,
// no line is wider than the terminal, and with colours there are some.
func TestColourChangesNoWord(t *testing.T) {
	colours := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for _, steps := range []int{3, 300} {
		for end, d := range days(steps) {
			for name, page := range d.pages() {
				for _, w := range []int{80, 100, 140, 0} {
					text, plain := shownAt(t, page, w, true), shownAt(t, page, w, false)
					if colours.ReplaceAllString(text, "") != plain || w > 0 && text == plain || strings.Contains(plain, "\x1b") {
						t.Errorf("%d steps, %s, %s at %d columns:\n%q\n%q", steps, end, name, w, text, plain)
					}
					for line := range strings.Lines(plain) {
						if n := width(strings.TrimSuffix(line, "\n")); w > 0 && n > w {
							t.Errorf("%d steps, %s, %s at %d columns: %d: %q", steps, end, name, w, n, line)
						}
					}
				}
			}
		}
	}
}

// TestABadDayIsShort: whatever is wrong with three thousand steps, a quiet run says it in a
// dozen lines, at each width, and a report in a page.
func TestABadDayIsShort(t *testing.T) {
	var news core.Tidings
	for _, r := range refusedPlan().Refusals {
		news.Begun = append(news.Begun, core.Trouble{Lead: "refused", Code: r.Code, Text: r.Subject + ": " + r.Detail, Remedy: r.Remedy})
	}
	news.Begun = append(news.Begun, core.Trouble{Lead: "failed", Text: "provision somebody.000@harbour.example, somebody.001@harbour.example and 718 more: no free seat is left in this workspace",
		Remedy: "Buy seats in Attio under Settings > Billing, or let some people go in Okta; then: scim-sync apply"})
	for _, w := range []int{0, 80, 100, 140} {
		if text := shownAt(t, func(s Stream) error { return Troubles(s, news, nil, made) }, w, false); strings.Count(text, "\n") > 12 {
			t.Errorf("%d columns:\n%s", w, text)
		}
		if text := shownAt(t, days(3000)["seats short"].pages()["apply"], w, false); strings.Count(text, "\n") > 30 {
			t.Errorf("%d columns:\n%s", w, text)
		}
	}
}
