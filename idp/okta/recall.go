package okta

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"sync"
	"time"

	"scim-sync/idp"
	"scim-sync/internal/group"
	"scim-sync/internal/idset"
)

// recall is how one reading uses what is remembered: which lists still hold,
// and what to remember next.
type recall struct {
	now     time.Time          // Okta's clock at the start; zero when it sent none
	old     *memory            // nil: everything is read
	changed map[string]changes // what Okta says has changed lately
	looked  int                // requests that this took

	mu   sync.Mutex
	next memory
	news bool // next says more than old
}

// recall begins a reading at Okta's time now.
func (s *Source) recall(full bool, now time.Time) *recall {
	rc := &recall{now: now, next: memory{swept: now, groups: map[string]remembered{}}, news: true}
	if full || s.cachePath == "" || now.IsZero() {
		return rc
	}
	old := loadMemory(s.cachePath, s.org, s.appID)
	if old == nil || old.newest.IsZero() || old.newest.After(now.Add(lag)) || old.swept.After(now) || now.Sub(old.swept) >= sweepEvery {
		return rc
	}
	rc.old, rc.next.swept, rc.next.newest, rc.news = old, old.swept, old.newest, false
	return rc
}

// forget makes the reading a full one.
func (rc *recall) forget() { rc.old, rc.next.swept, rc.news = nil, rc.now, true }

// lookForChanges asks for the groups of the whole org that changed lately: one
// list. The time to start from is the largest that Okta itself has told, and a
// step back, as its lists trail; our own clock plays no part
// (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Group/#tag/Group/operation/listGroups).
func (s *Source) lookForChanges(ctx context.Context, rc *recall) error {
	if rc.old == nil {
		return nil
	}
	from := rc.old.newest.Add(-lag).UTC().Format("2006-01-02T15:04:05.000Z")
	groups, pages, err := s.listGroups(ctx, "filter", `lastUpdated gt "`+from+`" or lastMembershipUpdated gt "`+from+`"`)
	var e *idp.Error
	switch {
	case errors.As(err, &e) && e.Status == http.StatusBadRequest:
		rc.forget() // an org that does not take the filter
		return nil
	case err != nil:
		return err
	}
	rc.changed, rc.looked = make(map[string]changes, len(groups)), pages
	for _, g := range groups {
		rc.changed[g.ID] = g.changes
		rc.saw(g.changes)
	}
	return nil
}

// saw moves the time on from which the next run looks for changes. A time of
// the future would hide what happens until then.
func (rc *recall) saw(c changes) {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	if at := c.last(); at.After(rc.next.newest) && !at.After(rc.now.Add(lag)) {
		rc.next.newest, rc.news = at, true
	}
}

// members gives the remembered list of a group when nothing says that it
// changed since, and when it was read long enough after its last change. Where
// an answer does not tell when its members changed, nothing is known.
func (rc *recall) members(g found) (remembered, bool) {
	if rc.old == nil {
		return remembered{}, false
	}
	was, ok := rc.old.groups[g.ID]
	lately, named := rc.changed[g.ID]
	if !ok || g.Members.IsZero() || was.Members.IsZero() || named && lately.Members.IsZero() {
		return remembered{}, false
	}
	if !was.settled() || g.with(lately).since(was.changes) {
		return remembered{}, false
	}
	rc.mu.Lock()
	defer rc.mu.Unlock()
	rc.next.groups[g.ID] = was
	return was, true
}

// learn remembers a list that was just read.
func (rc *recall) learn(g found, read roster) {
	rc.saw(g.changes)
	rc.mu.Lock()
	defer rc.mu.Unlock()
	rc.next.groups[g.ID] = remembered{changes: g.with(rc.changed[g.ID]), read: read.at, pages: read.pages, members: read.ids}
	rc.news = true
}

// learned is what a reading that went well leaves for SaveCache.
func (s *Source) learnedFrom(rc *recall) {
	s.notebook.mu.Lock()
	defer s.notebook.mu.Unlock()
	if s.notebook.learned = nil; rc.now.IsZero() {
		return
	}
	s.notebook.learned = &rc.next
	s.notebook.unsaved = rc.news || len(rc.next.groups) != len(rc.old.groups)
}

// Members implements [idp.Rereader].
func (s *Source) Members(ctx context.Context, groups []idp.GroupRef) (map[string]idset.Set, error) {
	texts := idset.NewBook()
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
	s.notebook.mu.Lock()
	defer s.notebook.mu.Unlock()
	if s.notebook.learned != nil {
		// Directory may be called again: what it gave out stays as it is.
		s.notebook.learned = &memory{newest: s.notebook.learned.newest, swept: s.notebook.learned.swept, groups: maps.Clone(s.notebook.learned.groups)}
	}
	for i, g := range groups {
		if lists[i] != nil {
			read[g.ID] = lists[i].ids
		}
		s.relearn(g.ID, lists[i])
	}
	return read, nil
}

// relearn replaces what is remembered of a group; nil: it is gone.
func (s *Source) relearn(id string, read *roster) {
	if s.notebook.learned == nil {
		return
	}
	was, ok := s.notebook.learned.groups[id]
	switch {
	case !ok:
	case read == nil:
		delete(s.notebook.learned.groups, id)
		s.notebook.unsaved = true
	case !was.members.Equal(read.ids):
		s.notebook.learned.groups[id] = remembered{changes: was.changes, read: read.at, pages: read.pages, members: read.ids}
		s.notebook.unsaved = true
	}
}
