package view

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio"
	core "scim-sync/sync"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with testdata/name.golden; -update writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s differs (-golden +got); go test ./cmd/view -update writes it anew:\n%s", path, diff)
	}
}

var made = time.Date(2026, 8, 20, 3, 0, 0, 0, time.UTC)

// emptyPlan is a plan of a workspace that is in step.
func emptyPlan() core.Plan {
	return core.Plan{
		FormatVersion: 1, ID: "sha256:5ca1ab1e", CreatedAt: made, ScimSync: "v1.4.0",
		Workspace: core.WorkspaceRef{ID: "7a1c", Slug: "acme", Name: "Acme"},
		Source:    core.SourceRef{OrgURL: "https://acme.okta.com", AppID: "0oa1", AppLabel: "Attio"},
	}
}

// add appends a step and counts it.
func add(p *core.Plan, s core.Step) {
	s.N = len(p.Steps) + 1
	if s.Cause == "" {
		s.Cause = core.CauseOkta
	}
	p.Steps = append(p.Steps, s)
	p.Summary.Count(&s)
}

func person(a core.Action, email string, before, after core.Values, reason string) core.Step {
	return core.Step{Action: a, Person: &core.PersonRef{OktaID: "00u-" + email, Email: email}, AttioID: "m-" + email,
		Before: before, After: after, Reason: reason}
}

func team(a core.Action, name string, before, after core.Values, reason string) core.Step {
	return core.Step{Action: a, Team: &core.TeamRef{OktaID: "00g-" + name, AttioID: "t-" + name, Name: name},
		Before: before, After: after, Reason: reason}
}

func members(n int) []*core.MemberRef {
	list := make([]*core.MemberRef, n)
	for i := range list {
		list[i] = &core.MemberRef{OktaID: fmt.Sprintf("00u%d", i), Email: fmt.Sprintf("person%02d@acme.com", i), AttioID: fmt.Sprintf("m%d", i)}
	}
	return list
}

func because(c core.Cause, s core.Step) core.Step {
	s.Cause = c
	return s
}

func with(people []*core.MemberRef, s core.Step) core.Step {
	s.People = people
	return s
}

// fullPlan has every action, every cause, refusals that let the rest go on,
// held steps, few and many notes, and unmanaged people.
func fullPlan() core.Plan {
	p := emptyPlan()
	type v = core.Values
	add(&p, person(core.Promote, "grace@acme.com", v{Role: "member"}, v{Role: "admin"}, "Okta's role says admin"))
	add(&p, person(core.Suspend, "leaver@acme.com", v{Role: "member"}, v{}, "is no longer assigned in Okta"))
	add(&p, person(core.Suspend, "old-boss@acme.com", v{Role: "admin"}, v{}, "is deactivated in Okta"))
	add(&p, because(core.CauseDrift, person(core.Suspend, "back-door@acme.com", v{Role: "member"}, v{}, "was reactivated by hand in Attio; Okta no longer has them assigned")))
	add(&p, person(core.CancelInvite, "never-came@partner.example", v{Role: "member", Status: attio.Invited}, v{}, "is no longer assigned in Okta"))
	add(&p, person(core.Provision, "new-admin@acme.com", v{}, v{Profile: attio.Profile{GivenName: "Nora", FamilyName: "Nowak"}, Role: "admin", Status: attio.Active}, "is assigned through group Leads; Okta's role says admin"))
	add(&p, person(core.Provision, "ada@acme.com", v{}, v{Profile: attio.Profile{GivenName: "Ada", FamilyName: "Lovelace"}, Role: "member", Status: attio.Active}, "is assigned in Okta"))
	add(&p, person(core.Provision, "kim@partner.example", v{}, v{Profile: attio.Profile{GivenName: "Kim", FamilyName: "Lee"}, Role: "member", Status: attio.Invited}, "is assigned through group Contractors"))
	add(&p, person(core.Provision, "山田@acme.jp", v{}, v{Profile: attio.Profile{GivenName: "太郎", FamilyName: "山田"}, Role: "member"}, "is assigned in Okta"))
	add(&p, because(core.CauseDrift, person(core.Reactivate, "ben@acme.com", v{Status: attio.Suspended}, v{Role: "member", Status: attio.Active}, "was suspended by hand in Attio; Okta still has them assigned")))
	add(&p, because(core.CauseDrift, person(core.Demote, "sneaky@acme.com", v{Role: "admin"}, v{Role: "member"}, "Okta's role says member")))
	add(&p, person(core.Rename, "mary@acme.com", v{Profile: attio.Profile{GivenName: "Mary", FamilyName: "Smith"}}, v{Profile: attio.Profile{GivenName: "Mary", FamilyName: "Smith-Jones"}}, "Okta's profile says so"))
	add(&p, person(core.ChangeEmail, "mary@acme.com", v{Email: "mary.smith@acme.com"}, v{Email: "mary@acme.com"}, "same Okta person, new address"))
	add(&p, because(core.CauseAdopt, person(core.Adopt, "zoe@acme.com", v{}, v{Email: "Zoe@ACME.com", Role: "member", Status: attio.Active}, "the address is the same but for its case")))
	add(&p, because(core.CauseAdopt, person(core.Adopt, "root@acme.com", v{}, v{Role: "admin", Status: attio.Active}, "the address is the same")))
	add(&p, team(core.CreateTeam, "Design", v{}, v{Name: "Design"}, "Okta's group Design has no team yet"))
	add(&p, because(core.CauseAdopt, team(core.LinkTeam, "Eng", v{Name: "Eng"}, v{Name: "Eng"}, "the settings name this team for Okta's group Engineering")))
	union := team(core.CreateTeam, "Everyone at sea", v{}, v{Name: "Everyone at sea"}, "two groups make this team")
	union.Team.Groups = []string{"00g1", "00g2"}
	add(&p, union)
	add(&p, team(core.RenameTeam, "Customer Care", v{Name: "Support"}, v{Name: "Customer Care"}, "Okta's group is called Customer Care"))
	add(&p, because(core.CauseDrift, team(core.RenameTeam, "Sales", v{Name: "Sales!!"}, v{Name: "Sales"}, "was renamed by hand in Attio")))
	add(&p, team(core.DeleteTeam, "Skunkworks", v{Name: "Skunkworks", Kind: "created"}, v{}, "Okta has no such group any more, and teams.when_group_gone says delete"))
	add(&p, with(members(21), team(core.AddMembers, "Design", v{}, v{}, "are in Okta's group")))
	add(&p, with(members(2), team(core.AddMembers, "Eng", v{}, v{}, "are in Okta's group")))
	add(&p, because(core.CauseDrift, with(members(9), team(core.RemoveMembers, "Eng", v{}, v{}, "were added by hand in Attio"))))
	add(&p, with(members(1), team(core.RemoveMembers, "Sales", v{}, v{}, "left Okta's group")))

	p.Held = []core.HeldStep{
		{Code: "last-admin", Step: person(core.Demote, "solo@acme.com", v{Role: "admin"}, v{Role: "member"}, "Okta's role says member")},
		{Code: "needs-held-step", Step: with(members(1), team(core.AddMembers, "Design", v{}, v{}, "waits for a person who is not provisioned"))},
	}
	p.Refusals = []core.Refusal{
		{Code: "last-admin", Reach: core.ReachSteps, Subject: "solo@acme.com", Detail: "is the last active admin of the workspace; Attio refuses to be left without one",
			Remedy: "Make somebody else an admin first: give another active person the role admin in Okta, and run again."},
		{Code: "team-name-taken", Reach: core.ReachSteps, Subject: "Finance", Detail: "Attio has a team of this name that Okta does not manage",
			Remedy: `Tie them together: scim-sync link "Finance" "Finance", or name another team under teams.groups in scim-sync.yaml.`},
	}
	p.Notes = []core.Note{
		{Code: "admin-kept", Subject: "root@acme.com", Detail: "was an admin before scim-sync met them and has no role in Okta: stays admin"},
		{Code: "unknown-role", Subject: "owner", Detail: "is no role of Attio and counts as member (ada@acme.com, kim@partner.example and 3 more)"},
	}
	for i := range 12 {
		p.Notes = append(p.Notes, core.Note{Code: "waiting", Subject: fmt.Sprintf("soon%d@acme.com", i), Detail: "is STAGED in Okta: neither here nor gone, left as they are"})
	}
	p.Unmanaged = []core.Unmanaged{
		{Email: "consultant@expert.example", Role: "admin", Status: attio.Active},
		{Email: "guest@acme.com", Role: "member", Status: attio.Invited, Teams: []string{"Board", "Advisers"}},
	}
	p.UnmanagedTeams = []string{"Board"}
	p.Summary.SeatsTaken, p.Summary.SeatsFreed = 5, 3
	p.Summary.UnmanagedMembers, p.Summary.UnmanagedTeams = 2, 1
	p.Summary.Held, p.Summary.Refused = 2, 1
	return p
}

// refusedPlan is stopped by a cap.
func refusedPlan() core.Plan {
	p := emptyPlan()
	for i := range 31 {
		add(&p, person(core.Suspend, fmt.Sprintf("leaver%02d@acme.com", i), core.Values{Role: "member"}, core.Values{}, "is no longer assigned in Okta"))
	}
	p.Summary.Removals, p.Summary.SeatsFreed = 31, 31
	p.Refusals = []core.Refusal{{Code: "too-many-removals", Reach: core.ReachRun, Subject: "Acme",
		Detail: "31 of 120 managed people would lose their place; protect.removals allows 24",
		Remedy: "Look at who would be removed. If it is right: scim-sync apply --allow-removals 31; or raise protect.removals or protect.removals_ceiling."}}
	return p
}

// someFooter is what a run costs.
func someFooter() Footer {
	return Footer{
		Sides: []Side{
			{Name: "okta", Requests: 12, Retries: 1, Waited: 3400 * time.Millisecond},
			{Name: "attio", Requests: 1009, Writes: 5},
		},
		FullCycle: 61, Took: 4200 * time.Millisecond,
	}
}

// evil are values as a hostile directory might hold them.
var evil = []string{
	"\x1b[31mred\x1b[0m\x1b]0;title\x07",
	"new\nline\rreturn\ttab",
	"\u202egnp.exe\u2066\u200f",
	"zero\u200bwidth\ufeff\u00ad\u2060",
	"c1\u009b31m\u0085\u007f",
	"bad\xffutf8\xc0\xaf",
	"<script>alert(1)</script><img src=x onerror=alert(1)>",
	"| cell | `code` *bold* _it_ [link](javascript:alert(1)) ![i](x) ~~s~~ # h",
	"@everyone @acme/owners #1 http://evil.example www.evil.example <https://evil.example>",
	`"quoted" 'single' \back\ $(rm -rf) ${HOME} %s %d {{.}}`,
	"a" + strings.Repeat("\u0301", 40),
	strings.Repeat("long", 500) + "@acme.com",
	"fill\u3164er\u115f\U000e0041tag\u2028sep",
}

// hostilePlan has them everywhere.
func hostilePlan() core.Plan {
	p := emptyPlan()
	for _, x := range evil {
		values := core.Values{Email: x, Profile: attio.Profile{GivenName: x, FamilyName: x}, Name: x, Role: attio.Role(x)}
		add(&p, person(core.Provision, x, core.Values{}, values, x))
		add(&p, person(core.ChangeEmail, x, values, values, x))
		add(&p, with([]*core.MemberRef{{Email: x}}, team(core.AddMembers, x, values, values, x)))
		add(&p, team(core.RenameTeam, x, values, values, x))
		p.Notes = append(p.Notes, core.Note{Code: "unknown-role", Subject: x, Detail: x})
		p.Refusals = append(p.Refusals, core.Refusal{Code: "email-conflict", Subject: x, Detail: x, Remedy: x})
		p.Held = append(p.Held, core.HeldStep{Code: core.Code(x), Step: person(core.Suspend, x, core.Values{}, core.Values{}, x)})
		p.Unmanaged = append(p.Unmanaged, core.Unmanaged{Email: x, Role: attio.Role(x), Status: attio.Status(x), Teams: []string{x}})
	}
	p.Workspace.Name, p.Source.AppLabel = evil[0], evil[2]
	p.Summary.UnmanagedMembers = len(evil)
	return p
}
