package planner

import (
	"errors"
	core "scim-sync/sync"
	"strings"
	"testing"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/idset"
)

func TestDiffOfAccess(t *testing.T) {
	check(t, []row{
		{name: "revoked", scene: func(s *scene) { s.tied("1", "ada@acme.com", access(idp.Revoked, "DEPROVISIONED")) },
			steps: []string{"suspend ada@acme.com member,active→suspended (okta)"}},
		{name: "revoked, never managed: left alone", scene: func(s *scene) { s.unadopted("1", "ada@acme.com", access(idp.Revoked, "INACTIVE")) },
			notes: []string{"suspended-in-okta ada@acme.com"}},
		{name: "revoked, never in Attio", scene: func(s *scene) { s.fresh("1", "ada@acme.com", access(idp.Revoked, "INACTIVE")) }},
		{name: "revoked and suspended already", scene: func(s *scene) { s.tied("1", "ada@acme.com", suspended, access(idp.Revoked, "INACTIVE")) }},
		{name: "waiting: neither here nor gone", scene: func(s *scene) { s.tied("1", "ada@acme.com", access(idp.Waiting, "STAGED")) },
			notes: []string{"waiting ada@acme.com"}, says: []string{"STAGED (user ACTIVE)"}},
		{name: "waiting, not in Attio", scene: func(s *scene) { s.fresh("1", "ada@acme.com", access(idp.Waiting, "STAGED")) },
			notes: []string{"waiting ada@acme.com"}},
		{name: "waiting, suspended: stays so", scene: func(s *scene) { s.tied("1", "ada@acme.com", suspended, access(idp.Waiting, "STAGED")) },
			notes: []string{"waiting ada@acme.com"}},
		{name: "waiting keeps memberships", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", access(idp.Waiting, "STAGED"))
			s.tiedTeam("Eng", "boss")
			s.in.Workspace.Teams[0].Members = idset.Of("a-boss", "a-1")
		}, notes: []string{"waiting ada@acme.com"}},
		{name: "no answer at all is taken for nothing", scene: func(s *scene) { s.tied("1", "ada@acme.com", access(0, "")) },
			notes: []string{"waiting ada@acme.com"}},
		{name: "suspended in Okta", scene: func(s *scene) { s.tied("1", "ada@acme.com", access(idp.Suspended, "SUSPENDED")) },
			steps: []string{"suspend ada@acme.com member,active→suspended (okta)"}},
		{name: "suspended in Okta, kept by setting", scene: func(s *scene) {
			s.in.Policy.KeepSuspended = true
			s.tied("1", "ada@acme.com", access(idp.Suspended, "SUSPENDED"))
		}},
		{name: "suspended in Okta, invited", scene: func(s *scene) { s.tied("1", "mo@else.com", invited(1), access(idp.Suspended, "SUSPENDED")) },
			steps: []string{"cancel_invite mo@else.com member,invited→ (okta)"}},
		{name: "suspended in Okta, not in Attio: not provisioned", scene: func(s *scene) {
			s.fresh("1", "ada@acme.com", access(idp.Suspended, "SUSPENDED"))
		}},
		{name: "protected from suspension", scene: func(s *scene) {
			s.in.Policy.Protect.Members = []string{"Ada@acme.com"}
			s.tied("1", "ada@acme.com", access(idp.Revoked, "INACTIVE"))
		}, notes: []string{"protected ada@acme.com"}},

		{name: "assigned again", scene: func(s *scene) { s.tied("1", "ada@acme.com", suspended) },
			steps: []string{"reactivate ada@acme.com suspended→member,active (okta)"}},
		{name: "assigned again, with another role and name", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", suspended, roles("admin"), func(t *trio) { t.okta.FamilyName = "Byron" })
		}, steps: []string{"reactivate ada@acme.com suspended→admin,active (okta)", "rename ada@acme.com Acme→Byron (okta)"}},
		{name: "suspended in Attio, met for the first time", scene: func(s *scene) { s.unadopted("1", "ada@acme.com", suspended) },
			steps: []string{"adopt ada@acme.com →ada@acme.com,suspended,Ada,Acme (adopt)", "reactivate ada@acme.com suspended→member,active (adopt)"}},
		{name: "suspended by hand while assigned", scene: func(s *scene) { s.tied("1", "ada@acme.com", suspendedByHand) },
			steps: []string{"reactivate ada@acme.com suspended→member,active (drift)"}},
		{name: "suspended by hand, and unassigned since: settled", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", suspendedByHand, access(idp.Revoked, "INACTIVE"))
		}, learns: []string{"1 is out"}},
		{name: "made active by hand while unassigned", scene: func(s *scene) {
			s.left("1", "ada@acme.com", func(t *trio) { t.state.Applied.Active = false })
		}, steps: []string{"suspend ada@acme.com member,active→suspended (drift)"}},
		{name: "accepted while unassigned", scene: func(s *scene) {
			s.left("1", "mo@else.com", func(t *trio) { t.state.Kind, t.state.AttioID = core.Invite, "invite" })
		}, steps: []string{"suspend mo@else.com member,active→suspended (okta)"}},
	})
}

func TestDiffOfAbsence(t *testing.T) {
	listed := func(a idp.Access, status string) func(*scene) {
		return func(s *scene) {
			s.left("1", "ada@acme.com")
			s.in.Answers.People["1"] = idp.Standing{Access: a, Listed: true, Person: idp.Person{ID: "1", Email: "ada@acme.com", Access: a, AppStatus: status}}
		}
	}
	check(t, []row{
		{name: "not in the list: asked about first", scene: func(s *scene) {
			s.left("1", "ada@acme.com")
			delete(s.in.Answers.People, "1")
		}, steps: []string{"suspend ada@acme.com member,active→suspended (okta)"}, asks: []string{"1"}},
		{name: "not in the list, and confirmed", scene: func(s *scene) { s.left("1", "ada@acme.com") },
			steps: []string{"suspend ada@acme.com member,active→suspended (okta)"}},
		{name: "not in the list, which is proof enough by setting", scene: func(s *scene) {
			s.in.Policy.Protect.TrustAbsence = true
			s.left("1", "ada@acme.com")
			delete(s.in.Answers.People, "1")
		}, steps: []string{"suspend ada@acme.com member,active→suspended (okta)"}},
		{name: "not in the list, and suspended: nothing to ask", scene: func(s *scene) {
			s.left("1", "ada@acme.com", suspended)
			delete(s.in.Answers.People, "1")
		}},
		{name: "not in the list, and protected: nothing to ask", scene: func(s *scene) {
			s.in.Policy.Protect.Members = []string{"ada@acme.com"}
			s.left("1", "ada@acme.com")
			delete(s.in.Answers.People, "1")
		}, notes: []string{"protected ada@acme.com"}},
		{name: "asked by id, Okta says inactive", scene: listed(idp.Revoked, "INACTIVE"),
			steps: []string{"suspend ada@acme.com member,active→suspended (okta)"}},
		{name: "asked by id, Okta says staged", scene: listed(idp.Waiting, "STAGED"), notes: []string{"waiting ada@acme.com"}},
		{name: "asked by id, Okta says suspended", scene: listed(idp.Suspended, "SUSPENDED"),
			steps: []string{"suspend ada@acme.com member,active→suspended (okta)"}},
		{name: "gone on both sides: settled, so that it is no loss of Attio's", scene: func(s *scene) {
			s.left("1", "mo@else.com", invited(2))
			s.in.Workspace.Members = s.in.Workspace.Members[:1]
		}, learns: []string{"1 is out"}},
		{name: "gone on both sides: asked about first", scene: func(s *scene) {
			s.left("1", "mo@else.com", invited(2))
			s.in.Workspace.Members = s.in.Workspace.Members[:1]
			delete(s.in.Answers.People, "1")
		}, asks: []string{"1"}},
	})
	t.Run("asked by id, Okta says granted: nothing is to be believed", func(t *testing.T) {
		s := newScene()
		listed(idp.Granted, "ACTIVE")(s)
		_, err := Plan(s.in)
		var doubt *core.UntrustedError
		if !errors.As(err, &doubt) || !strings.Contains(doubt.Detail, "ada@acme.com (1)") || doubt.Hint() == "" {
			t.Errorf("error %v, want one that names the person", err)
		}
	})
}

func TestDiffOfInvites(t *testing.T) {
	gone := func(days float64, opts ...option) func(*scene) {
		return func(s *scene) {
			s.tied("1", "mo@else.com", append([]option{invited(days)}, opts...)...)
			s.in.Workspace.Members = s.in.Workspace.Members[:1]
		}
	}
	check(t, []row{
		{name: "pending", scene: func(s *scene) { s.tied("1", "mo@else.com", invited(3)) }},
		{name: "accepted: the id is a member's now", scene: func(s *scene) {
			s.tied("1", "mo@else.com", func(t *trio) { t.state.Kind, t.state.AttioID, t.state.InvitedAt = core.Invite, "invite", daysAgo(3) })
		}, steps: []string{"adopt mo@else.com invited→mo@else.com,member,active,Mo,Else (adopt)"}},
		{name: "accepted under the same id", scene: func(s *scene) {
			s.tied("1", "mo@else.com", func(t *trio) { t.state.Kind, t.state.InvitedAt = core.Invite, daysAgo(3) })
		}, learns: []string{"1 is member"}},
		{name: "declined, revoked or expired within seven days", scene: gone(6.9), notes: []string{"invite-not-sent mo@else.com"}},
		{name: "declined, revoked or expired seven days ago", scene: gone(7),
			steps: []string{"provision mo@else.com →mo@else.com,member,invited,Mo,Else (drift)"}},
		{name: "gone within seven days, by whoever took it for a membership", scene: gone(2, func(t *trio) { t.state.Kind = core.Membership }),
			notes: []string{"invite-not-sent mo@else.com"}},
		{name: "withdrawn here, and assigned again: a new assignment", scene: gone(1, func(t *trio) { t.state.Applied.Active = false }),
			steps: []string{"provision mo@else.com →mo@else.com,member,invited,Mo,Else (okta)"}},
		{name: "of an unassigned person", scene: func(s *scene) { s.left("1", "mo@else.com", invited(1)) },
			steps: []string{"cancel_invite mo@else.com member,invited→ (okta)"}},
		{name: "sent by hand: adopted, not sent again", scene: func(s *scene) { s.unadopted("1", "mo@else.com", invited(0)) },
			steps: []string{"adopt mo@else.com →mo@else.com,member,invited,Mo,Else (adopt)"}},
		{name: "for a member: made admin while pending", scene: func(s *scene) { s.tied("1", "mo@else.com", invited(1), roles("admin")) },
			steps: []string{"promote mo@else.com member,invited→admin,invited (okta)"}},
		{name: "whose role did not take: said, not tried again", scene: func(s *scene) {
			s.tied("1", "mo@else.com", invited(1), roles("admin"), func(t *trio) { t.state.NotTaken = &core.NotTaken{Role: attio.RoleAdmin} })
		}, notes: []string{"role-not-taken mo@else.com"}},
		{name: "whose role did not take, accepted by now", scene: func(s *scene) {
			s.tied("1", "mo@else.com", roles("admin"), func(t *trio) { t.state.NotTaken = &core.NotTaken{Role: attio.RoleAdmin} })
		}, steps: []string{"promote mo@else.com member→admin (okta)"}, learns: []string{"1 is member"}},
	})
}

func TestDiffOfReleasedPeople(t *testing.T) {
	released := func(t *trio) { t.state.Released = true }
	check(t, []row{
		{name: "listed, and another in everything", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", released, roles("admin"), func(t *trio) { t.okta.FamilyName, t.okta.Email = "Byron", "lovelace@acme.com" })
		}},
		{name: "not in Attio", scene: func(s *scene) {
			s.fresh("1", "ada@acme.com")
			s.in.Managed.People["1"] = core.ManagedPerson{OktaID: "1", Email: "ada@acme.com", Released: true}
		}},
		{name: "not listed any more", scene: func(s *scene) { s.left("1", "ada@acme.com", released) }},
		{name: "in a managed team: no stranger", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", released)
			s.tiedTeam("Eng", "boss")
			s.in.Workspace.Teams[0].Members = idset.Of("a-boss", "a-1")
			s.in.Policy.Teams.RemoveStrangers = true
		}},
		{name: "in the group, not in the team", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", released)
			s.tiedTeam("Eng", "boss")
			s.in.Directory.Groups[0].Members = idset.Of("boss", "1")
		}},
	})
}
