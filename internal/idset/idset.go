// Package idset keeps sets of ids as integers. The same id stands in many sets:
// a [Dictionary] keeps it once and numbers it, and a [Set] holds four bytes for it,
// which the garbage collector need not look at.
package idset

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Dictionary numbers ids from 0, in the order in which they come. It only grows, and
// is safe for concurrent use.
type Dictionary struct {
	mu      sync.RWMutex
	ids     []string // by number
	numbers map[string]uint32
	block   strings.Builder // its text never moves: it holds no more than it has room for
}

// NewDictionary gives a dictionary that numbers these ids, which differ, in their order.
func NewDictionary(ids ...string) *Dictionary {
	d := &Dictionary{ids: ids, numbers: make(map[string]uint32, len(ids))}
	for i, id := range ids {
		d.numbers[id] = uint32(i)
	}
	return d
}

// Number gives the number of an id, which is new where the id is.
func (d *Dictionary) Number(id string) uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.number(id)
}

// NumberOf is Number of an id that stands in bytes, of which nothing is kept.
func (d *Dictionary) NumberOf(id []byte) uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n, known := d.numbers[string(id)]; known {
		return n
	}
	return d.number(d.own(id))
}

// Keep gives the dictionary's own copy of an id, which lets go of the other's text. A
// nil dictionary gives back what it got.
func (d *Dictionary) Keep(id string) string {
	if d == nil || id == "" {
		return id
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ids[d.number(id)]
}

// KeepOf is Keep of an id that stands in bytes, of which nothing is kept.
func (d *Dictionary) KeepOf(id []byte) string {
	if d == nil || len(id) == 0 {
		return string(id)
	}
	n := d.NumberOf(id)
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.ids[n]
}

func (d *Dictionary) number(id string) uint32 {
	n, known := d.numbers[id]
	if !known {
		n = uint32(len(d.ids))
		d.ids, d.numbers[id] = append(d.ids, id), n
	}
	return n
}

// block is how many bytes of ids stand in one piece of memory: the garbage collector
// looks at each piece.
const block = 16 << 10

// own copies an id behind the others of the block in hand.
func (d *Dictionary) own(id []byte) string {
	if len(id) > block/16 {
		return string(id)
	}
	if d.block.Cap()-d.block.Len() < len(id) {
		d.block = strings.Builder{}
		d.block.Grow(block)
	}
	from := d.block.Len()
	d.block.Write(id)
	return d.block.String()[from:]
}

// look gives the number of an id that the dictionary knows.
func (d *Dictionary) look(id string) (uint32, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	n, known := d.numbers[id]
	return n, known
}

// IDs are the ids by number, as of now. They are not to be changed.
func (d *Dictionary) IDs() []string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Clip(d.ids)
}

// Set is some of a dictionary's ids. It never changes; the zero Set is empty.
type Set struct {
	dictionary *Dictionary
	numbers    []uint32 // ascending, each once
}

// Of is the set of these ids, with a dictionary of its own.
func Of(ids ...string) Set {
	d := &Dictionary{numbers: make(map[string]uint32, len(ids))}
	numbers := make([]uint32, len(ids))
	for i, id := range ids {
		numbers[i] = d.number(id)
	}
	return d.Set(numbers)
}

// Set is the set of what has these numbers in the dictionary. It takes the slice
// over; a number may stand in it more than once.
func (d *Dictionary) Set(numbers []uint32) Set {
	slices.Sort(numbers)
	kept := slices.Compact(numbers)
	if cap(kept) > len(kept)+len(kept)/4 {
		kept = slices.Clone(kept)
	}
	return Set{d, slices.Clip(kept)}
}

// Len is how many ids there are.
func (s Set) Len() int { return len(s.numbers) }

// Dictionary numbers the ids of the set; nil when it is empty and was made of nothing.
func (s Set) Dictionary() *Dictionary { return s.dictionary }

// Numbers are those of the ids in the set's dictionary, ascending. They are not to be
// changed.
func (s Set) Numbers() []uint32 { return s.numbers }

// IDs are the ids, sorted.
func (s Set) IDs() []string {
	if len(s.numbers) == 0 {
		return nil
	}
	all, ids := s.dictionary.IDs(), make([]string, len(s.numbers))
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
	n, known := s.dictionary.look(id)
	if !known {
		return false
	}
	_, has := slices.BinarySearch(s.numbers, n)
	return has
}

// String shows the ids as a list does.
func (s Set) String() string { return fmt.Sprint(s.IDs()) }

// Equal says whether both hold the same ids, of whichever dictionary.
func (s Set) Equal(o Set) bool {
	if s.dictionary == o.dictionary {
		return slices.Equal(s.numbers, o.numbers)
	}
	return len(s.numbers) == len(o.numbers) && slices.Equal(s.IDs(), o.IDs())
}
