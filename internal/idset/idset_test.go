package idset_test

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"scim-sync/internal/idset"
	"scim-sync/internal/sample"
)

// TestSetIsASet: whatever order and however often ids come in, of whichever
// dictionary, the set holds each once and knows its own.
func TestSetIsASet(t *testing.T) {
	some := rapid.SliceOf(rapid.SampledFrom(strings.Fields("a b c d e f g h")))
	sample.Check(t, func(r *rapid.T) {
		in, others := some.Draw(r, "in"), some.Draw(r, "others")
		dictionary := idset.NewDictionary("h", "c")
		var numbers []uint32
		for _, id := range others {
			dictionary.Number(id)
		}
		for _, id := range in {
			numbers = append(numbers, dictionary.Number(id))
		}
		want := slices.Compact(slices.Sorted(slices.Values(in)))
		for name, s := range map[string]idset.Set{"of its own dictionary": idset.Of(in...), "of a shared dictionary": dictionary.Set(numbers)} {
			if got := s.IDs(); !slices.Equal(got, want) || s.Len() != len(want) {
				r.Fatalf("%s: %v, want %v", name, got, want)
			}
			for id := range strings.FieldsSeq("a b c d e f g h nobody") {
				if s.Has(id) != slices.Contains(want, id) {
					r.Fatalf("%s: has %s: %v", name, id, s.Has(id))
				}
			}
			for _, n := range s.Numbers() {
				if id := s.Dictionary().IDs()[n]; !slices.Contains(want, id) {
					r.Fatalf("%s: number %d is %s", name, n, id)
				}
			}
			other := idset.Of(others...)
			if same := slices.Equal(want, other.IDs()); s.Equal(other) != same || other.Equal(s) != same || !s.Equal(s) {
				r.Fatalf("%s: equal to %v: %v", name, other.IDs(), s.Equal(other))
			}
		}
	})
}

func TestZeroSetIsEmpty(t *testing.T) {
	var s idset.Set
	if s.Len() != 0 || s.Has("") || s.Has("a") || s.IDs() != nil || s.Dictionary() != nil || !s.Equal(idset.Of()) || s.Equal(idset.Of("a")) {
		t.Error("the zero set is not empty")
	}
}

// TestDictionaryKeepsOneCopy: and a set stays as it is while its dictionary grows.
func TestDictionaryKeepsOneCopy(t *testing.T) {
	dictionary := idset.NewDictionary()
	first := dictionary.Keep("ada")
	s := dictionary.Set([]uint32{dictionary.Number("ada")})
	var wg sync.WaitGroup
	for id := range strings.FieldsSeq("bo cy di ed flo gus hal ida") {
		wg.Go(func() {
			dictionary.Number(id)
			if !s.Has("ada") || s.Has(id) || len(s.IDs()) != 1 {
				t.Errorf("the set has %v", s.IDs())
			}
		})
	}
	wg.Wait()
	if len(dictionary.IDs()) != 9 || dictionary.IDs()[dictionary.Number("ada")] != first || dictionary.Keep("") != "" || len(dictionary.IDs()) != 9 {
		t.Errorf("the dictionary holds %v", dictionary.IDs())
	}
	var none *idset.Dictionary
	if none.Keep("ada") != "ada" {
		t.Error("no dictionary does not give back what it got")
	}
}

// TestDictionaryKeepsNothingOfBytes: ids that are given as bytes, in whatever number
// and length, stay as they were when the bytes are written over.
func TestDictionaryKeepsNothingOfBytes(t *testing.T) {
	dictionary := idset.NewDictionary("0")
	var want []string
	room := make([]byte, 0, 4096)
	for i := range 5000 {
		id := strings.Repeat(strconv.Itoa(i), 1+i%40*(1+i%7))
		want = append(want, id)
		room = append(room[:0], id...)
		number := dictionary.NumberOf(room)
		if kept := dictionary.KeepOf(room); kept != id || number != uint32(i) || dictionary.Number(id) != number {
			t.Fatalf("%q is number %d and kept as %q", id, number, kept)
		}
		for j := range room {
			room[j] = '#'
		}
	}
	if !slices.Equal(dictionary.IDs(), want) {
		t.Error("an id changed when the bytes did that it came in")
	}
	var none *idset.Dictionary
	if none.KeepOf([]byte("ada")) != "ada" || dictionary.KeepOf(nil) != "" || len(dictionary.IDs()) != len(want) {
		t.Error("no dictionary, or no id, is not given back as it is")
	}
}
