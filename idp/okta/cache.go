package okta

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"scim-sync/idp"
	"scim-sync/internal/idset"
)

const (
	cacheFormat = 1
	// lag is how long Okta's lists may trail behind what it stores: seconds as
	// a rule. What is younger was perhaps not read whole, and is read again.
	// It is also how far back a run looks for changes.
	lag = 2 * time.Minute
	// sweepEvery is how long member lists may be carried on without all of
	// them being read anew.
	sweepEvery = 24 * time.Hour
)

// changes are Okta's own times of a group: when its profile changed last, and
// when its members did.
type changes struct{ Group, Members time.Time }

// last is the later of both.
func (c changes) last() time.Time { return later(c.Group, c.Members) }

// with is the latest of what two answers say of one group: either may trail.
func (c changes) with(o changes) changes {
	return changes{Group: later(c.Group, o.Group), Members: later(c.Members, o.Members)}
}

// since says whether anything changed after what o tells.
func (c changes) since(o changes) bool { return c.Group.After(o.Group) || c.Members.After(o.Members) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// groupCache is who was in which group, as earlier runs have read it. It may be
// lost at any time.
type groupCache struct {
	newest time.Time // the largest of Okta's times of any group
	swept  time.Time // Okta's clock when all groups were read
	groups map[string]remembered
	// everyone is Okta's built-in group, if the credential has ever seen it.
	everyone idp.GroupRef
	log      logPlace
}

// remembered is one group as it was read.
type remembered struct {
	changes           // as Okta told them before it was read
	read    time.Time // Okta's clock
	pages   int       // that it took; 0: not known
	members idset.Set
	// disputed is since when, by Okta's clock, its lists differ from this one
	// though by its own times nothing has changed; zero: they do not.
	disputed time.Time
}

// toRead is how many requests it takes to read the group.
func (r remembered) toRead() int {
	if r.pages > 0 {
		return r.pages
	}
	return max(1, (r.members.Len()+memberPage-1)/memberPage)
}

// settled says whether the reading showed all that it should: Okta sent its
// times, and had been quiet about the group for long enough.
func (r remembered) settled() bool {
	return !r.read.IsZero() && !r.last().IsZero() && r.read.Sub(r.last()) >= lag
}

// cacheHead is the first line of a cache: what follows is the body, of
// which it holds the digest.
type cacheHead struct {
	Format int    `json:"format"`
	SHA256 string `json:"sha256"`
}

// cacheBody is the rest. Members are places in People, ascending, each as the
// distance from the one before (unsigned varints).
type cacheBody struct {
	OrgURL string    `json:"org_url"`
	AppID  string    `json:"app_id"`
	Newest time.Time `json:"newest"`
	Swept  time.Time `json:"swept"`
	// Everyone is nil when it was never seen.
	Everyone *cacheRef `json:"everyone,omitempty"`
	// LogNext is the query of the System Log's next page, LogSince the newest
	// event of the pages before.
	LogNext  string       `json:"log_next,omitempty"`
	LogSince time.Time    `json:"log_since,omitzero"`
	People   []string     `json:"people"`
	Groups   []cacheGroup `json:"groups"`
}

type cacheRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type cacheGroup struct {
	ID             string    `json:"id"`
	Updated        time.Time `json:"last_updated"`
	MembersUpdated time.Time `json:"last_membership_updated"`
	Read           time.Time `json:"read"`
	Pages          int       `json:"pages,omitempty"`
	Disputed       time.Time `json:"disputed,omitzero"`
	Members        []byte    `json:"members"`
}

// Cache is where a source remembers, from run to run, who is in which group. It
// may lose what it was given at any time; Cache gives nil then.
type Cache interface {
	Cache(ctx context.Context) ([]byte, error)
	SaveCache(ctx context.Context, content []byte) error
}

// loadCache reads a cache. One that is not there, is damaged, or is of another
// org, app or format is no memory: nil, and nobody is told.
func loadCache(ctx context.Context, c Cache, org, app string) *groupCache {
	raw, err := c.Cache(ctx)
	if err != nil {
		return nil
	}
	m, err := decodeCache(raw, org, app)
	if err != nil {
		return nil
	}
	return m
}

func decodeCache(raw []byte, org, app string) (*groupCache, error) {
	line, body, _ := bytes.Cut(raw, []byte{'\n'})
	var head cacheHead
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(body); head.Format != cacheFormat || head.SHA256 != hex.EncodeToString(sum[:]) {
		return nil, errors.New("it is of another format, or damaged")
	}
	var b cacheBody
	if err := json.Unmarshal(body, &b); err != nil {
		return nil, err
	}
	if b.OrgURL != org || b.AppID != app {
		return nil, errors.New("it is of another app")
	}
	m := &groupCache{newest: b.Newest, swept: b.Swept, log: logPlace{b.LogNext, b.LogSince}.usable(), groups: make(map[string]remembered, len(b.Groups))}
	people := idset.NewDictionary(b.People...)
	for _, g := range b.Groups {
		numbers, err := unpack(g.Members, len(b.People))
		if err != nil {
			return nil, err
		}
		m.groups[g.ID] = remembered{changes: changes{Group: g.Updated, Members: g.MembersUpdated}, read: g.Read, pages: g.Pages, members: people.Set(numbers), disputed: g.Disputed}
	}
	if e := b.Everyone; e != nil {
		m.everyone = idp.GroupRef{ID: e.ID, Name: e.Name, BuiltIn: true}
	}
	return m, nil
}

func unpack(places []byte, people int) ([]uint32, error) {
	n := 0
	for _, c := range places {
		if c < 0x80 {
			n++
		}
	}
	members := make([]uint32, 0, n)
	at := -1
	for len(places) > 0 {
		step, size := binary.Uvarint(places)
		if size <= 0 || step == 0 || step > uint64(people) || at+int(step) >= people {
			return nil, errors.New("a member is none of its people")
		}
		at += int(step)
		members = append(members, uint32(at))
		places = places[size:]
	}
	return members, nil
}

// encode gives the content of a cache.
func (m *groupCache) encode(org, app string) ([]byte, error) {
	b := cacheBody{OrgURL: org, AppID: app, Newest: m.newest, Swept: m.swept, LogNext: m.log.next, LogSince: m.log.since}
	if e := m.everyone; e.ID != "" {
		b.Everyone = &cacheRef{ID: e.ID, Name: e.Name}
	}
	place := map[string]int{}
	for _, g := range m.groups {
		for _, id := range g.members.IDs() {
			place[id] = 0
		}
	}
	b.People = make([]string, 0, len(place))
	for id := range place {
		b.People = append(b.People, id)
	}
	slices.Sort(b.People)
	for i, id := range b.People {
		place[id] = i
	}
	for id, g := range m.groups {
		out := cacheGroup{ID: id, Updated: g.Group, MembersUpdated: g.Members, Read: g.read, Pages: g.pages, Disputed: g.disputed, Members: []byte{}}
		at := -1
		for _, member := range g.members.IDs() {
			out.Members = binary.AppendUvarint(out.Members, uint64(place[member]-at))
			at = place[member]
		}
		b.Groups = append(b.Groups, out)
	}
	slices.SortFunc(b.Groups, func(x, y cacheGroup) int { return bytes.Compare([]byte(x.ID), []byte(y.ID)) })
	body, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	head, err := json.Marshal(cacheHead{Format: cacheFormat, SHA256: hex.EncodeToString(sum[:])})
	if err != nil {
		return nil, err
	}
	return slices.Concat(head, []byte{'\n'}, body), nil
}

// CacheIn gives the place that remembers who is in which group, so that only
// groups that changed are read. Directory reads it and SaveCache alone writes
// it. It is for the time before the first Directory.
func (s *Source) CacheIn(c Cache) { s.cache = c }

// SaveCache writes down what the last Directory has read of groups' members,
// for the runs to come; without a cache, or with nothing new, it does
// nothing. Only who holds the lock of the state calls it. An error harms
// nothing: the next run reads more.
func (s *Source) SaveCache(ctx context.Context) error {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	if s.cache == nil || s.stats.learned == nil || !s.stats.unsaved && !s.stats.logNews {
		return nil
	}
	learned := *s.stats.learned
	learned.log = s.stats.log
	raw, err := learned.encode(s.org, s.appID)
	if err == nil {
		err = s.cache.SaveCache(ctx, raw)
	}
	if err != nil {
		return fmt.Errorf("keep the cache of Okta's groups: %w", err)
	}
	s.stats.unsaved, s.stats.logNews = false, false
	return nil
}
