package okta

import (
	"context"
	"errors"
	"maps"
	"time"

	"scim-sync/idp"
	"scim-sync/internal/group"
	"scim-sync/internal/idset"
)

// Members implements [idp.Rereader]. For a group whose lists contradict its own
// times (see fetch), it gives those remembered.
func (s *Source) Members(ctx context.Context, groups []idp.GroupRef) (map[string]idp.Reread, error) {
	known := s.learned()
	texts := idset.NewDictionary()
	lists, unsure := make([]*remembered, len(groups)), make([]bool, len(groups))
	work, ctx := group.WithContext(ctx)
	work.SetLimit(s.parallel)
	for i, g := range groups {
		work.Go(func() error {
			was := known.groups[g.ID]
			now, doubt, err := s.fetch(ctx, found{GroupRef: g, changes: was.changes}, was, texts)
			switch {
			case errors.Is(err, errGone):
				return nil
			case err != nil:
				return err
			}
			lists[i], unsure[i] = &now, doubt
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	// Directory may be called again: what it gave out stays as it is.
	next := *known
	next.groups = maps.Clone(known.groups)
	read := map[string]idp.Reread{}
	unsaved := false
	for i, g := range groups {
		was, cached := known.groups[g.ID]
		switch now := lists[i]; {
		case now == nil:
			delete(next.groups, g.ID)
			unsaved = unsaved || cached
			continue
		case cached && (!now.members.Equal(was.members) || !now.disputed.Equal(was.disputed)):
			next.groups[g.ID], unsaved = *now, true
		}
		read[g.ID] = idp.Reread{Members: lists[i].members, Unsure: unsure[i]}
	}
	s.relearn(&next, unsaved)
	return read, nil
}

// learned is what the last Directory has left.
func (s *Source) learned() *groupCache {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	if s.stats.learned == nil {
		return new(groupCache)
	}
	return s.stats.learned
}

func (s *Source) relearn(next *groupCache, unsaved bool) {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	if s.stats.learned != nil {
		s.stats.learned, s.stats.unsaved = next, s.stats.unsaved || unsaved
	}
}

// fetch reads who is in a group, against what was remembered of it. A list that
// differs although Okta's own times say that nothing changed since is no
// knowledge: it is read once more, and where that does not settle it, the
// remembered one stays, disputed, for a day; one short answer takes nobody out of
// a team.
func (s *Source) fetch(ctx context.Context, g found, was remembered, texts *idset.Dictionary) (now remembered, unsure bool, err error) {
	read, err := s.listMembers(ctx, g.GroupRef, texts)
	if err != nil {
		return remembered{}, false, err
	}
	if !was.contradicts(g.changes, read) {
		return g.as(read), false, nil
	}
	fresh, _, err := s.oneGroup(ctx, g.ID)
	switch {
	case err != nil:
		return remembered{}, false, err
	case fresh.ID == "":
		return remembered{}, false, errGone
	}
	if read, err = s.listMembers(ctx, g.GroupRef, texts); err != nil {
		return remembered{}, false, err
	}
	g.changes = g.with(fresh.changes)
	if !was.contradicts(g.changes, read) || !was.disputed.IsZero() && read.at.Sub(was.disputed) >= sweepEvery {
		return g.as(read), false, nil
	}
	s.log.Warn("Okta's list of a group differs from the one read before, though by its own times nothing changed", "group", g.ID,
		"members", read.ids.Len(), "before", was.members.Len(), "read", was.read.Format(time.RFC3339))
	if was.disputed.IsZero() {
		was.disputed = read.at
	}
	return was, true, nil
}

// as is the group as it was just read.
func (g found) as(read roster) remembered {
	return remembered{changes: g.changes, read: read.at, pages: read.pages, members: read.ids}
}

// contradicts says whether a list cannot be true beside this one: it is another,
// and the group's members have not changed since, by what Okta says now.
func (r remembered) contradicts(now changes, read roster) bool {
	return r.settled() && !r.Members.IsZero() && !now.Members.IsZero() && !now.Members.After(r.Members) && !read.ids.Equal(r.members)
}

func unsureNote(g idp.GroupRef, was remembered) idp.Note {
	return idp.Note{
		Code: "group-unsure", Subject: either(g.Name, g.ID),
		Detail: "Okta's list of the members of group " + g.ID + " is another than on " + was.read.UTC().Format(time.DateTime) +
			" UTC, though Okta says that nobody has joined or left since; the earlier list counts until it is settled",
	}
}
