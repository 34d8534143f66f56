package config

import (
	"testing"
	"time"
)

// TestLongestWindow: state keeps removals for 31 days, so no window that the
// settings take may be longer (removalsKept in sync/state).
func TestLongestWindow(t *testing.T) {
	for window, ok := range map[string]bool{"720h": true, "721h": false} {
		s, err := Load(Sources{Env: map[string]string{"SCIM_SYNC_PROTECT_REMOVALS_WINDOW": window}, Open: memory(nil)})
		if (err == nil) != ok || ok && s.Policy.Protect.RemovalsWindow != 30*24*time.Hour {
			t.Errorf("%s: %v", window, err)
		}
	}
}
