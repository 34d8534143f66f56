// Package sample says how much of their many cases tests play: some by default,
// so that everybody can run them, and all where the variable
// SCIM_SYNC_ALL_TESTS is 1, as in .ci/run.
package sample

import "os"

// Variable asks for all cases.
const Variable = "SCIM_SYNC_ALL_TESTS"

// All says whether all cases are played. With the race detector they are not:
// everything is many times slower then.
func All() bool { return !Race && os.Getenv(Variable) == "1" }

// Of gives every n-th of the cases, or all. To have each kind of case at some
// time, n should share no divisor with the number of kinds.
func Of[T any](cases []T, n int) []T {
	if All() {
		return cases
	}
	var some []T
	for i := 0; i < len(cases); i += n {
		some = append(some, cases[i])
	}
	return some
}

// Times is how often something is played: few times, or many.
func Times(few, many int) int {
	if All() {
		return many
	}
	return few
}
