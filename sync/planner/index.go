package planner

import "scim-sync/internal/idset"

// index tells what ids stand for by their numbers in a book, so that a million
// memberships are a million steps through a list, not look-ups by text.
type index[T any] struct {
	find   func(id string) T
	tables map[*idset.Dictionary][]T
}

func newIndex[T any](find func(id string) T) index[T] {
	return index[T]{find, map[*idset.Dictionary][]T{}}
}

// table gives what each number of the set's book stands for.
func (b index[T]) table(s idset.Set) []T {
	if s.Len() == 0 {
		return nil
	}
	ids, t := s.Dictionary().IDs(), b.tables[s.Dictionary()]
	if len(t) == len(ids) {
		return t
	}
	t = make([]T, len(ids)) // new, or the book has grown
	for i, id := range ids {
		t[i] = b.find(id)
	}
	b.tables[s.Dictionary()] = t
	return t
}
