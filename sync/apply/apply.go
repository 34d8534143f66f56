package apply

import (
	"context"
	"errors"
	"sort"

	"scim-sync/internal/group"
	core "scim-sync/sync"
)

// Apply carries a plan out. It returns when every step has an outcome. A step
// that fails stops only those that need it. When ctx ends, writes in flight are
// finished and the rest is not begun.
func Apply(ctx context.Context, p *core.Planned, ports Ports) core.Report {
	if ports.Parallel == 0 {
		ports.Parallel = 8
	}
	r := &run{
		Ports: ports, p: p, track: newTrack(p), admins: watchAdmins(p.Admins), fresh: newFreshness(ports.Fresh),
		report: core.Report{PlanID: p.Plan.ID, Results: []core.StepResult{}, Notes: []core.Note{}, Partial: !p.Whole()},
	}
	r.learn(ctx)
	r.first(ctx, p.FirstRun && !p.State.FirstSync, core.Change{FirstBegun: true})
	r.allPhases(ctx, phases(p.Plan.Steps))
	if n := r.health.noSeat; n > 0 {
		r.report.Notes = append(r.report.Notes, core.Note{Code: core.NoteNoSeat, Subject: p.Plan.Workspace.Name, Detail: core.Counted(n, "person", "people") + " found no free seat. " + seatHint})
	}
	sort.Slice(r.report.Results, func(i, j int) bool { return r.report.Results[i].Step.N < r.report.Results[j].Step.N })
	r.first(ctx, p.FirstRun && p.Whole() && ctx.Err() == nil && r.health.stopped() == nil && !r.newcomersLeft(), core.Change{FirstDone: true})
	r.report.Interrupted, r.report.Err = ctx.Err() != nil, r.health.stopped()
	return r.report
}

// Learn records what a run learned without carrying any step out: the latch of a
// refusal, above all.
func Learn(ctx context.Context, p *core.Planned, j core.Journal) error {
	for _, c := range p.Learns() {
		if err := j.Learn(ctx, nil, c); err != nil {
			return err
		}
	}
	return nil
}

// first notes where the first run begins or has come to its end.
func (r *run) first(ctx context.Context, yes bool, c core.Change) {
	if !yes {
		return
	}
	if err := r.Journal.Learn(ctx, nil, c); err != nil {
		r.health.fail(err)
	}
}

// newcomersLeft says whether the people of a first run have yet to arrive: seats
// were missing, or not one of them could be provisioned or restored.
func (r *run) newcomersLeft() bool {
	asked, arrived := 0, 0
	for i := range r.report.Results {
		if res := &r.report.Results[i]; takesSeat(&res.Step) {
			asked++
			if res.Outcome == core.StepOK {
				arrived++
			}
		}
	}
	return r.health.noSeat > 0 || asked > 0 && arrived == 0
}

func takesSeat(s *core.Step) bool { return s.Action == core.Provision || s.Action == core.Reactivate }

func (r *run) learn(ctx context.Context) {
	g := group.New()
	g.SetLimit(64)
	for _, c := range r.p.Updates {
		g.Go(func() error { return r.Journal.Learn(ctx, nil, c) })
	}
	if err := g.Wait(); err != nil {
		r.health.fail(err)
	}
}

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
		return core.StepResult{Outcome: core.StepFailed, Detail: "not tried: the workspace has no free seat", Hint: seatHint}, true
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
