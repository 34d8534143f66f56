package sample

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestOneTakesTurns: each name has its case, and every case is somebody's; or all.
func TestOneTakesTurns(t *testing.T) {
	cases := []int{0, 1, 2}
	t.Setenv(Variable, "0")
	taken := map[int]bool{}
	for n := range 30 {
		name := fmt.Sprint("Test", n)
		got := One(name, cases)
		if len(got) != 1 || !slices.Equal(got, One(name, cases)) {
			t.Fatalf("%s: %v", name, got)
		}
		taken[got[0]] = true
	}
	if len(taken) != len(cases) {
		t.Errorf("only %v were taken", taken)
	}
	t.Setenv(Variable, "1")
	if got := One("Test", cases); !slices.Equal(got, cases) {
		t.Errorf("of all: %v", got)
	}
}

// TestSampleTakesAllWhenAsked: the variable decides, and with the race detector
// whether it is three times as many.
func TestSampleTakesAllWhenAsked(t *testing.T) {
	cases := []int{0, 1, 2, 3, 4, 5, 6, 7, 8}
	names := map[int]bool{}
	for _, n := range cases {
		names[n] = true
	}
	for value, all := range map[string]bool{"": false, "0": false, "1": true} {
		want, checks := []int{0, 4, 8}, 3
		if all {
			want, checks = cases, 12
		}
		if all && Race {
			checks = 9
		}
		t.Setenv(Variable, value)
		if got := Of(cases, 4); !slices.Equal(got, want) {
			t.Errorf("%s=%s: %v", Variable, value, got)
		}
		if got := Keys(names, 4); !slices.Equal(got, want) {
			t.Errorf("%s=%s: %v", Variable, value, got)
		}
		t.Run("checks", func(t *testing.T) {
			Checks(t, 3, 12)
			drawn := 0
			Check(t, func(*rapid.T) { drawn++ })
			if drawn != checks {
				t.Errorf("%s=%s: %d checks, not %d", Variable, value, drawn, checks)
			}
		})
	}
}
