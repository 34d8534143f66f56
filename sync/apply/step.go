package apply

import (
	"context"
	"errors"

	core "scim-sync/sync"
)

func takesSeat(s *core.Step) bool { return s.Action == core.Provision || s.Action == core.Reactivate }

// one carries a single step out and reports it.
func (r *run) one(ctx context.Context, s *core.Step) {
	if res, skip := r.skip(ctx, s); skip {
		r.done(s, res)
		return
	}
	if r.Observer != nil {
		r.mu.Lock()
		r.Observer.StepStarted(*s)
		r.mu.Unlock()
	}
	began := r.Now()
	res := r.begin(ctx, s)
	res.Took = r.Now().Sub(began)
	if res.Outcome == "" {
		res.Outcome = core.StepOK
	}
	r.done(s, res)
}

// skip says whether a step must not be tried, and why.
func (r *run) skip(ctx context.Context, s *core.Step) (core.StepResult, bool) {
	if ctx.Err() != nil {
		return notBegun(), true
	}
	if r.health.stopped() != nil {
		return core.StepResult{Outcome: core.StepNotRun, Detail: "not tried"}, true
	}
	if why := r.track.blocks(s); why != "" {
		return core.StepResult{Outcome: core.StepSkipped, Detail: why}, true
	}
	if takesSeat(s) && r.health.seatless() {
		return core.StepResult{Outcome: core.StepFailed, Code: core.NoteNoSeat, Detail: "not tried: the workspace has no free seat", Hint: seatHint}, true
	}
	return core.StepResult{}, false
}

// done files a result.
func (r *run) done(s *core.Step, res core.StepResult) {
	res = r.excuse(s, res)
	res.Step = *s
	if res.Outcome != core.StepOK {
		r.track.failed(s)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Results = append(r.report.Results, res)
	if r.Observer != nil {
		r.Observer.StepDone(res)
	}
}

// begin carries a step out, unless what it rests on has changed meanwhile.
func (r *run) begin(ctx context.Context, s *core.Step) core.StepResult {
	if old, ok := errors.AsType[*StaleError](r.fresh.check(ctx, s)); ok {
		return r.stale(ctx, s, old)
	}
	return r.carryOut(ctx, s)
}

// carryOut does what a step says.
func (r *run) carryOut(ctx context.Context, s *core.Step) core.StepResult {
	switch s.Action {
	case core.Adopt:
		return people{r}.adopt(ctx, s)
	case core.LinkTeam:
		return teams{r}.link(ctx, s)
	case core.Provision:
		return people{r}.provision(ctx, s)
	case core.Reactivate:
		return people{r}.reactivate(ctx, s)
	case core.Suspend, core.CancelInvite:
		return people{r}.offboard(ctx, s)
	case core.Promote, core.Demote:
		return people{r}.setRole(ctx, s)
	case core.Rename:
		return people{r}.rename(ctx, s)
	case core.ChangeEmail:
		return people{r}.changeEmail(ctx, s)
	case core.CreateTeam:
		return teams{r}.createTeam(ctx, s)
	case core.RenameTeam:
		return teams{r}.renameTeam(ctx, s)
	case core.DeleteTeam:
		return teams{r}.deleteTeam(ctx, s)
	case core.AddMembers:
		return teams{r}.addMembers(ctx, s)
	case core.RemoveMembers:
		return teams{r}.removeMembers(ctx, s)
	}
	return core.StepResult{Outcome: core.StepFailed, Detail: "unknown action " + string(s.Action)}
}
