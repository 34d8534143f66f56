//go:build race

package world

// underRace says whether the race detector is on: everything is many times slower
// then, and a sample of the fault matrix is enough.
const underRace = true
