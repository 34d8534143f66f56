package view

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/sample"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
)

// accessReport is a report of these people.
func accessReport(people ...planner.Access) AccessReport {
	p := emptyPlan()
	return AccessReport{Workspace: p.Workspace, Source: p.Source, At: made, ScimSync: p.ScimSync, Places: slices.Values(people),
		Last: func(a planner.Access) *LastChange {
			switch a.OktaID {
			case "00u1":
				return &LastChange{Action: "suspend", What: "suspended", At: made, Run: "20260820T030000Z-1a2b", By: "cron@host",
					Proof: &idp.Proof{Request: "GET /api/v1/apps/0oa1/users/00u1", Status: 404, Says: "E0000007", At: made, RequestID: "r1"},
					Log:   &core.Witnessed{OktaID: "00u1", Type: "application.user_membership.remove", By: "ann@acme.com", At: made.Add(-time.Minute), ID: "e-1"}}
			case "00u2":
				return &LastChange{Action: "add_members", What: "added to Sales, north", At: made, Run: "20260820T030000Z-1a2b"}
			}
			return nil
		}}
}

func someAccess() []planner.Access {
	since := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return []planner.Access{
		{AttioID: "m1", Email: "ada@acme.com", Name: "Ada Arden", Status: attio.Suspended, Teams: []string{}, Management: planner.IsManaged, Since: since, OktaID: "00u1", Access: "none", AdminGroups: []string{}},
		{AttioID: "m2", Email: "bo@acme.com", Name: `Bo "B" Berg`, Status: attio.Active, Role: attio.RoleAdmin, Teams: []string{"Sales, north", "Support"}, Management: planner.IsManaged, Protected: true, Since: since,
			OktaID: "00u2", Access: "granted", OktaStatus: "ACTIVE", Assigned: "group", Via: &planner.GroupNamed{ID: "00g1", Name: "Sales"}, RoleFrom: "group", AdminGroups: []string{"Bosses"}},
		{AttioID: "m3", Email: "=cmd|' /C calc'!A0@evil.example", Name: "+1 <script>alert(1)</script>\r\n::add-mask::x", Status: attio.Active, Role: attio.RoleMember, Teams: []string{"@SUM(1)", "\u202etxt"}, Management: planner.IsUnmanaged, Access: "none", AdminGroups: []string{}},
		{AttioID: "m4", Status: "unreadable", Teams: []string{}, Management: planner.IsUnmanaged, Access: "none", AdminGroups: []string{}},
	}
}

func TestAccessGolden(t *testing.T) {
	for name, write := range accessFormats() {
		var b bytes.Buffer
		if err := write(&b, accessReport(someAccess()...)); err != nil {
			t.Fatal(err)
		}
		text := b.Bytes()
		if name == "html" {
			text = undressed(t, text)
		}
		golden(t, "access-"+name, text)
	}
}

func accessFormats() map[string]func(io.Writer, AccessReport) error {
	return map[string]func(io.Writer, AccessReport) error{"csv": AccessCSV, "json": AccessJSON, "html": AccessHTML}
}

// TestAccessCSVIsNoFormula: whatever a value begins with, a spreadsheet shows it.
func TestAccessCSVIsNoFormula(t *testing.T) {
	for _, begin := range []string{"=", "+", "-", "@", "\t", "\r", "\n", " =", "\u00a0@", "\u3000-", "＝", "＋", "－", "＠"} {
		if got := noFormula(begin + "1"); got != "'"+begin+"1" {
			t.Errorf("%q became %q", begin+"1", got)
		}
		a := someAccess()[0]
		a.Email, a.Name, a.Teams = begin+"1", begin+"HYPERLINK(\"x\")", []string{begin + "a", "b"}
		var b bytes.Buffer
		if err := AccessCSV(&b, accessReport(a)); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%v: %q", err, rows)
		}
		for _, cell := range rows[1] {
			if strings.TrimLeft(cell, " \u00a0\u3000") != "" && strings.ContainsAny(strings.TrimLeft(cell, " \u00a0\u3000")[:1], "=+-@\t\r") {
				t.Errorf("a cell is a formula: %q", cell)
			}
		}
	}
	for _, plain := range []string{"", " ", "ada@acme.com", "a=b", "2026-03-01T12:00:00Z"} {
		if got := noFormula(plain); got != plain {
			t.Errorf("%q became %q", plain, got)
		}
	}
}

// TestAccessColumnsAreDocumented: in the order of the file, each in the table.
func TestAccessColumnsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/access-report.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for line := range strings.Lines(string(doc)) {
		if name, ok := strings.CutPrefix(line, "| `"); ok {
			name, _, _ = strings.Cut(name, "`")
			rows = append(rows, name)
		}
	}
	if !slices.Equal(rows, accessColumns()) {
		t.Errorf("docs/access-report.md has %q\nthe file %q", rows, accessColumns())
	}
}

// TestAccessIsWrittenAPlaceAtATime: the first are on their way before the last are
// looked at, and a stream that fails ends it.
func TestAccessIsWrittenAPlaceAtATime(t *testing.T) {
	one := someAccess()[1]
	for name, write := range accessFormats() {
		looked, w := 0, &broken{}
		r := accessReport()
		r.Places = func(yield func(planner.Access) bool) {
			for i := range sample.Times(30_000, 100_000) {
				looked++
				one.Email = fmt.Sprintf("person%06d@acme.com", i)
				if !yield(one) {
					return
				}
			}
		}
		err := write(w, r)
		if err == nil {
			t.Errorf("%s hides the stream's error", name)
		}
		if name != "html" && looked > 20_000 { // a page counts first
			t.Errorf("%s went on to place %d of a stream that is closed", name, looked)
		}
		if w.writes < 2 {
			t.Errorf("%s wrote all at once", name)
		}
	}
}

func TestAccessJSONComesBackTheSame(t *testing.T) {
	var b bytes.Buffer
	if err := AccessJSON(&b, accessReport(someAccess()...)); err != nil {
		t.Fatal(err)
	}
	var back struct {
		FormatVersion int              `json:"format_version"`
		People        []planner.Access `json:"people"`
	}
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if want := someAccess(); back.FormatVersion != accessVersion || len(back.People) != len(want) || back.People[2].Name != want[2].Name {
		t.Errorf("got %+v", back)
	}
}

func TestAccessHTMLHoldsNoMarkupFromOutside(t *testing.T) {
	var b bytes.Buffer
	if err := AccessHTML(&b, accessReport(someAccess()...)); err != nil {
		t.Fatal(err)
	}
	elements, text, err := htmlElements(undressed(t, b.Bytes()))
	if err != nil || elements["script"] != 0 || !strings.Contains(text, "<script>alert(1)</script>") {
		t.Errorf("%v %v", elements, err)
	}
}
