package view

import (
	"io"
	"strconv"
	"strings"

	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// RunsCSV writes a list of runs by RFC 4180, UTF-8, the names of the columns
// first. Columns are only added, at the end. No cell is a formula to a
// spreadsheet.
func RunsCSV(w io.Writer, runs []state.RunRecord) error {
	t := newCSV(w, "run", "began", "ended", "command", "operator", "ci_job", "reason", "exit_code", "done", "failed", "refused", "skipped", "not_run", "refusals", "error", "plan", "number")
	for _, r := range runs {
		s := r.Summary
		code := ""
		if s == nil {
			s = &state.Summary{}
		} else {
			code = strconv.Itoa(s.ExitCode)
		}
		row := []string{r.Info.RunID, stamp(r.Info.Began), stamp(r.Ended), r.Info.Command, r.Info.Operator, r.Info.CIJob, r.Info.Reason, code}
		for _, o := range []core.StepOutcome{core.StepOK, core.StepFailed, core.StepRefused, core.StepSkipped, core.StepNotRun} {
			row = append(row, strconv.Itoa(s.Counts[string(o)]))
		}
		t.row(append(row, strings.Join(s.Refusals, "; "), s.Error, r.Info.PlanID, strconv.FormatUint(r.Info.Number, 10))...)
	}
	return t.end()
}

// EventsCSV writes what happened in a run or to somebody, a line each, as
// [RunsCSV] writes runs.
func EventsCSV(w io.Writer, events []state.Event) error {
	t := newCSV(w, "at", "run", "operator", "action", "who", "okta_id", "attio_id", "what", "outcome", "http_status", "error", "why", "proof", "log", "reason")
	for e := range told(events) {
		t.event(e)
	}
	return t.end()
}

func (t *csvTable) event(e state.Event) {
	var by state.RunInfo
	if e.By != nil {
		by = *e.By
	}
	says := journalVoice{t.voice}
	x := says.happened(e)
	var step core.Step
	outcome, status, trouble, why, proof, log := "noted", "", "", "", "", ""
	switch {
	case e.Of != nil && e.Outcome != nil:
		step, outcome, trouble = e.Of.Step, "done", e.Outcome.Error
		switch {
		case e.Outcome.Unsent:
			outcome = "not_run"
		case trouble != "" && e.Outcome.Status == 0:
			outcome = "unknown"
		case trouble != "":
			outcome = "failed"
		}
		if e.Outcome.Status != 0 {
			status = strconv.Itoa(e.Outcome.Status)
		}
		if e.Of.Proof != nil {
			proof = t.proofWords(*e.Of.Proof)
		}
		log = says.logWords(e.Of.Log)
	case e.Intent != nil:
		step, outcome = e.Intent.Step, "unknown"
	case e.Step != nil:
		step = *e.Step
	}
	id, attioID := "", step.AttioID
	if step.Person != nil {
		id = step.Person.OktaID
	} else if step.Team != nil {
		id, attioID = step.Team.OktaID, step.Team.AttioID
	}
	if step.Action != "" {
		why = t.why(step)
	}
	t.row(stamp(e.At), e.Run, by.Operator, string(step.Action), x.who, id, attioID, x.what, outcome, status, trouble, why, proof, log, by.Reason)
}
