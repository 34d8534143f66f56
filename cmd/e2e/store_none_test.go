//go:build windows

package e2e

import "testing"

// withServers runs the tests: no server of a store is started here.
func withServers(m *testing.M) *testing.M { return m }

// storeRows and large need servers that are started elsewhere only.
func storeRows(c *contest) { c.Log("the rows of stores are not measured on Windows") }

func large(c *contest) { storeRows(c) }

func year(c *contest) { c.Log("the row of a year is not measured on Windows") }
