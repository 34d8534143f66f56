package cli

import (
	"fmt"
	"sort"
	"strings"

	core "scim-sync/sync"
)

// ByID is what to do about a name of several.
const ByID = "Name the one that is meant by its id."

// One gives the one thing that a name means. none is the error where it means
// nothing; where it means several, the error names them all.
func One[T any](found []T, what, name string, none error, of func(T) (name, id string)) (T, error) {
	var no T
	switch len(found) {
	case 0:
		return no, none
	case 1:
		return found[0], nil
	}
	parts := make([]string, len(found))
	for i, x := range found {
		n, id := of(x)
		parts[i] = n + " (" + id + ")"
	}
	sort.Strings(parts)
	return no, &UsageError{fmt.Sprintf("%s means more than one %s: %s", core.Quote(name), what, strings.Join(parts, " and ")), ByID}
}
