// Package notify tells web hooks what runs meet.
package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"scim-sync/config"
	core "scim-sync/sync"
)

// Message is what one run has to tell.
type Message struct {
	Version   string // of the program
	Workspace string // slug or id, as the settings have it
	RunID     string // empty where the run failed before it was journalled
	Command   string
	ExitCode  int
	Outcome   string // the exit code in words
	At        time.Time
	Events    []Event
}

// Event is one thing to tell.
type Event struct {
	Event config.HookEvent
	// Change is begun, lasting or ended, of what goes on for a while; empty of what
	// happened once.
	Change Change
	Code   core.Code // of a refusal or a note
	Text   string
	Remedy string
	// Since and Runs say how long it has lasted, and how many runs have met it; zero
	// of what has just begun.
	Since time.Time
	Runs  int
}

// Change is how a trouble stands.
type Change string

// The changes.
const (
	Begun   Change = "begun"
	Lasting Change = "lasting"
	Ended   Change = "ended"
)

// test is the event of a test message, which each hook hears.
const test config.HookEvent = "test"

// Troubles are the events of tidings; runs says how many runs have met each that is
// not new, by its key.
func Troubles(news core.Tidings, runs map[string]int) (all []Event) {
	for _, t := range news.Begun {
		change := Begun
		if t.Once {
			change = ""
		}
		all = append(all, Event{Event: eventOf(t.Lead), Change: change, Code: t.Code, Text: t.Text, Remedy: t.Remedy})
	}
	for _, t := range news.Lasting {
		all = append(all, Event{Event: eventOf(t.Lead), Change: Lasting, Code: t.Code, Text: t.Text, Since: t.Since, Runs: runs[t.Key]})
	}
	for _, t := range news.Ended {
		all = append(all, Event{Event: config.OnRecovered, Change: Ended, Code: t.Code, Text: t.Text, Since: t.Since, Runs: runs[t.Key]})
	}
	return all
}

// eventOf sorts troubles: a note of weight asks for somebody, as a refusal does.
func eventOf(lead string) config.HookEvent {
	switch lead {
	case Stale:
		return config.OnStale
	case "failed", string(core.StepSkipped):
		return config.OnFailed
	}
	return config.OnRefused
}

// Stale is the lead of the trouble that no run ended well for long.
const Stale = "stale"

// Applied is the event of a run that changed something in Attio; false: it did not.
// It names a few of those whom it is about, as the report does, and counts the rest.
func Applied(r core.Report) (Event, bool) {
	if r.Writes() == 0 {
		return Event{}, false
	}
	var order []core.Action
	whom := map[core.Action][]string{}
	for i := range r.Results {
		x := &r.Results[i]
		if x.Outcome != core.StepOK || x.Step.Action.Traits().Effect == core.Records {
			continue
		}
		a := x.Step.Action
		if whom[a] == nil {
			order = append(order, a)
		}
		whom[a] = append(whom[a], subject(x.Step))
	}
	parts := make([]string, 0, len(order)+1)
	for _, a := range order {
		parts = append(parts, fmt.Sprintf("%s %d (%s)", a.Traits().Verb, len(whom[a]), core.Few(whom[a])))
	}
	for _, o := range []core.StepOutcome{core.StepFailed, core.StepSkipped, core.StepRefused, core.StepNotRun} {
		if n := r.Count(o); n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", strings.ReplaceAll(string(o), "_", " "), n))
		}
	}
	return Event{Event: config.OnApplied, Text: strings.Join(parts, ", ")}, true
}

func subject(s core.Step) string {
	if s.Person != nil {
		return cmp.Or(s.Person.Email, s.Person.OktaID)
	}
	if n := len(s.People); n > 0 {
		return s.Team.Name + ": " + core.Counted(n, "person", "people")
	}
	return s.Team.Name
}

// of leaves what a hook wants to hear of.
func (m Message) of(h config.Hook) Message {
	m.Events = slices.DeleteFunc(slices.Clone(m.Events), func(e Event) bool { return e.Event != test && !h.Hears(e.Event) })
	return m
}
