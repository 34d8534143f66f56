package scim

import "sync"

// interner keeps one copy of each id: in a large workspace the same id stands
// in many teams. A nil interner keeps what it is given.
type interner struct {
	mu  sync.Mutex
	ids map[string]string
}

func newInterner() *interner { return &interner{ids: map[string]string{}} }

// one gives the copy to keep.
func (in *interner) one(id string) string {
	if in == nil {
		return id
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if kept, ok := in.ids[id]; ok {
		return kept
	}
	in.ids[id] = id
	return id
}
