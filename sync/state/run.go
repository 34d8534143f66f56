package state

import (
	"context"
	"errors"
	"sync"
	"time"

	core "scim-sync/sync"
)

// Run is the time during which one process may write: from Begin, which took
// the lock, to Finish or Close. It is safe for concurrent use and implements
// [core.Journal].
type Run struct {
	writer BackendWriter
	now    func() time.Time
	former uint64 // seq at Begin: open writes up to it are those of former runs
	start  Info
	snaps  saver
	scrub  scrubber

	mailbox

	mu      sync.Mutex // guards what follows
	replay  *replay
	opening opening
	// dirty: something is in the journal that the snapshot has not seen.
	dirty bool
	// stale: what the snapshot has not seen is long, or begins a part.
	stale  bool
	broken error // the journal failed: nothing more may be announced
}

// mailbox is the way to the loop, which alone writes lines.
type mailbox struct {
	queue chan *entry
	quit  chan struct{} // closed to end the loop
	ended chan struct{} // closed by the loop
	once  sync.Once
}

// entry is a line that waits to become durable.
type entry struct {
	line Line
	done chan answer // holds one
}

type answer struct {
	seq uint64
	err error
}

// Managed gives what is managed now, with every change that is durable. Removals
// that former runs left unfinished are counted. What is given stays as it is, and is
// not to be changed.
func (r *Run) Managed() core.Managed {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.replay.view(r.former)
}

// Unfinished lists the writes that former runs left open, oldest first, until
// Settle.
func (r *Run) Unfinished() []core.Unfinished {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.replay.unfinished(r.former)
}

// Info says how things stood when the run began.
func (r *Run) Info() Info { return r.start }

// Lost is closed once the run does not hold the lock any more: no further
// request may leave. Announce fails from then on, with an error that is ErrLost.
func (r *Run) Lost() <-chan struct{} { return r.writer.Lost() }

// While gives a context that ends with ctx, and also, with an ErrLost as its
// cause, once the lock is lost: a request that was announced and still waits
// for its turn then does not leave.
func (r *Run) While(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := make(chan struct{})
	go func() {
		select {
		case <-r.Lost():
			cancel(r.Held())
		case <-stop:
		case <-ctx.Done():
		}
	}()
	return ctx, sync.OnceFunc(func() { close(stop); cancel(context.Canceled) })
}

// Held gives an ErrLost once the run does not hold the lock any more.
func (r *Run) Held() error {
	err := r.writer.Held()
	select {
	case <-r.Lost():
	default:
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if errors.Is(r.broken, ErrLost) {
		return r.broken
	}
	return &LostError{Place: r.start.Paths.Lock}
}

// fail keeps the first thing that went wrong.
func (r *Run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken == nil {
		r.broken = err
	}
}

// opening is what the journal must know of a run before its first line.
type opening struct {
	info  RunInfo
	begun bool // the run's first line is written
	told  bool // the journal holds info as it is
}

// before gives the line that must come before the run's first one. The end of
// a run that wrote nothing needs none: it says who ran in itself.
func (o *opening) before(line *Line) *Line {
	info := o.info
	if info.Redated != nil {
		info.Began = info.Redated(info.Began)
	}
	if line.Kind == LineEnd {
		if !o.begun {
			line.Format = Format
		}
		if !o.told {
			line.Info = &info
			o.told = true
		}
		return nil
	}
	if o.begun {
		return nil
	}
	return &Line{Kind: LineRun, Format: Format, Info: &info}
}

// seal makes the line the one after the position and gives its bytes. No
// secret gets past it.
func (r *Run) seal(line *Line, after Position) ([]byte, error) {
	r.scrub.line(line)
	line.Seq, line.Prev = after.Seq+1, after.Hash
	line.At, line.Run = r.now(), r.opening.info.RunID
	return line.encode()
}
