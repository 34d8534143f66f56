// Package commands holds the tests of single commands of the whole program,
// against a sandbox over HTTP. There is nothing in it but tests.
package commands
