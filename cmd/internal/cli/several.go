package cli

import (
	"fmt"
	"sort"
	"strings"

	core "scim-sync/sync"
)

// SeveralMeant names all that a name means.
func SeveralMeant[T any](what, name string, found []T, of func(T) (name, id string)) error {
	parts := make([]string, len(found))
	for i, x := range found {
		n, id := of(x)
		parts[i] = n + " (" + id + ")"
	}
	sort.Strings(parts)
	return &UsageError{fmt.Sprintf("%s means more than one %s: %s", core.Quote(name), what, strings.Join(parts, " and ")), ByID}
}

// ByID is what to do about a name of several.
const ByID = "Name the one that is meant by its id."
