package okta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"scim-sync/idp"
	"scim-sync/internal/group"
)

// found is a group together with what Okta says of its last changes; those
// are zero where it does not say.
type found struct {
	idp.GroupRef
	changes
}

func (g wireGroup) found() found {
	return found{
		// Okta keeps one such group itself: Everyone.
		GroupRef: idp.GroupRef{ID: g.ID, Name: g.Profile.Name, BuiltIn: g.Type == "BUILT_IN"},
		changes:  changes{Group: g.Updated.Time, Members: g.Members.Time},
	}
}

// teamGroups are the groups that the query's team source yields, in the order
// of their ids, without members. begun hears of each page of the app's own list.
func (s *Source) teamGroups(ctx context.Context, q idp.Query, begun func()) ([]found, []idp.Note, error) {
	switch q.Teams {
	case idp.AssignedGroups:
		return s.assignedGroups(ctx, begun)
	case idp.PushMappings:
		return s.pushedGroups(ctx, begun)
	case idp.ListedGroups:
		return s.listedGroups(ctx, q.Listed)
	case idp.NoTeams, "":
		return nil, nil, nil
	}
	return nil, nil, &idp.Error{
		Kind: idp.Setting, Op: "check the settings", Subject: "teams.source", Detail: fmt.Sprintf("%q is no source of teams", plain(string(q.Teams))),
		Hint: "Use assigned_groups, push_mappings, listed or none.",
	}
}

// assignedGroups are the groups assigned to the app.
func (s *Source) assignedGroups(ctx context.Context, begun func()) ([]found, []idp.Note, error) {
	var seen []found
	var ids []string
	l := listing{
		op: "list the groups assigned to the app", path: s.appPath() + "/groups",
		query: url.Values{"expand": {"group"}}, limit: assignmentPage, need: appsNeed,
	}
	err := eachPage(ctx, s, l, func(page []wireAssignment, _ reply) error {
		begun()
		for _, a := range page {
			ids = append(ids, a.ID)
			if g := a.Embedded.Group; g != nil && g.flaw() == "" {
				seen = append(seen, g.found())
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return s.named(ctx, ids, eachOnce(seen))
}

// pushedGroups are the groups that Okta pushes to the app. Mappings in error
// or switched off yield no team but a note.
func (s *Source) pushedGroups(ctx context.Context, begun func()) ([]found, []idp.Note, error) {
	var mappings []wireMapping
	l := listing{
		op: "list the group push mappings", path: s.appPath() + "/group-push/mappings",
		limit: mappingPage, need: pushNeed,
	}
	err := eachPage(ctx, s, l, func(page []wireMapping, _ reply) error {
		begun()
		mappings = append(mappings, page...)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	ids := make([]string, 0, len(mappings))
	active := map[string]bool{}
	for _, m := range mappings {
		ids = append(ids, m.SourceGroup)
		active[m.SourceGroup] = active[m.SourceGroup] || m.Status == "ACTIVE"
	}
	refs, notes, err := s.named(ctx, ids, nil)
	if err != nil {
		return nil, nil, err
	}
	name := map[string]string{}
	for _, r := range refs {
		name[r.ID] = r.Name
	}
	for _, m := range mappings {
		if !active[m.SourceGroup] {
			notes = append(notes, s.mappingNote(m, name[m.SourceGroup]))
		}
	}
	return slices.DeleteFunc(refs, func(r found) bool { return !active[r.ID] }), notes, nil
}

func (s *Source) mappingNote(m wireMapping, name string) idp.Note {
	n := idp.Note{Subject: either(name, m.SourceGroup)}
	switch m.Status {
	case "INACTIVE":
		n.Code, n.Detail = "mapping-inactive", "its push mapping is switched off in Okta"
	case "ERROR":
		n.Code, n.Detail = "mapping-error", "its push mapping has failed in Okta"
	default:
		n.Code, n.Detail = "mapping-error", fmt.Sprintf("its push mapping has the status %q, which is not known here", plain(m.Status))
	}
	if why := s.redact.clean(m.ErrorSummary); why != "" {
		n.Detail += ": " + why
	}
	n.Detail += " (group " + m.SourceGroup + ")"
	return n
}

// named completes groups of which some are known by id only. One that is gone
// by now becomes a note.
func (s *Source) named(ctx context.Context, ids []string, known map[string]found) ([]found, []idp.Note, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var bare []string
	for _, id := range ids {
		if _, ok := known[id]; !ok {
			bare = append(bare, id)
		}
	}
	read, err := s.groupsByID(ctx, bare)
	if err != nil {
		return nil, nil, err
	}
	var refs []found
	var notes []idp.Note
	for _, id := range ids {
		if r, ok := known[id]; ok {
			refs = append(refs, r)
		} else if r, ok := read[id]; ok {
			refs = append(refs, r)
		} else {
			notes = append(notes, goneNote(idp.GroupRef{ID: id}))
		}
	}
	return refs, notes, nil
}

// idsAsked is how many ids or names go into one filter: the address must stay
// well below the 8 KiB that servers take.
const idsAsked = 100

// groupsByID reads groups by id, many in one request. What the filter does
// not find is asked for singly, for Okta's filter trails behind what it
// stores. A group that is gone is missing from the result.
func (s *Source) groupsByID(ctx context.Context, ids []string) (map[string]found, error) {
	known := map[string]found{}
	if len(ids) > 1 {
		for some := range slices.Chunk(ids, idsAsked) {
			groups, err := s.tryGroups(ctx, "filter", anyOf("id", some))
			if err != nil {
				return nil, err
			}
			for _, g := range groups {
				known[g.ID] = g
			}
		}
	}
	rest := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, ok := known[id]; return ok })
	single := make([]found, len(rest))
	work, ctx := group.WithContext(ctx)
	work.SetLimit(s.parallel)
	for i, id := range rest {
		work.Go(func() (err error) {
			single[i], _, err = s.oneGroup(ctx, id)
			return err
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	for _, g := range single {
		if g.ID != "" {
			known[g.ID] = g
		}
	}
	return known, nil
}

// Group implements [idp.Source]: GET /api/v1/groups/{id}. Only Okta's own
// word that there is no such group counts as absence.
func (s *Source) Group(ctx context.Context, id string) (idp.GroupStanding, error) {
	g, proof, err := s.oneGroup(ctx, id)
	if err != nil {
		return idp.GroupStanding{}, err
	}
	return idp.GroupStanding{Exists: g.ID != "", Group: g.GroupRef, Proof: proof}, nil
}

// oneGroup asks for a group; one that is gone has no id.
func (s *Source) oneGroup(ctx context.Context, id string) (found, idp.Proof, error) {
	t := task{op: "read group", path: "/api/v1/groups/" + id, need: groupsNeed}
	if badID(id) != "" {
		return found{}, idp.Proof{}, notAnID(t.op, id)
	}
	var g wireGroup
	got, err := s.get(ctx, t.path, &g)
	if proof, gone := absence(t, id, err); gone {
		return found{}, proof, nil
	}
	if err == nil {
		err = sameThing(g.flaw(), g.ID, id, got)
	}
	if err != nil {
		return found{}, idp.Proof{}, s.fail(ctx, t, err)
	}
	return g.found(), idp.Proof{Request: "GET " + t.path, Status: got.status, Says: "exists", At: got.at, RequestID: got.requestID}, nil
}

// tryGroups lists groups by the parameter filter or search, for callers that ask
// in another way for what it does not find: Okta answers 400 to an expression
// that it does not take.
func (s *Source) tryGroups(ctx context.Context, how, what string) ([]found, error) {
	groups, _, err := s.listGroups(ctx, how, what)
	if e, ok := errors.AsType[*idp.Error](err); ok && e.Status == http.StatusBadRequest {
		return nil, nil
	}
	return groups, err
}

// listGroups gives the pages that it took, too.
func (s *Source) listGroups(ctx context.Context, how, what string) (groups []found, pages int, err error) {
	l := listing{
		op: "look groups up", path: "/api/v1/groups", query: url.Values{how: {what}}, limit: groupPage, need: groupsNeed,
	}
	err = eachPage(ctx, s, l, func(page []wireGroup, _ reply) error {
		pages++
		for _, g := range page {
			groups = append(groups, g.found())
		}
		return nil
	})
	if err == nil {
		groups, err = s.settleGroups(ctx, groups)
	}
	return groups, pages, err
}

// anyOf is an expression of Okta's filter and search: a eq "x" or a eq "y".
func anyOf(attribute string, wanted []string) string {
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	parts := make([]string, len(wanted))
	for i, w := range wanted {
		parts[i] = attribute + ` eq "` + quote.Replace(w) + `"`
	}
	return strings.Join(parts, " or ")
}
