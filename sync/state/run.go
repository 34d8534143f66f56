package state

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"scim-sync/internal/group"
	core "scim-sync/sync"
)

// Run is the time during which one process may write: from Begin, which took
// the lock, to Finish or Close. It is safe for concurrent use and implements
// [core.Journal].
type Run struct {
	store  *Store
	desk   Desk
	now    func() time.Time
	former uint64 // seq at Begin: open writes up to it are those of former runs
	start  Info

	queue chan *entry   // to the loop
	quit  chan struct{} // closed to end the loop
	ended chan struct{} // closed by the loop
	once  sync.Once

	mu     sync.Mutex // guards what follows
	ledger *ledger
	info   RunInfo
	begun  bool // the run's first line is written
	told   bool // the journal holds info as it is
	// dirty: something is in the journal that the snapshot has not seen.
	dirty  bool
	broken error // the journal failed: nothing more may be announced

	// Only the loop, and Finish after it, touch these.
	serial   uint64
	outdated []byte // the snapshot in a former format, until it is backed up
	stored   int
	pause    time.Duration // until the next snapshot
}

var _ core.Journal = (*Run)(nil)

func newRun(desk Desk, info RunInfo, l *loaded, s *Store) *Run {
	r := &Run{
		store: s, desk: desk, now: info.Now, former: l.ledger.pos.Seq, start: s.info(l),
		queue: make(chan *entry), quit: make(chan struct{}), ended: make(chan struct{}),
		ledger: l.ledger, info: info, serial: l.serial, pause: s.interval,
	}
	if l.snapshot != nil && l.stored != Format {
		r.outdated, r.stored = l.snapshot, l.stored
	}
	return r
}

// Managed gives a copy of what is managed now, with every change that is
// durable. Removals that former runs left unfinished are counted.
func (r *Run) Managed() core.Managed {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ledger.view(r.former)
}

// Unfinished lists the writes that former runs left open, oldest first, until
// Settle.
func (r *Run) Unfinished() []core.Unfinished {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ledger.unfinished(r.former)
}

// Info says how things stood when the run began.
func (r *Run) Info() Info { return r.start }

// SetPlan tells which plan this run carries out.
func (r *Run) SetPlan(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.info.PlanID != id {
		r.info.PlanID, r.told = id, false
	}
}

// Bind ties the state to one workspace, org and app: on a first run, before
// anything is announced, and when somebody says that it moved. Bound so
// already, it does nothing.
func (r *Run) Bind(ctx context.Context, workspaceID, orgURL, appID string) error {
	b := Binding{WorkspaceID: workspaceID, OrgURL: orgURL, AppID: appID}
	r.mu.Lock()
	m := r.ledger.managed
	same := (r.start.Exists || r.ledger.touched) && b == Binding{m.WorkspaceID, m.OrgURL, m.AppID}
	r.mu.Unlock()
	if same {
		return nil
	}
	_, err := r.submit(ctx, Line{Kind: LineBind, Binding: &b})
	return err
}

// Announce records a write before it is made, and returns when that is
// durable. After an error the write must not be made.
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
	for _, p := range r.ledger.ordered(r.former) {
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

// Finish writes the run's last line, takes a last snapshot if anything
// changed, and gives up the lock, whatever goes wrong on the way. It works
// although ctx is cancelled.
func (r *Run) Finish(ctx context.Context, s Summary) error {
	_, err := r.submit(context.WithoutCancel(ctx), Line{Kind: LineEnd, Summary: &s})
	if errors.Is(err, ErrClosed) {
		return ErrClosed
	}
	return errors.Join(err, r.close(true))
}

// Close gives up the lock without a last line, as when the run fails midway:
// the journal holds all that was done, and the next run goes on from there.
// After Finish it does nothing.
func (r *Run) Close() error { return r.close(false) }

func (r *Run) close(save bool) (err error) {
	r.once.Do(func() {
		close(r.quit)
		<-r.ended
		if save {
			err = r.saveLast()
		}
		err = errors.Join(err, r.desk.Release())
	})
	return err
}

func (r *Run) saveLast() error {
	snap, due := r.copy()
	if !due {
		return nil
	}
	return r.save(snap)
}

// copy takes what a snapshot says now, and false when the last one says it all.
func (r *Run) copy() (snapshot, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.dirty {
		return snapshot{}, false
	}
	r.ledger.prune(r.now())
	r.dirty = false
	return snapshotOf(r.ledger, r.serial+1), true
}

// save writes a snapshot. When it fails, the journal still holds everything.
func (r *Run) save(snap snapshot) error {
	began := r.now()
	err := r.swap(snap)
	if err != nil {
		r.mu.Lock()
		r.dirty = true
		r.mu.Unlock()
		return err
	}
	r.serial = snap.Serial
	// A large snapshot takes its time; nine tenths of it belong to the work.
	r.pause = max(r.store.interval, 10*r.now().Sub(began))
	return nil
}

func (r *Run) swap(snap snapshot) (err error) {
	defer group.Recover(&err)
	raw, err := snap.encode()
	if err != nil {
		return err
	}
	if r.outdated != nil {
		if err := r.desk.Backup(r.stored, r.outdated); err != nil {
			return fmt.Errorf("keep the state of format %d: %w", r.stored, err)
		}
		r.outdated = nil
	}
	if err := r.desk.Swap(r.serial, raw); err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	return nil
}

// changes says whether a line of the kind alters what a snapshot would say.
func (k LineKind) changes() bool {
	return slices.Contains([]LineKind{LineBind, LineIntent, LineOutcome, LineLearn, LineSettled}, k)
}
