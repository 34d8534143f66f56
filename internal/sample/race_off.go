//go:build !race

package sample

// Race says whether the race detector is on.
const Race = false
