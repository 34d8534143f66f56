package planner

import (
	"context"
	"errors"
	"fmt"
	core "scim-sync/sync"
	"scim-sync/sync/apply"
	"strings"
	"testing"
	"time"

	"scim-sync/attio"
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

// losing is a journal that is taken away while writes wait for their turn, and a
// writer that therefore sends only some of them.
type losing struct {
	attio.Writer
	stop context.CancelCauseFunc
}

func (*losing) Announce(context.Context, core.Intent) (uint64, error) { return 1, nil }
func (*losing) Complete(context.Context, uint64, core.Outcome) error  { return notOurs{} }
func (*losing) Learn(context.Context, *core.Step, core.Change) error  { return notOurs{} }
func (l *losing) Provision(_ context.Context, n attio.NewMember) (attio.Member, attio.Receipt, error) {
	l.stop(notOurs{})
	switch n.Email {
	case "sent@acme.com":
		return attio.Member{ID: "new", Email: n.Email, Profile: n.Profile, Role: n.Role, Status: attio.Active}, attio.Receipt{Status: 201}, nil
	case "refused@acme.com":
		return attio.Member{}, attio.Receipt{}, &attio.Error{Kind: attio.Refused, Op: "provision", Status: 400, Detail: "no such domain"}
	}
	return attio.Member{}, attio.Receipt{}, &attio.Error{Kind: attio.Unavailable, Op: "provision", Unsent: true}
}

// TestOnlyWhatWasSentIsToldAsDone: where the journal is lost while requests wait,
// those that never left are not told as done, nor is what was refused.
func TestOnlyWhatWasSentIsToldAsDone(t *testing.T) {
	for email, want := range map[string]struct {
		outcome core.StepOutcome
		said    string
	}{
		"sent@acme.com":    {core.StepFailed, "was done, but the journal could not be written"},
		"refused@acme.com": {core.StepFailed, "no such domain; and the journal could not be written"},
		"waits@acme.com":   {core.StepNotRun, "interrupted before its turn"},
	} {
		s := newScene()
		s.okta("1", email)
		p := s.propose(t)
		ctx, stop := context.WithCancelCause(t.Context())
		l := &losing{stop: stop}
		r := apply.Apply(ctx, &p.Planned, apply.Ports{Journal: l, Writer: l, Now: func() time.Time { return now }, Parallel: 1})
		if len(r.Results) != 1 || r.Results[0].Outcome != want.outcome || !strings.Contains(r.Results[0].Detail, want.said) || r.Err == nil {
			t.Errorf("%s: %+v", email, r)
		}
	}
}
