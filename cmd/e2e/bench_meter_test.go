package e2e

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// meter stands before a service: each request reaches it a little late, and is
// noted.
type meter struct {
	side    string
	next    http.Handler
	latency atomic.Int64 // of each request, a time.Duration

	mu      sync.Mutex
	flying  int
	peak    int
	passed  []passage
	limited int
}

// passage is one request, from its arrival to the end of its answer.
type passage struct {
	side, what string
	write      bool
	from, to   time.Time
}

func (m *meter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := passage{side: m.side, what: kindOf(r), write: r.Method != http.MethodGet, from: time.Now()}
	m.mu.Lock()
	m.flying++
	m.peak = max(m.peak, m.flying)
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.flying--
		p.to = time.Now()
		m.passed = append(m.passed, p)
	}()
	late := time.NewTimer(time.Duration(m.latency.Load()))
	defer late.Stop()
	select {
	case <-late.C:
	case <-r.Context().Done():
		return
	}
	m.next.ServeHTTP(&statusWatch{w, m}, r)
}

type statusWatch struct {
	http.ResponseWriter
	m *meter
}

func (w *statusWatch) WriteHeader(status int) {
	if status == http.StatusTooManyRequests {
		w.m.mu.Lock()
		w.m.limited++
		w.m.mu.Unlock()
	}
	w.ResponseWriter.WriteHeader(status)
}

// id is a part of a path that names somebody or something.
var id = regexp.MustCompile(`/(00[a-z][0-9a-zA-Z]{6,}|0oa[0-9a-zA-Z]+|[0-9a-f]{8}-[0-9a-f-]{27,}|[^/]*[0-9][^/]{12,})`)

// kindOf is what a request asks, without the ids and the texts in it.
func kindOf(r *http.Request) string {
	var asks []string
	for _, name := range []string{"filter", "after", "startIndex", "expand", "search", "q"} {
		switch v := r.URL.Query().Get(name); {
		case v == "":
		case name == "after":
			asks = append(asks, "next page")
		case name == "filter" && strings.Contains(v, "gt"):
			asks = append(asks, "changed lately")
		case name == "filter" && strings.Contains(v, "BUILT_IN"):
			asks = append(asks, "Everyone")
		case name == "startIndex" && v == "1", name == "expand":
		default:
			asks = append(asks, name+" "+v)
		}
	}
	return strings.TrimSpace(r.Method + " " + id.ReplaceAllString(r.URL.Path, "/ID") + " " + strings.Join(asks, ", "))
}

// seen is what one side saw of a run.
type seen struct {
	reads, writes, limited, peak int
	passed                       []passage
}

func (s seen) all() int { return s.reads + s.writes }

// take gives what was seen since the last time.
func (m *meter) take() seen {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := seen{limited: m.limited, peak: m.peak, passed: m.passed}
	for _, p := range m.passed {
		if p.write {
			s.writes++
		} else {
			s.reads++
		}
	}
	m.passed, m.peak, m.limited = nil, 0, 0
	return s
}

// trips is how many of the requests were made one after the other at least: the
// most of which no two were under way together.
func trips(passed []passage) (n int) {
	passed = slices.SortedFunc(slices.Values(passed), func(a, b passage) int { return a.to.Compare(b.to) })
	var until time.Time
	for _, p := range passed {
		if !p.from.Before(until) {
			n, until = n+1, p.to
		}
	}
	return n
}

// abreast is how soon requests that are alike follow each other in one wave.
const abreast = 8 * time.Millisecond

// timeline tells when the requests of a run came and went, a wave of those alike
// in one line.
func timeline(passed []passage) string {
	passed = slices.SortedFunc(slices.Values(passed), func(a, b passage) int {
		return cmp.Or(a.from.Compare(b.from), strings.Compare(a.what, b.what))
	})
	if len(passed) == 0 {
		return ""
	}
	type wave struct {
		passage
		n    int
		last time.Time // when the last one came
	}
	var waves []*wave
	for _, p := range passed {
		i := slices.IndexFunc(waves, func(w *wave) bool {
			return w.side == p.side && w.what == p.what && p.from.Sub(w.last) < abreast
		})
		if i < 0 {
			waves = append(waves, &wave{p, 1, p.from})
			continue
		}
		w := waves[i]
		w.n, w.last = w.n+1, p.from
		if p.to.After(w.to) {
			w.to = p.to
		}
	}
	var b strings.Builder
	began := passed[0].from
	at := func(t time.Time) int64 { return t.Sub(began).Milliseconds() }
	for _, w := range waves {
		fmt.Fprintf(&b, "%6d – %6d ms  %-5s  %s", at(w.from), at(w.to), w.side, w.what)
		if w.n > 1 {
			fmt.Fprintf(&b, "  (%d, the last from %d)", w.n, at(w.last))
		}
		b.WriteByte('\n')
	}
	return b.String()
}
