package oktatest

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Bucket is one of Okta's rate limits; the longest match wins
// (https://developer.okta.com/docs/reference/rl-global-mgmt/).
type Bucket string

// The buckets.
const (
	BucketApps   Bucket = "/api/v1/apps"        // with everything below an app
	BucketApp    Bucket = "/api/v1/apps/{id}"   // one app itself
	BucketGroups Bucket = "/api/v1/groups"      // with the members of a group
	BucketGroup  Bucket = "/api/v1/groups/{id}" // one group itself
	BucketUsers  Bucket = "/api/v1/users"
	BucketUser   Bucket = "/api/v1/users/{id}"
	BucketLogs   Bucket = "/api/v1/logs"
	BucketToken  Bucket = "/oauth2/v1/token"
	BucketOther  Bucket = "/api/v1"
)

// Limits say how many requests a bucket takes per window. A bucket that is
// missing, or has no positive limit, takes any number.
type Limits struct {
	Window    time.Duration // 1 min when zero; whole seconds
	PerWindow map[Bucket]int
}

// StandardLimits are what one token gets of a workforce org by default: half
// of each bucket
// (https://developer.okta.com/docs/reference/rl2-token-oauth/).
func StandardLimits() Limits {
	return Limits{Window: time.Minute, PerWindow: map[Bucket]int{
		BucketApps: 50, BucketApp: 250, BucketGroups: 250, BucketGroup: 500, BucketUsers: 300, BucketUser: 300, BucketLogs: 60, BucketToken: 150, BucketOther: 300,
	}}
}

// NoLimits let everything through; the headers show a limit of a million.
func NoLimits() Limits { return Limits{Window: time.Minute} }

const unlimited = 1_000_000

// bucketOf says which limit a request counts against.
func bucketOf(path string) Bucket {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if path == string(BucketToken) {
		return BucketToken
	}
	if len(parts) < 3 {
		return BucketOther
	}
	one := len(parts) == 4
	switch parts[2] {
	case "apps":
		if one {
			return BucketApp
		}
		return BucketApps
	case "groups":
		if one {
			return BucketGroup
		}
		return BucketGroups
	case "logs":
		return BucketLogs
	case "users":
		if one {
			return BucketUser
		}
		return BucketUsers
	}
	return BucketOther
}

// Load is how a bucket was used.
type Load struct {
	Requests int // all, the refused ones included
	Limited  int // answered 429
	InFlight int
	Peak     int // most in flight at once
	// Busiest is the largest number of requests let through in one window.
	Busiest int
}

// meter counts requests per bucket and window.
type meter struct {
	mu         sync.Mutex
	limits     Limits
	concurrent int // most requests at once, 0: any number
	inFlight   int
	buckets    map[Bucket]*tally
}

type tally struct {
	Load
	from time.Time // of the present window, a whole second
	used int
}

// standing is what the rate headers of one answer say.
type standing struct {
	limit, remaining int
	reset            time.Time
	refused          bool
}

func newMeter(l Limits, concurrent int) *meter {
	if l.Window <= 0 {
		l.Window = time.Minute
	}
	return &meter{limits: l, concurrent: concurrent, buckets: map[Bucket]*tally{}}
}

func (m *meter) tally(b Bucket) *tally {
	t := m.buckets[b]
	if t == nil {
		t = &tally{}
		m.buckets[b] = t
	}
	return t
}

// enter counts a request in. leave must be called once it is answered.
func (m *meter) enter(b Bucket, now time.Time) standing {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.tally(b)
	t.Requests++
	t.InFlight++
	m.inFlight++
	t.Peak = max(t.Peak, t.InFlight)
	if now.Before(t.from) || !now.Before(t.from.Add(m.limits.Window)) {
		t.from, t.used = now.Truncate(time.Second), 0
	}
	st := standing{limit: m.limits.PerWindow[b], reset: t.from.Add(m.limits.Window)}
	if m.concurrent > 0 && m.inFlight > m.concurrent {
		// https://developer.okta.com/docs/reference/rl2-concurrency/
		t.Limited++
		return standing{refused: true, reset: now.Add(time.Second)}
	}
	if st.limit <= 0 {
		st.limit = unlimited
	}
	if st.refused = t.used >= st.limit; st.refused {
		t.Limited++
		return st
	}
	t.used++
	t.Busiest = max(t.Busiest, t.used)
	st.remaining = st.limit - t.used
	return st
}

func (m *meter) leave(b Bucket) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tally(b).InFlight--
	m.inFlight--
}

func (m *meter) loads() map[Bucket]Load {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make(map[Bucket]Load, len(m.buckets))
	for b, t := range m.buckets {
		out[b] = t.Load
	}
	return out
}

func (m *meter) clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.buckets {
		t.Load = Load{InFlight: t.InFlight, Peak: t.InFlight}
	}
}

// The headers that say how a bucket stands
// (https://developer.okta.com/docs/reference/rl-best-practices/).
const (
	limitHeader = "X-Rate-Limit-Limit"
	leftHeader  = "X-Rate-Limit-Remaining"
)

func (st standing) write(h http.Header) {
	h.Set(limitHeader, strconv.Itoa(st.limit))
	h.Set(leftHeader, strconv.Itoa(st.remaining))
	h.Set("X-Rate-Limit-Reset", strconv.FormatInt(st.reset.Unix(), 10))
}
