package postgres

// Known is the version of the tables, Tables what makes them.
const (
	Known  = schemaVersion
	Tables = tables
)
