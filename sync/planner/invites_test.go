package planner

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
	"scim-sync/sync/apply"
)

// provisions counts the steps that have Attio mail an address.
func provisions(p *Draft, email string) (n int) {
	for _, s := range p.Plan.Steps {
		if s.Action == core.Provision && attio.FoldEmail(s.After.Email) == attio.FoldEmail(email) {
			n++
		}
	}
	return n
}

// decline is what becomes of an invite by hand.
func (s *scene) decline(email string) {
	s.in.Workspace.Members = slices.DeleteFunc(slices.Clone(s.in.Workspace.Members), func(m attio.Member) bool { return m.Email == email })
}

// TestAnAddressIsSentThreeInvitesAWeek: however often the assignment comes and
// goes, whoever has the address in Okta, and however the invite ends.
func TestAnAddressIsSentThreeInvitesAWeek(t *testing.T) {
	const mo = "Mo@else.com"
	for name, turn := range map[string]func(s *scene, n int){
		"the assignment comes and goes": func(s *scene, n int) {
			s.in.Directory.People[1].Access = []idp.Access{idp.Granted, idp.Revoked}[n%2]
		},
		"somebody else has the address": func(s *scene, n int) {
			p := &s.in.Directory.People[1]
			s.in.Answers.People[p.ID] = idp.Standing{Access: idp.Revoked, Proof: idp.Proof{Status: 404}}
			delete(s.in.Managed.People, p.ID) // let go of, so that the address is free
			p.ID = fmt.Sprint("mo", n)
			s.decline(mo)
		},
		"the address goes back and forth": func(s *scene, n int) {
			s.in.Directory.People[1].Email = []string{mo, "mo.two@else.com"}[n%2]
			if e, ok := s.in.Managed.People["mo"]; ok {
				e.Readdressed = time.Time{} // the other limit apart
				s.in.Managed.People["mo"] = e
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			s.in.Policy.Protect.RemovalsWindow = 0
			s.fresh("mo", mo)
			var mails []time.Time
			waited := 0
			for n := range 24 * 15 {
				turn(s, n)
				p, _ := s.run(t)
				if provisions(p, mo) > 0 {
					mails = append(mails, s.in.Now)
				}
				for _, note := range p.Plan.Notes {
					if note.Code == core.NoteInviteNotSent {
						waited++
					}
				}
				s.in.Now = s.in.Now.Add(time.Hour)
			}
			for i, at := range mails[min(3, len(mails)):] {
				if since := at.Sub(mails[i]); since < inviteAgainAfter {
					t.Errorf("four invites within %s", since)
				}
			}
			if len(mails) < 6 || waited < 100 {
				t.Errorf("%d invites in fifteen days, %d notes: want three a week, and the others told", len(mails), waited)
			}
		})
	}
}

// TestAnInviteOfACutRunCounts: one that may have been sent counts, also once that
// run was looked after.
func TestAnInviteOfACutRunCounts(t *testing.T) {
	s := newScene()
	s.fresh("mo", "mo@else.com")
	for i := range 3 {
		u := begun(core.Step{Action: core.Provision, Person: &core.PersonRef{OktaID: fmt.Sprint("x", i), Email: "MO@else.com"}, After: core.Values{Email: "MO@else.com", Role: attio.RoleMember}})
		u.At = now.Add(-time.Duration(i+1) * time.Hour)
		s.in.Unfinished = append(s.in.Unfinished, u)
	}
	for range 2 {
		p, _ := s.run(t)
		alike(t, "steps", nil, wordsOfAll(p.Plan.Steps))
		alike(t, "notes", []string{"invite-not-sent mo@else.com"}, noteWords(p.Plan.Notes))
		if err := apply.Learn(t.Context(), &p.Planned, &memoryJournal{m: &s.in.Managed}); err != nil {
			t.Fatal(err)
		}
		s.in.Unfinished = nil
	}
}

// TestAnAdoptedInviteWaitsAWeek: nobody knows when it was sent, so it counts as
// sent when it was met; one that state has without a date as well.
func TestAnAdoptedInviteWaitsAWeek(t *testing.T) {
	for name, scene := range map[string]func(*scene){
		"adopted": func(s *scene) { s.unadopted("mo", "mo@else.com", invited(0)) },
		"adopted by an earlier program": func(s *scene) {
			s.tied("mo", "mo@else.com", invited(0), func(t *trio) { t.state.InvitedAt = time.Time{} })
		},
		"found again by its address": func(s *scene) {
			s.tied("mo", "mo@else.com", invited(30), func(t *trio) { t.attio.ID = "another" })
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			scene(s)
			p, _ := s.run(t)
			if err := apply.Learn(t.Context(), &p.Planned, &memoryJournal{m: &s.in.Managed}); err != nil || provisions(p, "mo@else.com") > 0 {
				t.Fatal(err, wordsOfAll(p.Plan.Steps))
			}
			s.decline("mo@else.com")
			for _, c := range []struct {
				wait time.Duration
				want int
			}{{time.Minute, 0}, {inviteAgainAfter - time.Hour, 0}, {time.Hour, 1}} {
				s.in.Now = s.in.Now.Add(c.wait)
				if p := s.propose(t); provisions(p, "mo@else.com") != c.want {
					t.Errorf("after another %s: %v", c.wait, wordsOfAll(p.Plan.Steps))
				}
			}
		})
	}
}
