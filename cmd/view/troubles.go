package view

import (
	"time"

	core "scim-sync/sync"
)

// Subject names whom or which team a step is about.
func Subject(s core.Step) string { return voice{}.subject(s) }

// Verb is the word for an action.
func Verb(a core.Action) string { return markOf(a).verb }

// WhatHappened says why a step failed.
func WhatHappened(r *core.StepResult) string { return voice{}.whatHappened(r) }

// Troubles writes what is new of what is wrong, one line each and below it what to
// do: what has begun, what still lasts after a day, what is over. runs says how many
// runs have met each that is not new, by its key. The error is the stream's.
func Troubles(s Stream, news core.Tidings, runs map[string]int, now time.Time) error {
	out := newPrinter(s)
	for _, t := range news.Begun {
		out.line(0, 2, out.lead(t.Lead, t.Code, out.alarm), seg{text: out.say(t.Text, longestTrouble)})
		if t.Remedy != "" {
			out.wayOn(2, t.Remedy)
		}
	}
	for _, t := range news.Lasting {
		out.line(0, 2, out.lead(t.Lead, t.Code, out.alarm), plain("since "+since(t.Since, now)+", "+count(runs[t.Key], "run", "runs")+": "), seg{text: out.say(t.Text, longestTrouble)})
	}
	for _, t := range news.Ended {
		out.line(0, 2, seg{text: "over: ", paint: out.add}, out.lead(t.Lead, t.Code, paint{}), plain("after "+count(runs[t.Key], "run", "runs")+" since "+since(t.Since, now)+": "), seg{text: out.say(t.Text, longestTrouble)})
	}
	return out.flush()
}

// longestTrouble is enough for a refusal and its numbers.
const longestTrouble = 500

func (p *printer) lead(lead string, code core.Code, style paint) seg {
	text := p.name(lead)
	if code != "" {
		text += " " + p.name(string(code))
	}
	return seg{text: text + ": ", paint: style}
}

// since is the hour alone for what began within a day.
func since(at, now time.Time) string {
	if now.Sub(at) < 20*time.Hour {
		return at.UTC().Format("15:04 MST")
	}
	return at.UTC().Format("2006-01-02 15:04 MST")
}
