package view

import (
	"bytes"
	"strings"
	"testing"
	"time"

	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// outcomeOn is a write and its end.
func outcomeOn(day time.Time, s core.Step, o core.Outcome) state.Event {
	return state.Event{Line: state.Line{At: day, Run: "r1", Kind: state.LineOutcome, Outcome: &o}, Of: &core.Intent{Step: s}}
}

// someDays is what happened on a few days of a month: all that the full plan has,
// a failure, and what names from outside may hold.
func someDays() (events []state.Event) {
	for i, s := range append(fullPlan().Steps, hostilePlan().Steps...) {
		o := core.Outcome{Status: 200}
		if i%9 == 8 {
			o = core.Outcome{Status: 400, Error: "No seat left"}
		}
		events = append(events, outcomeOn(made.AddDate(0, 0, i*i%23), s, o))
	}
	return events
}

// TestDaysAreDrawnWithoutGaps: each change under its day (UTC) and kind, a day on
// which nothing changed in its place, and no more than a quarter of a year.
func TestDaysAreDrawnWithoutGaps(t *testing.T) {
	var d Days
	step := fullPlan().Steps[1] // suspends
	d.Add(outcomeOn(time.Date(2026, 3, 1, 23, 59, 0, 0, time.FixedZone("", -3600)), step, core.Outcome{Status: 200}))
	d.Add(outcomeOn(time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC), step, core.Outcome{Status: 503, Error: "later"}))
	d.Add(outcomeOn(time.Date(2026, 3, 5, 1, 0, 0, 0, time.UTC), step, core.Outcome{Unsent: true, Error: "not sent"}))
	d.Add(state.Event{Line: state.Line{At: made, Kind: state.LineEnd}})
	if n := len(d.days()); n != 4 {
		t.Errorf("%d days from 2 to 5 March", n)
	}
	chart := string(d.chart())
	for _, want := range []string{"<title>2026-03-02: 1 taken away</title>", "<title>2026-03-05: 1 failed</title>", "from 2026-03-02 to 2026-03-05, at most 1"} {
		if !strings.Contains(chart, want) {
			t.Errorf("no %q in %s", want, chart)
		}
	}
	d.Add(outcomeOn(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), step, core.Outcome{Status: 200}))
	if n := len(d.days()); n != mostDays {
		t.Errorf("%d days are drawn of two years", n)
	}
	if (&Days{}).chart() != "" {
		t.Error("nothing is drawn")
	}
}

func TestHistoryHTMLHoldsNoMarkupFromOutside(t *testing.T) {
	events, record := someDays(), state.RunRecord{Info: state.RunInfo{RunID: "r1", Began: made, Command: "apply", Reason: evil[0], Operator: evil[0]}}
	var d Days
	for _, e := range events {
		d.Add(e)
	}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"runs":   func(b *bytes.Buffer) error { return RunsHTML(b, []state.RunRecord{record}, 3, &d) },
		"run":    func(b *bytes.Buffer) error { return RunHTML(b, record, events) },
		"person": func(b *bytes.Buffer) error { return PersonHTML(b, evil[0], events) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		elements, text, err := htmlElements(undressed(t, b.Bytes()))
		if err != nil || elements["script"]+elements["img"]+elements["b"]+elements["a"] > 0 || elements["svg"] != 1 {
			t.Errorf("%s: %v %v", name, elements, err)
		}
		if !strings.Contains(text, clean(evil[0])) {
			t.Errorf("%s: %q cannot be read", name, clean(evil[0]))
		}
	}
}

// TestHistoryCSVIsNoFormula: whatever a name begins with, a spreadsheet shows it.
func TestHistoryCSVIsNoFormula(t *testing.T) {
	s := person(core.Suspend, "=1+1@acme.com", core.Values{}, core.Values{}, "-left")
	s.Cause = ""
	var b bytes.Buffer
	if err := EventsCSV(&b, []state.Event{outcomeOn(made, s, core.Outcome{Status: 200})}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, ",'=1+1@acme.com,") || !strings.Contains(got, ",'-left,") {
		t.Error(got)
	}
}
