// Package world plays runs on a whole world: both emulators over HTTP, a state
// and a clock. Requests go wrong, people and admins change things on both sides,
// and a model says what each run must come to. There is nothing in it but tests.
package world
