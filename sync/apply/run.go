package apply

import (
	"context"
	"errors"
	"sync"
	"time"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// finishing is how long writes in flight may take after an interruption.
const finishing = 20 * time.Second

// run is the working memory of one Apply.
type run struct {
	Ports
	p      *core.Planned
	track  *track
	admins *adminWatch
	health health
	fresh  *freshness
	mu     sync.Mutex // over the report and the observer
	report core.Report
}

// people and teams are the run as it carries out steps about the one or the other.
type (
	people struct{ *run }
	teams  struct{ *run }
)

func (r *run) note(code core.Code, about core.About, subject, detail string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Notes = append(r.report.Notes, core.Note{Code: code, Subject: subject, Detail: detail, About: []core.About{about}})
}

// notePerson is a note about a step's person.
func (r *run) notePerson(code core.Code, s *core.Step, detail string) {
	r.note(code, core.About{OktaID: s.Person.OktaID, AttioID: s.AttioID}, s.Person.Email, detail)
}

// written makes one announced write: journal first, then the request, then
// its outcome. do gives the change that the write means for the state.
func (r *run) written(ctx context.Context, s *core.Step, do func(context.Context) (attio.Receipt, core.Change, error)) core.StepResult {
	at := r.p.Plan.CreatedAt // by the clock that the plan counts by
	intent := core.Intent{Step: *s, At: at, Proof: r.fresh.proof(s), Log: s.Record.Log}
	ticket, err := r.Journal.Announce(ctx, intent)
	if err != nil {
		return r.unnoted(ctx, err, "could not be noted in the journal, so it was not done: ")
	}
	wctx, cancel := finishIn(ctx, finishing)
	defer cancel()
	// It may wait long for its turn.
	receipt, change, err := do(attio.WithLastLook(wctx, func(ctx context.Context) error { return r.fresh.check(ctx, s) }))
	if err == nil {
		change.Repair = r.repair(s, receipt)
	}
	if _, untaken := errors.AsType[*NotTakenError](err); s.Action == core.Provision && (err == nil || untaken) {
		change.Invited = core.InviteTo(s.After.Email, at)
	}
	o := core.Outcome{Status: receipt.Status, RequestID: receipt.RequestID, Took: receipt.Took, Change: change}
	res := core.StepResult{Status: receipt.Status}
	if err != nil {
		o.Error = err.Error()
		res = failed(err)
		if o.Status == 0 {
			o.Status = res.Status
		}
		if fateUnknown(err) || mayBeMade(s, err) {
			o.Status = 0
		}
	}
	old, stale := errors.AsType[*StaleError](err)
	switch {
	case unsent(err) && stale:
		o.Status, o.Unsent = 0, true
		res = r.stale(ctx, s, old)
	case unsent(err) && ctx.Err() != nil:
		o.Status, o.Unsent = 0, true
		res = notBegun()
	default:
		r.health.weighOne(wctx, err, &r.Ports)
	}
	if err := r.Journal.Complete(wctx, ticket, o); err != nil {
		r.health.fail(err)
		return unkept(res, err)
	}
	return res
}

// unkept is what became of a write whose outcome the journal did not take. What
// was not done is not told as done for it.
func unkept(res core.StepResult, err error) core.StepResult {
	switch res.Outcome {
	case core.StepNotRun:
		return res
	case "":
		return core.StepResult{Outcome: core.StepFailed, Detail: "was done, but the journal could not be written: " + err.Error(), Err: err}
	}
	res.Detail += "; and the journal could not be written: " + err.Error()
	res.Err = errors.Join(err, res.Err)
	return res
}

// repair is what a write counts for that put back what somebody else changed, nil
// where it did not.
func (r *run) repair(s *core.Step, receipt attio.Receipt) *core.Repair {
	if s.Cause != core.CauseDrift {
		return nil
	}
	return &core.Repair{At: r.p.Plan.CreatedAt, Action: s.Action, OktaID: s.ID(), RequestID: receipt.RequestID}
}

// learned records a step that needs no request.
func (r *run) learned(ctx context.Context, s *core.Step, c core.Change) core.StepResult {
	if err := r.Journal.Learn(ctx, s, c); err != nil {
		return r.unnoted(ctx, err, "could not be noted in the state: ")
	}
	return core.StepResult{}
}

// unnoted is what becomes of a step that the journal did not take: nothing was
// done. When the interrupt came just before, or the journal is another run's by
// now, the step was not begun.
func (r *run) unnoted(ctx context.Context, err error, why string) core.StepResult {
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, cause) {
		return notBegun()
	}
	r.health.fail(err)
	if e, ok := errors.AsType[interface {
		error
		NotBegun() bool
	}](err); ok && e.NotBegun() {
		return core.StepResult{Outcome: core.StepNotRun, Detail: "not begun: " + err.Error()}
	}
	return core.StepResult{Outcome: core.StepFailed, Detail: why + err.Error(), Err: err}
}

func notBegun() core.StepResult {
	return core.StepResult{Outcome: core.StepNotRun, Detail: "interrupted before its turn"}
}

// failed words a failure.
func failed(err error) core.StepResult {
	res := core.StepResult{Outcome: core.StepFailed, Detail: err.Error(), Err: err}
	if e, ok := errors.AsType[*RefusedError](err); ok {
		res.Outcome, res.Code, res.Hint = core.StepRefused, e.Code, e.Hint()
	}
	if e, ok := errors.AsType[*NotTakenError](err); ok {
		res.Code, res.Hint = e.Code, e.Hint()
	}
	if e, ok := errors.AsType[*attio.Error](err); ok {
		res.Status, res.Hint, res.Detail = e.Status, e.Hint, e.Said()
		if e.Kind == attio.NoSeat { // one cause, whoever meets it and however
			res.Code, res.Hint = core.NoteNoSeat, seatHint
		}
	}
	return res
}

// unsent says whether a request certainly never left.
func unsent(err error) bool {
	e, ok := errors.AsType[*attio.Error](err)
	return ok && e.Unsent
}

// fateUnknown says whether a write may have happened although it failed: an
// answer 200 that nobody can read tells as little as none.
func fateUnknown(err error) bool {
	k := attio.KindOf(err)
	return k == attio.Unavailable || k == attio.Untrusted
}

// mayBeMade says whether a team may have come into being although its creation
// was answered with an error: services are known that answer 400 and make it, or
// show what they made much later. A name that is taken is taken by another.
func mayBeMade(s *core.Step, err error) bool {
	_, notSeen := errors.AsType[*NotTakenError](err)
	return s.Action == core.CreateTeam && (notSeen || attio.Is(err, attio.Refused) || attio.Is(err, attio.NotMade))
}

// finishIn lets what is under way go on for a while after ctx has ended.
func finishIn(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	wctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		t := time.AfterFunc(d, cancel)
		context.AfterFunc(wctx, func() { t.Stop() })
	})
	return wctx, func() { stop(); cancel() }
}

// stale is what becomes of a step that was not begun because what it rests on had
// grown old. That it could not be asked again ends the run.
func (r *run) stale(ctx context.Context, s *core.Step, e *StaleError) core.StepResult {
	if e.Err != nil {
		if ctx.Err() != nil {
			return notBegun()
		}
		r.health.fail(e.Err)
	}
	r.fresh.excused.Store(s.ID(), true)
	return core.StepResult{Outcome: core.StepNotRun, Detail: e.Detail, Err: e}
}

// excuse makes of a step that was skipped for one that was not begun another
// such: it has not failed either.
func (r *run) excuse(s *core.Step, res core.StepResult) core.StepResult {
	if res.Outcome != core.StepSkipped {
		return res
	}
	_, yes := r.fresh.excused.Load(s.ID())
	for i := 0; i < len(s.People) && !yes; i++ {
		_, yes = r.fresh.excused.Load(s.People[i].OktaID)
	}
	if yes {
		res.Outcome, res.Err = core.StepNotRun, &StaleError{Detail: res.Detail}
	}
	return res
}
