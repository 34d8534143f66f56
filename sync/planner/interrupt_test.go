package planner

import (
	"context"
	"errors"
	"fmt"
	core "scim-sync/sync"
	"scim-sync/sync/apply"
	"testing"
	"time"

	"scim-sync/internal/idset"
)

// late is a journal to which the interrupt comes between a step's turn and its
// line: nothing is recorded from then on.
type late struct {
	stop  context.CancelCauseFunc
	after int // lines that it takes before
}

var errSignal = errors.New("a signal")

func (j *late) take(ctx context.Context) error {
	if j.after--; j.after < 0 {
		j.stop(errSignal)
	}
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}

func (j *late) Announce(ctx context.Context, _ core.Intent) (uint64, error)  { return 1, j.take(ctx) }
func (j *late) Complete(context.Context, uint64, core.Outcome) error         { return nil }
func (j *late) Learn(ctx context.Context, _ *core.Step, _ core.Change) error { return j.take(ctx) }

// taken is a journal that is another run's by now.
type taken struct{ late }

type notOurs struct{}

func (notOurs) Error() string  { return "this run does not hold the lock any more" }
func (notOurs) NotBegun() bool { return true }

func (*taken) Announce(context.Context, core.Intent) (uint64, error) {
	return 0, fmt.Errorf("write the journal: %w", notOurs{})
}

// TestALostLockFailsNoStep: what a run could not announce because the lock is not
// its own any more was not begun; it has not failed, and ends the run.
func TestALostLockFailsNoStep(t *testing.T) {
	s := newScene()
	s.okta("1", "ada@acme.com")
	s.okta("2", "bo@acme.com")
	p := s.propose(t)
	r := apply.Apply(t.Context(), &p.Planned, apply.Ports{Journal: &taken{}, Now: func() time.Time { return now }, Parallel: 1})
	if len(r.Results) != 2 || r.Count(core.StepNotRun) != 2 || r.Interrupted || r.Err == nil {
		t.Errorf("%+v", r)
	}
}

// TestInterruptedBeforeTheJournal: a step whose line the interrupt forestalls was
// not begun. It has not failed, whatever kind of step it is.
func TestInterruptedBeforeTheJournal(t *testing.T) {
	for name, set := range map[string]func(*scene){
		"adopt":     func(s *scene) { s.unadopted("1", "ada@acme.com") },
		"provision": func(s *scene) { s.okta("1", "ada@acme.com") },
		"link": func(s *scene) {
			s.in.Policy.Teams.LinkSameName = true
			s.group("g", "Eng", "boss")
			s.team("t", "Eng", "a-boss")
		},
		"create_team": func(s *scene) { s.group("g", "Eng", "boss") },
		"add_members": func(s *scene) { s.tiedTeam("Eng", "boss"); s.in.Workspace.Teams[0].Members = idset.Set{} },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			set(s)
			p := s.propose(t)
			ctx, stop := context.WithCancelCause(t.Context())
			r := apply.Apply(ctx, &p.Planned, apply.Ports{Journal: &late{stop: stop}, Now: func() time.Time { return now }, Parallel: 1})
			if len(r.Results) == 0 || r.Count(core.StepNotRun) != len(r.Results) || !r.Interrupted {
				t.Errorf("%+v", r)
			}
			for _, res := range r.Results {
				if res.Detail != "interrupted before its turn" || res.Err != nil {
					t.Errorf("%s: %q, %v", res.Step.Action, res.Detail, res.Err)
				}
			}
		})
	}
}
