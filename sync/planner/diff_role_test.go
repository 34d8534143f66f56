package planner

import (
	core "scim-sync/sync"
	"testing"

	"scim-sync/attio"
	"scim-sync/idp"
)

func TestDiffOfRoles(t *testing.T) {
	check(t, []row{
		{name: "text admin, new", scene: func(s *scene) { s.fresh("1", "ada@acme.com", roles("admin")) },
			steps: []string{"provision ada@acme.com →ada@acme.com,admin,active,Ada,Acme (okta)"}},
		{name: "text member, new", scene: func(s *scene) { s.fresh("1", "ada@acme.com", roles("member")) },
			steps: []string{"provision ada@acme.com →ada@acme.com,member,active,Ada,Acme (okta)"}},
		{name: "none, new", scene: func(s *scene) { s.fresh("1", "ada@acme.com") },
			steps: []string{"provision ada@acme.com →ada@acme.com,member,active,Ada,Acme (okta)"}},
		{name: "list with both: admin wins", scene: func(s *scene) { s.tied("1", "ada@acme.com", roles("member", "admin")) },
			steps: []string{"promote ada@acme.com member→admin (okta)"}},
		{name: "case and white space do not matter", scene: func(s *scene) { s.tied("1", "ada@acme.com", roles(" Admin ")) },
			steps: []string{"promote ada@acme.com member→admin (okta)"}},
		{name: "admin beside something unknown", scene: func(s *scene) { s.tied("1", "ada@acme.com", roles("editor", "admin")) },
			steps: []string{"promote ada@acme.com member→admin (okta)"}, notes: []string{"unknown-role editor"}},
		{name: "no admin any more", scene: func(s *scene) { s.tied("1", "ada@acme.com", admin, roles("member")) },
			steps: []string{"demote ada@acme.com admin→member (okta)"}},
		{name: "unknown: member, told once a value and counted", scene: func(s *scene) {
			for _, id := range []string{"1", "2", "3", "4"} {
				s.tied(id, "p"+id+"@acme.com", roles("editor", "editor"))
			}
			s.tied("5", "p5@acme.com", roles("viewer"))
		}, notes: []string{"unknown-role editor", "unknown-role viewer"}, says: []string{"4 people: p1@acme.com, p2@acme.com, p3@acme.com and 1 more", "1 person: p5@acme.com"}},
		{name: "unknown in place of admin: demoted", scene: func(s *scene) { s.tied("1", "ada@acme.com", admin, roles("Administrator")) },
			steps: []string{"demote ada@acme.com admin→member (okta)"}, notes: []string{"unknown-role Administrator"}},
		{name: "made admin by hand", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", roles("member"), func(t *trio) { t.attio.Role = attio.RoleAdmin })
		}, steps: []string{"demote ada@acme.com admin→member (drift)"}},
		{name: "demoted by hand", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", admin, roles("admin"), func(t *trio) { t.attio.Role = attio.RoleMember })
		}, steps: []string{"promote ada@acme.com member→admin (drift)"}},
		{name: "of somebody met for the first time", scene: func(s *scene) { s.unadopted("1", "ada@acme.com", admin, roles("member")) },
			steps: []string{"adopt ada@acme.com →ada@acme.com,admin,active,Ada,Acme (adopt)", "demote ada@acme.com admin→member (adopt)"}},
		{name: "protected from demotion", scene: func(s *scene) {
			s.in.Policy.Protect.Members = []string{"ADA@acme.com"}
			s.tied("1", "ada@acme.com", admin, roles("member"))
		}, notes: []string{"protected ada@acme.com"}},
		{name: "of somebody who waits: left alone", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", admin, roles("member"), access(idp.Waiting, "STAGED"))
		}, notes: []string{"waiting ada@acme.com"}},
		{name: "admins come first", scene: func(s *scene) {
			s.fresh("1", "ada@acme.com")
			s.fresh("2", "zoe@acme.com", roles("admin"))
			s.tied("3", "cy@acme.com", admin, roles("member"))
			s.tied("4", "di@acme.com", roles("admin"))
		}, steps: []string{
			"promote di@acme.com member→admin (okta)",
			"provision zoe@acme.com →zoe@acme.com,admin,active,Zoe,Acme (okta)",
			"provision ada@acme.com →ada@acme.com,member,active,Ada,Acme (okta)",
			"demote cy@acme.com admin→member (okta)",
		}},
	})
}

// adoptedAdmin was an admin before scim-sync met them.
func adoptedAdmin(t *trio) { t.state.Adopted = true; admin(t) }

func TestDiffOfAbsentRoles(t *testing.T) {
	with := func(w core.WhenAbsent, more func(*scene)) func(*scene) {
		return func(s *scene) {
			s.in.Policy.Roles.WhenAbsent = w
			more(s)
		}
	}
	adopted := func(s *scene) { s.tied("1", "ada@acme.com", adoptedAdmin) }
	first := func(s *scene) { s.unadopted("1", "ada@acme.com", admin) }
	had := func(s *scene) { // had the attribute, has it no more
		s.tied("1", "ada@acme.com", admin, func(t *trio) { t.state.RoleSeen, t.state.RoleFrom = true, fromAttribute })
	}
	byHand := func(s *scene) { s.tied("1", "ada@acme.com", func(t *trio) { t.attio.Role = attio.RoleAdmin }) }
	adopt := "adopt ada@acme.com →ada@acme.com,admin,active,Ada,Acme (adopt)"
	check(t, []row{
		{name: "keep_adopted, adopted as admin", scene: with(core.KeepAdopted, adopted), notes: []string{"admin-kept ada@acme.com"}},
		{name: "keep_adopted, met as admin", scene: with(core.KeepAdopted, first), steps: []string{adopt}, notes: []string{"admin-kept ada@acme.com"}},
		{name: "keep_adopted, adopted as admin, who had the attribute once", scene: with(core.KeepAdopted, func(s *scene) {
			s.tied("1", "ada@acme.com", adoptedAdmin, func(t *trio) { t.state.RoleSeen = true })
		}), steps: []string{"demote ada@acme.com admin→member (okta)"}},
		{name: "keep_adopted, who had the attribute", scene: with(core.KeepAdopted, had),
			steps: []string{"demote ada@acme.com admin→member (okta)"}},
		{name: "keep_adopted, made admin by hand", scene: with(core.KeepAdopted, byHand), steps: []string{"demote ada@acme.com admin→member (drift)"}},
		{name: "keep_adopted, a member", scene: with(core.KeepAdopted, func(s *scene) { s.tied("1", "ada@acme.com") })},
		{name: "member, adopted as admin", scene: with(core.AbsentMember, adopted), steps: []string{"demote ada@acme.com admin→member (okta)"}},
		{name: "member, met as admin", scene: with(core.AbsentMember, first), steps: []string{adopt, "demote ada@acme.com admin→member (adopt)"}},
		{name: "member, who had the attribute", scene: with(core.AbsentMember, had),
			steps: []string{"demote ada@acme.com admin→member (okta)"}},
		{name: "keep, adopted as admin", scene: with(core.AbsentKeep, adopted)},
		{name: "keep, who had the attribute", scene: with(core.AbsentKeep, had)},
		{name: "keep, coming back in the role from before", scene: with(core.AbsentKeep, func(s *scene) {
			s.tied("1", "ada@acme.com", admin, suspended)
		}), steps: []string{"reactivate ada@acme.com suspended→admin,active (okta)"}},
		{name: "keep, new: member all the same", scene: with(core.AbsentKeep, func(s *scene) { s.fresh("1", "ada@acme.com") }),
			steps: []string{"provision ada@acme.com →ada@acme.com,member,active,Ada,Acme (okta)"}},
	})
}

// nobodyHasIt takes the attribute away from everybody.
func nobodyHasIt(s *scene) {
	s.in.Directory.People[0].Roles, s.in.Directory.People[0].HasRole = nil, false
}

func TestDiffWithoutAnyRoles(t *testing.T) {
	rows := []row{}
	for _, w := range []core.WhenAbsent{core.KeepAdopted, core.AbsentMember} {
		rows = append(rows, row{name: "nobody has the attribute, " + string(w), scene: func(s *scene) {
			nobodyHasIt(s)
			s.in.Policy.Roles.WhenAbsent = w
			s.tied("1", "ada@acme.com", admin, func(t *trio) { t.state.RoleSeen = true })
		}, notes: []string{"role-attribute-missing ada@acme.com", "role-attribute-missing boss@acme.com"}})
	}
	rows = append(rows,
		row{name: "the schema lacks it", scene: func(s *scene) {
			nobodyHasIt(s)
			s.in.Directory.RoleAttribute = idp.No
		}, notes: []string{"role-attribute-missing boss@acme.com", "role-attribute-missing okta.role_attribute"}},
		row{name: "only somebody revoked has it", scene: func(s *scene) {
			nobodyHasIt(s)
			s.tied("1", "ada@acme.com", suspended, roles("member"), access(idp.Revoked, "INACTIVE"))
		}, notes: []string{"role-attribute-missing boss@acme.com"}},
	)
	check(t, rows)
}

func TestDiffOfAdminGroups(t *testing.T) {
	admins := func(members ...string) func(*scene) {
		return func(s *scene) {
			s.in.Policy.Roles.AdminGroups = []string{"Admins"}
			s.in.Policy.Teams.Source = idp.NoTeams
			s.group("g", "Admins", members...).Team = false
		}
	}
	byGroup := func(t *trio) { t.state.RoleFrom = fromGroup }
	check(t, []row{
		{name: "in the group", scene: func(s *scene) {
			admins("1")(s)
			s.tied("1", "ada@acme.com")
		}, steps: []string{"promote ada@acme.com member→admin (okta)"}},
		{name: "in the group, and the attribute says member", scene: func(s *scene) {
			admins("1")(s)
			s.tied("1", "ada@acme.com", roles("member"))
		}, steps: []string{"promote ada@acme.com member→admin (okta)"}},
		{name: "in the group no more", scene: func(s *scene) {
			admins()(s)
			s.tied("1", "ada@acme.com", admin, byGroup)
		}, steps: []string{"demote ada@acme.com admin→member (okta)"}},
		{name: "in the group no more, when_absent: keep", scene: func(s *scene) {
			admins()(s)
			s.in.Policy.Roles.WhenAbsent = core.AbsentKeep
			s.tied("1", "ada@acme.com", admin, byGroup)
		}, steps: []string{"demote ada@acme.com admin→member (okta)"}},
		{name: "in the group no more, and the attribute says admin", scene: func(s *scene) {
			admins()(s)
			s.tied("1", "ada@acme.com", admin, roles("admin"), byGroup)
		}, learns: []string{"1 is admin"}},
		{name: "in the group, not assigned", scene: admins("9")},
		{name: "nobody has the attribute: the group still decides", scene: func(s *scene) {
			nobodyHasIt(s)
			admins("boss")(s)
			s.tied("1", "ada@acme.com", admin, byGroup)
		}, steps: []string{"demote ada@acme.com admin→member (okta)"}, learns: []string{"boss is admin"}},
		{name: "the attribute is gone: nobody is demoted for that, group or not", scene: func(s *scene) {
			nobodyHasIt(s)
			admins("boss")(s)
			s.tied("1", "ada@acme.com", admin, func(t *trio) { t.state.RoleSeen, t.state.RoleFrom = true, fromAttribute })
		}, notes: []string{"role-attribute-missing ada@acme.com"}, learns: []string{"boss is admin"}},
		{name: "an admin group is no team", scene: func(s *scene) {
			admins("boss")(s)
			s.in.Policy.Teams.Source = idp.AssignedGroups
			s.in.Directory.Groups[0].Team = true
		}},
		{name: "an admin group that is named is a team", scene: func(s *scene) {
			admins("boss")(s)
			s.in.Policy.Teams.Source, s.in.Policy.Teams.Include = idp.AssignedGroups, []string{"Admins"}
			s.in.Directory.Groups[0].Team = true
		}, steps: []string{"create_team Admins →Admins (okta)", "add_members Admins: boss@acme.com (okta)"}},
		{name: "an admin group that only a wildcard names is none", scene: func(s *scene) {
			admins("boss")(s)
			s.in.Policy.Teams.Source, s.in.Policy.Teams.Include = idp.AssignedGroups, []string{"*"}
			s.in.Directory.Groups[0].Team = true
		}},
	})
}
