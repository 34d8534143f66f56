package postgres

import (
	"time"

	"scim-sync/sync/state"
)

// Lasting makes the locks of a backend last for another time than usual.
func Lasting(b state.Backend, length time.Duration) state.Backend {
	b.(*backend).length = length
	return b
}

// Known is the version of the tables, Tables what makes them.
const (
	Known  = schemaVersion
	Tables = tables
)
