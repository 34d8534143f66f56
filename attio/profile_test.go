package attio

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"scim-sync/internal/sample"
)

// TestProfileBecomesWhatIsWanted: writing the difference gives what is wanted
// and leaves all else; then there is no difference any more. It holds for every
// field that a Profile has, for they are set by reflection.
func TestProfileBecomesWhatIsWanted(t *testing.T) {
	profile := func(t *rapid.T, label string) (p Profile) {
		for i := range reflect.TypeFor[Profile]().NumField() {
			reflect.ValueOf(&p).Elem().Field(i).SetString(rapid.SampledFrom([]string{"", "Ada", " Ada ", "Zoe\u0308", "Zoë", "B"}).Draw(t, label))
		}
		return p
	}
	sample.Check(t, func(t *rapid.T) {
		have, want := profile(t, "have"), profile(t, "want")
		diff := have.Diff(want)
		after := have.Merge(diff)
		if left := after.Diff(want); !left.IsZero() {
			t.Fatalf("%+v written over %+v leaves %+v", diff, have, left)
		}
		if diff.IsZero() != (have.Merge(want).Clean() == have.Clean()) {
			t.Fatalf("from %+v to %+v the difference is %+v", have, want, diff)
		}
		for i := range reflect.TypeFor[Profile]().NumField() {
			field := func(p Profile) string { return reflect.ValueOf(p).Field(i).String() }
			if field(want.Clean()) == "" && field(after) != field(have) {
				t.Fatalf("an empty field changed %q to %q", field(have), field(after))
			}
		}
	})
}
