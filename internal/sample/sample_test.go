package sample

import (
	"slices"
	"testing"
)

// TestSampleTakesAllWhenAsked: the variable decides, but for the race detector.
func TestSampleTakesAllWhenAsked(t *testing.T) {
	cases := []int{0, 1, 2, 3, 4, 5, 6, 7, 8}
	for value, want := range map[string][]int{"": {0, 4, 8}, "0": {0, 4, 8}, "1": cases} {
		if Race {
			want = []int{0, 4, 8}
		}
		t.Setenv(Variable, value)
		if got := Of(cases, 4); !slices.Equal(got, want) {
			t.Errorf("%s=%s: %v", Variable, value, got)
		}
	}
}
