//go:build !race

package sandbox

// underRace says whether the race detector is on: everything is many times slower
// then, and a sample of the fault matrix is enough.
const underRace = false
