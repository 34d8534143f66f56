package run

import (
	"context"
	"errors"
	"time"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
)

// run is one apply, from the first look to the last line of the journal.
type run struct {
	*cli.Program
	course
	out     output
	monitor *monitor
	began   time.Time
	cost    view.Footer
}

// became is the run for those who read of it later.
func (r *run) became(ctx context.Context, err error) view.RunReport {
	doc := view.RunReport{ScimSync: r.Version, RunID: r.id, Began: r.began, Ended: r.Now(), ExitCode: cli.Code(ctx, err), Reason: r.o.reason, Footer: r.cost}
	if draft := r.draft(); draft != nil {
		doc.Plan = &draft.Plan
	}
	if r.did.Results != nil {
		doc.Did = &r.did
	}
	doc.Outcome, doc.Err = endOf(doc.ExitCode, err, doc.Did != nil)
	return doc
}

// lateError is one that comes when all else is done, in place of an end that was
// told: a step that failed tells by its code, whatever else happened.
func lateError(err, late error) error {
	told, _ := errors.AsType[*cli.CodeError](err)
	switch {
	case late == nil, err != nil && !cli.Told(err):
		return err
	case told != nil && told.Code == cli.ExitStepFailed:
		return &cli.CodeError{Code: told.Code, Err: late}
	}
	return late
}
