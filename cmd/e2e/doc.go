// Package e2e holds the tests of the whole program: the stories in
// testdata/scripts, runs that are killed, interrupted and lied to, the sign-in
// in a real browser, and the benchmark of docs/performance.md. There is nothing
// in it but tests.
package e2e
