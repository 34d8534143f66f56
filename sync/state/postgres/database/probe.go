package database

import (
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"scim-sync/sync/state"
)

// server is what a server says of itself and of what the user may do.
type server struct {
	pid                      int // of the server's process that answered
	version, encoding, user  string
	schema, tables           bool // are they there?
	mayMakeSchema, mayUse    bool
	mayMakeTables            bool
	lacking                  []string // the tables that it may not read or write
	readOnly, forgets, risky bool
	ahead                    time.Duration // of its clock before ours
}

// Probe asks over both connections at once: one alone does not show what stands
// between. usable says that a run could write, and that there are tables.
func (d *Database) Probe(ctx context.Context, p *state.Probe) (usable bool, err error) {
	var found [connections]server
	var conns [connections]*pgxpool.Conn
	for i := range conns {
		c, err := d.pool.Acquire(ctx)
		if err != nil {
			return false, d.fault(err)
		}
		defer c.Release()
		conns[i] = c
	}
	for i, c := range conns {
		if found[i], err = d.inspect(ctx, c.Conn()); err != nil {
			return false, d.fault(err)
		}
	}
	s := found[0]
	p.Server, p.Ahead = "PostgreSQL "+s.version, s.ahead
	p.Notes = append(p.Notes, between(conns, found)...)
	p.Notes = append(p.Notes, d.oddities(s, conns[0].Conn())...)
	p.Write = d.unwritable(s)
	return p.Write == nil && s.tables, nil
}

func (d *Database) inspect(ctx context.Context, c *pgx.Conn) (s server, err error) {
	var clock time.Time
	began := time.Now()
	err = c.QueryRow(ctx, `select pg_backend_pid(), clock_timestamp(), current_setting('server_version'), current_setting('server_encoding'), current_user,
		current_setting('transaction_read_only') = 'on' or pg_is_in_recovery(), current_setting('synchronous_commit') = 'off',
		current_setting('fsync') = 'off' or current_setting('full_page_writes') = 'off',
		has_database_privilege(current_database(), 'CREATE'),
		n.oid is not null, coalesce(has_schema_privilege(n.oid, 'USAGE'), false), coalesce(has_schema_privilege(n.oid, 'CREATE'), false),
		exists (select from pg_class c where c.relnamespace = n.oid and c.relname = 'version'),
		array(select c.relname::text from pg_class c where c.relnamespace = n.oid and c.relkind = 'r'
			and (not has_table_privilege(c.oid, 'SELECT') or c.relname in ('state', 'snapshot', 'journal', 'cache', 'aside')
			and not (has_table_privilege(c.oid, 'INSERT') and has_table_privilege(c.oid, 'UPDATE') and has_table_privilege(c.oid, 'DELETE')))
			order by c.relname)
		from (select 1) one left join pg_namespace n on n.nspname = $1`, d.schema).
		Scan(&s.pid, &clock, &s.version, &s.encoding, &s.user, &s.readOnly, &s.forgets, &s.risky, &s.mayMakeSchema,
			&s.schema, &s.mayUse, &s.mayMakeTables, &s.tables, &s.lacking)
	s.ahead = clock.Sub(began.Add(time.Since(began) / 2))
	return s, err
}

// between names what stands between us and the server.
func between(conns [connections]*pgxpool.Conn, found [connections]server) []string {
	pooled := false
	for i, c := range conns {
		pooled = pooled || int(c.Conn().PgConn().PID()) != found[i].pid
	}
	switch {
	case pooled:
		return []string{"a pooler stands between, such as PgBouncer; transaction and session mode will do, as the lock needs no session"}
	case found[0].pid == found[1].pid:
		return []string{"both connections are one session of the server: something puts them together, such as the socket of PGlite; it is good for trying things out, not for several machines"}
	}
	return nil
}

// oddities are what a run can live with and its owner should know.
func (d *Database) oddities(s server, c *pgx.Conn) (notes []string) {
	if s.forgets {
		notes = append(notes, "synchronous_commit is off for this user: scim-sync turns it on for what it writes to the journal")
	}
	if s.risky {
		notes = append(notes, "fsync or full_page_writes is off: the server may lose or spoil the state when its machine fails")
	}
	if _, encrypted := c.PgConn().Conn().(*tls.Conn); !encrypted && !d.local {
		notes = append(notes, "the connection is not encrypted: others on the way read the password's proof and the state")
	} else if !d.verified {
		notes = append(notes, "the server's certificate is not checked (sslmode): whoever is on the way can pretend to be it")
	}
	if s.encoding == "SQL_ASCII" {
		notes = append(notes, "the database's encoding is SQL_ASCII: it keeps text as it is and checks nothing")
	}
	return notes
}

// unwritable says why a run could not write, and what an administrator has to do.
func (d *Database) unwritable(s server) error {
	user, schema := pgx.Identifier{s.user}.Sanitize(), d.quoted()
	cannot := func(why, way string, args ...any) error {
		return &ServerError{Place: d.Snapshot, kind: refusal, Why: why, Way: fmt.Sprintf(way, args...)}
	}
	admin := "Let an administrator of the database run: "
	switch {
	case s.readOnly:
		return cannot("the server takes no writes: it is a standby, or set to read only",
			"Name the primary in state.url, or all servers: postgres://user@first,second/database.")
	case s.encoding != "UTF8" && s.encoding != "SQL_ASCII":
		return cannot("the database's encoding is "+s.encoding+", which cannot hold every letter", "Keep the state in a database with ENCODING 'UTF8'.")
	case !s.schema && !s.mayMakeSchema:
		return cannot(fmt.Sprintf("there is no schema %s, and the user %s may not create it", schema, user), admin+"CREATE SCHEMA %s AUTHORIZATION %s;", schema, user)
	case s.schema && !s.mayUse:
		return cannot(fmt.Sprintf("the user %s may not use the schema %s", user, schema), admin+"GRANT USAGE ON SCHEMA %s TO %s;", schema, user)
	case s.schema && !s.tables && !s.mayMakeTables:
		return cannot(fmt.Sprintf("there are no tables in the schema %s, and the user %s may not create them", schema, user),
			admin+"GRANT CREATE ON SCHEMA %s TO %s; or the SQL in docs/state.md.", schema, user)
	case len(s.lacking) > 0:
		return cannot(fmt.Sprintf("the user %s may not read and write the tables %s of the schema %s", user, strings.Join(s.lacking, ", "), schema),
			admin+"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %s TO %s;", schema, user)
	}
	return nil
}
