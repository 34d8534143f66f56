package sync

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"scim-sync/internal/sample"
)

// TestMemberSet: it holds those it was made of, in whatever order they came,
// and says that nothing is known of what is no set.
func TestMemberSet(t *testing.T) {
	sample.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfDistinct(rapid.StringMatching(`00u[a-z0-9]{4}`), rapid.ID[string]).Draw(t, "ids")
		other := rapid.SampledFrom([]string{"00uOTHER", "", "00g"}).Draw(t, "other")
		set := NewMemberSet(ids)
		if again := NewMemberSet(rapid.Permutation(ids).Draw(t, "order")); again != set {
			t.Fatalf("another order, another set: %q and %q", set, again)
		}
		marks, known := set.Marks()
		has := func(id string) bool { return slices.Contains(marks, MarkOf(id)) }
		for _, id := range ids {
			if !has(id) {
				t.Fatalf("%s is not in %q", id, set)
			}
		}
		if !known || has(other) {
			t.Fatalf("%q: known %v, has %q", set, known, other)
		}
	})
	for _, odd := range []MemberSet{"", "1", "9f86d081884c7d659a2feaa0", "1:AAA", "1:%%%%", "1:" + MemberSet("/////wAAAAA")} {
		if marks, known := odd.Marks(); known {
			t.Errorf("%q is known as %v", odd, marks)
		}
	}
}
