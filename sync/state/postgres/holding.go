package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"scim-sync/sync/state"
	"scim-sync/sync/state/lease"
	"scim-sync/sync/state/postgres/database"
)

// terms are how a lock is held.
type terms struct {
	elapsed func() time.Duration
	length  time.Duration // of a lease
}

// holding is a process's hold on the lock, and what it knows of the journal.
type holding struct {
	*lease.Hold
	terms
	db    *database.Database
	owner string
	fence int64

	mu   sync.Mutex // guards what follows
	ends journal    // as this writer left it
	tail tail       // what was read of its end
}

// tail is what was read of the end of the journal while nobody else could write.
type tail struct {
	part   int
	pieces []piece
}

// renews is what every write to the row does beside its own: its holder is there.
const renews = `renewed = clock_timestamp(), until = clock_timestamp() + $4::bigint * interval '1 millisecond', renewals = s.renewals + 1`

// mine is true while the row names this holder.
const mine = `s.workspace = $1 and s.owner = $2 and s.fence = $3`

// durable has the server keep what it said yes to, where its settings would not
// (https://www.postgresql.org/docs/current/wal-async-commit.html).
const durable = `case current_setting('synchronous_commit') when 'off' then set_config('synchronous_commit', 'local', true) end`

// key is what statements need to know that they are this writer's.
func (own *holding) key(more ...any) []any {
	return append([]any{own.db.Workspace, own.owner, own.fence, own.length.Milliseconds()}, more...)
}

func (own *holding) journal() journal {
	own.mu.Lock()
	defer own.mu.Unlock()
	return own.ends
}

func (own *holding) setJournal(j journal) {
	own.mu.Lock()
	defer own.mu.Unlock()
	own.ends, own.tail = j, tail{}
}

// renew makes the lock last from now on.
func (own *holding) renew(ctx context.Context) error {
	rows, err := own.db.Exec(ctx, database.Patience{Try: database.TryFor}, `update {s}.state s set `+renews+` where `+mine, own.key()...)
	if err == nil && rows == 0 {
		err = own.whyNot(ctx)
	}
	return err
}

// whyNot says who holds the lock instead. Where it is this writer after all, it
// gives nil.
func (own *holding) whyNot(ctx context.Context) error {
	s, err := look(ctx, own.db, database.Patience{Try: database.TryFor})
	if err != nil {
		return err
	}
	return own.lostTo(s)
}

// lostTo is nil where the row names this writer.
func (own *holding) lostTo(s standing) error {
	why := ""
	switch {
	case s.owner == own.owner && s.fence == own.fence:
		return nil
	case !s.exists:
		why = "its row is gone: somebody removed it, or set the database back"
	case s.owner == "":
		why = "somebody freed it"
	default:
		why = "another run has taken it: " + quoted(s.holder)
	}
	return &state.LostError{Place: own.db.Lock, Why: why}
}

func quoted(h state.Holder) string {
	return h.Command + " " + h.RunID + " on " + h.Host
}

// write sends a request until it is answered or the lock is lost: what becomes of
// it must be known, and no caller's context may break the connection on the way.
// A request that wrote nothing says so by [database.ErrNothing]; settled then finds
// out whether an earlier try did, whose answer was lost.
func (own *holding) write(ctx context.Context, size int, request func(context.Context, *pgx.Conn) error, settled func(standing) (bool, error)) error {
	if err := own.Held(); err != nil {
		return err
	}
	ctx, cancel := own.while(context.WithoutCancel(ctx))
	defer cancel()
	p := database.Patience{Try: database.TryFor, All: own.length}.Carrying(size)
	var since time.Duration
	err := own.db.Ask(ctx, p, func(ctx context.Context, c *pgx.Conn) error {
		since = own.elapsed()
		return request(ctx, c)
	})
	if errors.Is(err, database.ErrNothing) {
		err = own.settle(ctx, settled)
	} else if err == nil {
		own.Renewed(since)
	}
	if lost := own.Held(); lost != nil {
		return lost
	}
	return err
}

// while gives a context that ends with ctx or with the hold.
func (own *holding) while(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-own.Lost():
			cancel(own.Held())
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(context.Canceled) }
}

// settle looks why nothing was written: the lock is lost, or it was written
// before.
func (own *holding) settle(ctx context.Context, settled func(standing) (bool, error)) error {
	s, err := look(ctx, own.db, database.Patience{Try: database.TryFor, All: own.length})
	if err != nil {
		return err
	}
	if err := own.lostTo(s); err != nil {
		return own.Lose(err)
	}
	done, err := settled(s)
	if err == nil && !done {
		err = &state.LostError{Place: own.db.Journal, Why: fmt.Sprintf("it ends with line %d after %d bytes, not as this run left it: "+
			"somebody else has written there, or the database was set back", s.end.Seq, s.end.Offset)}
	}
	if errors.Is(err, state.ErrLost) {
		return own.Lose(err)
	}
	return err
}

// keepTail keeps what goes on to the end of the journal, while only this process
// can change that.
func (own *holding) keepTail(part int, pieces []piece) {
	if len(pieces) == 0 {
		return
	}
	own.mu.Lock()
	defer own.mu.Unlock()
	last := pieces[len(pieces)-1]
	if part == own.ends.last() && last.start+last.size == own.ends.size {
		own.tail = tail{part, pieces}
	}
}

// tailFrom gives what was kept, where it begins early enough.
func (own *holding) tailFrom(part int, offset int64) ([]piece, bool) {
	own.mu.Lock()
	defer own.mu.Unlock()
	if own.tail.part != part || len(own.tail.pieces) == 0 || own.tail.pieces[0].from > offset {
		return nil, false
	}
	return own.tail.pieces, true
}
