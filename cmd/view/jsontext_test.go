package view

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"scim-sync/internal/sample"
	"scim-sync/internal/shown"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// laidOut is a document as encoding/json lays it out, with the characters that
// act on a terminal or a runner escaped.
func laidOut(t interface{ Fatal(...any) }, document any, indent string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(document); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, r := range b.String() {
		switch high, low := utf16.EncodeRune(r); {
		case r < 0x7f || shown.Shows(r):
			out.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return string(shown.NoCommands([]byte(out.String()), `\u0023`, `\u003a`))
}

// writes keeps each Write apart.
type writes [][]byte

func (w *writes) Write(b []byte) (int, error) {
	*w = append(*w, bytes.Clone(b))
	return len(b), nil
}

// TestPlanJSONIsWhatEncodingJSONWrites, byte for byte, whatever the plan holds;
// so is the plan in an event.
func TestPlanJSONIsWhatEncodingJSONWrites(t *testing.T) {
	sample.Check(t, func(t *rapid.T) {
		p := anyPlan(hostile()).Draw(t, "plan")
		if rapid.Bool().Draw(t, "rest") {
			p.Only, p.Held, p.UnmanagedTeams, p.Unmanaged[0].Teams = "x", nil, []string{p.Source.OrgURL}, nil
		}
		var text, line bytes.Buffer
		if err := PlanJSON(&text, p); err != nil {
			t.Fatal(err)
		}
		if want := laidOut(t, wholePlan(p), "  "); text.String() != want {
			t.Fatalf("%q\nwant\n%q", text.String(), want)
		}
		e := &Events{w: &line, now: made.Local}
		e.Plan(core.Plan{})
		line.Reset()
		if err := e.planLine(&line, p); err != nil {
			t.Fatal(err)
		}
		want := laidOut(t, struct {
			event
			Plan core.Plan `json:"plan"`
		}{e.event("plan"), wholePlan(p)}, "")
		if line.String() != want {
			t.Fatalf("%q\nwant\n%q", line.String(), want)
		}
	})
}

// TestAnyJSONIsLaidOutAsEncodingJSONDoes: brackets of every kind within each
// other, empty ones, and strings that look like them.
func TestAnyJSONIsLaidOutAsEncodingJSONDoes(t *testing.T) {
	scalar := rapid.OneOf(rapid.Just[any](nil), rapid.Just[any](true), rapid.Map(rapid.Float64Range(-1e30, 1e30), func(f float64) any { return f }),
		rapid.Map(rapid.StringOf(rapid.SampledFrom([]rune(`"\\{}[],: #[a`+"\n\u200b\U000e0041é"))), func(s string) any { return s }))
	value := scalar
	for range 4 {
		value = rapid.OneOf(value, rapid.Map(rapid.SliceOfN(value, 0, 3), func(l []any) any { return l }),
			rapid.Map(rapid.MapOfN(rapid.String(), value, 0, 3), func(m map[string]any) any { return m }))
	}
	sample.Check(t, func(t *rapid.T) {
		v, indent := value.Draw(t, "value"), rapid.SampledFrom([]string{"", " ", "  ", "\t"}).Draw(t, "indent")
		var got bytes.Buffer
		if err := writeJSON(&got, v, indent); err != nil {
			t.Fatal(err)
		}
		if want := laidOut(t, v, indent); got.String() != want {
			t.Fatalf("%q\nwant\n%q", got.String(), want)
		}
	})
}

// TestALongDocumentIsWrittenInPieces: no more than some of it is in memory, and
// what filters the stream sees whole strings.
func TestALongDocumentIsWrittenInPieces(t *testing.T) {
	p := manySteps(3000)
	for name, write := range map[string]func(w *writes) error{
		"document": func(w *writes) error { return PlanJSON(w, p) },
		"event":    func(w *writes) error { return NewEvents(w, "v", made.Local).planLine(w, p) },
	} {
		var w writes
		if err := write(&w); err != nil {
			t.Fatal(err)
		}
		if len(w) < 10 {
			t.Errorf("%s: %d writes", name, len(w))
		}
		for i, piece := range w {
			if len(piece) > 2*manyBytes {
				t.Errorf("%s: a piece of %d bytes", name, len(piece))
			}
			if i < len(w)-1 && !bytes.HasSuffix(piece, []byte(",")) && !bytes.HasSuffix(piece, []byte("\n")) {
				t.Errorf("%s: a piece ends with %q", name, piece[len(piece)-20:])
			}
		}
	}
}

func TestAShortDocumentIsOneWrite(t *testing.T) {
	var w writes
	if err := PlanJSON(&w, fullPlan()); err != nil || len(w) != 1 {
		t.Errorf("%d writes, %v", len(w), err)
	}
}

// TestStateJSONIsWhatEncodingJSONWrites, byte for byte, of any people and teams.
func TestStateJSONIsWhatEncodingJSONWrites(t *testing.T) {
	sample.Check(t, func(t *rapid.T) {
		text := func(label string) string { return hostile().Draw(t, label) }
		m := core.Managed{OrgURL: text("org"), People: map[string]core.ManagedPerson{}, FirstSync: rapid.Bool().Draw(t, "first sync")}
		for n := range rapid.IntRange(0, 3).Draw(t, "people") {
			m.People[fmt.Sprint(n)] = core.ManagedPerson{OktaID: fmt.Sprint(n), Email: text("email"), ManagedSince: made}
		}
		if rapid.Bool().Draw(t, "teams") {
			m.Teams = map[string]core.ManagedTeam{"g": {GroupID: "g", Applied: core.AppliedTeam{Name: text("team")}}}
			m.Latched = &core.Latch{Code: text("code"), At: made}
		}
		info := state.Info{Exists: true, Paths: state.Paths{Snapshot: text("place"), Journal: "j", Kind: "files"}, Serial: 3, Seq: 9}
		events := []state.Event{{}}
		if rapid.Bool().Draw(t, "run") {
			info.LastRun, events = &state.RunRecord{Info: state.RunInfo{Reason: text("reason")}}, nil
		}
		var got, past bytes.Buffer
		if err := errors.Join(StateJSON(&got, m, nil, info, nil), EventsJSON(&past, events)); err != nil {
			t.Fatal(err)
		}
		want := laidOut(t, struct {
			FormatVersion int    `json:"format_version"`
			Exists        bool   `json:"exists"`
			Place         string `json:"place"`
			Journal       string `json:"journal"`
			Serial        uint64 `json:"serial"`
			JournalLine   uint64 `json:"journal_line"`
			Store         string `json:"store"`
			SnapshotBytes int64  `json:"snapshot_bytes"`
			JournalBytes  int64  `json:"journal_bytes"`
			Lock          *held  `json:"lock"`
			core.Managed
			People     []core.ManagedPerson `json:"people"`
			Teams      []core.ManagedTeam   `json:"teams"`
			Unfinished []core.Unfinished    `json:"unfinished"`
			LastRun    *state.RunRecord     `json:"last_run"`
		}{1, true, info.Paths.Snapshot, "j", 3, 9, "files", 0, 0, nil, m, m.SortedPeople(), m.SortedTeams(), []core.Unfinished{}, info.LastRun}, "  ")
		if got.String() != want {
			t.Fatalf("%q\nwant\n%q", got.String(), want)
		}
		if want := laidOut(t, struct {
			FormatVersion int           `json:"format_version"`
			Events        []state.Event `json:"events"`
		}{1, orEmpty(events)}, "  "); past.String() != want {
			t.Fatalf("%q\nwant\n%q", past.String(), want)
		}
	})
}
