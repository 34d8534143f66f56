package sample

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestSampleTakesAllWhenAsked: the variable decides, but for the race detector.
func TestSampleTakesAllWhenAsked(t *testing.T) {
	cases := []int{0, 1, 2, 3, 4, 5, 6, 7, 8}
	names := map[int]bool{}
	for _, n := range cases {
		names[n] = true
	}
	for value, all := range map[string]bool{"": false, "0": false, "1": true} {
		want, checks := []int{0, 4, 8}, 3
		if all && !Race {
			want, checks = cases, 9
		}
		t.Setenv(Variable, value)
		if got := Of(cases, 4); !slices.Equal(got, want) {
			t.Errorf("%s=%s: %v", Variable, value, got)
		}
		if got := Keys(names, 4); !slices.Equal(got, want) {
			t.Errorf("%s=%s: %v", Variable, value, got)
		}
		t.Run("checks", func(t *testing.T) {
			Checks(t, 3, 9)
			drawn := 0
			Check(t, func(*rapid.T) { drawn++ })
			if drawn != checks {
				t.Errorf("%s=%s: %d checks, not %d", Variable, value, drawn, checks)
			}
		})
	}
}
