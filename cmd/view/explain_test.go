package view

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"scim-sync/internal/sample"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
	"scim-sync/sync/state"
)

// filled gives a value in which every text is the one given, every list has
// two entries, and nothing is nil.
func filled[T any](text string) T {
	var v T
	fill(reflect.ValueOf(&v).Elem(), text, 0)
	return v
}

func fill(v reflect.Value, text string, depth int) {
	const deepest = 12 // some types hold themselves
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint64:
		v.SetUint(7)
	case reflect.Pointer:
		if depth < deepest {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), text, depth+1)
		}
	case reflect.Slice:
		if depth < deepest && v.Type() != reflect.TypeFor[json.RawMessage]() {
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			fill(v.Index(0), text, depth+1)
			fill(v.Index(1), text, depth+1)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, text, depth+1)
		fill(value, text, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 9, 21, 7, 0, 0, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), text, depth+1)
			}
		}
	default: // functions and the like stay as they are
	}
}

// everyEvent is one event of each kind.
func everyEvent(text string) []state.Event {
	kinds := []state.LineKind{state.LineRun, state.LineBind, state.LineIntent, state.LineOutcome, state.LineLearn, state.LineOverride,
		state.LineSettled, state.LineRecovered, state.LineRotated, state.LineMoved, state.LineRestored, state.LineEnd, state.LineKind(text)}
	var events []state.Event
	for i, k := range kinds {
		whole := filled[state.Event](text)
		e := state.Event{Line: state.Line{Seq: uint64(i + 1), At: whole.At, Run: text, Kind: k}, By: whole.By}
		switch k {
		case state.LineBind:
			e.Binding = whole.Binding
		case state.LineIntent:
			e.Intent = whole.Intent
		case state.LineOutcome:
			e.Outcome, e.Of = whole.Outcome, whole.Of
		case state.LineOverride:
			e.Override = whole.Override
		case state.LineRecovered:
			e.Recovered = whole.Recovered
			note := e
			note.Recovered = &state.Recovered{Note: text}
			events = append(events, note)
			e.Seq = 101
		case state.LineRestored:
			e.Restored = whole.Restored
		case state.LineMoved:
			e.Moved = whole.Moved
		case state.LineLearn:
			step := e
			step.Step = whole.Step
			events = append(events, step)
			e.Seq, e.Change = 100, whole.Change
		default:
			e.Summary = whole.Summary
		}
		events = append(events, e)
	}
	for _, c := range []core.Change{
		{Person: &core.ManagedPerson{Email: text}}, {ForgetPerson: text}, {Teams: []core.ManagedTeam{filled[core.ManagedTeam](text)}}, {Teams: []core.ManagedTeam{{GroupID: text}}},
		{ForgetTeams: []string{text}}, {Latch: &core.Latch{Code: text}}, {Unlatch: true}, {PlanApplied: &core.AppliedPlan{ID: text}},
	} {
		events = append(events, state.Event{Line: state.Line{Seq: uint64(200 + len(events)), Kind: state.LineLearn, Change: &c}, By: &state.RunInfo{Command: "release", RunID: text}})
	}
	return events
}

// TestNothingOutsideReachesTheTerminal: whatever Okta, Attio, the state or the
// journal hold, no page acts on a terminal, and no JSON is broken by it.
func TestNothingOutsideReachesTheTerminal(t *testing.T) {
	texts := sample.Of(append([]string{strings.Repeat("very long ", 2000)}, evil...), 2)
	for _, text := range texts {
		events := everyEvent(text)
		e, runs := filled[planner.Explanation](text), []state.RunRecord{filled[state.RunRecord](text), {Info: state.RunInfo{RunID: text}}}
		m, info := filled[core.Managed](text), filled[state.Info](text)
		m.People, m.Teams = map[string]core.ManagedPerson{text: filled[core.ManagedPerson](text)}, map[string]core.ManagedTeam{text: filled[core.ManagedTeam](text)}
		unfinished := []core.Unfinished{filled[core.Unfinished](text)}
		verdict := state.Verdict{Parts: 1, Lines: 3, First: 2, Last: 4, TornBytes: 5, Bad: &state.BadLine{Part: text, Why: text}}
		for name, show := range map[string]func(Stream) error{
			"explain": func(s Stream) error { return ExplainText(s, e, events) },
			"runs":    func(s Stream) error { return RunsText(s, runs, 3, false) },
			"run":     func(s Stream) error { return RunText(s, runs[0], events) },
			"person":  func(s Stream) error { return PersonText(s, text, events) },
			"nobody":  func(s Stream) error { return PersonText(s, text, nil) },
			"state":   func(s Stream) error { return StateText(s, m, unfinished, info, text, false) },
			"verdict": func(s Stream) error { return VerdictText(s, verdict) },
		} {
			var b bytes.Buffer
			if err := show(Stream{W: &b}); err != nil || b.Len() == 0 {
				t.Fatalf("%s: %v", name, err)
			}
			if r, bad := firstBad(b.String(), "\n\t"); bad {
				t.Errorf("%s shows %q of %q", name, r, text)
			}
			for line := range strings.Lines(b.String()) {
				if len(line) > 60000 {
					t.Errorf("%s: a line of %d bytes", name, len(line))
				}
			}
		}
		for name, show := range map[string]func(io.Writer) error{
			"explain": func(w io.Writer) error { return ExplainJSON(w, e, events) },
			"runs":    func(w io.Writer) error { return RunsJSON(w, runs) },
			"events":  func(w io.Writer) error { return EventsJSON(w, events) },
			"state": func(w io.Writer) error {
				return StateJSON(w, m, unfinished, info, &state.Standing{Holder: state.Holder{Host: text, Command: text}})
			},
			"verdict": func(w io.Writer) error { return VerdictJSON(w, verdict) },
		} {
			var b bytes.Buffer
			if err := show(&b); err != nil || !json.Valid(b.Bytes()) {
				t.Fatalf("%s: %v", name, err)
			}
			if r, bad := firstBad(b.String(), "\n"); bad {
				t.Errorf("%s in JSON shows %q of %q", name, r, text)
			}
		}
	}
}
