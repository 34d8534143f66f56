//go:build race

package e2e

// underRace says that the race detector is on. Processes are many times slower
// then, so tests that start hundreds take a sample; without it they take all.
const underRace = true
