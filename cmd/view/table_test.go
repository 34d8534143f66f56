package view

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"scim-sync/attio"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// someRuns end in every way there is.
func someRuns() []state.RunRecord {
	ends := []*state.Summary{
		{Counts: map[string]int{"done": 1204}},
		{ExitCode: 3, Refusals: []string{"too-many-removals", "too-many-promotions"}},
		{ExitCode: 4, Counts: map[string]int{"done": 12, "failed": 3, "skipped": 2}},
		{ExitCode: 75, Error: "list app users: HTTP 503 (unavailable): the service is down for maintenance"},
		{ExitCode: 3, Counts: map[string]int{"done": 2, "refused": 1}, Refusals: []string{"last-admin"}},
		{},
		nil,
	}
	var runs []state.RunRecord
	for i, end := range ends {
		began := made.Add(time.Duration(i) * time.Hour)
		r := state.RunRecord{Summary: end, Info: state.RunInfo{
			Number: uint64(1 + 417*i),
			RunID:  began.Format("20060102T150405Z") + "-1a2b3c4d", Began: began, Command: "apply", Operator: "ada@runner-17", Reason: "ticket 4711: the sales team has left",
		}}
		if end != nil {
			r.Ended, r.Intents = began.Add(time.Minute), end.Counts["done"]
		}
		runs = append(runs, r)
	}
	return runs
}

// somePeople are managed, in as many states.
func somePeople(n int) core.Managed {
	m := core.Managed{WorkspaceID: "2f1a", OrgURL: "https://harbour.okta.com", AppID: "0oa1", People: map[string]core.ManagedPerson{}, Teams: map[string]core.ManagedTeam{}}
	for i := range n {
		id := fmt.Sprintf("00u%017d", i)
		p := core.ManagedPerson{OktaID: id, AttioID: fmt.Sprintf("e0b5c8f2-3d4a-4f5b-9c6d-%012d", i), Email: fmt.Sprintf("somebody.%03d@harbour.example", i), ManagedSince: made}
		p.Applied.Active, p.Applied.Role = i%5 > 0, attio.RoleMember
		if i%7 == 1 {
			p.Kind = core.Invite
		}
		m.People[id] = p
	}
	m.Teams["00g1"] = core.ManagedTeam{GroupID: "00g1", TeamID: "a1b2c3d4-0000-4000-8000-000000000001", Created: true}
	return m
}

func tables() map[string]func(s Stream, wide bool) error {
	settings := [][]string{
		{"okta.org_url", "https://harbour.okta.com", "scim-sync.yaml:2"},
		{"teams.groups", "[" + strings.Repeat("{group: Engineering, team: Eng}, ", 9) + "{group: Sales}]", "SCIM_SYNC_TEAMS_GROUPS"},
		{"attio.token", "(secret)", "absent: the file says ${ATTIO_TOKEN}, which is not set"},
	}
	return map[string]func(s Stream, wide bool) error{
		"runs": func(s Stream, wide bool) error { return RunsText(s, someRuns(), 12, wide) },
		"state": func(s Stream, wide bool) error {
			return StateText(s, somePeople(30), nil, state.Info{Exists: true}, "free", wide)
		},
		"settings": func(s Stream, wide bool) error {
			return SettingsText(s, "scim-sync.yaml", settings, wide)
		},
	}
}

// TestTablesFitTheTerminal: no line is broken by it, a row is one line, and what is
// left out or shortened is said; with wide nothing is left out.
func TestTablesFitTheTerminal(t *testing.T) {
	for name, show := range tables() {
		for _, w := range []int{40, 60, 80, 100, 140, 300} {
			for _, colour := range []bool{false, true} {
				var short, wide bytes.Buffer
				if err := show(Stream{W: &short, TTY: true, Width: w, Colour: colour}, false); err != nil {
					t.Fatal(err)
				}
				if err := show(Stream{W: &wide, TTY: true, Width: w, Colour: colour}, true); err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(short.String()) {
					if line = strings.TrimSuffix(line, "\n"); width(line) > w || strings.HasSuffix(line, " ") {
						t.Errorf("%s at %d columns: %d: %q", name, w, width(line), line)
					}
				}
				if told := strings.Contains(plainWords(short.String()), "--wide shows all"); told == (w == 300 && name != "settings" || w == 140 && name == "state") {
					t.Errorf("%s at %d columns: told that there is more: %v\n%s", name, w, told, &short)
				}
				if strings.Contains(wide.String(), "…") || strings.Contains(wide.String(), "--wide") {
					t.Errorf("%s at %d columns, wide:\n%s", name, w, &wide)
				}
			}
		}
	}
}

// plainWords is a text in one line without its colours.
func plainWords(text string) string {
	text = regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(text, "")
	return strings.Join(strings.Fields(text), " ")
}

// TestARunIsNamedByItsNumber, first of all columns, whatever else has room.
func TestARunIsNamedByItsNumber(t *testing.T) {
	for _, w := range []int{40, 80, 100, 200} {
		var b bytes.Buffer
		if err := RunsText(Stream{W: &b, TTY: true, Width: w}, someRuns(), 0, false); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(b.String(), "\n")
		if !strings.HasPrefix(lines[0], "#  ") || !strings.HasPrefix(lines[3], "#835 ") {
			t.Errorf("%d columns:\n%s", w, &b)
		}
		if id := strings.Contains(b.String(), "-1a2b3c4d"); id != (w == 200) {
			t.Errorf("%d columns, ids %v:\n%s", w, id, &b)
		}
	}
}

// TestTablesInAPipeAreWhole: each row a line of the columns that scripts know, nothing
// shortened, with wide or without.
func TestTablesInAPipeAreWhole(t *testing.T) {
	for _, wide := range []bool{false, true} {
		var b bytes.Buffer
		if err := RunsText(Stream{W: &b}, someRuns(), 0, wide); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if lines[0] != "RUN\tBEGAN\tCOMMAND\tBY\tENDED\tNOTE" || len(lines) != 1+len(someRuns()) || strings.Contains(b.String(), "…") {
			t.Errorf("%s", &b)
		}
		for _, line := range lines {
			if strings.Count(line, "\t") != 5 {
				t.Errorf("%q", line)
			}
		}
	}
}

// TestALongWordIsNotBrokenByTheTerminal: a digest, which has room on a line, gets one.
func TestALongWordIsNotBrokenByTheTerminal(t *testing.T) {
	digest := "sha256:" + strings.Repeat("0123456789abcdef", 4)
	r := someRuns()[0]
	r.Info.PlanID, r.Info.SettingsDigest = digest, digest
	for _, w := range []int{80, 100} {
		var b bytes.Buffer
		if err := RunText(Stream{W: &b, TTY: true, Width: w}, r, nil); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if width(strings.TrimSuffix(line, "\n")) > w {
				t.Errorf("%d columns: %q", w, line)
			}
		}
		if strings.Count(b.String(), digest) != 2 {
			t.Errorf("%s", &b)
		}
	}
}

func TestCutTo(t *testing.T) {
	for text, want := range map[string]string{"short": "short", "exactly ten": "exactly t…", "日本語日本語": "日本語日…", "ten and then": "ten and t…"} {
		if got := cutTo(text, 10); got != want || width(got) > 10 {
			t.Errorf("%q: %q", text, got)
		}
	}
}
