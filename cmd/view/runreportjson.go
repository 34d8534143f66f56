package view

import (
	"bytes"
	"encoding/json"
	"io"
	"time"

	"scim-sync/internal/piecewise"
	core "scim-sync/sync"
)

// RunReportJSON writes a run as one JSON object, an entry of its lists at a time:
// when and how it ended, the plan document as `plan --format json` has it, and a
// result for each step that was to be carried out. It only grows.
func RunReportJSON(w io.Writer, r RunReport) error {
	return writeJSONPieces(w, "  ", func(pieces io.Writer) error {
		o := piecewise.NewObject(pieces, false)
		o.Fields(r.document())
		if r.Plan != nil {
			o.Object("plan", func(w io.Writer) error { return wholePlan(*r.Plan).Encode(w, false) })
		}
		var did core.Report
		if r.Did != nil {
			did = *r.Did
		}
		piecewise.List(o, "results", resultsOf(did.Results))
		piecewise.List(o, "notes", orEmpty(did.Notes))
		return o.End()
	})
}

// runDocument is what a run's JSON says before its lists.
type runDocument struct {
	FormatVersion int                 `json:"format_version"`
	ScimSync      string              `json:"scim_sync"`
	RunID         string              `json:"run_id,omitempty"`
	Began         time.Time           `json:"began"`
	Ended         time.Time           `json:"ended"`
	ExitCode      int                 `json:"exit_code"`
	Outcome       string              `json:"outcome"`
	Reason        string              `json:"reason,omitempty"`
	PlanID        string              `json:"plan_id,omitempty"`
	Interrupted   bool                `json:"interrupted"`
	Error         string              `json:"error,omitempty"`
	Hints         []string            `json:"hints"`
	Counts        Counts              `json:"counts"`
	Left          map[core.Action]int `json:"left,omitempty"` // by action, where the run ended early
	Requests      Footer              `json:"requests"`
}

func (r RunReport) document() runDocument {
	d := runDocument{FormatVersion: EventsVersion, ScimSync: r.ScimSync, RunID: r.RunID, Began: r.Began.UTC(), Ended: r.Ended.UTC(), ExitCode: r.ExitCode,
		Outcome: r.Outcome, Reason: r.Reason, Hints: []string{}, Requests: r.Footer}
	d.Requests.Sides = orEmpty(d.Requests.Sides)
	err := r.Err
	if r.Plan != nil {
		d.PlanID, d.Counts.Held = r.Plan.ID, len(r.Plan.Held)
	}
	if r.Did != nil {
		d.Counts, d.Left, d.Interrupted = countsOf(*r.Did, d.Counts.Held), leftByAction(r.Did.Results), r.Did.Interrupted
		if early := endedBy(*r.Did); early != nil {
			err = early
		}
	}
	if err != nil {
		d.Error, d.Hints = err.Error(), orEmpty(Advice(err))
	}
	return d
}

// runResult is what became of a step; the plan has the whole of it.
type runResult struct {
	N       int              `json:"n"`
	Action  core.Action      `json:"action"`
	Person  *core.PersonRef  `json:"person,omitempty"`
	Team    *core.TeamRef    `json:"team,omitempty"`
	AttioID string           `json:"attio_id"`
	People  int              `json:"people,omitempty"` // memberships that were made or ended
	Outcome core.StepOutcome `json:"outcome"`
	Code    core.Code        `json:"code,omitempty"`
	Status  int              `json:"status,omitempty"`
	Detail  string           `json:"detail,omitempty"`
	Hint    string           `json:"hint,omitempty"`
	Took    time.Duration    `json:"took_ns,omitempty"`
}

// resultEntry is put into words when it is written: there may be 100,000.
type resultEntry struct{ *core.StepResult }

// MarshalJSON implements [json.Marshaler].
func (e resultEntry) MarshalJSON() ([]byte, error) {
	r := e.StepResult
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // the document is no page
	err := enc.Encode(runResult{r.Step.N, r.Step.Action, r.Step.Person, r.Step.Team, r.Step.AttioID, r.People, r.Outcome, r.Code, r.Status, detailOf(r), r.Hint, r.Took})
	return b.Bytes(), err
}

func resultsOf(all []core.StepResult) []resultEntry {
	list := make([]resultEntry, len(all))
	for i := range all {
		list[i] = resultEntry{&all[i]}
	}
	return list
}
