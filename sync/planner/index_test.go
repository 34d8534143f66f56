package planner

import (
	"strings"
	"testing"

	"scim-sync/internal/idset"
)

// TestIndex: each book has numbers of its own, and may grow.
func TestIndex(t *testing.T) {
	looked := 0
	upper := newIndex(func(id string) string { looked++; return strings.ToUpper(id) })
	words := func(s idset.Set) string {
		var all []string
		for table, i := upper.table(s), 0; i < s.Len(); i++ {
			all = append(all, table[s.Numbers()[i]])
		}
		return strings.Join(all, " ")
	}
	one, two := idset.NewDictionary("a", "b", "c"), idset.NewDictionary("c", "a")
	for range 2 {
		for want, s := range map[string]idset.Set{"A C": one.Set([]uint32{2, 0}), "C A": two.Set([]uint32{0, 1}), "": {}} {
			if got := words(s); got != want {
				t.Errorf("%v gave %q, want %q", s, got, want)
			}
		}
	}
	if looked != 5 {
		t.Errorf("looked %d times for 5 ids", looked)
	}
	if got := words(one.Set([]uint32{one.Number("d"), 1})); got != "B D" {
		t.Errorf("after the book has grown: %q", got)
	}
}
