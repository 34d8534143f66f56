package postgres

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"scim-sync/sync/state"
	"scim-sync/sync/state/lease"
)

// take makes the caller the holder where nobody is, in one statement: of many at
// once, one gets a row back. Who takes it again, because no answer came, has it
// as it was.
const take = `insert into {s}.state as s (workspace, fence, owner, holder, renewed, until)
	select $1, 1, $2, $3, clock_timestamp(), clock_timestamp() + $4::bigint * interval '1 millisecond'
	from {s}.version v where v.version = $5
	on conflict (workspace) do update set owner = excluded.owner, holder = excluded.holder, renewals = 0,
		fence = case when s.owner = excluded.owner then s.fence else s.fence + 1 end,
		renewed = clock_timestamp(), until = clock_timestamp() + $4::bigint * interval '1 millisecond'
	where s.owner = '' or s.until < clock_timestamp() or s.owner = excluded.owner
	returning fence, first_part, former, size, seq, hash`

// renews is what every write to the row does beside its own: its holder is there.
const renews = `renewed = clock_timestamp(), until = clock_timestamp() + $4::bigint * interval '1 millisecond', renewals = s.renewals + 1`

// mine is true while the row names this holder.
const mine = `s.workspace = $1 and s.owner = $2 and s.fence = $3`

func (b *backend) Lock(ctx context.Context, h state.Holder) (state.BackendWriter, error) {
	w := &writer{b: b, owner: rand.Text()}
	err := b.take(ctx, w, h)
	switch {
	case noTable(err):
		err = b.prepare(ctx, w, h)
	case noRow(err):
		err = b.notTaken(ctx, w, h)
	}
	if err != nil {
		return nil, err
	}
	b.setWriter(w)
	return w, nil
}

// prepare makes the tables and takes the lock.
func (b *backend) prepare(ctx context.Context, w *writer, h state.Holder) error {
	if err := b.db.migrate(ctx); err != nil {
		return err
	}
	err := b.take(ctx, w, h)
	if noRow(err) {
		return b.notTaken(ctx, w, h)
	}
	return err
}

// notTaken says why.
func (b *backend) notTaken(ctx context.Context, w *writer, h state.Holder) error {
	s, err := b.look(ctx)
	if err != nil {
		return err
	}
	if s.held || !s.exists {
		return b.db.locked(s)
	}
	err = b.take(ctx, w, h) // it was given back just now
	if noRow(err) {
		err = b.db.locked(s)
	}
	return err
}

func (b *backend) take(ctx context.Context, w *writer, h state.Holder) error {
	holder, err := json.Marshal(h)
	if err != nil {
		return err
	}
	var since time.Duration
	var j journal
	err = b.db.ask(ctx, reading, func(ctx context.Context, c *pgx.Conn) error {
		since = b.elapsed()
		return c.QueryRow(ctx, b.db.sql(take), b.db.workspace, w.owner, string(holder), b.length.Milliseconds(), schemaVersion).
			Scan(&w.fence, &j.first, &j.former, &j.size, &j.end.Seq, &j.end.Hash)
	})
	if err != nil {
		return err
	}
	j.end.Offset = j.size
	w.ends = j
	lease.Begin(lease.Options{Length: b.length, Renew: w.renew, Elapsed: b.elapsed, Place: b.db.Lock}, since, func(h *lease.Hold) { w.Hold = h })
	return nil
}

// renew makes the lock last from now on.
func (w *writer) renew(ctx context.Context) error {
	rows, err := w.b.db.exec(ctx, patience{try: tryFor}, `update {s}.state s set `+renews+` where `+mine, w.key()...)
	if err == nil && rows == 0 {
		err = w.whyNot(ctx)
	}
	return err
}

// whyNot says who holds the lock instead. Where it is this writer after all, it
// gives nil.
func (w *writer) whyNot(ctx context.Context) error {
	s, err := w.b.db.look(ctx, patience{try: tryFor})
	if err != nil {
		return err
	}
	return w.lostTo(s)
}

// lostTo is nil where the row names this writer.
func (w *writer) lostTo(s standing) error {
	why := ""
	switch {
	case s.owner == w.owner && s.fence == w.fence:
		return nil
	case !s.exists:
		why = "its row is gone: somebody removed it, or set the database back"
	case s.owner == "":
		why = "somebody freed it"
	default:
		why = "another run has taken it: " + quoted(s.holder)
	}
	return &state.LostError{Place: w.b.db.Lock, Why: why}
}

func quoted(h state.Holder) string {
	return h.Command + " " + h.RunID + " on " + h.Host
}

// Release gives the lock back, unless somebody else has it. What it does not get
// through to the server, time does.
func (w *writer) Release(ctx context.Context) error {
	w.End()
	_ = w.Held() // its time may be over, and nobody has looked
	w.b.setWriter(nil)
	select {
	case <-w.Lost():
		return nil
	default:
	}
	_, err := w.b.db.exec(context.WithoutCancel(ctx), reading, `update {s}.state s set owner = '', until = '-infinity' where `+mine,
		w.key()[:3]...)
	if e, ok := errors.AsType[*ServerError](err); ok {
		e.Place, e.Way = w.b.db.Lock+" could not be given back", "It is free by itself "+w.b.length.String()+" after it was renewed last. "+e.Way
	}
	return err
}
