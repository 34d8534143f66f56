//go:build race

package main

// underRace says that the race detector is on. Processes are many times slower
// then, so tests that start hundreds take a sample; without it they take all.
const underRace = true
