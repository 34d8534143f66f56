package sample

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestSeedIsFixedUnlessSomebodyAsks: the same cases for everybody, others on demand.
func TestSeedIsFixedUnlessSomebodyAsks(t *testing.T) {
	for name, c := range map[string]struct {
		before  uint64 // RAPID_SEED: it is rapid's default
		args    []string
		explore bool
		want    string
	}{
		"nothing asked":       {want: strconv.Itoa(seed)},
		"explore":             {explore: true, want: "0"},
		"by the environment":  {before: 7, want: "7"},
		"by the flag":         {args: []string{"-rapid.seed=8"}, want: "8"},
		"random, by the flag": {args: []string{"-rapid.seed=0"}, want: "0"},
	} {
		flags := flag.NewFlagSet(name, flag.ContinueOnError)
		flags.Uint64("rapid.seed", c.before, "")
		if err := flags.Parse(c.args); err != nil {
			t.Fatal(err)
		}
		fix(flags, c.explore)
		if got := flags.Lookup("rapid.seed").Value.String(); got != c.want {
			t.Errorf("%s: seed %s, not %s", name, got, c.want)
		}
	}
}

// TestPropertiesDrawTheSameCases: two runs of one property see the same.
func TestPropertiesDrawTheSameCases(t *testing.T) {
	Check(t, func(*rapid.T) {})
	if flag.Lookup("rapid.seed").Value.String() == "0" {
		t.Skip("a random seed is asked for")
	}
	var runs [2][]int
	for i := range runs {
		Check(t, func(r *rapid.T) { runs[i] = append(runs[i], rapid.Int().Draw(r, "n")) })
	}
	if len(runs[0]) == 0 || !slices.Equal(runs[0], runs[1]) {
		t.Errorf("drawn first: %v\nthen: %v", runs[0], runs[1])
	}
}

// TestPropertiesBeginAtTheSeed: no test goes past Check.
func TestPropertiesBeginAtTheSeed(t *testing.T) {
	past, found := "rapid.Check"+"(", 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), past) {
			t.Errorf("%s: %s takes a random seed; sample.Check does not", path, past)
		}
		found += strings.Count(string(text), "sample.Check"+"(")
		return err
	})
	if err != nil || found < 10 {
		t.Fatalf("%d properties found: %v", found, err)
	}
}
