package sample

import (
	"flag"
	"os"
	"strconv"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// Explore is the variable that has properties draw other cases in each run.
const Explore = "SCIM_SYNC_EXPLORE"

// seed is where the cases of all properties begin: the same for everybody, so that a
// change fails for what it does and never for a rare case that was there before.
const seed = 20261130

var seeded sync.Once //nolint:gochecknoglobals // beside rapid's own flag, which it guards from parallel tests

// Check is rapid.Check from a fixed seed. SCIM_SYNC_EXPLORE=1 takes a random one;
// RAPID_SEED and -rapid.seed stay above both. A failure names its seed.
func Check(t testing.TB, property func(*rapid.T)) {
	t.Helper()
	seeded.Do(func() { fix(flag.CommandLine, os.Getenv(Explore) == "1") })
	rapid.Check(t, property)
}

// fix sets rapid's seed where nobody has.
func fix(flags *flag.FlagSet, explore bool) {
	asked := explore
	flags.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.seed" })
	if f := flags.Lookup("rapid.seed"); f != nil && !asked && f.Value.String() == "0" {
		_ = f.Value.Set(strconv.Itoa(seed))
	}
}
