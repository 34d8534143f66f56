package sync

import (
	"context"
	"errors"
	"sort"
	stdsync "sync"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/group"
	"scim-sync/internal/idset"
)

// Ports are what Apply works through.
type Ports struct {
	Reader   attio.Reader
	Writer   attio.Writer
	Journal  Journal
	Observer Observer // nil: nobody listens
	// Now is the clock that state is dated by.
	Now func() time.Time
	// Parallel is how many writes are under way at once; 0 means 8.
	Parallel int
}

// finishing is how long writes in flight may take after an interruption.
const finishing = 20 * time.Second

// run is the working memory of one Apply.
type run struct {
	Ports
	p       *Proposal
	mu      stdsync.Mutex
	entries map[string]ManagedPerson // by Okta id, as they become
	teams   map[string][]ManagedTeam // by the team's key, as they become
	members map[string]idset.Set     // Attio team id → members, as they become
	ids     map[string]string        // Okta id → SCIM id of people provisioned here
	last    map[string]int           // by the team's key, the number of its last step
	broken  map[string]bool          // Okta ids and team keys whose further steps need one that failed
	amiss   map[string]bool          // team keys whose people are not all as they should be
	admins  *adminWatch
	report  Report
	noSeat  int
	stop    error // why nothing more is tried
	down    int   // writes in a row that found Attio unavailable
	checked checked
}

// Apply carries a proposal out. It returns when every step has an outcome.
// A step that fails stops only those that need it. When ctx ends, writes in
// flight are finished and the rest is not begun.
func Apply(ctx context.Context, p *Proposal, ports Ports) Report {
	if ports.Parallel == 0 {
		ports.Parallel = 8
	}
	r := &run{
		Ports: ports, p: p, entries: map[string]ManagedPerson{}, teams: map[string][]ManagedTeam{},
		members: map[string]idset.Set{}, ids: map[string]string{}, broken: map[string]bool{}, amiss: map[string]bool{}, last: lastSteps(p.Plan), admins: watchAdmins(p),
		report: Report{PlanID: p.Plan.ID, Results: []StepResult{}, Notes: []Note{}, partial: !p.Whole()},
	}
	for id, f := range p.facts {
		r.entries[id] = f.entry
	}
	for key, f := range p.teams {
		r.teams[key] = append([]ManagedTeam(nil), f.entries...)
	}
	for _, t := range p.input.Workspace.Teams {
		r.members[t.ID] = t.Members
	}
	r.settle(ctx)
	r.first(ctx, p.input.FirstRun && !p.input.Managed.FirstSync, Change{FirstBegun: true})
	for _, phase := range r.phases() {
		r.phase(ctx, phase)
	}
	r.seatNote()
	sort.Slice(r.report.Results, func(i, j int) bool { return r.report.Results[i].Step.N < r.report.Results[j].Step.N })
	r.first(ctx, p.input.FirstRun && p.Whole() && ctx.Err() == nil && r.stop == nil, Change{FirstDone: true})
	r.report.Interrupted, r.report.Err = ctx.Err() != nil, r.stop
	return r.report
}

// first notes where the first run begins or has come to its end.
func (r *run) first(ctx context.Context, yes bool, c Change) {
	if !yes {
		return
	}
	if err := r.Journal.Learn(ctx, nil, c); err != nil {
		r.fail(err)
	}
}

// Settle records what a run learned without carrying any step out: the latch
// of a refusal, above all.
func Settle(ctx context.Context, p *Proposal, j Journal) error {
	for _, c := range p.silent {
		if p.blocked && c.Latch == nil {
			continue
		}
		if err := j.Learn(ctx, nil, c); err != nil {
			return err
		}
	}
	return nil
}

// Settles says whether there is anything for Settle to record.
func (p *Proposal) Settles() bool {
	for _, c := range p.silent {
		if !p.blocked || c.Latch != nil {
			return true
		}
	}
	return false
}

func (r *run) settle(ctx context.Context) {
	g := group.New()
	g.SetLimit(64)
	for _, c := range r.p.silent {
		g.Go(func() error { return r.Journal.Learn(ctx, nil, c) })
	}
	if err := g.Wait(); err != nil {
		r.fail(err)
	}
}

// phases splits the steps where one phase ends and the next begins.
func (r *run) phases() [][]Step {
	var phases [][]Step
	last := -1
	for _, s := range r.p.Plan.Steps {
		ph := phaseOf(s, last >= phaseArrive)
		if ph != last {
			phases = append(phases, nil)
			last = ph
		}
		phases[len(phases)-1] = append(phases[len(phases)-1], s)
	}
	return phases
}

// phase carries out the steps of one phase. Of those who arrive the admins come
// first and are waited for: a seat that is left is theirs.
func (r *run) phase(ctx context.Context, steps []Step) {
	ph := phaseOf(steps[0], false)
	if ph == phaseStepDown || ph == phaseLeave {
		r.admins.refresh(ctx, r)
	}
	if ph != phaseArrive {
		r.together(ctx, steps)
		return
	}
	n := 0 // sorted so that admins come first
	for n < len(steps) && steps[n].concernsAdmin() {
		n++
	}
	r.together(ctx, steps[:n])
	r.together(ctx, steps[n:])
	r.arrivals(ctx, steps)
}

// together carries out steps a few at a time, those of one person or one team
// one after the other.
func (r *run) together(ctx context.Context, steps []Step) {
	if len(steps) == 0 {
		return
	}
	var order []string
	lanes := map[string][]Step{}
	linked := chained(steps)
	for _, s := range steps {
		key := laneOf(s)
		if linked[key] {
			key = "passed on" // one after the other, as each waits for a name or an address
		}
		if lanes[key] == nil {
			order = append(order, key)
		}
		lanes[key] = append(lanes[key], s)
	}
	limit := r.Parallel
	if phaseOf(steps[0], false) == phaseAdopt {
		limit = 64 // no requests: many together share a write to the disk
	}
	g := group.New()
	g.SetLimit(limit)
	for _, key := range order {
		g.Go(func() error {
			for _, s := range lanes[key] {
				r.one(ctx, s)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		r.fail(err)
	}
}

func laneOf(s Step) string {
	if s.Person != nil {
		return "p" + s.Person.OktaID
	}
	return "t" + s.Team.OktaID
}

// one carries a single step out and reports it.
func (r *run) one(ctx context.Context, s Step) {
	if res, skip := r.skip(ctx, s); skip {
		r.done(res)
		return
	}
	if r.Observer != nil {
		r.mu.Lock()
		r.Observer.StepStarted(s)
		r.mu.Unlock()
	}
	began := r.Now()
	res := r.carryOut(ctx, s)
	res.Step, res.Took = s, r.Now().Sub(began)
	if res.Outcome == "" {
		res.Outcome = StepOK
	}
	r.done(res)
}

// skip says whether a step must not be tried, and why.
func (r *run) skip(ctx context.Context, s Step) (StepResult, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	res := StepResult{Step: s, Outcome: StepSkipped}
	switch {
	case ctx.Err() != nil:
		res = notBegun()
		res.Step = s
	case r.stop != nil:
		res.Outcome, res.Detail = StepNotRun, "not tried"
	case s.Person != nil && r.broken[s.Person.OktaID]:
		res.Detail = "an earlier step for " + s.Person.Email + " failed"
	case s.Team != nil && r.broken[s.Team.OktaID] && (s.Action == AddMembers || s.Action == RemoveMembers):
		res.Detail = "the team " + s.Team.Name + " could not be made ready"
	case r.noSeat > 0 && (s.Action == Provision || s.Action == Reactivate):
		r.noSeat++
		res.Outcome, res.Detail, res.Hint = StepFailed, "not tried: the workspace has no free seat", seatHint
	default:
		return res, false
	}
	return res, true
}

// done files a result.
func (r *run) done(res StepResult) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Results = append(r.report.Results, res)
	if res.Outcome != StepOK {
		switch res.Step.Action {
		case Adopt, Provision, Reactivate, Suspend, CancelInvite:
			r.broken[res.Step.Person.OktaID] = true
		case CreateTeam, LinkTeam, DeleteTeam:
			r.broken[res.Step.Team.OktaID] = true
		}
	}
	if r.Observer != nil {
		r.Observer.StepDone(res)
	}
}

func (r *run) note(code, subject, detail string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Notes = append(r.report.Notes, Note{Code: code, Subject: subject, Detail: detail})
}

// fail ends the run: nothing more is tried.
func (r *run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop == nil {
		r.stop = err
	}
}

// written makes one announced write: journal first, then the request, then
// its outcome. do gives the change that the write means for the state.
func (r *run) written(ctx context.Context, s Step, do func(context.Context) (attio.Receipt, Change, error)) StepResult {
	intent := Intent{Step: s}
	if proof, ok := r.p.proofs[subjectOf(s)]; ok && proof != (idp.Proof{}) {
		intent.Proof = &proof
	}
	ticket, err := r.Journal.Announce(ctx, intent)
	if err != nil {
		return r.unnoted(ctx, err, "could not be noted in the journal, so it was not done: ")
	}
	wctx, cancel := finishIn(ctx, finishing)
	defer cancel()
	receipt, change, err := do(wctx)
	o := Outcome{Status: receipt.Status, RequestID: receipt.RequestID, Took: receipt.Took, Change: change}
	res := StepResult{Status: receipt.Status}
	if err != nil {
		o.Error = err.Error()
		res = r.failed(err)
		if o.Status == 0 {
			o.Status = res.Status
		}
		if fateUnknown(err) {
			o.Status = 0
		}
	}
	if unsent(err) && ctx.Err() != nil {
		o.Status, o.Unsent = 0, true
		res = notBegun()
	} else {
		r.weigh(wctx, err)
	}
	if err := r.Journal.Complete(wctx, ticket, o); err != nil {
		r.fail(err)
		return StepResult{Outcome: StepFailed, Detail: "was done, but the journal could not be written: " + err.Error(), Err: err}
	}
	return res
}

// unnoted is what becomes of a step that the journal did not take: nothing was
// done. When the interrupt came just before, the step was not begun.
func (r *run) unnoted(ctx context.Context, err error, why string) StepResult {
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, cause) {
		return notBegun()
	}
	r.fail(err)
	return StepResult{Outcome: StepFailed, Detail: why + err.Error(), Err: err}
}

func notBegun() StepResult {
	return StepResult{Outcome: StepNotRun, Detail: "interrupted before its turn"}
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

func subjectOf(s Step) string {
	if s.Person != nil {
		return s.Person.OktaID
	}
	return s.Team.OktaID
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
