package main

import (
	"strings"
	"testing"
)

// tiny is a program whose numbers one can count by hand.
const tiny = "testdata/tiny"

func TestTheTableOfAProgramThatOneCanCount(t *testing.T) {
	var out, errOut strings.Builder
	within, err := run([]string{"-C", tiny + "/sync/inner", "-v"}, &out, &errOut)
	if err != nil || !within {
		t.Fatal(within, err, errOut.String())
	}
	want := `arrows         called backward      all backward mutual
sync                3        2        5        5      4
  sync/limits.go -> sync/steps.go: Plan.Add
  sync/steps.go -> sync/limits.go: most, named
sync/inner          0        0        0        0      0
sync, all           3        2        5        5      4
cmd                 3        3        3        3      0
  cmd/one.go -> cmd/two.go: two
  cmd/three.go -> cmd/one.go: One
  cmd/two.go -> cmd/three.go: three
cmd, all            3        3        3        3      0

large types (over 30 methods, over 15 fields)
  sync/inner.Wide               16 fields

product lines: 72, without idp/file 72
`
	if out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", out.String(), want)
	}
}

func TestStrictDrawsTypesAndFields(t *testing.T) {
	rooms, err := load(abs(t, tiny), "sync")
	if err != nil {
		t.Fatal(err)
	}
	toWords := arrow{"sync/steps.go", "sync/words.go"}
	if names := draw(rooms[0], false)[toWords]; names != nil {
		t.Errorf("types and fields drew an arrow: %v", names)
	}
	names := strings.Join(draw(rooms[0], true)[toWords], " ")
	if !strings.Contains(names, "Plan") || !strings.Contains(names, ".Steps") {
		t.Errorf("names of the arrow: %q", names)
	}
}

func TestTheStrictLimitCountsThem(t *testing.T) {
	for args, want := range map[string]bool{"-max-sync 2": true, "-strict -max-sync 4": false, "-strict -max-sync 5": true} {
		var out, errOut strings.Builder
		within, err := run(append([]string{"-C", tiny}, strings.Fields(args)...), &out, &errOut)
		if err != nil || within != want {
			t.Errorf("%s: within %v, %v, said %q", args, within, err, errOut.String())
		}
	}
}

func TestALimitIsWhatMayStillBe(t *testing.T) {
	for flag, measured := range map[string][2]string{
		"-max-sync":  {"2", "1"},
		"-max-cmd":   {"3", "2"},
		"-max-large": {"1", "0"},
		"-max-lines": {"72", "71"},
	} {
		for i, want := range []bool{true, false} {
			var out, errOut strings.Builder
			within, err := run([]string{"-C", tiny, flag, measured[i]}, &out, &errOut)
			if err != nil || within != want || (errOut.Len() == 0) != want {
				t.Errorf("%s %s: within %v, %v, said %q", flag, measured[i], within, err, errOut.String())
			}
		}
	}
}

func TestWhatCannotBeReadIsNotMeasured(t *testing.T) {
	if _, err := load(abs(t, tiny), "nowhere"); err == nil {
		t.Error("a folder that is missing was measured")
	}
}

func abs(t *testing.T, folder string) string {
	t.Helper()
	root, err := findRoot(folder)
	if err != nil {
		t.Fatal(err)
	}
	return root
}
