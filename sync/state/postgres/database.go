package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"scim-sync/sync/state"
)

// database is where the rows are, and how they are asked for.
type database struct {
	pool      *pgxpool.Pool // connects when it is first used
	schema    string        // as it stands in SQL
	workspace string
	local     bool // see [address], as the next ones
	verified  bool
	encrypted bool
	reached   atomic.Bool // the server has answered once
	hint      string
	state.Paths
}

// connections: lines and a snapshot are written side by side.
const connections = 2

func newDatabase(a address) (*database, error) {
	wrong := &state.LocationError{Location: a.place, Why: "its parameters do not fit together; look at port, sslmode and the files of sslrootcert, sslcert and sslkey"}
	config, err := pgxpool.ParseConfig(a.keywords())
	if err != nil {
		return nil, wrong // the driver's own words may hold the password
	}
	config.MaxConns = connections
	// A connection that broke is found out by the next request, which is sent again.
	config.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	c := config.ConnConfig
	c.RuntimeParams = map[string]string{"application_name": a.settings["application_name"], "client_encoding": "UTF8"}
	// Named statements fail behind a pooler that shares sessions, and describe_exec
	// runs those of others there.
	c.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, wrong
	}
	return &database{pool: pool, schema: pgx.Identifier{a.schema}.Sanitize(), workspace: a.workspace, local: a.local, verified: a.verified, encrypted: a.encrypted, hint: a.hint,
		Paths: state.Paths{Kind: "PostgreSQL", Snapshot: "state in " + a.place, Journal: "journal in " + a.place, Lock: "lock in " + a.place}}, nil
}

// sql puts the schema's name where {s} stands.
func (d *database) sql(text string) string { return strings.ReplaceAll(text, "{s}", d.schema) }

// patience is how long a request may take, and for how long it is sent again
// where its connection broke. Every request here can be sent twice: what it did
// the first time, it does not do again.
type patience struct{ try, all time.Duration }

const tryFor = 10 * time.Second

// reading is for all that needs no lock: a server that restarts is back within
// seconds.
var reading = patience{try: tryFor, all: 6 * time.Second} //nolint:gochecknoglobals // a constant

// carrying gives the time that so many bytes may need on a slow line.
func (p patience) carrying(bytes int) patience {
	p.try += time.Duration(bytes) * time.Second / 500_000
	return p
}

// enough says whether to give up after so many tries. A server that has never
// answered is not one that restarts: its address is wrong, or it is down.
func (d *database) enough(p patience, tries int, spent time.Duration) bool {
	if !d.reached.Load() {
		p.all = min(p.all, time.Second)
	}
	return spent > p.all && (tries >= 3 || spent > p.try)
}

// ask sends a request. Errors are *ServerError, except those of a context.
func (d *database) ask(ctx context.Context, p patience, request func(context.Context, *pgx.Conn) error) error {
	began := time.Now()
	pause := 50 * time.Millisecond
	for tries := 1; ; tries++ {
		err := d.once(ctx, p.try, request)
		if err == nil {
			return nil
		}
		if ended := context.Cause(ctx); ended != nil {
			return ended
		}
		wait := pause + rand.N(pause)
		if !d.passing(err) || p.all == 0 || d.enough(p, tries, time.Since(began)+wait) {
			return d.fault(err)
		}
		pause = min(2*pause, 2*time.Second)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (d *database) once(ctx context.Context, try time.Duration, request func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, try)
	defer cancel()
	c, err := d.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	d.reached.Store(true)
	err = request(ctx, c.Conn())
	if code(err) == readOnly {
		_ = c.Conn().Close(ctx) // it was the primary once: look for the present one
	}
	return err
}

// row reads one row. Error: pgx.ErrNoRows without one.
func (d *database) row(ctx context.Context, p patience, text string, args []any, into ...any) error {
	return d.ask(ctx, p, func(ctx context.Context, c *pgx.Conn) error {
		return c.QueryRow(ctx, d.sql(text), args...).Scan(into...)
	})
}

// exec carries out a statement and says how many rows it wrote.
func (d *database) exec(ctx context.Context, p patience, text string, args ...any) (rows int64, err error) {
	err = d.ask(ctx, p, func(ctx context.Context, c *pgx.Conn) error {
		tag, err := c.Exec(ctx, d.sql(text), args...)
		rows = tag.RowsAffected()
		return err
	})
	return rows, err
}

func noRow(err error) bool { return errors.Is(err, pgx.ErrNoRows) }
