// Package idset keeps sets of ids as integers. The same id stands in many sets:
// a [Book] keeps it once and numbers it, and a [Set] holds four bytes for it,
// which the garbage collector need not look at.
package idset

import (
	"fmt"
	"slices"
	"sync"
)

// Book numbers ids from 0, in the order in which they come. It only grows, and
// is safe for concurrent use.
type Book struct {
	mu      sync.RWMutex
	ids     []string // by number
	numbers map[string]uint32
}

// NewBook gives a book that numbers these ids, which differ, in their order.
func NewBook(ids ...string) *Book {
	b := &Book{ids: ids, numbers: make(map[string]uint32, len(ids))}
	for i, id := range ids {
		b.numbers[id] = uint32(i)
	}
	return b
}

// Number gives the number of an id, which is new where the id is.
func (b *Book) Number(id string) uint32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.number(id)
}

// Keep gives the book's own copy of an id, which lets go of the other's text. A
// nil book gives back what it got.
func (b *Book) Keep(id string) string {
	if b == nil || id == "" {
		return id
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ids[b.number(id)]
}

func (b *Book) number(id string) uint32 {
	n, known := b.numbers[id]
	if !known {
		n = uint32(len(b.ids))
		b.ids, b.numbers[id] = append(b.ids, id), n
	}
	return n
}

// look gives the number of an id that the book knows.
func (b *Book) look(id string) (uint32, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	n, known := b.numbers[id]
	return n, known
}

// IDs are the ids by number, as of now. They are not to be changed.
func (b *Book) IDs() []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Clip(b.ids)
}

// Set is some of a book's ids. It never changes; the zero Set is empty.
type Set struct {
	book    *Book
	numbers []uint32 // ascending, each once
}

// Of is the set of these ids, with a book of its own.
func Of(ids ...string) Set {
	b := &Book{numbers: make(map[string]uint32, len(ids))}
	numbers := make([]uint32, len(ids))
	for i, id := range ids {
		numbers[i] = b.number(id)
	}
	return b.Set(numbers)
}

// Set is the set of what has these numbers in the book. It takes the slice
// over; a number may stand in it more than once.
func (b *Book) Set(numbers []uint32) Set {
	slices.Sort(numbers)
	kept := slices.Compact(numbers)
	if cap(kept) > len(kept)+len(kept)/4 {
		kept = slices.Clone(kept)
	}
	return Set{b, slices.Clip(kept)}
}

// Len is how many ids there are.
func (s Set) Len() int { return len(s.numbers) }

// Book numbers the ids of the set; nil when it is empty and was made of nothing.
func (s Set) Book() *Book { return s.book }

// Numbers are those of the ids in the set's book, ascending. They are not to be
// changed.
func (s Set) Numbers() []uint32 { return s.numbers }

// IDs are the ids, sorted.
func (s Set) IDs() []string {
	if len(s.numbers) == 0 {
		return nil
	}
	all, ids := s.book.IDs(), make([]string, len(s.numbers))
	for i, n := range s.numbers {
		ids[i] = all[n]
	}
	slices.Sort(ids)
	return ids
}

// Has says whether the id is in the set.
func (s Set) Has(id string) bool {
	if len(s.numbers) == 0 {
		return false
	}
	n, known := s.book.look(id)
	if !known {
		return false
	}
	_, has := slices.BinarySearch(s.numbers, n)
	return has
}

// String shows the ids as a list does.
func (s Set) String() string { return fmt.Sprint(s.IDs()) }

// Equal says whether both hold the same ids, of whichever book.
func (s Set) Equal(o Set) bool {
	if s.book == o.book {
		return slices.Equal(s.numbers, o.numbers)
	}
	return len(s.numbers) == len(o.numbers) && slices.Equal(s.IDs(), o.IDs())
}
