package view

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// of makes n steps of an action, each about somebody or some team of its own.
func of(p *core.Plan, n int, action core.Action, cause core.Cause, reason string) {
	for i := range n {
		s := core.Step{N: len(p.Steps) + 1, Action: action, Cause: cause, Reason: reason}
		switch {
		case action.OfMembers():
			s.Team, s.People = &core.TeamRef{OktaID: fmt.Sprintf("g%s%d", action, i), Name: fmt.Sprintf("Team %d", i)}, members(3+i%9)
			s.Reason = fmt.Sprintf("%s Okta's group Team %d", reason, i)
		case action == core.CreateTeam || action == core.RenameTeam:
			s.Team = &core.TeamRef{OktaID: fmt.Sprintf("g%s%d", action, i), Name: fmt.Sprintf("Team %d", i)}
			s.Before.Name, s.After.Name = "Former "+s.Team.Name, s.Team.Name
			s.Reason = fmt.Sprintf("%s Team %d", reason, i)
		default:
			s.Person = &core.PersonRef{OktaID: fmt.Sprintf("00u%s%d", action, i), Email: fmt.Sprintf("somebody.of.%s.%03d@harbour.example", action, i)}
			s.After = core.Values{Email: s.Person.Email, Role: attio.RoleMember, Status: attio.Active}
			if action == core.Rename {
				s.Before.Profile, s.After.Profile = attio.Profile{GivenName: fmt.Sprint("Former ", i)}, attio.Profile{GivenName: fmt.Sprint("New ", i)}
			}
		}
		p.Steps = append(p.Steps, s)
		p.Summary.Count(&s)
	}
}

// firstSync is what a company of so many people begins with; mixed is what a reorganisation comes to.
func firstSync(people int) core.Plan {
	p := emptyPlan()
	of(&p, people*4/10, core.Provision, core.CauseOkta, "is assigned in Okta; Okta's role says member")
	of(&p, people*6/10, core.Adopt, core.CauseAdopt, "is in Attio already")
	of(&p, people*3/10, core.Rename, core.CauseAdopt, "Okta has another name")
	of(&p, people/12, core.CreateTeam, core.CauseOkta, "Okta's group has no team yet:")
	of(&p, people/12, core.AddMembers, core.CauseOkta, "are in")
	return p
}

func mixed(n int) core.Plan {
	p := emptyPlan()
	of(&p, n*20/250, core.Suspend, core.CauseOkta, "is not assigned in Okta any more")
	of(&p, n*9/250, core.Suspend, core.CauseOkta, "is deactivated in Okta")
	of(&p, n*8/250, core.CancelInvite, core.CauseOkta, "is not assigned in Okta any more")
	of(&p, n*60/250, core.Provision, core.CauseOkta, "is assigned in Okta; Okta's role says member")
	of(&p, n*10/250, core.Reactivate, core.CauseDrift, "was suspended by hand in Attio")
	of(&p, n*70/250, core.Rename, core.CauseOkta, "Okta has another name")
	of(&p, n*4/250, core.Demote, core.CauseOkta, "Okta's role says member")
	of(&p, n*10/250, core.CreateTeam, core.CauseOkta, "Okta's group has no team yet:")
	of(&p, n*40/250, core.AddMembers, core.CauseOkta, "are in")
	of(&p, n*20/250, core.RemoveMembers, core.CauseOkta, "are not in")
	return p
}

// TestAPlanStaysReadable: however much is to be done, a plan is a page or two, one line
// a step, that names nobody twice in a line; with Verbose nothing is left out.
func TestAPlanStaysReadable(t *testing.T) {
	for name, c := range map[string]struct {
		plan core.Plan
		most int
	}{
		"38 mixed": {mixed(38), 50}, "first sync of 300": {firstSync(300), 60}, "251 mixed": {mixed(251), 110},
		"3,000 mixed": {mixed(3000), 110}, "first sync of 3,000": {firstSync(3000), 60},
	} {
		for _, width := range []int{0, 80, 100, 140} {
			var b bytes.Buffer
			if err := PlanText(Stream{W: &b, TTY: width > 0, Width: width}, c.plan, PlanOptions{Footer: someFooter()}); err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(b.String(), "\n"); n > c.most {
				t.Errorf("%s at %d columns: %d lines:\n%s", name, width, n, b.String())
			}
			for line := range strings.Lines(b.String()) {
				if at := strings.Index(line, "somebody."); at >= 0 {
					who := strings.Fields(strings.ReplaceAll(line[at:], ",", " "))[0]
					if strings.Count(line, who) > 1 {
						t.Errorf("%s: one address twice: %q", name, line)
					}
				}
			}
		}
		var b bytes.Buffer
		if err := PlanText(Stream{W: &b}, c.plan, PlanOptions{Verbose: true}); err != nil {
			t.Fatal(err)
		}
		for _, s := range c.plan.Steps[:min(len(c.plan.Steps), 300)] {
			if s.Person != nil && !strings.Contains(b.String(), s.Person.Email) {
				t.Errorf("%s, verbose: nothing is said of %s", name, s.Person.Email)
			}
		}
	}
}

// TestTheQuestionSaysWhatHurts, in a line, however many it is about.
func TestTheQuestionSaysWhatHurts(t *testing.T) {
	for want, p := range map[string]core.Plan{
		"20 people lose access: somebody.of.suspend.000@harbour.example, somebody.of.suspend.001@harbour.example, somebody.of.suspend.002@harbour.example and 17 more · 2 admins no more: ": func() core.Plan {
			p := emptyPlan()
			of(&p, 20, core.Suspend, core.CauseOkta, "left")
			of(&p, 2, core.Demote, core.CauseOkta, "left")
			return p
		}(),
		"1 person loses access: ":               func() core.Plan { p := emptyPlan(); of(&p, 1, core.CancelInvite, core.CauseOkta, "left"); return p }(),
		"120 people are added":                  firstSync(300),
		"1 new admin: grace@acme.com":           {Steps: []core.Step{{Action: core.Promote, Person: &core.PersonRef{Email: "grace@acme.com"}}}},
		"1 is mailed an invite":                 {Steps: []core.Step{{Action: core.Provision, Person: &core.PersonRef{Email: "a@b.c"}, After: core.Values{Status: attio.Invited}}}},
		"3 places in teams end":                 {Steps: []core.Step{{Action: core.RemoveMembers, Team: &core.TeamRef{}, People: members(3)}}},
		"1 address changes · 1 person is added": {Steps: []core.Step{{Action: core.ChangeEmail, Person: &core.PersonRef{}}, {Action: core.Reactivate, Person: &core.PersonRef{}}}},
	} {
		var b bytes.Buffer
		if err := Stakes(Stream{W: &b}, p); err != nil || !strings.Contains(b.String(), want) || strings.Count(b.String(), "\n") != 2 {
			t.Errorf("%v: %q says nothing like %q", err, b.String(), want)
		}
	}
	var b bytes.Buffer
	if err := Stakes(Stream{W: &b}, emptyPlan()); err != nil || b.Len() > 0 {
		t.Errorf("%v: nothing is at stake: %q", err, b.String())
	}
}

// TestOneCauseIsOneParagraph: forty people without a seat are one failure.
func TestOneCauseIsOneParagraph(t *testing.T) {
	p := firstSync(100)
	var r core.Report
	for _, s := range p.Steps[:40] {
		r.Results = append(r.Results, core.StepResult{Step: s, Outcome: core.StepFailed, Status: 400, Detail: "no seat is left for " + s.Person.Email, Hint: "Buy seats, or free some."})
	}
	for _, width := range []int{0, 80} {
		var b bytes.Buffer
		if err := ReportText(Stream{W: &b, TTY: width > 0, Width: width}, r, ReportOptions{}); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		if n := strings.Count(text, "\n"); n > 12 || strings.Count(text, "Buy seats") != 1 || !strings.Contains(text, "40 people: ") || strings.Contains(text, "HTTP") {
			t.Errorf("%d lines:\n%s", n, text)
		}
	}
	var b bytes.Buffer
	if err := ReportText(Stream{W: &b}, r, ReportOptions{Verbose: true, Technical: true}); err != nil || strings.Count(b.String(), "HTTP 400") != 40 {
		t.Errorf("%v: verbose tells each:\n%s", err, b.String())
	}
}

// TestWhatHasToBeLookedAtIsNotFolded: who becomes an admin, loses access or gets which
// address is told of ten, and how many more there are, however many they are.
func TestWhatHasToBeLookedAtIsNotFolded(t *testing.T) {
	for _, action := range []core.Action{core.Promote, core.Suspend, core.ChangeEmail} {
		p := emptyPlan()
		of(&p, 25, action, core.CauseOkta, "so it is in Okta")
		for i := range p.Steps {
			p.Steps[i].Before.Email = fmt.Sprintf("former%02d@harbour.example", i)
		}
		var b bytes.Buffer
		if err := PlanText(Stream{W: &b}, p, PlanOptions{}); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "somebody."); n != mostAlike || !strings.Contains(b.String(), "… and 15 more like these") {
			t.Errorf("%s: %d are named:\n%s", action, n, b.String())
		}
		if action == core.ChangeEmail && !strings.Contains(b.String(), "was former09@harbour.example") {
			t.Errorf("no former address:\n%s", b.String())
		}
	}
}
