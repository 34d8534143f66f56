package state

import (
	"context"

	core "scim-sync/sync"
)

var _ core.Journal = (*Run)(nil)

// SetPlan tells which plan this run carries out.
func (r *Run) SetPlan(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.opening.info.PlanID != id {
		r.opening.info.PlanID, r.opening.told = id, false
	}
}

// Bind ties the state to one workspace, org and app: on a first run, before
// anything is announced, and when somebody says that it moved. Bound so
// already, it does nothing.
func (r *Run) Bind(ctx context.Context, workspaceID, orgURL, appID string) error {
	b := Binding{WorkspaceID: workspaceID, OrgURL: orgURL, AppID: appID}
	r.mu.Lock()
	m := r.replay.managed
	same := (r.start.Exists || r.replay.touched) && b == Binding{m.WorkspaceID, m.OrgURL, m.AppID}
	r.mu.Unlock()
	if same {
		return nil
	}
	_, err := r.submit(ctx, Line{Kind: LineBind, Binding: &b})
	return err
}

// Announce records a write before it is made, and returns when that is
// durable. After an error the write must not be made; one that is ErrLost
// ends the run.
func (r *Run) Announce(ctx context.Context, i core.Intent) (ticket uint64, err error) {
	return r.submit(ctx, Line{Kind: LineIntent, Intent: &i})
}

// Complete records the outcome of an announced write and applies its Change.
// It works although ctx is cancelled. An outcome of unknown fate (no status,
// but an error) leaves the write among the unfinished ones of the next run,
// unless a later try of the same step in this run has a known outcome.
func (r *Run) Complete(ctx context.Context, ticket uint64, o core.Outcome) error {
	_, err := r.submit(context.WithoutCancel(ctx), Line{Kind: LineOutcome, Ticket: ticket, Outcome: &o})
	return err
}

// Learn records a change that needs no request. Without a step and a change
// there is nothing to record.
func (r *Run) Learn(ctx context.Context, step *core.Step, c core.Change) error {
	if step == nil && c.IsZero() {
		return nil
	}
	_, err := r.submit(ctx, Line{Kind: LineLearn, Step: step, Change: &c})
	return err
}

// Override records that somebody lifted a safety rail for this run.
func (r *Run) Override(ctx context.Context, o Override) error {
	_, err := r.submit(ctx, Line{Kind: LineOverride, Override: &o})
	return err
}

// Settle records that this run has looked after the writes that former runs
// left open. Call it before Finish, when both sides were read wholly and all
// that was found out about those writes is in the state: not after a run that
// was refused, cut short, or whose steps about them failed. They are not
// listed again; removals among them go on counting in the window, unless the
// same removal is made again and counts itself.
func (r *Run) Settle(ctx context.Context) error {
	r.mu.Lock()
	var tickets []uint64
	for _, p := range r.replay.ordered(r.former) {
		if !p.Settled {
			tickets = append(tickets, p.Ticket)
		}
	}
	r.mu.Unlock()
	if len(tickets) == 0 {
		return nil
	}
	_, err := r.submit(ctx, Line{Kind: LineSettled, Settled: tickets})
	return err
}
