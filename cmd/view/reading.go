package view

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
)

// reading is how far a reading is, in words. Its methods are those of [Progress].
type reading struct {
	mu       sync.Mutex
	title    string
	began    time.Time
	order    []string
	counts   map[string]int
	expected map[string]int
	waits    []pause
}

// pause is a wait of one side, as long as it lasts.
type pause struct {
	side, why string
	until     time.Time
}

func (l *reading) start(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.title, l.began, l.order, l.counts, l.expected = what, time.Now(), nil, map[string]int{}, map[string]int{}
}

func (l *reading) Expect(what string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.expected != nil {
		l.expected[what] = n
	}
}

func (l *reading) Count(what string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	have, known := l.counts[what]
	if l.counts == nil || known && n < have {
		return
	}
	if !known {
		l.order = append(l.order, what)
		slices.SortFunc(l.order, func(a, b string) int { return rankOf(a) - rankOf(b) })
	}
	l.counts[what] = n
}

func (l *reading) Wait(side string, d time.Duration, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waits = append(l.waits, pause{side, why, time.Now().Add(d)})
}

// counted are the words for what is counted, in the order in which they are told.
func counted() [][2]string {
	return [][2]string{
		{"okta app users", "people in Okta"}, {"okta people", "people in the directory file"}, {"okta group members", "memberships"},
		{"attio members", "people in Attio"}, {"attio teams", "teams"},
	}
}

func rankOf(what string) int {
	all := counted()
	if i := slices.IndexFunc(all, func(x [2]string) bool { return x[0] == what }); i >= 0 {
		return i
	}
	return len(all)
}

func countedAs(what string) string {
	if i := rankOf(what); i < len(counted()) {
		return counted()[i][1]
	}
	return clean(what)
}

// text is the reading as it stands, or for what it waits: "Reading: 12,500 of about
// 100,000 people in Okta, 14 teams; 510 a second, about 3 min left".
func (l *reading) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waits = slices.DeleteFunc(l.waits, func(p pause) bool { return time.Until(p.until) <= 0 })
	if n := len(l.waits); n > 0 {
		last := l.waits[n-1]
		return Waiting(last.side, time.Until(last.until), last.why)
	}
	parts := make([]string, len(l.order))
	for i, what := range l.order {
		n, about := l.counts[what], ""
		if of := l.expected[what]; of > n {
			about = " of about " + thousands(of)
		}
		parts[i] = thousands(n) + about + " " + countedAs(what)
	}
	text := clean(l.title)
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text + l.pace()
}

// pace says how fast what is expected comes and how long the rest takes, once that
// can be told.
func (l *reading) pace() string {
	took := time.Since(l.began)
	if took < 3*time.Second {
		return ""
	}
	rate, left := "", time.Duration(0)
	for _, what := range l.order {
		n, of := l.counts[what], l.expected[what]
		if n == 0 || of <= n {
			continue
		}
		if d := time.Duration(float64(took) * float64(of-n) / float64(n)); d > left {
			rate, left = speed(n, took), d
		}
	}
	if left == 0 {
		return ""
	}
	return "; " + rate + ", about " + leftWords(left) + " left"
}

// speed says how many a second: "510 a second", "0.4 a second".
func speed(n int, took time.Duration) string {
	perSecond := float64(n) / took.Seconds()
	if perSecond < 10 {
		return fmt.Sprintf("%.1f a second", perSecond)
	}
	return thousands(int(math.Round(perSecond))) + " a second"
}

// leftWords are a time that is a guess: "7 s", "3 min 20 s", "25 min".
func leftWords(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(int(d.Round(time.Second)/time.Second), 1))
	case d < 10*time.Minute:
		return span(d.Round(10 * time.Second))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute)/time.Minute))
	}
	return span(d)
}
