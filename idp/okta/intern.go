package okta

import "sync"

// interner keeps one copy of each text, so that a million memberships cost a
// string header each and not an id each.
type interner struct {
	mu   sync.Mutex
	seen map[string]string
}

func newInterner() *interner { return &interner{seen: map[string]string{}} }

func (in *interner) of(s string) string {
	if s == "" {
		return ""
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if kept, ok := in.seen[s]; ok {
		return kept
	}
	in.seen[s] = s
	return s
}
