// Package database keeps the connections to a PostgreSQL database: its address, its
// password and its tables, which requests are sent again and for how long, and in
// plain words what went wrong. It knows nothing of locks and journals.
package database

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"scim-sync/sync/state"
)

// Database is where the rows are, and how they are asked for.
type Database struct {
	state.Paths
	*address
	Workspace string        // whose rows they are
	pool      *pgxpool.Pool // connects when it is first used
	reached   atomic.Bool   // the server has answered once
}

// Open reads an address. It asks no server yet. Error: *state.LocationError, which
// never shows a password.
func Open(at state.Location) (*Database, error) {
	a, err := parse(at)
	if err != nil {
		return nil, err
	}
	return connect(&a)
}

// Close closes the connections.
func (d *Database) Close() { d.pool.Close() }

// connections: lines and a snapshot are written side by side.
const connections = 2

func connect(a *address) (*Database, error) {
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
	return &Database{Paths: a.paths(), address: a, Workspace: a.workspace, pool: pool}, nil
}

// SQL puts the schema's name where {s} stands.
func (d *Database) SQL(text string) string { return strings.ReplaceAll(text, "{s}", d.quoted()) }

// Patience is how long a request may take, and for how long it is sent again
// where its connection broke. Every request here can be sent twice: what it did
// the first time, it does not do again.
type Patience struct{ Try, All time.Duration }

// TryFor is how long a request may take that carries little.
const TryFor = 10 * time.Second

// Reading is for all that needs no lock: a server that restarts is back within
// seconds.
func Reading() Patience { return Patience{Try: TryFor, All: 6 * time.Second} }

// Carrying gives the time that so many bytes may need on a slow line.
func (p Patience) Carrying(bytes int) Patience {
	p.Try += time.Duration(bytes) * time.Second / 500_000
	return p
}

// enough says whether to give up after so many tries. A server that has never
// answered is not one that restarts: its address is wrong, or it is down.
func (d *Database) enough(p Patience, tries int, spent time.Duration) bool {
	if !d.reached.Load() {
		p.All = min(p.All, time.Second)
	}
	return spent > p.All && (tries >= 3 || spent > p.Try)
}

// Ask sends a request. Errors are *ServerError, except those of a context.
func (d *Database) Ask(ctx context.Context, p Patience, request func(context.Context, *pgx.Conn) error) error {
	began := time.Now()
	pause := 50 * time.Millisecond
	for tries := 1; ; tries++ {
		err := d.once(ctx, p.Try, request)
		if err == nil {
			return nil
		}
		if ended := context.Cause(ctx); ended != nil {
			return ended
		}
		wait := pause + rand.N(pause)
		if !d.passing(err) || p.All == 0 || d.enough(p, tries, time.Since(began)+wait) {
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

func (d *Database) once(ctx context.Context, try time.Duration, request func(context.Context, *pgx.Conn) error) error {
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

// Row reads one row. Error: pgx.ErrNoRows without one.
func (d *Database) Row(ctx context.Context, p Patience, text string, args []any, into ...any) error {
	return d.Ask(ctx, p, func(ctx context.Context, c *pgx.Conn) error {
		return c.QueryRow(ctx, d.SQL(text), args...).Scan(into...)
	})
}

// Exec carries out a statement and says how many rows it wrote.
func (d *Database) Exec(ctx context.Context, p Patience, text string, args ...any) (rows int64, err error) {
	err = d.Ask(ctx, p, func(ctx context.Context, c *pgx.Conn) error {
		tag, err := c.Exec(ctx, d.SQL(text), args...)
		rows = tag.RowsAffected()
		return err
	})
	return rows, err
}

// One gives [ErrNothing] unless a statement wrote at least a row.
func One(ctx context.Context, c *pgx.Conn, text string, args ...any) error {
	tag, err := c.Exec(ctx, text, args...)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNothing
	}
	return err
}
