package apply

import (
	"context"
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
