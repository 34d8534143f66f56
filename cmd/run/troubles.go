package run

import (
	"regexp"
	"strconv"
	"strings"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
)

// troublesOf is what went wrong in a run: what is refused first, then the steps that
// failed, then the notes of weight, then what ended it; those of one cause together.
func troublesOf(d *planner.Draft, r core.Report, err error, code int) []core.Trouble {
	var g causes
	if d != nil {
		for _, x := range d.Plan.Refusals {
			g.add(cause{lead: "refused", code: x.Code}, x.Subject, x.Detail, x.Remedy)
		}
	}
	for i := range r.Results {
		if x := &r.Results[i]; x.Outcome == core.StepFailed || x.Outcome == core.StepRefused {
			c := cause{lead: string(x.Outcome), code: x.Code, action: x.Step.Action, status: x.Status}
			if x.Code == core.NoteNoSeat {
				c.status = 0 // whoever was not tried met no answer
			}
			g.add(c, view.Subject(x.Step), view.WhatHappened(x), x.Hint)
		}
	}
	if d != nil {
		for _, n := range d.Plan.Notes {
			once := n.Code == core.NoteTeamReleased
			if n.Code.Weighty() && (!once || !d.Blocked) {
				g.add(cause{lead: "note", code: n.Code, once: once}, n.Subject, n.Detail, "")
			}
		}
	}
	all := g.troubles()
	if err == nil {
		err = r.Err
	}
	if err != nil && !cli.Told(err) && code != cli.ExitInterrupted {
		all = append(all, failedRun(err, code))
	}
	return all
}

// cause is what troubles have in common that are told as one.
type cause struct {
	lead   string
	code   core.Code
	action core.Action
	status int
	once   bool
}

// causes gathers troubles by their cause, in the order in which they came.
type causes struct {
	order []cause
	of    map[cause]*[]occurrence
}

type occurrence struct{ subject, detail, remedy string }

func (g *causes) add(c cause, subject, detail, remedy string) {
	if g.of == nil {
		g.of = map[cause]*[]occurrence{}
	}
	if g.of[c] == nil {
		g.order, g.of[c] = append(g.order, c), new([]occurrence)
	}
	*g.of[c] = append(*g.of[c], occurrence{subject, detail, remedy})
}

// fewTroubles of one cause are told one by one.
const fewTroubles = 3

// troubles gives one for each cause that has many: with whom, and what the first of
// them says.
func (g *causes) troubles() (all []core.Trouble) {
	for _, c := range g.order {
		some := *g.of[c]
		if len(some) > fewTroubles {
			all = append(all, c.trouble(some))
			continue
		}
		for i := range some {
			all = append(all, c.trouble(some[i:i+1]))
		}
	}
	return all
}

func (c cause) trouble(some []occurrence) core.Trouble {
	subjects := make([]string, len(some))
	parts := []string{c.lead, string(c.code), string(c.action), strconv.Itoa(c.status)}
	for i, x := range some {
		subjects[i] = x.subject
		parts = append(parts, x.subject)
		switch {
		case c.code == core.TooManyRemovals: // what it allows is another number once it has refused
			what, _, _ := strings.Cut(x.detail, ";")
			parts = append(parts, strings.Join(numbers().FindAllString(what, -1), " "))
		case c.lead == "refused":
			parts = append(parts, x.detail) // another number is another refusal
		}
	}
	text := join(core.Few(subjects), some[0].detail)
	if c.action != "" {
		text = view.Verb(c.action) + " " + text
	}
	return core.Trouble{Key: key(parts...), Lead: c.lead, Code: c.code, Once: c.once, Text: text, Remedy: some[0].remedy}
}

func numbers() *regexp.Regexp { return regexp.MustCompile(`\d+`) }

func join(subject, detail string) string {
	if subject == "" {
		return detail
	}
	return subject + ": " + detail
}
