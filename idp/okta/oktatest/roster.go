package oktatest

import (
	"slices"
	"strings"
)

// keyed is anything with an id that lists are ordered by.
type keyed interface{ key() string }

// roster holds things in the order of their keys, each once, so that a page
// begins with a search and not with a scan.
type roster[T keyed] struct{ items []T }

// newRoster takes the items over; of two with one key one is dropped.
func newRoster[T keyed](items []T) roster[T] {
	slices.SortFunc(items, func(a, b T) int { return strings.Compare(a.key(), b.key()) })
	items = slices.CompactFunc(items, func(a, b T) bool { return a.key() == b.key() })
	return roster[T]{items: items}
}

// find gives where a key stands or would stand.
func (r *roster[T]) find(key string) (int, bool) {
	return slices.BinarySearchFunc(r.items, key, func(v T, k string) int { return strings.Compare(v.key(), k) })
}

func (r *roster[T]) has(key string) bool {
	_, ok := r.find(key)
	return ok
}

// get gives the thing with that key, or the zero value.
func (r *roster[T]) get(key string) (v T, ok bool) {
	i, ok := r.find(key)
	if ok {
		v = r.items[i]
	}
	return v, ok
}

// add says whether it was not there before.
func (r *roster[T]) add(v T) bool {
	i, there := r.find(v.key())
	if !there {
		r.items = slices.Insert(r.items, i, v)
	}
	return !there
}

// remove says whether it was there.
func (r *roster[T]) remove(key string) bool {
	i, there := r.find(key)
	if there {
		r.items = slices.Delete(r.items, i, i+1)
	}
	return there
}

// after gives everything that comes after a key; "" gives all.
func (r *roster[T]) after(key string) []T {
	if key == "" {
		return r.items
	}
	i, there := r.find(key)
	if there {
		i++
	}
	return r.items[i:]
}

func (r *roster[T]) clone() roster[T] { return roster[T]{items: slices.Clone(r.items)} }
