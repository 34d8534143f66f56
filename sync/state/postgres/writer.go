package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"scim-sync/sync/state"
	"scim-sync/sync/state/lease"
)

// writer is a backend to the holder of its lock.
type writer struct {
	*lease.Hold
	b     *backend
	owner string
	fence int64

	mu   sync.Mutex // guards what follows
	ends journal    // as this writer left it
	tail tail       // what was read of its end
}

var _ state.BackendWriter = (*writer)(nil)

// key is what statements need to know that they are this writer's.
func (w *writer) key(more ...any) []any {
	return append([]any{w.b.db.workspace, w.owner, w.fence, w.b.length.Milliseconds()}, more...)
}

func (w *writer) journal() journal {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ends
}

func (w *writer) setJournal(j journal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ends, w.tail = j, tail{}
}

// write sends a request until it is answered or the lock is lost: what becomes of
// it must be known, and no caller's context may break the connection on the way.
// A request that wrote nothing says so by errNothing; settled then finds out
// whether an earlier try did, whose answer was lost.
func (w *writer) write(ctx context.Context, size int, request func(context.Context, *pgx.Conn) error, settled func(standing) (bool, error)) error {
	if err := w.Held(); err != nil {
		return err
	}
	ctx, cancel := w.while(context.WithoutCancel(ctx))
	defer cancel()
	p := patience{try: tryFor, all: w.b.length}.carrying(size)
	var since time.Duration
	err := w.b.db.ask(ctx, p, func(ctx context.Context, c *pgx.Conn) error {
		since = w.b.elapsed()
		err := request(ctx, c)
		if code(err) == divisionByZero {
			err = errNothing
		}
		return err
	})
	if errors.Is(err, errNothing) {
		err = w.settle(ctx, settled)
	} else if err == nil {
		w.Renewed(since)
	}
	if lost := w.Held(); lost != nil {
		return lost
	}
	return err
}

var errNothing = errors.New("nothing was written") //nolint:gochecknoglobals // an error to compare with

// while gives a context that ends with ctx or with the hold.
func (w *writer) while(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-w.Lost():
			cancel(w.Held())
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(context.Canceled) }
}

// settle looks why nothing was written: the lock is lost, or it was written
// before.
func (w *writer) settle(ctx context.Context, settled func(standing) (bool, error)) error {
	s, err := w.b.db.look(ctx, patience{try: tryFor, all: w.b.length})
	if err != nil {
		return err
	}
	if err := w.lostTo(s); err != nil {
		return w.Lose(err)
	}
	done, err := settled(s)
	if err == nil && !done {
		err = &state.LostError{Place: w.b.db.Journal, Why: fmt.Sprintf("it ends with line %d after %d bytes, not as this run left it: "+
			"somebody else has written there, or the database was set back", s.end.Seq, s.end.Offset)}
	}
	if errors.Is(err, state.ErrLost) {
		return w.Lose(err)
	}
	return err
}

// endsAt is settled where the journal ends so.
func endsAt(j journal) func(standing) (bool, error) {
	return func(s standing) (bool, error) {
		return s.last() == j.last() && s.size == j.size && s.end.Seq == j.end.Seq && s.end.Hash == j.end.Hash, nil
	}
}

// one gives errNothing unless a statement wrote at least a row.
func one(ctx context.Context, c *pgx.Conn, text string, args ...any) error {
	tag, err := c.Exec(ctx, text, args...)
	if err == nil && tag.RowsAffected() == 0 {
		err = errNothing
	}
	return err
}

// textual gives an error for what a text of PostgreSQL cannot hold.
func textual(what string, content []byte) error {
	switch {
	case bytes.IndexByte(content, 0) >= 0:
		return fmt.Errorf("%s holds a zero byte, which PostgreSQL cannot keep; nothing was written", what)
	case !utf8.Valid(content):
		return fmt.Errorf("%s is not UTF-8, which PostgreSQL cannot keep; nothing was written", what)
	}
	return nil
}

// swapIn puts a snapshot beside the others; swapOver makes it the present one and
// takes the first back where that cannot be: both are one transaction. The row
// of the lock is touched by the second alone, so that lines are not held up by a
// large snapshot on its way.
const (
	swapIn = `insert into {s}.snapshot as b (workspace, serial, fence, seq, body)
		select $1, $4, $3, $5, $6 from {s}.state where workspace = $1 and owner = $2 and fence = $3
		on conflict (workspace, serial) do update set fence = excluded.fence, seq = excluded.seq, body = excluded.body,
			written = excluded.written, kept = false`
	swapOver = `with head as (
			update {s}.state s set serial = $5, ` + renews + ` where ` + mine + ` and (s.serial = $6 or $9) returning ` + durable + `
		), keep as (
			update {s}.snapshot set kept = true from head where $7 and workspace = $1 and serial = $6 and serial <> $5
		), gone as (
			delete from {s}.snapshot b using head where b.workspace = $1 and b.serial <> $5 and not ($7 and b.serial = $6)
			and (not b.kept or b.serial in (select serial from {s}.snapshot where workspace = $1 and kept and serial not in ($5, $6)
				order by serial desc offset $8 - case when $7 then 1 else 0 end))
		) select 1 / count(*) from head`
)

// durable has the server keep what it said yes to, where its settings would not
// (https://www.postgresql.org/docs/current/wal-async-commit.html).
const durable = `case current_setting('synchronous_commit') when 'off' then set_config('synchronous_commit', 'local', true) end`

// previousKept is how many former snapshots are kept, one a run.
const previousKept = 10

func (w *writer) Swap(ctx context.Context, next state.Next) error {
	if err := textual("the state", next.Body); err != nil {
		return err
	}
	serial, at, err := state.SerialOf(next.Body)
	if err != nil {
		return err
	}
	return w.write(ctx, len(next.Body), func(ctx context.Context, c *pgx.Conn) error {
		batch := &pgx.Batch{}
		batch.Queue(w.b.db.sql(swapIn), w.b.db.workspace, w.owner, w.fence, int64(serial), int64(at.Seq), next.Body)
		batch.Queue(w.b.db.sql(swapOver), w.key(int64(serial), int64(next.Was), next.Keep, previousKept, next.Force)...)
		return c.SendBatch(ctx, batch).Close()
	}, func(s standing) (bool, error) {
		if s.serial == serial && (serial != next.Was || next.Force) {
			return true, nil // each holder has serials of its own
		}
		return false, &state.ConflictError{Place: w.b.db.Snapshot, Want: next.Was, Have: s.serial}
	})
}

// Aside keeps content as a row beside the state.
func (w *writer) Aside(ctx context.Context, name string, content []byte) (string, error) {
	return w.b.db.Snapshot + ", aside " + name, w.write(ctx, len(content), func(ctx context.Context, c *pgx.Conn) error {
		return one(ctx, c, w.b.db.sql(`with head as (
				update {s}.state s set `+renews+` where `+mine+` returning 1
			) insert into {s}.aside (workspace, name, seq, content) select $1, $5, $6, $7 from head
			on conflict (workspace, name) do update set seq = excluded.seq, content = excluded.content`),
			w.key(name, int64(0), content)...)
	}, func(standing) (bool, error) { return false, nil })
}

// Clear empties the journal and what belongs to it; the row of the lock says first
// that the writer may.
func (w *writer) Clear(ctx context.Context) error {
	err := w.write(ctx, 20_000_000, func(ctx context.Context, c *pgx.Conn) error {
		return one(ctx, c, w.b.db.sql(`with head as (
				update {s}.state s set first_part = 1, former = '{}', size = 0, seq = 0, hash = '', `+renews+` where `+mine+` returning 1
			), lines as (
				delete from {s}.journal j using head where j.workspace = $1
			), previous as (
				delete from {s}.snapshot b using head where b.workspace = $1 and b.kept
			), cache as (
				delete from {s}.cache c using head where c.workspace = $1
			), torn as (
				delete from {s}.aside a using head where a.workspace = $1 and a.name like 'cut-%'
			) select from head`), w.key()...)
	}, func(standing) (bool, error) { return false, nil })
	if err == nil {
		w.setJournal(journal{first: 1})
	}
	return err
}

// Prune removes what is older. What this writer does not have any more is not
// removed by it: the row of the lock says so first.
func (w *writer) Prune(ctx context.Context, first state.Part, seq uint64) error {
	n, err := w.b.partNumber(first.Name)
	if err != nil {
		return err
	}
	j := w.journal()
	if n < j.first || n > j.last() {
		return fmt.Errorf("%s: there is no such part", first.Name)
	}
	former := j.former[n-j.first:]
	// Its rows may be many: give it the time of a large snapshot.
	err = w.write(ctx, 20_000_000, func(ctx context.Context, c *pgx.Conn) error {
		return one(ctx, c, w.b.db.sql(`with head as (
				update {s}.state s set first_part = $5, former = $6, `+renews+` where `+mine+` returning 1
			), lines as (
				delete from {s}.journal j using head where j.workspace = $1 and j.part < $5
			), previous as (
				delete from {s}.snapshot b using head where b.workspace = $1 and b.kept and b.seq + 1 < $7
			), torn as (
				delete from {s}.aside a using head where a.workspace = $1 and a.name like 'cut-%' and a.seq < $7
			) select from head`), w.key(n, former, int64(seq))...)
	}, func(standing) (bool, error) { return false, nil })
	if err == nil {
		j.first, j.former = n, former
		w.setJournal(j)
	}
	return err
}
