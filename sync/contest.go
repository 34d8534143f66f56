package sync

import (
	"slices"
	"strings"
	"time"
)

// Contest is a person or a team that is changed again and again by somebody else.
type Contest struct {
	OktaID  string
	Repairs []Repair // within the window, oldest first
}

// repairsBorne is how many runs may put one person or team back within the window.
const repairsBorne = 2

// Contested lists whom and what runs have put back as often within the window
// before now as they may, by their Okta ids. Without a window there are none.
func (m Managed) Contested(now time.Time, window time.Duration) []Contest {
	if window <= 0 {
		return nil
	}
	by := map[string][]Repair{}
	for _, r := range m.Repairs {
		if r.At.After(now.Add(-window)) {
			by[r.OktaID] = append(by[r.OktaID], r)
		}
	}
	var list []Contest
	for id, repairs := range by {
		slices.SortStableFunc(repairs, func(a, b Repair) int { return a.At.Compare(b.At) })
		if c := (Contest{id, repairs}); c.Runs() >= repairsBorne {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b Contest) int { return strings.Compare(a.OktaID, b.OktaID) })
	return list
}

// Runs counts the runs that made the writes: all of one run have one time.
func (c Contest) Runs() (n int) {
	for i, r := range c.Repairs {
		if i == 0 || !r.At.Equal(c.Repairs[i-1].At) {
			n++
		}
	}
	return n
}

// Writes names the last writes, with their times and Attio's request ids.
func (c Contest) Writes() string {
	const most = 3
	last := c.Repairs[max(0, len(c.Repairs)-most):]
	words := make([]string, len(last))
	for i, r := range last {
		words[i] = r.Action.Traits().Verb + " " + r.At.UTC().Format("2006-01-02 15:04:05 UTC")
		if r.RequestID != "" {
			words[i] += " request " + r.RequestID
		}
	}
	return strings.Join(words, ", ")
}

// repaired notes a repair, once.
func (m *Managed) repaired(r Repair) {
	if !slices.ContainsFunc(m.Repairs, func(have Repair) bool { h := have; h.At = r.At; return h == r && have.At.Equal(r.At) }) {
		m.Repairs = append(m.Repairs, r)
	}
}

// settle ends a contest: somebody has decided by hand.
func (m *Managed) settle(oktaID string) {
	m.Repairs = slices.DeleteFunc(m.Repairs, func(r Repair) bool { return r.OktaID == oktaID })
}
