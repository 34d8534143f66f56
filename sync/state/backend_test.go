package state_test

import (
	"path/filepath"
	"testing"

	"scim-sync/sync/state"
	"scim-sync/sync/state/statetest"
)

// TestBackendsKeepThePromisesOfThePort: what the store relies on, of every
// kind of backend.
func TestBackendsKeepThePromisesOfThePort(t *testing.T) {
	for name, fresh := range map[string]func(t *testing.T) state.Backend{
		"files":  func(t *testing.T) state.Backend { return state.FilesAt(filepath.Join(t.TempDir(), "a", "ws-1.json")) },
		"memory": func(*testing.T) state.Backend { return state.InMemory() },
	} {
		t.Run(name, func(t *testing.T) {
			statetest.Port(t, fresh)
			statetest.TornEnds(t, fresh)
			statetest.Commands(t, fresh)
		})
	}
}
