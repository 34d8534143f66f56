package okta

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"scim-sync/idp"
	"scim-sync/internal/group"
	"scim-sync/internal/idset"
)

// roster is who is in a group.
type roster struct {
	ids   idset.Set
	at    time.Time // Okta's clock when reading began; zero when it sent none
	pages int       // that it took
}

var errGone = errors.New("the group is gone")

// listMembers asks Okta who is in a group: GET /api/v1/groups/{id}/users. It
// fails with errGone when Okta says that there is no such group.
func (s *Source) listMembers(ctx context.Context, g idp.GroupRef, texts *idset.Dictionary) (roster, error) {
	l := listing{
		op: "list the members of group " + plain(g.Name), path: "/api/v1/groups/" + g.ID + "/users",
		limit: memberPage, need: groupsNeed, thing: g.ID,
	}
	var read roster
	var numbers []uint32
	number := func(cut []byte) (uint32, string, error) { return memberNumber(cut, texts) }
	err := eachRead[wireMember](ctx, s, l, number, func(page []uint32, got reply) error {
		if read.pages++; read.pages == 1 {
			read.at = got.date
		}
		numbers = append(numbers, page...)
		return nil
	})
	if err != nil {
		return roster{}, err
	}
	read.ids = texts.Set(numbers)
	return read, nil
}

// memberNumber is the number of a member's id, of which texts keeps a copy where it
// has none.
func memberNumber(cut []byte, texts *idset.Dictionary) (number uint32, flaw string, err error) {
	const before, after = `{"id":"`, `"}`
	if id, ok := bytes.CutPrefix(cut, []byte(before)); ok {
		if id, ok = bytes.CutSuffix(id, []byte(after)); ok && isID(id) {
			return texts.NumberOf(id), "", nil
		}
	}
	m, flaw, err := decoded[wireMember](cut)
	if err != nil || flaw != "" {
		return 0, flaw, err
	}
	return texts.Number(m.ID), "", nil
}

// wantedGroup is a group whose members are to be read.
type wantedGroup struct {
	found
	team, admin bool
}

// readMembers reads the members of several groups at a time, but for lists
// that are remembered and still hold. Groups of admins are always read: to be
// left out there takes a right away. A team's group that is gone by now is left
// out with a note; one of admins is an error.
func (s *Source) readMembers(ctx context.Context, wanted []wantedGroup, r *reading) ([]idp.Group, []idp.Note, error) {
	groups := make([]idp.Group, len(wanted))
	gone := make([]bool, len(wanted))
	var total, spared atomic.Int64
	work, ctx := group.WithContext(ctx)
	work.SetLimit(s.parallel)
	for i, w := range wanted {
		groups[i] = idp.Group{GroupRef: w.GroupRef, Team: w.team}
		if was, ok := r.cache.members(w.found); ok && !w.admin {
			groups[i].Members, groups[i].Remembered = was.members, true
			spared.Add(int64(was.toRead()))
			continue
		}
		work.Go(func() error {
			w.changes = w.with(r.cache.changed[w.ID])
			now, doubt, err := s.fetch(ctx, w.found, r.cache.before.groups[w.ID], r.texts)
			switch {
			case errors.Is(err, errGone) && w.admin:
				return noAdminGroup(either(w.Name, w.ID))
			case errors.Is(err, errGone):
				gone[i] = true
				r.cache.hide(w.GroupRef)
				return nil
			case err != nil:
				return err
			}
			r.cache.learn(w.found, now)
			groups[i].Members, groups[i].Remembered, groups[i].Unsure = now.members, doubt, doubt
			r.query.Progress("group members", int(total.Add(int64(now.members.Len()))))
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return nil, nil, err
	}
	s.stats.spared.Store(spared.Load())
	left := groups[:0]
	var notes []idp.Note
	for i, g := range groups {
		if gone[i] {
			notes = append(notes, goneNote(wanted[i].GroupRef))
			continue
		}
		if g.Unsure {
			notes = append(notes, unsureNote(g.GroupRef, r.cache.before.groups[g.ID]))
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
