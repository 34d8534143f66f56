package okta

import (
	"context"
	"reflect"

	"scim-sync/idp"
)

// A list may move while it is read, and then hold somebody twice. Where the two
// entries differ, neither the first nor the last is the newer one.

// mostUnsure is how many contradictions in a list are asked about singly.
const mostUnsure = 100

// sameEntry says whether two entries of one person say the same, wherever they
// stood.
func sameEntry(a, b idp.Person) bool {
	says := a.Proof.Says == b.Proof.Says
	a.Proof, b.Proof = nil, nil
	return says && reflect.DeepEqual(a, b)
}

// settleDoubles asks for those of whom two entries of the list contradict each
// other. Who is assigned no more is left out.
func (s *Source) settleDoubles(ctx context.Context, e *userDecoder, people []idp.Person, unsure []string) ([]idp.Person, error) {
	settled := make(map[string]idp.Standing, len(unsure))
	for _, id := range unsure {
		standing, err := s.person(ctx, e, id)
		if err != nil {
			return nil, err
		}
		settled[id] = standing
	}
	kept := people[:0]
	for _, p := range people {
		switch standing, asked := settled[p.ID]; {
		case !asked:
			kept = append(kept, p)
		case standing.Listed:
			kept = append(kept, standing.Person)
		}
	}
	return kept, nil
}

// settleGroups gives each group once, in the order in which they came. Of two
// entries that give one group different names the one that changed later counts;
// where that does not tell, the group is asked for.
func (s *Source) settleGroups(ctx context.Context, groups []found) ([]found, error) {
	known := eachOnce(groups)
	if len(known) == len(groups) {
		return groups, nil
	}
	kept, done := groups[:0], map[string]bool{}
	for _, g := range groups {
		if done[g.ID] {
			continue
		}
		done[g.ID] = true
		settled, sure := known[g.ID]
		if !sure {
			var err error
			if settled, _, err = s.oneGroup(ctx, g.ID); err != nil {
				return nil, err
			}
		}
		if settled.ID != "" {
			kept = append(kept, settled)
		}
	}
	return kept, nil
}

// eachOnce gives groups by id, without those of which two entries contradict each
// other and do not tell which is the newer.
func eachOnce(groups []found) map[string]found {
	known := make(map[string]found, len(groups))
	var unsure []string
	for _, g := range groups {
		was, again := known[g.ID]
		switch {
		case !again:
			known[g.ID] = g
		case was.GroupRef == g.GroupRef:
			was.changes = was.with(g.changes)
			known[g.ID] = was
		case g.Group.After(was.Group):
			known[g.ID] = g
		case !was.Group.After(g.Group):
			unsure = append(unsure, g.ID)
		}
	}
	for _, id := range unsure {
		delete(known, id)
	}
	return known
}
