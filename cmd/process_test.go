package cmd

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

// TestTheFirstCollectionMakesTheRoomSmall: a run that stays small is never collected,
// and a large one has little room from its first collection on.
func TestTheFirstCollectionMakesTheRoomSmall(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	room := func() uint64 {
		sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	collectLateAndOften()
	if got := room(); got != roomAtFirst {
		t.Errorf("%d %% at first", got)
	}
	for room() != roomLater { // the clean-up runs some time after the collection
		runtime.GC()
	}
}
