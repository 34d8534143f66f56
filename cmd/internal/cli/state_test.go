package cli

import (
	"testing"

	"scim-sync/sync/state"
)

// connected is a store that holds connections.
type connected struct {
	state.Backend
	closed int
}

func (c *connected) Close() error { c.closed++; return nil }

// TestStoresAreClosedWithTheSettings: all that were opened, once, and none that
// could not be.
func TestStoresAreClosedWithTheSettings(t *testing.T) {
	s, a, b := &Settings{}, &connected{}, &connected{}
	for _, c := range []*connected{a, b} {
		if store, err := opened(s)(state.New(c, state.Options{}), nil); store == nil || err != nil {
			t.Fatal(err)
		}
	}
	if _, err := opened(s)(nil, &state.LocationError{Why: "no place is named"}); err == nil {
		t.Error("an error was lost")
	}
	s.Close()
	if a.closed != 1 || b.closed != 1 {
		t.Errorf("closed %d and %d times", a.closed, b.closed)
	}
}
