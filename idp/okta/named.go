package okta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"scim-sync/idp"
)

// groupID is what the id of a group looks like. A name may look so, too:
// what is not found as an id is looked up as a name.
var groupID = regexp.MustCompile(`^00g[A-Za-z0-9]{5,}$`)

// listedGroups are the groups named in teams.groups. One that is not found is
// a note.
func (s *Source) listedGroups(ctx context.Context, wanted []string) ([]found, []idp.Note, error) {
	refs, missing, err := s.resolve(ctx, wanted, "teams.groups")
	if err != nil {
		return nil, nil, err
	}
	var notes []idp.Note
	for _, m := range missing {
		detail := "no group in Okta has this id or exact name"
		if m.like != "" {
			detail += fmt.Sprintf("; there is one called %q", m.like)
		}
		notes = append(notes, idp.Note{Code: "group-not-found", Subject: m.wanted, Detail: detail})
	}
	return refs, notes, nil
}

// adminGroups are the groups named in roles.admin_groups. One that is not
// found is an error: whoever is an admin by it would lose that.
func (s *Source) adminGroups(ctx context.Context, wanted []string) ([]found, error) {
	refs, missing, err := s.resolve(ctx, wanted, "roles.admin_groups")
	if err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		return nil, noAdminGroup(missing[0].wanted)
	}
	return refs, nil
}

func noAdminGroup(name string) error {
	return &idp.Error{
		Kind: idp.Setting, Op: "find the admin groups", Subject: "roles.admin_groups",
		Detail: fmt.Sprintf("no group in Okta that the credential may see has the id or exact name %q", plain(name)),
		Hint:   "Correct roles.admin_groups. A group made or renamed a minute ago may not be found by name yet; its id is found at once.",
	}
}

// unfound is a name that no group has; like is one that differs only in case.
type unfound struct{ wanted, like string }

// resolve finds groups by id or exact name, in the order of their ids.
// setting is where they are named, for errors.
func (s *Source) resolve(ctx context.Context, wanted []string, setting string) ([]found, []unfound, error) {
	var ids, names []string
	for _, w := range slices.Compact(slices.Sorted(slices.Values(wanted))) {
		switch w = strings.TrimSpace(w); {
		case w == "":
		case groupID.MatchString(w):
			ids = append(ids, w)
		default:
			names = append(names, w)
		}
	}
	known, err := s.groupsByID(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range ids {
		if _, ok := known[id]; !ok {
			names = append(names, id)
		}
	}
	missing, err := s.byName(ctx, names, setting, known)
	if err != nil {
		return nil, nil, err
	}
	var refs []found
	for _, r := range known {
		refs = append(refs, r)
	}
	slices.SortFunc(refs, func(a, b found) int { return strings.Compare(a.ID, b.ID) })
	return refs, missing, nil
}

// byName adds the groups of these names to known: first all at once by
// search, then what that did not find singly by q, because the search trails
// behind. Both take names loosely, so that each is compared here.
func (s *Source) byName(ctx context.Context, names []string, setting string, known map[string]found) ([]unfound, error) {
	var seen []found
	for some := range slices.Chunk(names, idsAsked/4) {
		groups, err := s.tryGroups(ctx, "search", anyOf("profile.name", some))
		if err != nil {
			return nil, err
		}
		seen = append(seen, groups...)
	}
	var missing []unfound
	for _, name := range names {
		g, like, err := pick(seen, name, setting)
		if err == nil && g.ID == "" {
			g, like, err = s.beginningWith(ctx, name, setting, seen)
		}
		if err != nil {
			return nil, err
		}
		if g.ID == "" {
			missing = append(missing, unfound{wanted: name, like: like})
			continue
		}
		known[g.ID] = g
	}
	return missing, nil
}

// beginningWith looks for a name among the groups whose names begin with it, and
// those seen before. That list has no pages
// (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Group/#tag/Group/operation/listGroups):
// a full one says nothing of a name that is not in it. A failed look-up is no
// word that there is no such group either.
func (s *Source) beginningWith(ctx context.Context, name, setting string, seen []found) (found, string, error) {
	more, _, err := s.listGroups(ctx, "q", name)
	if err != nil {
		return found{}, "", unsearched(err, name, setting)
	}
	g, like, err := pick(slices.Concat(seen, more), name, setting)
	if err == nil && g.ID == "" && len(more) >= groupPage {
		err = unsearched(&idp.Error{Detail: fmt.Sprintf("more than %d groups have names that begin with %q, and Okta did not show whether it is one of them", groupPage-1, plain(name))}, name, setting)
	}
	return g, like, err
}

// unsearched is the error of a name that could not be looked up.
func unsearched(err error, name, setting string) error {
	e, ok := errors.AsType[*idp.Error](err)
	if !ok {
		return err
	}
	sharper := *e
	if e.Status == 0 || e.Status == http.StatusBadRequest {
		sharper.Kind = idp.Untrusted
	}
	if e.Op == "" || e.Status == http.StatusBadRequest {
		sharper.Op = fmt.Sprintf("look the group %q up", plain(name))
		sharper.Hint = "Nothing was concluded from it. Run again; if it stays so, name the group by its id in " + setting + "."
	}
	return &sharper
}

// pick is the one group of that name. Two of one name cannot be told apart.
func pick(groups []found, name, setting string) (g found, like string, err error) {
	for _, c := range groups {
		switch {
		case strings.TrimSpace(c.Name) != name:
			if strings.EqualFold(strings.TrimSpace(c.Name), name) {
				like = c.Name
			}
		case g.ID != "" && g.ID != c.ID:
			ids := []string{g.ID, c.ID}
			slices.Sort(ids)
			return g, "", &idp.Error{
				Kind: idp.Setting, Op: "find the group", Subject: setting,
				Detail: fmt.Sprintf("two groups are called %q: %s and %s", plain(name), ids[0], ids[1]),
				Hint:   "Name the one that is meant by its id in " + setting + ".",
			}
		default:
			g = c
		}
	}
	return g, like, nil
}
