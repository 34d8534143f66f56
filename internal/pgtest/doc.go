// Package pgtest starts private PostgreSQL servers, and PgBouncer before them,
// for tests. They listen on a socket and on a free port of the loopback address,
// ask for a password, and end with the test binary. There are none on Windows:
// tests that use it say so in a build tag.
package pgtest
