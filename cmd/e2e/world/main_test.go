package world

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain collects seldom: hundreds of small worlds follow each other.
func TestMain(m *testing.M) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	os.Exit(m.Run())
}
