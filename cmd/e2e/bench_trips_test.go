package e2e

import (
	"testing"
	"time"
)

// TestTrips: what was under way together is one trip, however many there were.
func TestTrips(t *testing.T) {
	at := func(from, to int) passage {
		begin := time.Unix(1_800_000_000, 0)
		return passage{from: begin.Add(time.Duration(from) * time.Millisecond), to: begin.Add(time.Duration(to) * time.Millisecond)}
	}
	for name, c := range map[string]struct {
		passed []passage
		want   int
	}{
		"none":                           {nil, 0},
		"one":                            {[]passage{at(0, 20)}, 1},
		"together":                       {[]passage{at(0, 20), at(1, 21), at(2, 19)}, 1},
		"one after the other":            {[]passage{at(0, 20), at(20, 40), at(41, 60)}, 3},
		"a wave, and what waited for it": {[]passage{at(0, 20), at(0, 22), at(21, 41), at(22, 43)}, 2},
		"a long one beside two":          {[]passage{at(0, 100), at(0, 20), at(30, 50)}, 2},
	} {
		if got := trips(c.passed); got != c.want {
			t.Errorf("%s: %d trips, want %d", name, got, c.want)
		}
	}
}

// TestStatusField: a size of the process's status, in bytes, and
// none of one that has ended.
func TestStatusField(t *testing.T) {
	status := []byte("Name:\tscim-sync\nVmPeak:\t 2281956 kB\nVmHWM:\t  317828 kB\nVmRSS:\t    1024 kB\n")
	if got, ok := statusField(status, "VmHWM:"); !ok || got != 317828<<10 {
		t.Errorf("%d %v", got, ok)
	}
	if got, ok := statusField([]byte("Name:\tscim-sync\nState:\tZ (zombie)\n"), "VmHWM:"); ok {
		t.Errorf("a process that has ended had %d", got)
	}
}
