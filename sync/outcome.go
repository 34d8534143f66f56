package sync

import (
	"context"
	"errors"
	"fmt"
	stdsync "sync"
	"time"

	"scim-sync/attio"
)

const seatHint = "Free or buy a seat, or switch on automatic seat assignment in Attio: Workspace settings > Security > User provisioning (SCIM). The next run goes on with them."

// NotTakenError is an answer that said yes to a change that is not there.
type NotTakenError struct {
	Code   string // email-not-changed, not-taken
	Detail string
}

func (e *NotTakenError) Error() string { return e.Detail }

// emailNotChanged is the code of a refusal, and of the failure before it.
const emailNotChanged = "email-not-changed"

// RefusedError is a rail that said no at the last moment.
type RefusedError struct{ Code, Detail string }

func (e *RefusedError) Error() string { return e.Code + ": " + e.Detail }

// failed words a failure.
func (r *run) failed(err error) StepResult {
	res := StepResult{Outcome: StepFailed, Detail: err.Error(), Err: err}
	if _, ok := errors.AsType[*RefusedError](err); ok {
		res.Outcome = StepRefused
		return res
	}
	if e, ok := errors.AsType[*NotTakenError](err); ok && e.Code == emailNotChanged {
		res.Hint = "Change the address by hand in Attio. The next run refuses it and names the way to a new account."
	}
	if e, ok := errors.AsType[*attio.Error](err); ok {
		res.Status, res.Hint, res.Detail = e.Status, e.Hint, e.Said()
	}
	return res
}

// checked is when token and plan were last found as they should be.
type checked struct {
	mu stdsync.Mutex
	at time.Time
}

// check asks Attio, after a refusal that may mean more than its own step, whether
// token and plan are at fault: that alone ends the run. Many refusals at once ask
// but once.
func (r *run) check(ctx context.Context) {
	r.checked.mu.Lock()
	defer r.checked.mu.Unlock()
	if now := r.Now(); !r.checked.at.IsZero() && now.Sub(r.checked.at).Abs() < time.Minute {
		return
	}
	err := r.Reader.Check(ctx)
	switch attio.KindOf(err) {
	case attio.NotSignedIn, attio.MissingScope, attio.NoSCIM:
		r.fail(err)
	case 0:
		r.checked.at = r.Now()
	}
}

// weigh learns from a write's error what it means for the rest of the run.
func (r *run) weigh(ctx context.Context, err error) {
	const enough = 5
	if e, ok := errors.AsType[*attio.Error](err); ok && e.ReachUnknown {
		r.check(ctx)
		return
	}
	switch attio.KindOf(err) {
	case attio.NotSignedIn, attio.MissingScope, attio.NoSCIM:
		r.fail(err)
	case attio.NoSeat:
		r.mu.Lock()
		r.noSeat++
		r.mu.Unlock()
	case attio.Unavailable, attio.RateLimited:
		r.mu.Lock()
		r.down++
		down := r.down
		r.mu.Unlock()
		if down >= enough {
			r.fail(fmt.Errorf("%d writes in a row were not answered by Attio: %w", down, err))
		}
	default:
		r.mu.Lock()
		r.down = 0
		r.mu.Unlock()
	}
}

// seatNote says how many seats are missing.
func (r *run) seatNote() {
	if r.noSeat > 0 {
		r.report.Notes = append(r.report.Notes, Note{Code: "no-seat", Subject: r.p.Plan.Workspace.Name, Detail: counted(r.noSeat, "person", "people") + " found no free seat. " + seatHint})
	}
}

// carryOut does what a step says.
func (r *run) carryOut(ctx context.Context, s Step) StepResult {
	switch s.Action {
	case Adopt:
		return r.adopt(ctx, s)
	case LinkTeam:
		return r.link(ctx, s)
	case Provision:
		return r.provision(ctx, s)
	case Reactivate:
		return r.reactivate(ctx, s)
	case Suspend, CancelInvite:
		return r.leave(ctx, s)
	case Promote, Demote:
		return r.role(ctx, s)
	case Rename:
		return r.rename(ctx, s)
	case ChangeEmail:
		return r.changeEmail(ctx, s)
	case CreateTeam:
		return r.createTeam(ctx, s)
	case RenameTeam:
		return r.renameTeam(ctx, s)
	case DeleteTeam:
		return r.deleteTeam(ctx, s)
	case AddMembers:
		return r.addMembers(ctx, s)
	case RemoveMembers:
		return r.removeMembers(ctx, s)
	}
	return StepResult{Outcome: StepFailed, Detail: "unknown action " + string(s.Action)}
}
