package view

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// someReport has every outcome.
func someReport() core.Report {
	p := fullPlan()
	r := core.Report{PlanID: p.ID, Interrupted: true, Notes: []core.Note{{Code: "name-not-taken", Subject: "mary@acme.com", Detail: "Attio kept Mary Smith"}}}
	for i, s := range p.Steps {
		x := core.StepResult{Step: s, Outcome: core.StepOK, Took: time.Duration(i) * 40 * time.Millisecond}
		if s.Action.Writes() {
			x.Status, x.People = 200, len(s.People)
		}
		switch {
		case s.Action == core.Provision && s.Person.Email == "kim@partner.example":
			x.Outcome, x.Status, x.Detail = core.StepFailed, 400, "No seat left in this workspace"
			x.Hint = "Buy a seat or switch on automatic seat assignment in Attio under Settings > Billing, then run scim-sync apply again."
		case s.Action == core.ChangeEmail:
			x.Outcome, x.Err = core.StepFailed, errors.New("provision: HTTP 409 (conflict)")
			x.Status = 409
		case s.Action == core.AddMembers && s.Team.Name == "Design":
			x.Outcome, x.People, x.Detail = core.StepSkipped, 0, "needs step 8, which failed"
		case s.Action == core.Demote:
			x.Outcome, x.Code, x.Detail = core.StepRefused, core.LastAdmin, "sneaky@acme.com is the last active admin now"
		case s.Action == core.RemoveMembers:
			x.Outcome, x.People = core.StepNotRun, 0
		}
		r.Results = append(r.Results, x)
	}
	return r
}

func TestReportGolden(t *testing.T) {
	clean := core.Report{PlanID: "sha256:1", Results: []core.StepResult{{Step: fullPlan().Steps[6], Outcome: core.StepOK, Status: 200}}}
	for name, c := range map[string]struct {
		r core.Report
		o ReportOptions
	}{
		"troubled": {someReport(), ReportOptions{Footer: someFooter(), Refusals: fullPlan().Refusals, Held: 2}},
		"ended":    {core.Report{PlanID: "sha256:1", Results: clean.Results, Err: &attio.Error{Op: "provision", Subject: "ada@acme.com", Status: 401, Kind: attio.NotSignedIn, Hint: "Sign in again: scim-sync login."}}, ReportOptions{}},
		"clean":    {clean, ReportOptions{Footer: someFooter()}},
		"nothing":  {core.Report{}, ReportOptions{Footer: someFooter()}},
		"refused":  {core.Report{}, ReportOptions{Refusals: refusedPlan().Refusals}},
	} {
		for _, kind := range streams {
			var b bytes.Buffer
			s := kind.s
			s.W = &b
			if err := ReportText(s, c.r, c.o); err != nil {
				t.Fatal(err)
			}
			golden(t, "report-"+name+"-"+kind.name, b.Bytes())
		}
	}
}

func TestReportTellsAFailureWhole(t *testing.T) {
	var b bytes.Buffer
	if err := ReportText(Stream{W: &b}, someReport(), ReportOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"provision", "kim@partner.example", "No seat left", "→ Buy a seat", "2 failed", "provision: conflict"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "HTTP 409: provision: HTTP 409") {
		t.Error("the status is told twice")
	}
}

func TestAnInterruptedReportIsShort(t *testing.T) {
	r := core.Report{Interrupted: true}
	for _, s := range refusedPlan().Steps {
		r.Results = append(r.Results, core.StepResult{Step: s, Outcome: core.StepNotRun})
	}
	var b bytes.Buffer
	if err := ReportText(Stream{W: &b}, r, ReportOptions{}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "leaver"); n != mostNames || !strings.Contains(b.String(), " and 23 more") {
		t.Errorf("%d of 31 steps are named:\n%s", n, b.String())
	}
}

// clock goes on a second at a time.
func clock() func() time.Time {
	now := made
	return func() time.Time { now = now.Add(time.Second); return now }
}

func TestEventsGolden(t *testing.T) {
	var b bytes.Buffer
	e := NewEvents(&b, "v1.4.0", clock())
	p, r := fullPlan(), someReport()
	e.Plan(p)
	for _, x := range r.Results {
		e.StepStarted(x.Step)
		e.StepDone(x)
	}
	e.Error(&attio.Error{Op: "add members", Subject: "Design", Status: 503, Kind: attio.Unavailable, Hint: "Try again."})
	e.Summary(r, ReportOptions{Footer: someFooter(), Held: len(p.Held)})
	if err := e.Err(); err != nil {
		t.Fatal(err)
	}
	golden(t, "events-json", b.Bytes())

	var types []string
	for line := range strings.Lines(b.String()) {
		var x struct {
			Type    string    `json:"type"`
			Time    time.Time `json:"time"`
			Version int       `json:"format_version"`
			Plan    core.Plan `json:"plan"`
		}
		if err := json.Unmarshal([]byte(line), &x); err != nil || x.Time.IsZero() {
			t.Fatalf("%v in %s", err, line)
		}
		if len(types) == 0 && (x.Type != "version" || x.Version != 1) {
			t.Errorf("the first line is %s", line)
		}
		if x.Type == "plan" {
			if diff := cmp.Diff(wholePlan(p), x.Plan); diff != "" {
				t.Errorf("another plan (-given +read):\n%s", diff)
			}
		}
		types = append(types, x.Type)
	}
	if last := types[len(types)-1]; last != "summary" {
		t.Errorf("the last line is of type %s", last)
	}
}

// broken fails every write after the first.
type broken struct{ writes int }

func (b *broken) Write(p []byte) (int, error) {
	if b.writes++; b.writes > 1 {
		return 0, errors.New("the pipe is closed")
	}
	return len(p), nil
}

func TestAStreamThatFailsIsTold(t *testing.T) {
	e := NewEvents(&broken{}, "v1", clock())
	e.StepStarted(fullPlan().Steps[0])
	if e.Err() == nil {
		t.Error("Events hides the stream's error")
	}
	for name, write := range map[string]func(b *broken) error{
		"text":     func(b *broken) error { return PlanText(Stream{W: b}, manySteps(5000), PlanOptions{}) },
		"json":     func(b *broken) error { return PlanJSON(b, emptyPlan()) },
		"markdown": func(b *broken) error { return PlanMarkdown(b, emptyPlan()) },
		"html":     func(b *broken) error { return PlanHTML(b, emptyPlan()) },
	} {
		if write(&broken{writes: 1}) == nil {
			t.Errorf("%s hides the stream's error", name)
		}
	}
}

type hinting struct{ error }

func (hinting) Hint() string { return "Look at line 3 of scim-sync.yaml." }

type saidNo struct{}

func (saidNo) Error() string  { return "the answer was not yes; nothing was written" }
func (saidNo) Declined() bool { return true }

// TestADeclinedQuestionIsNoError: it is called so, to people and programs.
func TestADeclinedQuestionIsNoError(t *testing.T) {
	var text, lines bytes.Buffer
	if err := Error(Stream{W: &text}, fmt.Errorf("apply: %w", saidNo{})); err != nil || text.String() != "Declined: apply: the answer was not yes; nothing was written\n" {
		t.Errorf("%v: %q", err, text.String())
	}
	e := NewEvents(&lines, "test", time.Now)
	e.Error(saidNo{})
	e.Error(errors.New("no such file"))
	if got := lines.String(); strings.Count(got, `"declined":true`) != 1 {
		t.Errorf("%s", got)
	}
}

type listing []string

func (l listing) Error() string   { return strings.Join(l, "\n") }
func (l listing) Lines() []string { return l }

func TestError(t *testing.T) {
	unsafe := fmt.Errorf("read Attio: %w", &attio.Error{Op: "list users", Status: 401, Kind: attio.NotSignedIn, Detail: "bad\n\x1b[2Jtoken", Hint: "Run scim-sync login."})
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"nothing", nil, ""},
		{"plain", errors.New("no such file"), "Error: no such file\n"},
		{"attio, cleaned", unsafe, "Error: read Attio: list users: HTTP 401 (not signed in): bad\\n\\x1b[2Jtoken\n  → Run scim-sync login.\n"},
		{"idp", &idp.Error{Op: "list app users", Detail: "cut short", Hint: "Try again."}, "Error: list app users: cut short\n  → Try again.\n"},
		{"hinting", fmt.Errorf("config: %w", hinting{errors.New("unknown key")}), "Error: config: unknown key\n  → Look at line 3 of scim-sync.yaml.\n"},
		{"a list", fmt.Errorf("settings: %w", listing{"scim-sync.yaml:3:1: okta.or is no setting", "x\ny"}),
			"Error: scim-sync.yaml:3:1: okta.or is no setting\nError: x\\ny\n"},
		{"several", errors.Join(errors.New("one\nforged: fine"), hinting{errors.New("two")}),
			"Error: one\\nforged: fine\nError: two\n  → Look at line 3 of scim-sync.yaml.\n"},
	} {
		var b bytes.Buffer
		if err := Error(Stream{W: &b}, c.err); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, b.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestStepsDoneInPartAreCounted: people for whom a step was done count, whatever
// became of the others, and nothing says that nothing was done.
func TestStepsDoneInPartAreCounted(t *testing.T) {
	step := core.Step{N: 1, Action: core.AddMembers, Team: &core.TeamRef{OktaID: "g", Name: "Eng"}, People: make([]*core.MemberRef, 5)}
	r := core.Report{Results: []core.StepResult{{Step: step, Outcome: core.StepFailed, Status: 400, People: 4, Detail: "4 of 5 were added; not bo@acme.com: HTTP 400 (refused)"}}}
	var text, lines bytes.Buffer
	if err := ReportText(Stream{W: &text, Width: 200}, r, ReportOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Done: memberships: 4 added.", "4 of 5 were added; not bo@acme.com", "Steps: 1 failed."} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text does not say %q:\n%s", want, &text)
		}
	}
	e := NewEvents(&lines, "test", time.Now)
	e.StepDone(r.Results[0])
	e.Summary(r, ReportOptions{})
	if got := lines.String(); !strings.Contains(got, `"people":4,"outcome":"failed"`) || !strings.Contains(got, `"failed":1`) || !strings.Contains(got, `"writes":1`) {
		t.Errorf("the events say %s", got)
	}
}

// TestWhatIsLeftIsTold: a run that ended early says what it did not come to,
// memberships by people, those done before it ended not among them.
func TestWhatIsLeftIsTold(t *testing.T) {
	team := &core.TeamRef{OktaID: "g", Name: "Eng"}
	r := core.Report{Err: errors.New("the token is revoked"), Results: []core.StepResult{
		{Step: core.Step{N: 1, Action: core.Suspend, Person: &core.PersonRef{OktaID: "1", Email: "ada@acme.com"}}, Outcome: core.StepFailed},
		{Step: core.Step{N: 2, Action: core.Provision, Person: &core.PersonRef{OktaID: "2", Email: "bo@acme.com"}}, Outcome: core.StepNotRun},
		{Step: core.Step{N: 3, Action: core.CreateTeam, Team: team}, Outcome: core.StepNotRun},
		{Step: core.Step{N: 4, Action: core.AddMembers, Team: team, People: make([]*core.MemberRef, 250)}, Outcome: core.StepNotRun, People: 100},
	}}
	var text, lines bytes.Buffer
	if err := ReportText(Stream{W: &text, Width: 200}, r, ReportOptions{}); err != nil {
		t.Fatal(err)
	}
	if want := "Left for the next run: 1 to provision; teams: 1 to create; memberships: 150 to add."; !strings.Contains(text.String(), want) {
		t.Errorf("does not say %q:\n%s", want, &text)
	}
	NewEvents(&lines, "test", time.Now).Summary(r, ReportOptions{})
	if want := `"left":{"add_members":150,"create_team":1,"provision":1}`; !strings.Contains(lines.String(), want) {
		t.Errorf("does not say %s:\n%s", want, &lines)
	}
}
