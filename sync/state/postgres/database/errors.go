package database

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"scim-sync/sync/state"
)

// The codes that decide something
// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
const (
	readOnly       = "25006" // read_only_sql_transaction: a standby, or a primary that was demoted
	undefinedTable = "42P01"
	noRight        = "42501" // insufficient_privilege
	divisionByZero = "22012" // how a statement takes back all that came with it
)

// ServerError says what a database did not do, and what to do about it.
type ServerError struct {
	Place string // what was asked for, and where
	Why   string
	Way   string // what to do about it, a sentence
	Err   error
	kind  kind
}

// kind sorts errors by what they mean to whoever runs the program.
type kind int

const (
	other   kind = iota
	passing      // it may pass by itself
	refusal      // it stays until somebody corrects a setting or a right
)

func (e *ServerError) Error() string { return e.Place + ": " + e.Why }

func (e *ServerError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *ServerError) Hint() string { return e.Way }

// As makes it what the state's other stores have for the same: what may pass, or
// what the settings and rights have to change first.
func (e *ServerError) As(target any) bool {
	switch to := target.(type) {
	case **state.UnreachableError:
		if e.kind == passing {
			*to = &state.UnreachableError{Place: e.Place, Why: e.Why, WayOn: e.Way, Err: e.Err}
		}
		return e.kind == passing
	case **state.RefusedError:
		if e.kind == refusal {
			*to = &state.RefusedError{Place: e.Place, Why: e.Why, WayOn: e.Way}
		}
		return e.kind == refusal
	}
	return false
}

// kindOf sorts what a server said, or that it said nothing. A name that nobody
// knows is as often a network that is not up.
func (a *address) kindOf(err error) kind {
	c := code(err)
	switch {
	case wrongCertificate(err), a.refusesTLS(err), errors.Is(err, pgconn.ErrReadOnlyConnection), c == readOnly:
		return refusal
	case a.passing(err), noSuchHost(err):
		return passing
	case strings.HasPrefix(c, "28"), c == noRight, c == "3D000", c == "22P05", c == "22021":
		return refusal
	}
	return other
}

// code gives the code of what a server said, empty when it said nothing.
func code(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// NoTable says whether the tables are missing.
func NoTable(err error) bool { return code(err) == undefinedTable }

// NoRow says whether there is no row.
func NoRow(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// ErrNothing is of a statement that was to write and wrote nothing.
var ErrNothing = errors.New("nothing was written") //nolint:gochecknoglobals // an error to compare with

// passing says whether the next try may well do better: the connection broke, or
// the server is about to be there again, or another transaction was in the way.
func (a *address) passing(err error) bool {
	switch c := code(err); c {
	case "":
		return broken(err) && !wrongCertificate(err) && !noSuchHost(err) && !a.refusesTLS(err)
	case "40001", "40P01", // serialization_failure, deadlock_detected
		"53300",                                               // too_many_connections
		"55P03",                                               // lock_not_available
		"57014", "57P01", "57P02", "57P03", "57P05", readOnly: // query_canceled, admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout
		return true
	default:
		return strings.HasPrefix(c, "08") // connection exceptions
	}
}

// broken says whether the connection failed, rather than what was asked.
func broken(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, context.DeadlineExceeded) || pgconn.Timeout(err) || pgconn.SafeToRetry(err)
}

func wrongCertificate(err error) bool {
	var verify *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	return errors.As(err, &verify) || errors.As(err, &authority) || errors.As(err, &host)
}

func noSuchHost(err error) bool {
	e, ok := errors.AsType[*net.DNSError](err)
	return ok && e.IsNotFound
}

// refusesTLS: the driver has no error of its own for it. Where TLS is only
// preferred, what came of the second try counts.
func (a *address) refusesTLS(err error) bool {
	return a.encrypted && strings.Contains(err.Error(), "server refused TLS")
}

// fault says in plain words what went wrong.
func (a *address) fault(err error) error {
	switch {
	case NoRow(err), errors.Is(err, ErrNothing):
		return err
	case code(err) == divisionByZero:
		return ErrNothing
	}
	e := &ServerError{Place: a.paths().Snapshot, Err: err, kind: a.kindOf(err), Way: "Look whether the server of state.url runs and can be reached from here, then run this again; scim-sync doctor shows the same check."}
	server, said := errors.AsType[*pgconn.PgError](err)
	switch {
	case said:
		e.Why, e.Way = fmt.Sprintf("the server says: %s (%s)", server.Message, server.Code), a.way(server)
	case wrongCertificate(err):
		e.Why = "the server's certificate is not the right one: " + short(err)
		e.Way = "Name the authority's file in state.url (sslrootcert=/path/ca.pem), and the host as the certificate does; sslmode=verify-ca leaves the name unchecked."
	case a.refusesTLS(err):
		e.Why = "the server speaks no TLS, and the address asks for it"
		e.Way = "Turn TLS on at the server; or, where the network is trusted, say sslmode=disable in state.url."
	case errors.Is(err, pgconn.ErrReadOnlyConnection):
		e.Why = "the server takes no writes: it is a standby, or set to read only"
		e.Way = "Name the primary in state.url, or all servers: postgres://user@first,second/database."
	case errors.Is(err, context.DeadlineExceeded) || pgconn.Timeout(err):
		e.Why = "there was no answer in time"
	case broken(err):
		e.Why = "no connection: " + short(err)
	default:
		return fmt.Errorf("%s: %w", e.Place, err)
	}
	return e
}

// way says what to do about what a server said.
func (a *address) way(e *pgconn.PgError) string {
	switch e.Code {
	case "28P01", "28000":
		return strings.TrimSpace("Correct the user in state.url, or the password: in the address, state.password_file, or PGPASSFILE. " + asSentence(a.hint))
	case "3D000":
		return "Correct the name of the database in state.url, or create it: CREATE DATABASE … ENCODING 'UTF8'."
	case noRight:
		return fmt.Sprintf("Let an administrator of the database run: GRANT USAGE ON SCHEMA %s TO …; "+
			"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %s TO …; scim-sync doctor names what is missing.", a.quoted(), a.quoted())
	case undefinedTable:
		return "The first apply makes the tables."
	case "53100", "53200", "54000":
		return "Make room at the server, then run this again: what was done is in the journal."
	case "57014":
		return "It took longer than the server's statement_timeout or lock_timeout: give this user more (ALTER ROLE … SET statement_timeout = '60s'), then run this again."
	case "57P05":
		return "Give this user no idle_session_timeout (ALTER ROLE … SET idle_session_timeout = 0), then run this again."
	case "22P05", "22021":
		return "The database's encoding cannot hold every letter: keep the state in one with ENCODING 'UTF8'."
	}
	return "Look into the server's log, and run this again when that is put right."
}

func asSentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// short leaves out what the driver says of its own steps.
func short(err error) string {
	if e, ok := errors.AsType[*net.OpError](err); ok {
		return e.Error()
	}
	if e, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return strings.ReplaceAll(e.Unwrap().Error(), "\n", "; ")
	}
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}
