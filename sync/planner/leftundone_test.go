package planner

import (
	core "scim-sync/sync"
	"testing"
)

// formerAdmin is somebody who is an admin by a group that they have left.
func formerAdmin(more ...option) *scene {
	s := newScene()
	nobodyHasIt(s)
	s.in.Policy.Roles.AdminGroups, s.in.Policy.Teams.Source = []string{"Admins"}, "none"
	s.group("g", "Admins", "boss").Team = false
	s.tied("1", "ada@acme.com", append([]option{admin, func(x *trio) { x.state.RoleFrom, x.state.Adopted = fromGroup, true }}, more...)...)
	return s
}

// TestDemotionNotDone: who leaves an admin group is demoted, also after a run
// that could not do it, held it back, or was about somebody else.
func TestDemotionNotDone(t *testing.T) {
	demote := []string{"demote ada@acme.com admin→member (okta)"}
	for name, first := range map[string]func(*scene){
		"refused by Attio": func(s *scene) { s.run(t, core.Demote) },
		"held back": func(s *scene) {
			s.in.Options.NoRemovals = true
			s.run(t)
		},
		"somebody else's run": func(s *scene) {
			s.in.Options.Only = "boss@acme.com"
			s.run(t)
		},
		"another step of theirs": func(s *scene) {
			s.in.Workspace.Members[1].GivenName = "Adaa"
			if _, r := s.run(t, core.Demote); r.Count(core.StepOK) != 1 || r.Count(core.StepFailed) != 1 {
				t.Errorf("%+v", r.Results)
			}
		},
	} {
		for _, when := range []core.WhenAbsent{core.KeepAdopted, core.AbsentMember, core.AbsentKeep} {
			s := formerAdmin()
			s.in.Policy.Roles.WhenAbsent = when
			first(s)
			s.in.Options = Options{}
			p, _ := s.run(t)
			alike(t, name+", "+string(when)+": the next run", demote, wordsOfAll(p.Plan.Steps))
			if s.in.Managed.People["1"].RoleFrom != "" {
				t.Errorf("%s: state says %+v of a member", name, s.in.Managed.People["1"])
			}
			if p, _ = s.run(t); p.Changes() {
				t.Errorf("%s: then %v", name, wordsOfAll(p.Plan.Steps))
			}
		}
	}
}

// TestInvitedAdminReaddressed: an invite as admin by a group that was left, which
// gives way to one to another address, is followed by one as member, also when
// it takes two runs.
func TestInvitedAdminReaddressed(t *testing.T) {
	s := formerAdmin(invited(20), func(x *trio) { x.okta.Email = "ada@new.com" })
	s.run(t, core.Provision)
	p, _ := s.run(t)
	alike(t, "the next run", []string{"provision ada@new.com →ada@new.com,member,invited,Ada,Acme (okta)"}, wordsOfAll(p.Plan.Steps))
}

// TestReaddressingNotDone: an invite whose withdrawal is held back was not sent
// anew, so that nothing delays the one to the new address.
func TestReaddressingNotDone(t *testing.T) {
	s := newScene()
	s.tied("1", "ada@else.com", invited(20), func(x *trio) { x.okta.Email, x.state.AttioID = "ada@new.com", "old" })
	s.in.Options.NoRemovals = true
	s.run(t)
	s.in.Options = Options{}
	p, _ := s.run(t)
	if got := wordsOfAll(p.Plan.Steps); len(got) != 2 || p.Plan.Steps[0].Action != core.CancelInvite || p.Plan.Steps[1].Action != core.Provision {
		t.Errorf("the next run: %v %v", got, noteWords(p.Plan.Notes))
	}
}
