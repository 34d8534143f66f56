// Package file reads a directory from a file that stands in for an identity
// provider: a document that [Recorder.Save] wrote or somebody made (JSON), or a
// folder of CSV files. The forms are those of docs/directory-file.md.
//
// A directory file is complete by definition: who is not in it is not assigned.
// It therefore has to prove that it is whole, by saying at its end how much it
// holds. One that was cut, that contradicts itself or that holds a word nobody
// knows is an error, never an absence.
package file

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"scim-sync/idp"
)

// Name is what people read for the source, unless the file remembers another.
const Name = "the directory file"

// Source is a directory file, as it was when it was opened. It is an
// [idp.Source], safe for concurrent use.
type Source struct {
	name          string // of the file or folder, for proofs
	at            time.Time
	origin        idp.Origin
	roleAttribute idp.Tristate
	// emailAttribute and sight are what the provider said; of a file made by
	// hand, nothing.
	emailAttribute idp.Tristate
	sight          idp.Sight
	people         []idp.Person
	groups         []idp.Group // all of them, Team as the file says
	notes          []idp.Note
	person, group  map[string]int // where each id is
	// saved files also hold what the provider said when it was asked about
	// those who were in no list.
	saved       bool
	askedPeople map[string]idp.Standing
	askedGroups map[string]idp.GroupStanding
}

var _ idp.Source = (*Source)(nil)

// Origin is the place that the directory came from: for a saved one, the
// provider's own org and app.
func (s *Source) Origin() idp.Origin { return s.origin }

// At is when the directory was as the file says, by the file itself.
func (s *Source) At() time.Time { return s.at }

// Saved says whether the file is a copy of what a provider said, to look back
// at, and not itself what decides.
func (s *Source) Saved() bool { return s.saved }

// String says what the file holds.
func (s *Source) String() string {
	return fmt.Sprintf("%s: people %d, groups %d, as of %s", s.name, len(s.people), len(s.groups), s.at.UTC().Format(time.RFC3339))
}

// Directory implements [idp.Source].
func (s *Source) Directory(_ context.Context, q idp.Query) (idp.Directory, error) {
	groups, notes, err := s.queried(q)
	if err != nil {
		return idp.Directory{}, err
	}
	if q.Progress != nil {
		q.Progress("people", len(s.people))
	}
	return idp.Directory{Origin: s.origin, People: slices.Clone(s.people), Groups: groups, RoleAttribute: s.roleAttribute, EmailAttribute: s.emailAttribute, Sight: s.sight, Notes: notes}, nil
}

// queried are the groups that the query asks for, and the file's notes.
func (s *Source) queried(q idp.Query) ([]idp.Group, []idp.Note, error) {
	teams, notes, err := s.teamGroups(q)
	if err != nil {
		return nil, nil, err
	}
	admins, missing, err := s.named(q.AdminGroups, "roles.admin_groups")
	if err != nil {
		return nil, nil, err
	}
	if len(missing) > 0 {
		return nil, nil, &idp.Error{
			Kind: idp.Setting, Op: "find the admin groups", Subject: "roles.admin_groups",
			Detail: fmt.Sprintf("no group in %s has the id or exact name %q", s.name, missing[0]), Hint: "Correct roles.admin_groups, or the file.",
		}
	}
	var groups []idp.Group
	for i, g := range s.groups {
		g.Team = teams[i] && (q.Wanted == nil || q.Wanted(g.GroupRef))
		if g.Team || admins[i] {
			groups = append(groups, g)
		}
	}
	return groups, notes, nil
}

// teamGroups are the groups that become teams, by their places.
func (s *Source) teamGroups(q idp.Query) (map[int]bool, []idp.Note, error) {
	teams, notes := map[int]bool{}, slices.Clone(s.notes)
	if q.Teams == idp.NoTeams || q.Teams == "" {
		return teams, notes, nil
	}
	if q.Teams == idp.ListedGroups {
		listed, missing, err := s.named(q.Listed, "teams.groups")
		for _, m := range missing {
			notes = appendNote(notes, idp.Note{Code: "group-not-found", Subject: m, Detail: "no group in " + s.name + " has this id or exact name"})
		}
		return listed, notes, err
	}
	for i, g := range s.groups {
		teams[i] = g.Team
	}
	return teams, notes, nil
}

// appendNote adds a note about what none is about yet: a saved directory has
// the provider's own.
func appendNote(notes []idp.Note, n idp.Note) []idp.Note {
	if slices.ContainsFunc(notes, func(have idp.Note) bool { return have.Code == n.Code && have.Subject == n.Subject }) {
		return notes
	}
	return append(notes, n)
}

// named finds groups by id or exact name. Two of one name cannot be told apart.
func (s *Source) named(wanted []string, setting string) (found map[int]bool, missing []string, err error) {
	found = map[int]bool{}
	for _, w := range wanted {
		w = strings.TrimSpace(w)
		if i, ok := s.group[w]; ok {
			found[i] = true
			continue
		}
		var at []int
		for i, g := range s.groups {
			if strings.TrimSpace(g.Name) == w {
				at = append(at, i)
			}
		}
		switch {
		case w == "":
		case len(at) == 0:
			missing = append(missing, w)
		case len(at) == 1:
			found[at[0]] = true
		default:
			return nil, nil, &idp.Error{
				Kind: idp.Setting, Op: "find the group", Subject: setting,
				Detail: fmt.Sprintf("two groups are called %q: %s and %s", w, s.groups[at[0]].ID, s.groups[at[1]].ID),
				Hint:   "Name the one that is meant by its id in " + setting + ".",
			}
		}
	}
	return found, missing, nil
}

// TeamGroups gives the groups that become teams, without their members. Wanted
// is not asked.
func (s *Source) TeamGroups(_ context.Context, q idp.Query) ([]idp.GroupRef, []idp.Note, error) {
	teams, notes, err := s.teamGroups(q)
	var refs []idp.GroupRef
	for i, g := range s.groups {
		if teams[i] {
			refs = append(refs, g.GroupRef)
		}
	}
	return refs, notes, err
}

// Person implements [idp.Source]. Who is not in the file is not assigned.
func (s *Source) Person(_ context.Context, id string) (idp.Standing, error) {
	if i, ok := s.person[id]; ok {
		p := s.people[i]
		return idp.Standing{Access: p.Access, Listed: true, Person: p, Proof: *p.Proof}, nil
	}
	if st, ok := s.askedPeople[id]; ok {
		return st, nil
	}
	return idp.Standing{Access: idp.Revoked, Proof: s.proof("not in the file")}, nil
}

// Group implements [idp.Source]. A saved directory holds only the groups that
// were read or asked about: of another it says nothing, which is an error.
func (s *Source) Group(_ context.Context, id string) (idp.GroupStanding, error) {
	if i, ok := s.group[id]; ok {
		return idp.GroupStanding{Exists: true, Group: s.groups[i].GroupRef, Proof: s.proof("exists")}, nil
	}
	if st, ok := s.askedGroups[id]; ok {
		return st, nil
	}
	if s.saved {
		return idp.GroupStanding{}, &idp.Error{
			Kind: idp.Untrusted, Op: "read group", Subject: id, Detail: s.name + " does not say whether this group exists: nobody asked when it was saved",
			Hint: "It was saved under other settings or another state. Save it again with scim-sync plan --save-directory.",
		}
	}
	return idp.GroupStanding{Proof: s.proof("not in the file")}, nil
}

// proof is the file's own word.
func (s *Source) proof(says string) idp.Proof {
	return idp.Proof{Request: s.name, Status: 200, Says: says, At: s.at}
}
