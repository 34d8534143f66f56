// Package sample says how much of their many cases tests play: some by default,
// so that everybody can run them, and all where the variable
// SCIM_SYNC_ALL_TESTS is 1, as in .ci/run; with the race detector three times as many.
package sample

import (
	"cmp"
	"flag"
	"hash/fnv"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
)

// Variable asks for all cases.
const Variable = "SCIM_SYNC_ALL_TESTS"

// LightProcess is the environment of processes that tests start by the hundred:
// none lives long enough for its memory to be worth collecting.
const LightProcess = "GOGC=400"

// All says whether all cases are played. With the race detector they are not:
// everything is many times slower then.
func All() bool { return !Race && asked() }

// many says whether three times as many cases as by default are played.
func many() bool { return Race && asked() }

func asked() bool { return os.Getenv(Variable) == "1" }

// Of gives every n-th of the cases, or all. To have each kind of case at some
// time, n should share no divisor with the number of kinds.
func Of[T any](cases []T, n int) []T {
	if All() {
		return cases
	}
	if many() {
		n = max(1, n/3)
	}
	var some []T
	for i := 0; i < len(cases); i += n {
		some = append(some, cases[i])
	}
	return some
}

// One gives one of the cases, or all. The name decides which: tests that choose from
// the same cases take turns.
func One[T any](name string, cases []T) []T {
	if asked() || len(cases) == 0 {
		return cases
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	n := h.Sum32() % uint32(len(cases))
	return cases[n : n+1]
}

// Keys gives every n-th name of the cases, or all, in order.
func Keys[K cmp.Ordered, V any](cases map[K]V, n int) []K {
	return Of(slices.Sorted(maps.Keys(cases)), n)
}

// Times is how often something is played: few times, or many.
func Times(few, all int) int {
	switch {
	case All():
		return all
	case many() && few < all:
		return min(3*few, all)
	case many():
		return max(few/3, all) // of a step, which is shorter where more is played
	}
	return few
}

// AllOrNamed says whether all cases are played, or the flag -run names tests.
func AllOrNamed() bool {
	run := flag.Lookup("test.run")
	return All() || run != nil && run.Value.String() != ""
}

// Long skips a test of many CPU-seconds where a sample is played and nobody named it.
func Long(t testing.TB) {
	t.Helper()
	if !AllOrNamed() && !many() {
		t.Skip("takes long: " + Variable + "=1, or -run " + t.Name())
	}
}

// Stories gives every n-th of cases that people ask for by name, or all of them where
// they do.
func Stories[T any](cases []T, n int) []T {
	if AllOrNamed() {
		return cases
	}
	return Of(cases, n)
}

// AtOnce has at least so many parallel tests run at a time where they are a sample,
// which mostly waits, unless the flag -parallel says it. It is for a TestMain, before
// the flags are read.
func AtOnce(tests int) {
	if f := flag.Lookup("test.parallel"); f != nil && !All() && !Race && runtime.GOMAXPROCS(0) < tests {
		_ = f.Value.Set(strconv.Itoa(tests))
	}
}

// Checks is how many cases each Check of a test draws, unless the flag
// -rapid.checks says it. The test must not run beside others.
func Checks(t *testing.T, few, all int) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	asked := checks == nil
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if asked {
		return
	}
	usual := checks.Value.String()
	t.Cleanup(func() { _ = checks.Value.Set(usual) })
	if err := checks.Value.Set(strconv.Itoa(Times(few, all))); err != nil {
		t.Fatal(err)
	}
}
