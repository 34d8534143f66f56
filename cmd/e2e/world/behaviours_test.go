package world

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio/attiotest"
	"scim-sync/internal/sample"
	"scim-sync/sync/planner"
)

// TestEveryGuessAboutAttio turns round, one by one, what the sandbox guesses of
// Attio where its pages are silent, and holds that a run under it harms nobody
// and comes to rest: to the same end, or to one that says what is missing.
func TestEveryGuessAboutAttio(t *testing.T) {
	c := calmRun(t)
	kind := reflect.TypeFor[attiotest.Behaviour]()
	var guesses []int
	for i := range kind.NumField() {
		if kind.Field(i).Type.Kind() == reflect.Bool {
			guesses = append(guesses, i)
		}
	}
	for _, i := range sample.Of(guesses, 3) {
		name := kind.Field(i).Name
		t.Run(name, func(t *testing.T) {
			b := attiotest.DefaultBehaviour()
			field := reflect.ValueOf(&b).Elem().Field(i)
			field.SetBool(!field.Bool())
			c.holdsUnder(t, name, b)
		})
	}
}

// restless are the guesses under which there is always something left: Attio
// answers well and does not do it.
func restless() []string { return []string{"SilentNoop", "RolesIgnored"} }

// elsewhere are the guesses under which the end is another one, and why.
func elsewhere() map[string]string {
	return map[string]string{
		"PutChangesUserName":    "the address stays, and the plan refuses to go on without being asked",
		"NamesIgnored":          "the name stays, and a note says so",
		"SuspensionLeavesTeams": "who is suspended leaves the teams",
		"AddReplacesMembers":    "who is suspended is not put back into a team that an addition has emptied",
	}
}

func (c calm) holdsUnder(t *testing.T, name string, b attiotest.Behaviour) {
	watch := &watch{stay: c.stay}
	w, err := defaultWorld(watch.see, &b)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	before := w.site.Snapshot()
	var out outcome
	for round := 1; ; round++ {
		out = w.apply(t.Context(), planner.Options{})
		if out.err != nil {
			t.Fatalf("run %d: %v", round, out.err)
		}
		p, err := w.plan(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Steps) == 0 || round == 3 {
			if len(p.Steps) > 0 && !slices.Contains(restless(), name) {
				t.Errorf("still to do after %d runs: %s\nlast run: %v", round, strings.Join(toldAll(p.Steps), "\n"), out.failed())
			}
			t.Logf("%d runs, refusals %v", round, p.Refusals)
			break
		}
	}
	if err := watch.err(); err != nil {
		t.Error(err)
	}
	after := w.site.Snapshot()
	if d := cmp.Diff(unmanaged(before), unmanaged(after)); d != "" {
		t.Errorf("unmanaged people or teams were touched (-before +after):\n%s", d)
	}
	for address, n := range mails(after) {
		if n > 1 {
			t.Errorf("%d times %s", n, address)
		}
	}
	if d := cmp.Diff(c.sight, sight(after)); d != "" && !slices.Contains(restless(), name) {
		if _, known := elsewhere()[name]; !known {
			t.Errorf("another end (-usual +under %s):\n%s", name, d)
		}
	}
}
