package run

import (
	"context"
	"errors"
	"fmt"

	"scim-sync/cmd/internal/cli"
	core "scim-sync/sync"
)

// settle asks where it has to, and carries the run out. The question is asked
// before the lock is taken, so that one that stays open keeps no other run from
// its work; the plan is made anew under the lock, and one that is another by then
// is shown and asked about again.
func (r *run) settle(ctx context.Context, s *cli.Session) error {
	if r.o.yes {
		_, err := r.journalled(ctx, s, nil)
		return err
	}
	err := r.look(ctx, s, func(ctx context.Context, s *cli.Session) (cli.StateRead, error) {
		read, err := cli.LookAtState(ctx, s.Store)
		if err == nil {
			err = read.Paused(s.Time())
		}
		return read, err
	})
	if err != nil {
		return err
	}
	for again := false; ; again = true {
		if err := r.ask(ctx, again); err != nil {
			return err
		}
		if same, err := r.journalled(ctx, s, r.sight); same || err != nil {
			return err
		}
		r.Say("\nMeanwhile something has changed, and so has the plan. This is the new one:\n")
	}
}

// ask shows the plan, and asks whether to carry it out, where it would do anything.
func (r *run) ask(ctx context.Context, again bool) error {
	p := r.proposal.Plan
	if err := r.out.plan(p, r.Footer(r.Now())); err != nil || !r.asks() {
		return err
	}
	if err := r.out.stakes(p); err != nil {
		return err
	}
	if again {
		r.dropTyped()
	}
	err := r.Confirm(ctx, question(&p), cli.Declined)
	if no, ok := errors.AsType[*cli.DeclinedError](err); ok && no.Nobody && again {
		return &staleError{"the plan changed while it was asked about, and nobody is there to be asked again"}
	}
	return err
}

func question(p *core.Plan) string {
	these := fmt.Sprintf("these %d steps", len(p.Steps))
	if len(p.Steps) == 1 {
		these = "this step"
	}
	return "Apply " + these + " to " + p.Workspace.Name + "? Only \"yes\" does: "
}

// dropTyped drops lines that were typed before the question they would answer.
func (r *run) dropTyped() {
	for {
		select {
		case _, open := <-r.Lines():
			if open {
				continue
			}
		default:
		}
		return
	}
}
