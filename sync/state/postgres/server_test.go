//go:build !windows

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"scim-sync/internal/pgtest"
	"scim-sync/sync/state"
	"scim-sync/sync/state/postgres/database"
)

// as changes the user of an address.
func as(t *testing.T, address, user, password string) string {
	t.Helper()
	u, err := url.Parse(address)
	ok(t, err)
	u.User = url.UserPassword(user, password)
	return u.String()
}

// says fails unless an error and its advice hold the texts, and no password.
func says(t *testing.T, what string, err error, texts ...string) {
	t.Helper()
	var hint interface{ Hint() string }
	if err == nil || !errors.As(err, &hint) {
		t.Errorf("%s: no advice in %v", what, err)
		return
	}
	all := err.Error() + "\n" + hint.Hint()
	for _, text := range texts {
		if !strings.Contains(all, text) {
			t.Errorf("%s: it does not say %q:\n%s", what, text, all)
		}
	}
	for _, password := range []string{pgtest.Password, url.QueryEscape(pgtest.Password), "wrong-secret"} {
		if strings.Contains(all, password) {
			t.Errorf("%s: it shows a password:\n%s", what, all)
		}
	}
}

// TestWhatAServerRefusesIsSaidWithAdvice: where, why, and what to do.
func TestWhatAServerRefusesIsSaidWithAdvice(t *testing.T) {
	s := pgtest.Shared(t)
	address := s.URL("postgres", s.Port)
	s.Exec(t, "postgres", `CREATE ROLE impatient LOGIN SUPERUSER PASSWORD 'secret-1'; ALTER ROLE impatient SET statement_timeout = 1;
		CREATE ROLE reader LOGIN PASSWORD 'secret-1'; ALTER ROLE reader SET default_transaction_read_only = on;`)
	for what, c := range map[string]struct {
		address string
		texts   []string
		passes  bool // by itself: it is worth another try
	}{
		"a wrong password":    {as(t, address, pgtest.User, "wrong-secret"), []string{"password authentication failed", "28P01", "PGPASSFILE", "127.0.0.1"}, false},
		"no password":         {as(t, address, pgtest.User, ""), []string{"password", "PGPASSFILE"}, false},
		"a wrong database":    {strings.Replace(address, "/postgres", "/nowhere", 1), []string{`"nowhere" does not exist`, "CREATE DATABASE"}, false},
		"no TLS":              {address + "?sslmode=verify-full", []string{"no TLS", "sslmode=disable"}, false},
		"a host that is not":  {strings.Replace(address, "127.0.0.1", "db.invalid", 1) + "?sslmode=disable", []string{"db.invalid", "scim-sync doctor"}, true},
		"nobody at the port":  {strings.Replace(address, fmt.Sprint(s.Port), "1", 1), []string{"refused", "scim-sync doctor"}, true},
		"a read only session": {as(t, address, "reader", "secret-1"), []string{"takes no writes", "primary"}, false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			b := open(t, c.address)
			_, err := b.Lock(t.Context(), state.Holder{})
			says(t, what, err, c.texts...)
			_, refused := errors.AsType[*state.RefusedError](err)
			if _, passes := errors.AsType[*state.UnreachableError](err); passes != c.passes || refused == passes {
				t.Errorf("%s: passes by itself: %t, refused: %t", what, passes, refused)
			}
			says(t, what+", probed", b.Probe(t.Context()).Reach, c.texts...)
		})
	}
}

// TestErrorsSayWhetherTheyPass: what may pass by itself is told from what stays so
// until somebody corrects it, as by every store.
func TestErrorsSayWhetherTheyPass(t *testing.T) {
	s := pgtest.Shared(t)
	address := s.URL("postgres", s.Port)
	for what, c := range map[string]struct {
		address string
		passes  bool
	}{
		"a wrong password":   {as(t, address, pgtest.User, "wrong-secret"), false},
		"a wrong database":   {strings.Replace(address, "/postgres", "/nowhere", 1), false},
		"no TLS":             {address + "?sslmode=verify-full", false},
		"a host that is not": {strings.Replace(address, "127.0.0.1", "db.invalid", 1) + "?sslmode=disable", true},
		"nobody at the port": {strings.Replace(address, fmt.Sprint(s.Port), "1", 1), true},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			_, err := open(t, c.address).Lock(t.Context(), state.Holder{})
			var away *state.UnreachableError
			var refused *state.RefusedError
			if errors.As(err, &away) != c.passes || errors.As(err, &refused) == c.passes {
				t.Errorf("%v: passes %v, refused %v", err, away, refused)
			}
		})
	}
}

// TestServerThatSendsNothingIsGivenUp: a context of the caller's ends the wait.
func TestServerThatSendsNothingIsGivenUp(t *testing.T) {
	address, p := through(t, direct(t))
	p.StallAll()
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	b := open(t, address)
	go func() {
		_, err := b.Snapshot(ctx)
		result <- err
	}()
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	p.Heal()
}

// TestTextThatTheServerCannotKeepIsRefusedBefore: with nothing written, and the
// lock still held.
func TestTextThatTheServerCannotKeepIsRefusedBefore(t *testing.T) {
	b := open(t, direct(t))
	w := lock(t, b, "a")
	for _, bad := range []string{"a\x00b\n", "a\xffb\n", "not whole"} {
		if err := w.Append(t.Context(), after(0, 0), []byte(bad)); err == nil || errors.Is(err, state.ErrLost) {
			t.Errorf("%q: %v", bad, err)
		}
		if err := w.Swap(t.Context(), state.Next{Body: []byte(`{"serial":1,"x":"` + bad)}); err == nil || errors.Is(err, state.ErrLost) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	ok(t, w.Append(t.Context(), after(0, 0), line(1, "ä€😀")))
	if text(t, b) != string(line(1, "ä€😀")) || w.Held() != nil {
		t.Errorf("%q, %v", text(t, b), w.Held())
	}
	parts, err := b.Parts(t.Context())
	ok(t, err)
	whole := string(line(1, "ä€😀"))
	ok(t, w.Release(t.Context()))
	for offset := range len(whole) { // an offset is one of bytes, even in a letter
		body, err := open(t, direct(t)).Open(t.Context(), parts[0].Name, int64(offset))
		if err == nil {
			body.Close()
			t.Fatal("a part of another state was opened")
		}
		body, err = b.Open(t.Context(), parts[0].Name, int64(offset))
		ok(t, err)
		buf := make([]byte, len(whole)+1)
		n, _ := body.Read(buf)
		if string(buf[:n]) != whole[offset:] {
			t.Errorf("from %d: %q", offset, buf[:n])
		}
	}
}

// TestReadingCreatesNothing: looking at a state that is not there leaves no table
// and no schema behind.
func TestReadingCreatesNothing(t *testing.T) {
	s := pgtest.Shared(t)
	name := s.Fresh(t)
	b := open(t, s.URL(name, s.Port))
	snap, err := b.Snapshot(t.Context())
	parts, err2 := b.Parts(t.Context())
	standing, err3 := b.Standing(t.Context())
	cache, err4 := b.Cache(t.Context())
	if err := errors.Join(err, err2, err3, err4, b.Break(t.Context(), state.Standing{})); err != nil || snap != nil || parts != nil || standing != nil || cache != nil {
		t.Errorf("%q, %v, %v, %q, %v", snap, parts, standing, cache, err)
	}
	if p := b.Probe(t.Context()); p.Reach != nil || p.Write != nil || p.Lock != nil {
		t.Errorf("%+v", p)
	}
	var there bool
	ok(t, s.Connect(t, name).QueryRow(t.Context(), `select exists (select from pg_namespace where nspname = 'scim_sync')`).Scan(&there))
	if there {
		t.Error("there is a schema")
	}
}

// TestStatesOfOneDatabaseAreApart: by workspace, and by schema.
func TestStatesOfOneDatabaseAreApart(t *testing.T) {
	s := pgtest.Shared(t)
	address := s.URL(s.Fresh(t), s.Port)
	for i, at := range []string{"", "?workspace=acme", "?workspace=default&schema=other", "?schema=other&workspace=acme"} {
		b := open(t, address+at)
		w := lock(t, b, "a")
		ok(t, w.Append(t.Context(), after(0, 0), line(1, at)))
		ok(t, w.Swap(t.Context(), state.Next{Body: fmt.Appendf(nil, `{"format":1,"serial":1,"n":%d}`, i)}))
		defer w.Release(t.Context())
	}
	for i, at := range []string{"?workspace=default", "?schema=scim_sync&workspace=acme", "?schema=other", "?workspace=acme&schema=other"} {
		b := open(t, address+at)
		snap, err := b.Snapshot(t.Context())
		if err != nil || string(snap) != fmt.Sprintf(`{"format":1,"serial":1,"n":%d}`, i) {
			t.Errorf("%s: %s, %v", at, snap, err)
		}
	}
}

// TestTablesOfANewerProgramAreLeftAlone: neither read nor written.
func TestTablesOfANewerProgramAreLeftAlone(t *testing.T) {
	s := pgtest.Shared(t)
	name := s.Fresh(t)
	b := open(t, s.URL(name, s.Port))
	ok(t, lock(t, b, "a").Release(t.Context()))
	s.Exec(t, name, fmt.Sprintf(`UPDATE scim_sync.version SET version = %d`, database.SchemaVersion+1))
	_, lockErr := b.Lock(t.Context(), state.Holder{})
	_, snapErr := b.Snapshot(t.Context())
	_, partsErr := b.Parts(t.Context())
	for what, err := range map[string]error{"lock": lockErr, "snapshot": snapErr, "parts": partsErr, "probe": b.Probe(t.Context()).Write} {
		var format *state.FormatError
		if !errors.As(err, &format) || format.Have != database.SchemaVersion+1 {
			t.Errorf("%s: %v", what, err)
		}
	}
}
