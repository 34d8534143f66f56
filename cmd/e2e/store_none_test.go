//go:build windows

package e2e

import "testing"

// withServers runs the tests: no server of a store is started here.
func withServers(m *testing.M) *testing.M { return m }
