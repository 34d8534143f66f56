// Package postgres keeps a state in a PostgreSQL database that several machines
// reach.
//
// All that one state is lies in rows with its workspace's name. One row of the
// table state is the lock, says how far the journal goes and which snapshot is
// the present one. Every write changes that row, where it names its holder, in the
// same statement: a statement that waited for a takeover sees another holder
// there and writes nothing. (Looked up in another table, the holder would be that
// of before the wait.) The lock is a lease by the server's clock and needs no
// session, so that a pooler in transaction mode does no harm.
package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"scim-sync/internal/boottime"
	"scim-sync/sync/state"
	"scim-sync/sync/state/postgres/database"
)

// leaseLength is how long a lock lasts without being renewed.
const leaseLength = 30 * time.Second

// backend is one state in a database.
type backend struct {
	db *database.Database
	terms

	mu  sync.Mutex // guards what follows
	own *holding   // the last one here; nil: none, or it gave the lock back
}

var (
	_ state.Backend = (*backend)(nil)
	_ io.Closer     = (*backend)(nil)
)

// Open gives the state of an address. It asks no server yet. Error:
// *state.LocationError, which never shows a password.
func Open(_ context.Context, at state.Location) (state.Backend, error) {
	db, err := database.Open(at)
	if err != nil {
		return nil, err
	}
	b := &backend{db: db, terms: terms{elapsed: at.Elapsed, length: cmp.Or(at.Lease, leaseLength)}}
	if b.elapsed == nil {
		b.elapsed = boottime.Clock()
	}
	return b, nil
}

// Close closes the connections.
func (b *backend) Close() error {
	b.db.Close()
	return nil
}

func (b *backend) Paths() state.Paths { return b.db.Paths }

// held gives the holding while it holds the lock: nobody else writes then.
func (b *backend) held() *holding {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.own == nil || b.own.Held() != nil {
		return nil
	}
	return b.own
}

func (b *backend) hold(own *holding) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.own = own
}

func (b *backend) Lock(ctx context.Context, h state.Holder) (state.BackendWriter, error) {
	own := &holding{terms: b.terms, db: b.db}
	if err := own.lock(ctx, h); err != nil {
		return nil, err
	}
	b.hold(own)
	return &writer{holding: own, done: func() { b.hold(nil) }}, nil
}

func (b *backend) Snapshot(ctx context.Context) ([]byte, error) {
	var version int
	var serial *int64
	var body []byte
	err := b.db.Row(ctx, database.Reading(), `select v.version, s.serial, b.body from {s}.version v
		left join {s}.state s on s.workspace = $1
		left join {s}.snapshot b on b.workspace = $1 and b.serial = s.serial`, []any{b.db.Workspace}, &version, &serial, &body)
	switch {
	case database.NoTable(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	if err := b.db.Known(version); err != nil {
		return nil, err
	}
	if body == nil && serial != nil && *serial > 0 {
		return nil, &state.CorruptError{Place: b.db.Snapshot, Why: fmt.Sprintf("the row of serial %d is gone", *serial),
			WayBack: "restore the schema from a backup of the database"}
	}
	return body, nil
}

func (b *backend) Parts(ctx context.Context) ([]state.Part, error) {
	if w := b.held(); w != nil {
		return b.parts(w.journal()), nil
	}
	s, err := look(ctx, b.db, database.Reading())
	if err != nil || !s.exists {
		return nil, err
	}
	return b.parts(s.journal), nil
}

func (b *backend) parts(j journal) []state.Part {
	var parts []state.Part
	for i, size := range append(slices.Clip(j.former), j.size) {
		if size > 0 || i > 0 {
			parts = append(parts, state.Part{Name: partName(b.db, j.first+i), Size: size})
		}
	}
	return parts
}

func (b *backend) Open(ctx context.Context, name string, offset int64) (io.ReadCloser, error) {
	part, err := partNumber(b.db, name)
	if err != nil {
		return nil, err
	}
	r := newReader(ctx, b.db, part, offset, func(pieces []piece) {
		if own := b.held(); own != nil {
			own.keepTail(part, pieces)
		}
	})
	if own := b.held(); own != nil {
		if pieces, ok := own.tailFrom(part, offset); ok {
			r.ready, r.ended = pieces, true
		}
	}
	return r, nil
}

func (b *backend) Cache(ctx context.Context) ([]byte, error) {
	var content []byte
	err := b.db.Row(ctx, database.Reading(), `select content from {s}.cache where workspace = $1`, []any{b.db.Workspace}, &content)
	if database.NoTable(err) || database.NoRow(err) {
		return nil, nil
	}
	return content, err
}

func (b *backend) SaveCache(ctx context.Context, content []byte) error {
	if content == nil {
		content = []byte{}
	}
	owner := ""
	if w := b.held(); w != nil {
		owner = w.owner
	}
	_, err := b.db.Exec(ctx, database.Reading().Carrying(len(content)), `insert into {s}.cache (workspace, content)
		select $1, $2 from {s}.state where workspace = $1 and (owner = $3 or $3 = '')
		on conflict (workspace) do update set content = excluded.content`, b.db.Workspace, content, owner)
	return err
}

func (b *backend) Standing(ctx context.Context) (*state.Standing, error) {
	s, err := look(ctx, b.db, database.Reading())
	if err != nil || !s.held {
		return nil, err
	}
	return &state.Standing{Holder: s.holder, Renewed: s.renewed.UTC(), Until: s.until.UTC(), Every: b.length / 3, Mark: s.mark()}, nil
}

func (b *backend) Break(ctx context.Context, at state.Standing) error {
	_, err := b.db.Exec(ctx, database.Reading(), `update {s}.state set owner = '', until = '-infinity'
		where workspace = $1 and owner || ' ' || renewals = $2`, b.db.Workspace, at.Mark)
	if database.NoTable(err) {
		return nil
	}
	if err != nil {
		return err
	}
	s, err := look(ctx, b.db, database.Reading())
	if err == nil && s.held {
		err = s.locked(b.db)
	}
	return err
}

func (b *backend) Probe(ctx context.Context) state.Probe {
	p := state.Probe{Place: b.db.Snapshot}
	ctx, cancel := context.WithTimeout(ctx, 2*database.TryFor)
	defer cancel()
	p.Reach = b.probe(ctx, &p)
	return p
}

func (b *backend) probe(ctx context.Context, p *state.Probe) error {
	usable, err := b.db.Probe(ctx, p)
	if err != nil || !usable {
		return err
	}
	now, err := look(ctx, b.db, database.Reading())
	var format *state.FormatError
	switch {
	case errors.As(err, &format):
		p.Write = err
	case err != nil:
		return err
	case now.held:
		p.Lock = now.locked(b.db)
	}
	return nil
}
