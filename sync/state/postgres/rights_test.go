//go:build !windows

package postgres_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"scim-sync/internal/pgtest"
	"scim-sync/sync/state"
	"scim-sync/sync/state/postgres/database"
)

// granted carries out what an advice tells an administrator to run.
func granted(t *testing.T, database string, err error) {
	t.Helper()
	var hint interface{ Hint() string }
	if !errors.As(err, &hint) {
		t.Fatalf("no advice in %v", err)
	}
	_, sql, found := strings.Cut(hint.Hint(), "run: ")
	sql, _, _ = strings.Cut(sql, "; or")
	if !found || sql == "" {
		t.Fatalf("no SQL in %q", hint.Hint())
	}
	pgtest.Shared(t).Exec(t, database, sql)
}

// TestMissingRightsAreNamedWithTheSQLThatGivesThem: step by step, from a user with
// none to one that may do everything, an administrator runs what is said.
func TestMissingRightsAreNamedWithTheSQLThatGivesThem(t *testing.T) {
	s := pgtest.Shared(t)
	name := s.Fresh(t)
	s.Exec(t, name, `CREATE ROLE "poor-user" LOGIN PASSWORD 'secret-1'`)
	b := open(t, as(t, s.URL(name, s.Port), "poor-user", "secret-1"))
	probe := func(why string) {
		t.Helper()
		p := b.Probe(t.Context())
		if p.Reach != nil || p.Write == nil || !strings.Contains(p.Write.Error(), why) || !strings.Contains(p.Write.Error(), `"poor-user"`) {
			t.Fatalf("%+v", p)
		}
		_, err := b.Lock(t.Context(), state.Holder{})
		says(t, why, err, "administrator", "scim_sync")
		granted(t, name, p.Write)
	}
	probe("may not create it")
	ok(t, lock(t, b, "a").Release(t.Context()))
	s.Exec(t, name, `DROP SCHEMA scim_sync CASCADE; CREATE SCHEMA scim_sync`)
	probe("may not use the schema")
	probe("may not create them")
	ok(t, lock(t, b, "a").Release(t.Context()))
	s.Exec(t, name, `REVOKE CREATE ON SCHEMA scim_sync FROM "poor-user"; ALTER TABLE scim_sync.journal OWNER TO scim; ALTER TABLE scim_sync.state OWNER TO scim`)
	probe("tables journal, state of")
	if p := b.Probe(t.Context()); p.Write != nil {
		t.Fatal(p.Write)
	}
	story(t, b)
}

// TestDocumentedTablesAreEnough: who may create nothing works in the tables that
// an administrator makes as docs/state.md says.
func TestDocumentedTablesAreEnough(t *testing.T) {
	raw, err := os.ReadFile("../../../docs/state.md")
	ok(t, err)
	if !strings.Contains(string(raw), strings.ReplaceAll(database.Tables, "{s}", "scim_sync")) {
		t.Fatal("docs/state.md does not show the tables as they are")
	}
	var blocks []string
	for _, block := range strings.Split(string(raw), "```sql\n")[1:] {
		sql, _, _ := strings.Cut(block, "```")
		if strings.Contains(sql, "CREATE TABLE") {
			blocks = append(blocks, sql)
		}
	}
	s := pgtest.Shared(t)
	name := s.Fresh(t)
	s.Exec(t, name, `CREATE ROLE scim_writer LOGIN PASSWORD 'secret-1'`)
	for _, sql := range blocks {
		s.Exec(t, name, sql)
	}
	b := open(t, as(t, s.URL(name, s.Port), "scim_writer", "secret-1"))
	if p := b.Probe(t.Context()); p.Write != nil {
		t.Error(p.Write)
	}
	told(t, b, story(t, b))
}

// refusing has the server refuse lines of the journal for a reason.
func refusing(t *testing.T, database, code string) (stop func()) {
	s := pgtest.Shared(t)
	s.Exec(t, database, `CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN RAISE EXCEPTION 'refused on purpose' USING ERRCODE = '`+code+`'; END $$;
		CREATE TRIGGER refuse BEFORE INSERT ON scim_sync.journal FOR EACH ROW EXECUTE FUNCTION refuse()`)
	return func() { s.Exec(t, database, `DROP TRIGGER refuse ON scim_sync.journal`) }
}

// TestServerThatIsFullWritesNothingOfIt: the journal ends as before, the lock is
// still held, and once there is room the run goes on.
func TestServerThatIsFullWritesNothingOfIt(t *testing.T) {
	s := pgtest.Shared(t)
	name := s.Fresh(t)
	b := open(t, s.URL(name, s.Port))
	w := lock(t, b, "a")
	size := len(line(1, "a"))
	ok(t, w.Append(t.Context(), after(0, 0), line(1, "a")))
	stop := refusing(t, name, "53100")
	err := w.Append(t.Context(), after(1, size), line(2, "a"))
	says(t, "full", err, "refused on purpose", "53100", "Make room")
	var away *state.UnreachableError
	var refused *state.RefusedError
	if errors.As(err, &away) || errors.As(err, &refused) {
		t.Errorf("a full disk neither passes nor is a setting: %v, %v", away, refused)
	}
	if errors.Is(err, state.ErrLost) || w.Held() != nil || text(t, b) != string(line(1, "a")) {
		t.Errorf("%v, %v, %q", err, w.Held(), text(t, b))
	}
	stop()
	ok(t, w.Append(t.Context(), after(1, size), line(2, "a")))
	ok(t, w.Release(t.Context()))
}

// TestStatementTheServerEndsIsSentAgain: one that took longer than the server's
// statement_timeout, because somebody else was in the way for a while.
func TestStatementTheServerEndsIsSentAgain(t *testing.T) {
	s := pgtest.Shared(t)
	name := s.Fresh(t)
	s.Exec(t, name, `ALTER DATABASE `+name+` SET statement_timeout = '200ms'`)
	b := open(t, s.URL(name, s.Port))
	w := lock(t, b, "a")
	tx, err := s.Connect(t, name).Begin(t.Context())
	ok(t, err)
	_, err = tx.Exec(t.Context(), `select from scim_sync.state for update`)
	ok(t, err)
	result := make(chan error)
	go func() { result <- w.Append(t.Context(), after(0, 0), line(1, "a")) }()
	for !strings.Contains(s.Log(t), "canceling statement due to statement timeout") {
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
	ok(t, tx.Rollback(t.Context()))
	ok(t, <-result)
	ok(t, w.Release(t.Context()))
}
