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
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"scim-sync/internal/boottime"
	"scim-sync/sync/state"
)

// leaseLength is how long a lock lasts without being renewed.
const leaseLength = 30 * time.Second

// backend is one state in a database.
type backend struct {
	db      *database
	elapsed func() time.Duration
	length  time.Duration // of a lease

	mu     sync.Mutex // guards what follows
	writer *writer    // the last one here; nil: none, or it gave the lock back
}

var (
	_ state.Backend = (*backend)(nil)
	_ io.Closer     = (*backend)(nil)
)

// Open gives the state of an address. It asks no server yet. Error:
// *state.LocationError, which never shows a password.
func Open(_ context.Context, at state.Location) (state.Backend, error) {
	a, err := parse(at)
	if err != nil {
		return nil, err
	}
	db, err := newDatabase(a)
	if err != nil {
		return nil, err
	}
	b := &backend{db: db, elapsed: at.Elapsed, length: cmp.Or(at.Lease, leaseLength)}
	if b.elapsed == nil {
		b.elapsed = boottime.Clock()
	}
	return b, nil
}

// Close closes the connections.
func (b *backend) Close() error {
	b.db.pool.Close()
	return nil
}

func (b *backend) Paths() state.Paths { return b.db.Paths }

// held gives the writer while it holds the lock: nobody else writes then.
func (b *backend) held() *writer {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.writer == nil || b.writer.Held() != nil {
		return nil
	}
	return b.writer
}

func (b *backend) setWriter(w *writer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.writer = w
}

func (b *backend) Snapshot(ctx context.Context) ([]byte, error) {
	var version int
	var serial *int64
	var body []byte
	err := b.db.row(ctx, reading, `select v.version, s.serial, b.body from {s}.version v
		left join {s}.state s on s.workspace = $1
		left join {s}.snapshot b on b.workspace = $1 and b.serial = s.serial`, []any{b.db.workspace}, &version, &serial, &body)
	switch {
	case noTable(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	if err := b.db.known(version); err != nil {
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
	s, err := b.look(ctx)
	if err != nil || !s.exists {
		return nil, err
	}
	return b.parts(s.journal), nil
}

func (b *backend) parts(j journal) []state.Part {
	var parts []state.Part
	for i, size := range append(slices.Clip(j.former), j.size) {
		if size > 0 || i > 0 {
			parts = append(parts, state.Part{Name: b.partName(j.first + i), Size: size})
		}
	}
	return parts
}

func (b *backend) partName(n int) string { return fmt.Sprintf("%s, part %d", b.db.Journal, n) }

// partNumber is the number in a name that Parts gave.
func (b *backend) partNumber(name string) (int, error) {
	text, ok := strings.CutPrefix(name, b.db.Journal+", part ")
	n, err := strconv.Atoi(text)
	if !ok || err != nil {
		return 0, fmt.Errorf("%s: there is no such part", name)
	}
	return n, nil
}

func (b *backend) Cache(ctx context.Context) ([]byte, error) {
	var content []byte
	err := b.db.row(ctx, reading, `select content from {s}.cache where workspace = $1`, []any{b.db.workspace}, &content)
	if noTable(err) || noRow(err) {
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
	_, err := b.db.exec(ctx, reading.carrying(len(content)), `insert into {s}.cache (workspace, content)
		select $1, $2 from {s}.state where workspace = $1 and (owner = $3 or $3 = '')
		on conflict (workspace) do update set content = excluded.content`, b.db.workspace, content, owner)
	return err
}
