package cli

import (
	"errors"
	"strings"
	"testing"
	"time"

	core "scim-sync/sync"
)

type told struct {
	at    time.Time
	known bool
}

func (d told) ServiceTime() (time.Time, bool) { return d.at, d.known }

// TestDatesAreThoseOfTheServices: Okta's clock counts, then Attio's, then the
// machine's; one that is off is told, and ends the run where it is far off.
func TestDatesAreThoseOfTheServices(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	later := noon.Add(time.Hour)
	for _, c := range []struct {
		name        string
		okta, attio told
		machine     time.Time
		is          time.Time
		says        string
		stops       bool
	}{
		{"nobody has answered", told{}, told{}, later, later, "", false},
		{"Attio alone", told{}, told{noon, true}, noon.Add(30 * time.Second), noon, "", false},
		{"both", told{noon, true}, told{later, true}, noon, noon, "", false},
		{"two minutes ahead", told{noon, true}, told{}, noon.Add(2 * time.Minute), noon, "2m0s ahead of Okta's", false},
		{"ten minutes behind", told{noon, true}, told{}, noon.Add(-10 * time.Minute), noon, "10m0s behind Okta's", false},
		{"eleven minutes behind", told{noon, true}, told{}, noon.Add(-11 * time.Minute), noon, "11m0s behind Okta's", true},
		{"a year ahead", told{}, told{noon, true}, noon.Add(365 * 24 * time.Hour), noon, "8760h0m0s ahead of Attio's", true},
	} {
		k := &clock{now: func() time.Time { return c.machine }, services: []service{{"Okta", c.okta}, {"Attio", c.attio}}}
		if !k.Time().Equal(c.is) {
			t.Errorf("%s: it is %s, want %s", c.name, k.Time(), c.is)
		}
		warning, err := k.CompareClocks()
		var doubt *core.UntrustedError
		if stops := errors.As(err, &doubt); stops != c.stops || stops && !strings.Contains(err.Error(), c.says) || !stops && !strings.Contains(warning, c.says) || c.says == "" && warning != "" {
			t.Errorf("%s: %q, %v", c.name, warning, err)
		}
		if again, _ := k.CompareClocks(); again != "" {
			t.Errorf("%s: told twice", c.name)
		}
	}
}
