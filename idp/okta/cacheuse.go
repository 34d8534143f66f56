package okta

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"scim-sync/idp"
)

// cacheUse is how one reading uses what is remembered: which lists still hold,
// and what to remember next.
type cacheUse struct {
	now     time.Time          // Okta's clock at the start; zero when it sent none
	before  *groupCache        // what earlier runs have left, if only to compare with
	seen    map[string]bool    // groups that earlier runs were shown, by id
	old     *groupCache        // the same where it may be gone by; nil: everything is read
	changed map[string]changes // what Okta says has changed lately
	looked  int                // requests that it took to know, beyond the one for Everyone

	mu    sync.Mutex
	next  groupCache
	news  bool // next says more than old
	sight idp.Sight
}

// load gives what earlier runs have left; nil: nothing.
func (s *Source) load(ctx context.Context) *groupCache {
	if s.cache == nil {
		return nil
	}
	return loadCache(ctx, s.cache, s.org, s.appID)
}

// usable says whether a reading may go by a cache, as far as that is known without
// Okta's time.
func (m *groupCache) usable(q idp.Query) bool { return m != nil && !q.Full && !m.newest.IsZero() }

// useCache begins to use a cache at Okta's time now; zero: it does not tell, and
// nothing is used. What was seen before is known from the asker as well: a cache
// may be lost.
func useCache(q idp.Query, old *groupCache, now time.Time) *cacheUse {
	use := &cacheUse{now: now, before: new(groupCache), seen: map[string]bool{}, next: groupCache{swept: now, groups: map[string]remembered{}}, news: true}
	if now.IsZero() {
		old = nil
	}
	if old != nil {
		use.before = old
		for id := range old.groups {
			use.seen[id] = true
		}
	}
	for _, g := range q.Seen {
		use.seen[g.ID] = true
		if g.BuiltIn && use.before.everyone.ID == "" {
			use.before.everyone = g
		}
	}
	use.next.everyone = use.before.everyone
	if !old.usable(q) || old.newest.After(now.Add(lag)) || old.swept.After(now) || now.Sub(old.swept) >= sweepEvery {
		return use
	}
	use.old, use.next.swept, use.next.newest, use.news = old, old.swept, old.newest, false
	return use
}

// look asks for what changed, and whether Everyone is shown, also where no groups
// are read: people may be hidden as well. It asks before Okta's time is known;
// should the cache be too old by then, its answer still tells of Everyone.
func (s *Source) look(ctx context.Context, r *reading) (*cacheUse, error) {
	var groups []found
	var pages int
	var err error
	filtered, told := r.old.usable(r.query), true
	if filtered {
		if groups, pages, err = s.changedSince(ctx, r.old.newest); refusedFilter(err) {
			filtered = false // an org that does not take the filter
		} else if err != nil {
			return nil, err
		}
	}
	everyone := everyoneOf(groups)
	if !filtered {
		if everyone, err = s.everyone(ctx); err != nil && !untold(err) {
			return nil, err
		}
		told = err == nil
	}
	now, err := r.app.wait(ctx)
	if err != nil {
		return nil, err
	}
	use := useCache(r.query, r.old, now)
	switch {
	case !filtered:
		use.forget()
	case use.old != nil:
		use.take(groups)
	}
	use.looked = max(pages-1, 0)
	use.see(everyone, told)
	return use, nil
}

// forget makes the reading a full one.
func (use *cacheUse) forget() { use.old, use.next.swept, use.news = nil, use.now, true }

// changedSince asks for the groups of the whole org that changed lately, and
// for Everyone: one list. The time to start from is the largest that Okta itself has told, and a
// step back, as its lists trail; our own clock plays no part
// (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Group/#tag/Group/operation/listGroups).
func (s *Source) changedSince(ctx context.Context, newest time.Time) (groups []found, pages int, err error) {
	from := newest.Add(-lag).UTC().Format("2006-01-02T15:04:05.000Z")
	return s.listGroups(ctx, "filter", `lastUpdated gt "`+from+`" or lastMembershipUpdated gt "`+from+`" or `+builtIn)
}

func refusedFilter(err error) bool {
	e, ok := errors.AsType[*idp.Error](err)
	return ok && e.Status == http.StatusBadRequest
}

// take takes in what has changed.
func (use *cacheUse) take(groups []found) {
	use.changed = make(map[string]changes, len(groups))
	for _, g := range groups {
		use.changed[g.ID] = g.changes
		use.saw(g.changes)
	}
}

// see takes in whether Everyone is shown. Once seen, it stays remembered.
func (use *cacheUse) see(everyone idp.GroupRef, told bool) {
	use.sight = sightOf(everyone, told, use.before.everyone)
	use.mu.Lock()
	defer use.mu.Unlock()
	if everyone.ID != "" && everyone != use.next.everyone {
		use.next.everyone, use.news = everyone, true
	}
}

// saw moves the time on from which the next run looks for changes. A time of
// the future would hide what happens until then.
func (use *cacheUse) saw(c changes) {
	use.mu.Lock()
	defer use.mu.Unlock()
	if at := c.last(); at.After(use.next.newest) && !at.After(use.now.Add(lag)) {
		use.next.newest, use.news = at, true
	}
}

// members gives the remembered list of a group when nothing says that it
// changed since, and when it was read long enough after its last change. Where
// an answer does not tell when its members changed, nothing is known.
func (use *cacheUse) members(g found) (remembered, bool) {
	if use.old == nil {
		return remembered{}, false
	}
	was, ok := use.old.groups[g.ID]
	lately, named := use.changed[g.ID]
	if !ok || g.Members.IsZero() || was.Members.IsZero() || named && lately.Members.IsZero() {
		return remembered{}, false
	}
	if !was.settled() || g.with(lately).since(was.changes) {
		return remembered{}, false
	}
	use.mu.Lock()
	defer use.mu.Unlock()
	use.next.groups[g.ID] = was
	return was, true
}

// learn remembers what came of reading a group.
func (use *cacheUse) learn(g found, now remembered) {
	use.saw(g.changes)
	use.mu.Lock()
	defer use.mu.Unlock()
	use.next.groups[g.ID] = now
	use.news = true
}

// hide takes in that a group that the provider names is not shown. It stays
// remembered where it was readable before, for as long as it is named.
func (use *cacheUse) hide(g idp.GroupRef) {
	use.mu.Lock()
	defer use.mu.Unlock()
	if use.seen[g.ID] {
		use.sight.Hidden = append(use.sight.Hidden, g)
	}
	if was, known := use.before.groups[g.ID]; known {
		use.next.groups[g.ID] = was
	}
}

// learned is what a reading that went well leaves for SaveCache.
func (s *Source) learnedFrom(use *cacheUse) {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	s.stats.everyone, s.stats.readAt = use.next.everyone, use.now
	if s.stats.log == (logPlace{}) {
		s.stats.log = use.before.log
	}
	if s.stats.learned = nil; use.now.IsZero() {
		return
	}
	s.stats.learned = &use.next
	s.stats.unsaved = use.news || len(use.next.groups) != len(use.old.groups)
}
