package view

import (
	"io"

	core "scim-sync/sync"
)

// PlanJSON writes the plan document, indented, with a final newline. Lists
// are never null. What a terminal could act on stands as a \u escape, so that
// the document may be looked at and still holds the very same values.
func PlanJSON(w io.Writer, p core.Plan) error {
	return writeJSONPieces(w, "  ", func(pieces io.Writer) error { return wholePlan(p).Encode(pieces, false) })
}

// wholePlan gives the plan with empty lists in place of missing ones. The
// plan given is not changed.
func wholePlan(p core.Plan) core.Plan {
	p.Steps = orEmpty(p.Steps)
	p.Held = orEmpty(p.Held)
	p.Refusals = orEmpty(p.Refusals)
	p.Notes = orEmpty(p.Notes)
	list := make([]core.Unmanaged, len(p.Unmanaged))
	for i, u := range p.Unmanaged {
		u.Teams = orEmpty(u.Teams)
		list[i] = u
	}
	p.Unmanaged, p.UnmanagedTeams = list, orEmpty(p.UnmanagedTeams)
	return p
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
