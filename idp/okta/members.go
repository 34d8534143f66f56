package okta

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"scim-sync/idp"
	"scim-sync/internal/group"
)

// memberReader reads the ids of a group's members, sorted, each once. fresh
// asks for a reading that trusts no cache. It fails with errGone when Okta
// says that there is no such group.
type memberReader func(ctx context.Context, g idp.GroupRef, fresh bool, texts *interner) ([]string, error)

var errGone = errors.New("the group is gone")

// listMembers is the memberReader that asks Okta: GET /api/v1/groups/{id}/users.
func (s *Source) listMembers(ctx context.Context, g idp.GroupRef, _ bool, texts *interner) ([]string, error) {
	l := listing{
		op: "list the members of group " + plain(g.Name), path: "/api/v1/groups/" + g.ID + "/users",
		limit: memberPage, need: groupsNeed, thing: g.ID,
	}
	var ids []string
	err := eachPage(ctx, s, l, func(page []wireMember, _ reply) error {
		ids = slices.Grow(ids, len(page))
		for _, m := range page {
			ids = append(ids, texts.of(m.ID))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(ids)
	return slices.Clip(slices.Compact(ids)), nil
}

// wantedGroup is a group whose members are to be read.
type wantedGroup struct {
	idp.GroupRef
	team, admin bool
}

// readMembers reads the members of several groups at a time. A team's group
// that is gone by now is left out with a note; one of admins is an error.
func (s *Source) readMembers(ctx context.Context, wanted []wantedGroup, r reading) ([]idp.Group, []idp.Note, error) {
	groups := make([]idp.Group, len(wanted))
	gone := make([]bool, len(wanted))
	var total atomic.Int64
	work, ctx := group.WithContext(ctx)
	work.SetLimit(s.parallel)
	for i, w := range wanted {
		work.Go(func() error {
			ids, err := s.members(ctx, w.GroupRef, r.query.Full, r.texts)
			switch {
			case errors.Is(err, errGone) && w.admin:
				return noAdminGroup(either(w.Name, w.ID))
			case errors.Is(err, errGone):
				gone[i] = true
				return nil
			case err != nil:
				return err
			}
			groups[i] = idp.Group{GroupRef: w.GroupRef, Members: ids, Team: w.team}
			r.progress("group members", int(total.Add(int64(len(ids)))))
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return nil, nil, err
	}
	var left []idp.Group
	var notes []idp.Note
	for i, g := range groups {
		if gone[i] {
			notes = append(notes, goneNote(wanted[i].GroupRef))
			continue
		}
		left = append(left, g)
	}
	return left, notes, nil
}

func goneNote(g idp.GroupRef) idp.Note {
	return idp.Note{
		Code: "group-gone", Subject: either(g.Name, g.ID),
		Detail: "Okta says that group " + g.ID + " is gone; it was left out of this reading",
	}
}
