package planner

import (
	"strings"
	"testing"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// TestAnAdminWhomNoListShowedIsAdopted: who was asked for as a member and comes as
// an admin had an account. They are adopted as after a conflict, and no admin is
// demoted for having been left out of a list, unless Okta says member.
func TestAnAdminWhomNoListShowedIsAdopted(t *testing.T) {
	for name, c := range map[string]struct {
		option option
		steps  []string
		notes  []string
	}{
		"no role in Okta":    {roles(), nil, []string{"admin-kept ada@acme.com"}},
		"Okta says member":   {roles("member"), []string{"demote ada@acme.com admin→member (okta)"}, nil},
		"Okta says admin":    {roles("admin"), nil, nil},
		"of somebody else's": {func(x *trio) { x.okta.Email, x.okta.UserName = "ada@else.com", "ada@else.com" }, nil, []string{"admin-kept ada@else.com"}},
	} {
		s := newScene()
		s.fresh("1", "ada@acme.com", c.option)
		s.arrives = func(m *attio.Member) bool {
			m.Role, m.Status = attio.RoleAdmin, attio.Active
			return true
		}
		_, r := s.run(t)
		asked := name == "Okta says admin"
		if e := s.in.Managed.People["1"]; r.Count(core.StepOK) != 1 || e.Adopted == asked || e.Applied.Role != attio.RoleAdmin || (len(r.Notes) == 0) != asked {
			t.Errorf("%s: %+v, %+v", name, r, e)
		}
		p, _ := s.run(t)
		alike(t, name, c.steps, wordsOfAll(p.Plan.Steps))
		alike(t, name, c.notes, noteWords(p.Plan.Notes))
	}
}

// TestWhatAttioStoredIsBlamedOnNobody: names and status that Attio has otherwise
// right after somebody was provisioned are not somebody's doing by hand.
func TestWhatAttioStoredIsBlamedOnNobody(t *testing.T) {
	s := newScene()
	s.fresh("1", "ada@acme.com")
	s.fresh("2", "bo@acme.com")
	s.arrives = func(m *attio.Member) bool {
		if m.Email == "ada@acme.com" {
			m.GivenName = "Adele"
		} else {
			m.Status, m.Role = attio.Suspended, ""
		}
		return true
	}
	_, r := s.run(t)
	if r.Count(core.StepOK) != 2 || len(r.Notes) != 2 {
		t.Errorf("%+v", r)
	}
	p, _ := s.run(t)
	alike(t, "the next run", []string{"reactivate bo@acme.com suspended→member,active (okta)", "rename ada@acme.com Adele→Ada (okta)"}, wordsOfAll(p.Plan.Steps))
	if p, _ = s.run(t); p.Changes() {
		t.Errorf("then %v", wordsOfAll(p.Plan.Steps))
	}
}

// TestProvisionedInVainTwiceWaits: who was not there after two good answers is
// tried again after seven days, like an invite, and a note says so.
func TestProvisionedInVainTwiceWaits(t *testing.T) {
	s := newScene()
	s.fresh("1", "ada@acme.com")
	s.group("g", "Eng", "1")
	s.arrives = func(*attio.Member) bool { return false }
	provision := []string{"provision ada@acme.com →ada@acme.com,member,active,Ada,Acme (okta)"}
	only := func(p *Draft) (list []string) {
		for _, st := range p.Plan.Steps {
			if st.Person != nil {
				list = append(list, told(st))
			}
		}
		return list
	}
	for range 2 {
		p, r := s.run(t)
		alike(t, "asked for", provision, only(p))
		if res := r.Results[0]; res.Outcome != core.StepFailed || res.Step.Person == nil || res.Status != 201 {
			t.Errorf("%+v", res)
		}
	}
	for range 3 {
		p, _ := s.run(t)
		alike(t, "waits", nil, only(p))
		alike(t, "says so", []string{"invite-not-sent ada@acme.com"}, noteWords(p.Plan.Notes))
		if !strings.Contains(p.Plan.Notes[0].Detail, "2 times") {
			t.Error(p.Plan.Notes)
		}
		s.in.Now = s.in.Now.Add(2 * 24 * time.Hour)
	}
	s.in.Now = s.in.Now.Add(2 * 24 * time.Hour)
	s.arrives = nil
	p, _ := s.run(t)
	alike(t, "seven days on", provision, only(p))
	if e := s.in.Managed.People["1"]; e.NotMade != 0 || e.AttioID == "" || !e.Applied.Active {
		t.Errorf("%+v", e)
	}
	if p, _ = s.run(t); p.Changes() {
		t.Errorf("then %v", wordsOfAll(p.Plan.Steps))
	}
}

// TestProvisionedInVainAndThereLater: who turns up after all is managed, and
// loses their place with the assignment.
func TestProvisionedInVainAndThereLater(t *testing.T) {
	s := newScene()
	s.fresh("1", "ada@acme.com")
	s.arrives = func(*attio.Member) bool { return false }
	s.run(t)
	s.run(t)
	s.in.Workspace.Members = append(s.in.Workspace.Members, attio.Member{ID: "late", Email: "ada@acme.com", Profile: attio.Profile{GivenName: "Ada", FamilyName: "Acme"}, Role: attio.RoleMember, Status: attio.Active})
	p, _ := s.run(t)
	alike(t, "adopted", []string{"adopt ada@acme.com →ada@acme.com,member,active,Ada,Acme (adopt)"}, wordsOfAll(p.Plan.Steps))
	s.in.Directory.People[1].Access = idp.Revoked
	p, _ = s.run(t)
	alike(t, "leaves", []string{"suspend ada@acme.com member,active→suspended (okta)"}, wordsOfAll(p.Plan.Steps))
}
