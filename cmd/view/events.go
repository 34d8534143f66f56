package view

import (
	"io"
	"sync"
	"time"

	"scim-sync/internal/piecewise"
	core "scim-sync/sync"
)

// EventsVersion is the version of the lines that `apply --format json` writes
// and of the report document. It only grows.
const EventsVersion = 1

// Events writes an apply as JSON, one event a line. The first line has the
// type "version"; then come "plan" (the whole plan document), "step_started"
// and "step_done", "refusal", "note", "error", and "summary" as the last of a
// run. Every line has a type and a time; readers skip types and fields that
// they do not know. Its methods are safe for concurrent use; Err gives the
// first error of the stream, after which nothing more is written.
type Events struct {
	mu  sync.Mutex
	w   io.Writer
	now func() time.Time
	err error
}

// NewEvents writes the first line. version is the program's own.
func NewEvents(w io.Writer, version string, now func() time.Time) *Events {
	e := &Events{w: w, now: now}
	e.write(struct {
		event
		FormatVersion int    `json:"format_version"`
		ScimSync      string `json:"scim_sync"`
	}{e.event("version"), EventsVersion, version})
	return e
}

// event is what all lines begin with.
type event struct {
	Type string    `json:"type"`
	Time time.Time `json:"time"`
}

func (e *Events) event(kind string) event { return event{kind, e.now().UTC()} }

func (e *Events) write(line any) {
	e.writeLine(func(w io.Writer) error { return writeJSON(w, line, "") })
}

func (e *Events) writeLine(line func(io.Writer) error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err == nil {
		e.err = line(e.w)
	}
}

// Err gives the first error of the stream.
func (e *Events) Err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// Plan writes the plan, then a line for each refusal and each note in it.
func (e *Events) Plan(p core.Plan) {
	e.writeLine(func(w io.Writer) error { return e.planLine(w, p) })
	for _, r := range p.Refusals {
		e.Refusal(r)
	}
	for _, n := range p.Notes {
		e.Note(n)
	}
}

func (e *Events) planLine(w io.Writer, p core.Plan) error {
	return writeJSONPieces(w, "", func(pieces io.Writer) error {
		o := piecewise.NewObject(pieces, false)
		o.Fields(e.event("plan"))
		o.Object("plan", func(w io.Writer) error { return wholePlan(p).Encode(w, false) })
		return o.End()
	})
}

// stepEvent names a step; the plan line has the whole of it.
type stepEvent struct {
	event
	N       int             `json:"n"`
	Action  core.Action     `json:"action"`
	Person  *core.PersonRef `json:"person,omitempty"`
	Team    *core.TeamRef   `json:"team,omitempty"`
	AttioID string          `json:"attio_id"`
	People  int             `json:"people,omitempty"` // memberships
}

func (e *Events) step(kind string, s core.Step) stepEvent {
	return stepEvent{e.event(kind), s.N, s.Action, s.Person, s.Team, s.AttioID, len(s.People)}
}

// StepStarted implements [core.Observer].
func (e *Events) StepStarted(s core.Step) { e.write(e.step("step_started", s)) }

// StepDone implements [core.Observer].
func (e *Events) StepDone(r core.StepResult) {
	done := e.step("step_done", r.Step)
	done.People = r.People // for whom it was done
	e.write(struct {
		stepEvent
		Outcome core.StepOutcome `json:"outcome"`
		Code    core.Code        `json:"code,omitempty"`
		Status  int              `json:"status,omitempty"`
		Detail  string           `json:"detail,omitempty"`
		Hint    string           `json:"hint,omitempty"`
		Took    time.Duration    `json:"took_ns,omitempty"`
	}{done, r.Outcome, r.Code, r.Status, detailOf(&r), r.Hint, r.Took})
}

// Refusal writes one refusal.
func (e *Events) Refusal(r core.Refusal) {
	e.write(struct {
		event
		core.Refusal
	}{e.event("refusal"), r})
}

// Note writes one note.
func (e *Events) Note(n core.Note) {
	e.write(struct {
		event
		core.Note
	}{e.event("note"), n})
}

// Error writes what ended the run early, with its [Advice].
func (e *Events) Error(err error) {
	e.write(struct {
		event
		Message  string   `json:"message"`
		Hints    []string `json:"hints"`
		Declined bool     `json:"declined,omitempty"` // somebody was asked and said no
	}{e.event("error"), err.Error(), orEmpty(Advice(err)), declined(err)})
}

// Summary writes the notes found while applying, what ended the run early if
// anything did, and then the last line.
func (e *Events) Summary(r core.Report, o ReportOptions) {
	for _, n := range r.Notes {
		e.Note(n)
	}
	if err := endedBy(r); err != nil {
		e.Error(err)
	}
	o.Footer.Sides = orEmpty(o.Footer.Sides)
	e.write(struct {
		event
		PlanID      string              `json:"plan_id"`
		Counts      Counts              `json:"counts"`
		Left        map[core.Action]int `json:"left,omitempty"` // by action, where the run ended early
		Interrupted bool                `json:"interrupted"`
		Requests    Footer              `json:"requests"`
	}{e.event("summary"), r.PlanID, countsOf(r, o.Held), leftByAction(r.Results), r.Interrupted, o.Footer})
}
