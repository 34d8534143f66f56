package view

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"scim-sync/attio"
	core "scim-sync/sync"
)

func reportFormats() map[string]func(io.Writer, RunReport) error {
	return map[string]func(io.Writer, RunReport) error{"html": RunReportHTML, "md": RunReportMarkdown, "json": RunReportJSON}
}

// runReports end in every way that a run may.
func runReports() map[string]RunReport {
	full, refused, empty := fullPlan(), refusedPlan(), emptyPlan()
	troubled, did := someReport(), core.Report{Results: []core.StepResult{{Step: full.Steps[6], Outcome: core.StepOK, Status: 200}}}
	base := RunReport{ScimSync: "v1.4.0", RunID: "20260820T030000Z-1a2b3c4d", Began: made, Ended: made.Add(90 * time.Second), Footer: someFooter()}
	with := func(change func(*RunReport)) RunReport {
		r := base
		change(&r)
		return r
	}
	return map[string]RunReport{
		"done":     with(func(r *RunReport) { r.Outcome, r.Plan, r.Did, r.Reason = "done", &empty, &did, "ticket 4711" }),
		"troubled": with(func(r *RunReport) { r.ExitCode, r.Outcome, r.Plan, r.Did = 4, "a step failed", &full, &troubled }),
		"refused":  with(func(r *RunReport) { r.ExitCode, r.Outcome, r.Plan = 3, "refused", &refused }),
		"nothing":  with(func(r *RunReport) { r.Outcome, r.Plan = "nothing to do", &empty }),
		"early": with(func(r *RunReport) {
			r.ExitCode, r.Outcome, r.RunID, r.Footer = 6, "a credential was missing or lacked a right", "", Footer{}
			r.Err = &attio.Error{Op: "read", Status: 401, Kind: attio.NotSignedIn, Hint: "Sign in again: scim-sync login."}
		}),
		"locked": with(func(r *RunReport) {
			r.ExitCode, r.Outcome, r.Plan, r.Err = 7, "another run held the lock", &full, errors.New("another run holds the lock")
		}),
	}
}

func TestRunReportGolden(t *testing.T) {
	for name, r := range runReports() {
		for format, write := range reportFormats() {
			var b bytes.Buffer
			if err := write(&b, r); err != nil {
				t.Fatal(err)
			}
			text := b.Bytes()
			if format == "html" {
				text = undressed(t, text)
			}
			golden(t, "run-"+name+"-"+format, text)
		}
	}
}

// TestARunReportSaysHowItEnded in every format: what failed, the server's words
// and what to do; and where the run ended before there was a plan, why.
func TestARunReportSaysHowItEnded(t *testing.T) {
	for name, wants := range map[string][]string{
		"troubled": {"No seat left in this workspace", "Buy a seat", "is the last active admin now", "Interrupted"},
		"refused":  {"too-many-removals", "apply --allow-removals 31"},
		"early":    {"Sign in again: scim-sync login."},
		"locked":   {"another run holds the lock"},
	} {
		for format, write := range reportFormats() {
			var b bytes.Buffer
			if err := write(&b, runReports()[name]); err != nil {
				t.Fatal(err)
			}
			for _, want := range wants {
				if format == "json" && want == "Interrupted" {
					want = `"interrupted": true`
				}
				if !strings.Contains(b.String(), want) {
					t.Errorf("%s.%s: no %q", name, format, want)
				}
			}
			if format == "json" && (!json.Valid(b.Bytes()) || strings.Contains(b.String(), "null")) {
				t.Errorf("%s: %s", name, b.String())
			}
		}
	}
}

func TestRunReportHTMLHoldsNoMarkupFromOutside(t *testing.T) {
	p := hostilePlan()
	did := core.Report{}
	for i, s := range p.Steps {
		outcome := []core.StepOutcome{core.StepOK, core.StepFailed, core.StepSkipped, core.StepNotRun}[i%4]
		did.Results = append(did.Results, core.StepResult{Step: s, Outcome: outcome, Detail: evil[i%len(evil)], Hint: evil[0]})
	}
	var b bytes.Buffer
	if err := RunReportHTML(&b, RunReport{RunID: evil[0], Reason: evil[1], Outcome: "a step failed", ExitCode: 4, Err: errors.New(evil[0]), Plan: &p, Did: &did}); err != nil {
		t.Fatal(err)
	}
	elements, text, err := htmlElements(undressed(t, b.Bytes()))
	if err != nil || elements["script"]+elements["img"]+elements["b"]+elements["iframe"] > 0 {
		t.Errorf("%v %v", elements, err)
	}
	for _, x := range evil {
		if !strings.Contains(text, clean(x)) {
			t.Errorf("%q cannot be read on the page", clean(x))
		}
	}
}

// TestLinksLeadWhereTheyAreKnownTo: to the admin console of an org under Okta's own
// domains, to the workspace of a real Attio; from a sandbox, a file and an id that
// is none, nowhere.
func TestLinksLeadWhereTheyAreKnownTo(t *testing.T) {
	step := &core.Step{Person: &core.PersonRef{OktaID: "00u1a2b3c4d5e6f7g8h9"}}
	group := &core.Step{Team: &core.TeamRef{OktaID: "00g1a2b3c4d5e6f7g8h9"}}
	odd := &core.Step{Person: &core.PersonRef{OktaID: `00u"><script>`}}
	for org, want := range map[string][2]string{
		"https://acme.okta.com":         {"https://acme-admin.okta.com/admin/user/profile/view/00u1a2b3c4d5e6f7g8h9", "https://acme-admin.okta.com/admin/group/00g1a2b3c4d5e6f7g8h9"},
		"https://Acme.oktapreview.com":  {"https://acme-admin.oktapreview.com/admin/user/profile/view/00u1a2b3c4d5e6f7g8h9", "https://acme-admin.oktapreview.com/admin/group/00g1a2b3c4d5e6f7g8h9"},
		"https://id.acme.com":           {},
		"https://a.b.okta.com":          {},
		"http://127.0.0.1:8080":         {},
		"sandbox":                       {},
		"https://acme.okta.com.evil.io": {},
	} {
		l := linksOf(core.WorkspaceRef{Slug: "acme"}, core.SourceRef{OrgURL: org})
		if l.of(step) != want[0] || l.of(group) != want[1] || l.of(odd) != "" {
			t.Errorf("%s: %q %q %q", org, l.of(step), l.of(group), l.of(odd))
		}
		if there := strings.HasPrefix(org, "https:"); (l.Attio == "https://app.attio.com/acme") != there {
			t.Errorf("%s: Attio at %q", org, l.Attio)
		}
	}
	if l := linksOf(core.WorkspaceRef{Slug: "a/../b"}, core.SourceRef{OrgURL: "https://acme.okta.com"}); l.Attio != "" {
		t.Error(l.Attio)
	}
}
