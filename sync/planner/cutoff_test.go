package planner

import (
	core "scim-sync/sync"
	"strings"
	"testing"

	"scim-sync/attio"
)

// begun is a write that a run which was cut off had begun.
func begun(st core.Step) core.Unfinished {
	return core.Unfinished{At: daysAgo(0.1), Intent: core.Intent{Step: st}}
}

// TestDiffOfWhatWasCutOff: the next run finds what became of writes whose
// answers were lost, whatever changed in Okta meanwhile.
func TestDiffOfWhatWasCutOff(t *testing.T) {
	provision := func(id, email string) core.Step {
		return core.Step{Action: core.Provision, Person: &core.PersonRef{OktaID: id, Email: email}, After: core.Values{Email: email, Role: attio.RoleMember, Status: attio.Active}}
	}
	check(t, []row{
		{name: "an account that gave way to one whose answer was lost", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", suspended, func(t *trio) { t.okta.Email, t.state.NotTaken = "new@acme.com", &core.NotTaken{Email: "new@acme.com"} })
			s.stranger("x", "new@acme.com")
			s.in.Unfinished = []core.Unfinished{begun(provision("1", "new@acme.com"))}
		}, steps: []string{"adopt new@acme.com →new@acme.com,member,active,New,Acme (adopt)", "rename new@acme.com New→Ada (drift)"}, notes: []string{"user-name-differs okta.email_attribute"}},
		{name: "the address has changed since to one that a stranger has", scene: func(s *scene) {
			s.fresh("1", "new@acme.com")
			s.stranger("x", "ada@acme.com")
			s.stranger("y", "new@acme.com")
			s.in.Unfinished = []core.Unfinished{begun(provision("1", "ada@acme.com"))}
		}, steps: []string{"adopt ada@acme.com →ada@acme.com,member,active,Ada,Acme (adopt)", "rename ada@acme.com Ada→New (adopt)"}, refusals: []string{"email-conflict new@acme.com"}},
		{name: "an invite that a run had begun to withdraw is no declined one", scene: func(s *scene) {
			s.tied("1", "ada@else.com", invited(2), func(t *trio) { t.okta.Email = "new@else.com" })
			s.in.Workspace.Members = s.in.Workspace.Members[:1]
			s.in.Unfinished = []core.Unfinished{begun(core.Step{Action: core.CancelInvite, Person: &core.PersonRef{OktaID: "1", Email: "ada@else.com"}})}
		}, steps: []string{"provision new@else.com →new@else.com,member,invited,Ada,Else (okta)"}, notes: []string{"user-name-differs okta.email_attribute"}},
	})
}

// TestProtectedIsProtectedAlways: whoever is not asked about because they are
// protected is not suspended either.
func TestProtectedIsProtectedAlways(t *testing.T) {
	s := newScene()
	s.tied("1", "ceo@acme.com", func(t *trio) { t.attio.Email = "by.hand@acme.com" })
	s.stranger("x", "ceo@acme.com")
	s.in.Policy.Protect.Members = []string{"ceo@acme.com"}
	s.in.Directory.People = s.in.Directory.People[:1]
	p := s.propose(t)
	for _, st := range p.Plan.Steps {
		if st.Action == core.Suspend && !strings.Contains(strings.Join(p.Questions.People, " "), st.Person.OktaID) {
			t.Errorf("%s goes, and nobody is asked about them", st.Person.Email)
		}
	}
}
