// Package cmd has three files in a circle, no two of which use each other.
package cmd

// One starts it.
func One(n int) int { return two(n) }
