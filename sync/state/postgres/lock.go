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
	"scim-sync/sync/state/postgres/database"
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

// lock takes the lock, and makes the tables where there are none. Errors:
// *state.LockedError, and those of the database.
func (own *holding) lock(ctx context.Context, h state.Holder) error {
	own.owner = rand.Text()
	err := own.take(ctx, h)
	if database.NoTable(err) {
		if err = own.db.Migrate(ctx); err == nil {
			err = own.take(ctx, h)
		}
	}
	if database.NoRow(err) {
		err = own.notTaken(ctx, h)
	}
	return err
}

// notTaken says why.
func (own *holding) notTaken(ctx context.Context, h state.Holder) error {
	s, err := look(ctx, own.db, database.Reading())
	if err != nil {
		return err
	}
	if s.held || !s.exists {
		return s.locked(own.db)
	}
	err = own.take(ctx, h) // it was given back just now
	if database.NoRow(err) {
		err = s.locked(own.db)
	}
	return err
}

func (own *holding) take(ctx context.Context, h state.Holder) error {
	holder, err := json.Marshal(h)
	if err != nil {
		return err
	}
	var since time.Duration
	var j journal
	err = own.db.Ask(ctx, database.Reading(), func(ctx context.Context, c *pgx.Conn) error {
		since = own.elapsed()
		return c.QueryRow(ctx, own.db.SQL(take), own.db.Workspace, own.owner, string(holder), own.length.Milliseconds(), database.SchemaVersion).
			Scan(&own.fence, &j.first, &j.former, &j.size, &j.end.Seq, &j.end.Hash)
	})
	if err != nil {
		return err
	}
	j.end.Offset = j.size
	own.ends = j
	lease.Begin(lease.Options{Length: own.length, Renew: own.renew, Elapsed: own.elapsed, Place: own.db.Lock}, since, func(h *lease.Hold) { own.Hold = h })
	return nil
}

// release gives the lock back, unless somebody else has it. What it does not get
// through to the server, time does.
func (own *holding) release(ctx context.Context) error {
	own.End()
	_ = own.Held() // its time may be over, and nobody has looked
	select {
	case <-own.Lost():
		return nil
	default:
	}
	_, err := own.db.Exec(context.WithoutCancel(ctx), database.Reading(), `update {s}.state s set owner = '', until = '-infinity' where `+mine,
		own.key()[:3]...)
	if e, ok := errors.AsType[*database.ServerError](err); ok {
		e.Place, e.Way = own.db.Lock+" could not be given back", "It is free by itself "+own.length.String()+" after it was renewed last. "+e.Way
	}
	return err
}
