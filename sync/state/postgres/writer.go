package postgres

import (
	"bytes"
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"scim-sync/sync/state"
	"scim-sync/sync/state/postgres/database"
)

// writer is a backend to the holder of its lock.
type writer struct {
	*holding
	done func() // called before it gives the lock back
}

var _ state.BackendWriter = (*writer)(nil)

// Release gives the lock back, unless somebody else has it.
func (w *writer) Release(ctx context.Context) error {
	w.done()
	return w.release(ctx)
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
		batch.Queue(w.db.SQL(swapIn), w.db.Workspace, w.owner, w.fence, int64(serial), int64(at.Seq), next.Body)
		batch.Queue(w.db.SQL(swapOver), w.key(int64(serial), int64(next.Was), next.Keep, previousKept, next.Force)...)
		return c.SendBatch(ctx, batch).Close()
	}, func(s standing) (bool, error) {
		if s.serial == serial && (serial != next.Was || next.Force) {
			return true, nil // each holder has serials of its own
		}
		return false, &state.ConflictError{Place: w.db.Snapshot, Want: next.Was, Have: s.serial}
	})
}

// Aside keeps content as a row beside the state.
func (w *writer) Aside(ctx context.Context, name string, content []byte) (string, error) {
	return w.db.Snapshot + ", aside " + name, w.write(ctx, len(content), func(ctx context.Context, c *pgx.Conn) error {
		return database.One(ctx, c, w.db.SQL(`with head as (
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
		return database.One(ctx, c, w.db.SQL(`with head as (
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
	n, err := partNumber(w.db, first.Name)
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
		return database.One(ctx, c, w.db.SQL(`with head as (
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
