package okta

import (
	"context"
	"errors"
	"maps"

	"scim-sync/idp"
	"scim-sync/internal/group"
	"scim-sync/internal/idset"
)

// Members implements [idp.Rereader].
func (s *Source) Members(ctx context.Context, groups []idp.GroupRef) (map[string]idset.Set, error) {
	texts := idset.NewDictionary()
	lists := make([]*roster, len(groups))
	work, ctx := group.WithContext(ctx)
	work.SetLimit(s.parallel)
	for i, g := range groups {
		work.Go(func() error {
			read, err := s.listMembers(ctx, g, texts)
			switch {
			case errors.Is(err, errGone):
				return nil
			case err != nil:
				return err
			}
			lists[i] = &read
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	read := map[string]idset.Set{}
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	if s.stats.learned != nil {
		// Directory may be called again: what it gave out stays as it is.
		s.stats.learned = &groupCache{newest: s.stats.learned.newest, swept: s.stats.learned.swept, groups: maps.Clone(s.stats.learned.groups)}
	}
	for i, g := range groups {
		if lists[i] != nil {
			read[g.ID] = lists[i].ids
		}
		s.replaceCached(g.ID, lists[i])
	}
	return read, nil
}

// replaceCached replaces what is remembered of a group; nil: it is gone.
func (s *Source) replaceCached(id string, read *roster) {
	if s.stats.learned == nil {
		return
	}
	was, ok := s.stats.learned.groups[id]
	switch {
	case !ok:
	case read == nil:
		delete(s.stats.learned.groups, id)
		s.stats.unsaved = true
	case !was.members.Equal(read.ids):
		s.stats.learned.groups[id] = remembered{changes: was.changes, read: read.at, pages: read.pages, members: read.ids}
		s.stats.unsaved = true
	}
}
