package database

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"scim-sync/sync/state"
)

// SchemaVersion is the version of the tables that this program knows: how many
// migrations there are.
const SchemaVersion = 1

// migrations bring the tables from each version to the next. Lines and snapshots
// are text, not jsonb: their bytes are signed.
func migrations() []string {
	return []string{Tables}
}

// Tables is the first version. docs/state.md shows it to administrators.
const Tables = `CREATE TABLE {s}.version (version integer NOT NULL);
INSERT INTO {s}.version VALUES (1);
CREATE TABLE {s}.state (
  workspace  text PRIMARY KEY,
  fence      bigint NOT NULL,                       -- grows with each holder of the lock
  owner      text NOT NULL,                         -- this holder's own word; '' while the lock is free
  holder     text NOT NULL,                         -- who that is, as JSON
  renewed    timestamptz NOT NULL,
  until      timestamptz NOT NULL,                  -- the lock is free after it
  renewals   bigint NOT NULL DEFAULT 0,
  serial     bigint NOT NULL DEFAULT 0,             -- of the present snapshot
  first_part integer NOT NULL DEFAULT 1,            -- the journal's oldest part
  former     bigint[] NOT NULL DEFAULT '{}',        -- bytes of the parts before the last one
  size       bigint NOT NULL DEFAULT 0,             -- bytes of the last part
  seq        bigint NOT NULL DEFAULT 0,             -- the journal's last line
  hash       text NOT NULL DEFAULT ''
);
CREATE TABLE {s}.snapshot (
  workspace  text NOT NULL,
  serial     bigint NOT NULL,
  fence      bigint NOT NULL,                       -- of the holder who wrote it
  written    timestamptz NOT NULL DEFAULT clock_timestamp(),
  kept       boolean NOT NULL DEFAULT false,        -- as a previous one
  seq        bigint NOT NULL,                       -- the line of the journal that it was made at
  body       text NOT NULL,
  PRIMARY KEY (workspace, serial)
);
CREATE TABLE {s}.journal (
  workspace  text NOT NULL,
  part       integer NOT NULL,
  start      bigint NOT NULL,                       -- where the line begins, in bytes of its part
  size       bigint NOT NULL,                       -- bytes
  seq        bigint NOT NULL,
  fence      bigint NOT NULL,                       -- of the holder who wrote it
  run        text NOT NULL,
  hash       text NOT NULL,
  line       text NOT NULL,                         -- with its newline
  PRIMARY KEY (workspace, part, start),
  UNIQUE (workspace, seq)
);
CREATE TABLE {s}.cache (workspace text PRIMARY KEY, content bytea NOT NULL);
CREATE TABLE {s}.aside (
  workspace  text NOT NULL,
  name       text NOT NULL,                         -- cut-SEQ, and what people asked to keep
  seq        bigint NOT NULL,
  content    bytea NOT NULL,
  PRIMARY KEY (workspace, name)
);
`

// Known refuses tables of a newer program.
func (d *Database) Known(version int) error {
	if version > SchemaVersion {
		return &state.FormatError{Place: d.Snapshot, Have: version, Know: SchemaVersion}
	}
	return nil
}

// Migrate makes the tables, or brings them to this program's version. Of several
// that try at once, one does it and the others find it done.
func (d *Database) Migrate(ctx context.Context) error {
	var tooNew error
	err := d.Ask(ctx, Patience{Try: 60 * TryFor, All: Reading().All}, func(ctx context.Context, c *pgx.Conn) error {
		tooNew = nil
		return pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
			// The lock ends with the transaction, so that a pooler cannot keep it.
			if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext($1))`, "scim-sync "+d.schema); err != nil {
				return err
			}
			version, err := d.version(ctx, tx)
			if err != nil {
				return err
			}
			tooNew = d.Known(version) // nothing is to be done then
			for _, text := range migrations()[min(version, SchemaVersion):] {
				if _, err := tx.Exec(ctx, d.SQL(text), pgx.QueryExecModeSimpleProtocol); err != nil {
					return err
				}
			}
			_, err = tx.Exec(ctx, d.SQL(`update {s}.version set version = $1 where version < $1`), SchemaVersion)
			return err
		})
	})
	if e, ok := errors.AsType[*ServerError](err); ok && code(err) == noRight {
		e.Way = d.mayNotCreate()
	}
	return cmp.Or(err, tooNew)
}

// version gives that of the tables, 0 without any; it makes the schema for them.
func (d *Database) version(ctx context.Context, tx pgx.Tx) (version int, err error) {
	var schema, table bool
	if err := tx.QueryRow(ctx, `select exists (select from pg_namespace where nspname = $1),
		exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = 'version')`,
		d.schema).Scan(&schema, &table); err != nil {
		return 0, err
	}
	switch {
	case table:
		err = tx.QueryRow(ctx, d.SQL(`select version from {s}.version`)).Scan(&version)
	case !schema:
		_, err = tx.Exec(ctx, d.SQL(`create schema {s}`))
	}
	return version, err
}

// mayNotCreate says what an administrator has to run.
func (d *Database) mayNotCreate() string {
	return fmt.Sprintf("Let an administrator of the database run: CREATE SCHEMA %s AUTHORIZATION …, with the user of state.url for the dots; "+
		"or the SQL in docs/state.md, which gives no right to create anything.", d.quoted())
}
