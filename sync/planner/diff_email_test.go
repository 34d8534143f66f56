package planner

import (
	core "scim-sync/sync"
	"testing"

	"scim-sync/attio"
	"scim-sync/idp"
)

func TestDiffOfAddresses(t *testing.T) {
	check(t, []row{
		{name: "nothing to do", scene: func(s *scene) { s.tied("1", "ada@acme.com") }},
		{name: "somebody new on a verified domain is added", scene: func(s *scene) { s.fresh("1", "ada@acme.com") },
			steps: []string{"provision ada@acme.com →ada@acme.com,member,active,Ada,Acme (okta)"}},
		{name: "somebody new on another domain is invited", scene: func(s *scene) { s.fresh("1", "mo@else.com") },
			steps: []string{"provision mo@else.com →mo@else.com,member,invited,Mo,Else (okta)"}},
		{name: "without verified domains the plan cannot say which", scene: func(s *scene) {
			s.in.Policy.VerifiedDomains = nil
			s.fresh("1", "ada@acme.com")
		}, steps: []string{"provision ada@acme.com →ada@acme.com,member,Ada,Acme (okta)"}},
		{name: "somebody in Attio already is adopted", scene: func(s *scene) { s.unadopted("1", "ada@acme.com") },
			steps: []string{"adopt ada@acme.com →ada@acme.com,member,active,Ada,Acme (adopt)"}},
		{name: "case and white space make no other address", scene: func(s *scene) {
			s.fresh("1", " ADA@Acme.com ")
			s.stranger("a-1", "ada@ACME.com")
		}, steps: []string{"adopt  ADA@Acme.com  →ada@ACME.com,member,active,Ada,Acme (adopt)"}},
		{name: "Unicode forms make no other address", scene: func(s *scene) {
			s.fresh("1", "jo\u0308rg@acme.com", func(t *trio) { t.okta.GivenName = "" })
			s.stranger("a-1", "j\u00f6rg@acme.com", func(t *trio) { t.attio.GivenName = "" })
		}, steps: []string{"adopt jo\u0308rg@acme.com →j\u00f6rg@acme.com,member,active,Acme (adopt)"}},
		{name: "a plus address is another address", scene: func(s *scene) {
			s.tied("1", "ada@acme.com")
			s.fresh("2", "ada+crm@acme.com")
		}, steps: []string{"provision ada+crm@acme.com →ada+crm@acme.com,member,active,Ada+crm,Acme (okta)"}},
		{name: "a look-alike is another address", scene: func(s *scene) {
			s.tied("1", "ada@acme.com")
			s.fresh("2", "\u0430da@acme.com", func(t *trio) { t.okta.GivenName = "" })
		}, steps: []string{"provision \u0430da@acme.com →\u0430da@acme.com,member,active,Acme (okta)"}},

		{name: "no address", scene: func(s *scene) { s.fresh("1", "", func(t *trio) { t.okta.UserName = "ada" }) },
			notes: []string{"invalid-email ada"}, says: []string{"has no email address in Okta (1)"}},
		{name: "no address at all, known by id", scene: func(s *scene) { s.fresh("1", "") }, notes: []string{"invalid-email 1"}},
		{name: "an address that is none", scene: func(s *scene) { s.fresh("1", "ada at acme") },
			notes: []string{"invalid-email ada at acme"}, says: []string{"ada at acme"}},
		{name: "an address with an invisible character", scene: func(s *scene) { s.fresh("1", "ada\u202e@acme.com") },
			notes: []string{"invalid-email ada\u202e@acme.com"}},
		{name: "an address lost by somebody managed leaves them as they are", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", func(t *trio) { t.okta.Email, t.okta.UserName = "", "ada" })
			s.tiedTeam("Eng", "1")
		}, notes: []string{"invalid-email ada"}},
		{name: "another name in the app is told once", scene: func(s *scene) {
			for _, id := range []string{"1", "2", "3", "4", "5"} {
				s.tied(id, "p"+id+"@acme.com", func(t *trio) { t.okta.UserName = "user" + id })
			}
		}, notes: []string{"user-name-differs okta.email_attribute"}, says: []string{"5 people", "p1@acme.com (user1)", "and 2 more"}},
	})
}

func TestDiffOfChangedAddresses(t *testing.T) {
	renamed := func(to string) option {
		return func(t *trio) { t.okta.Email, t.okta.UserName = to, to }
	}
	notTaken := func(email string) option {
		return func(t *trio) { t.state.NotTaken = &core.NotTaken{Email: email, Kept: core.Kept{Email: t.attio.Email}} }
	}
	check(t, []row{
		{name: "changed in Okta", scene: func(s *scene) { s.tied("1", "old@acme.com", renamed("ada@acme.com")) },
			steps: []string{"change_email ada@acme.com old@acme.com→ada@acme.com (okta)"}},
		{name: "changed by hand in Attio", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", func(t *trio) { t.attio.Email = "mine@home.com" })
		}, steps: []string{"change_email ada@acme.com mine@home.com→ada@acme.com (drift)"}},
		{name: "another spelling of it is none", scene: func(s *scene) { s.tied("1", "old@acme.com", renamed("OLD@acme.com")) }},
		{name: "of an invite: withdrawn, and the new address invited", scene: func(s *scene) {
			s.tied("1", "old@else.com", renamed("mo@else.com"), invited(2))
		}, steps: []string{
			"cancel_invite old@else.com old@else.com,invited→ (okta)",
			"provision mo@else.com →mo@else.com,member,invited,Old,Else (okta)",
		}},
		{name: "of an invite, once more within seven days: the invite stands", scene: func(s *scene) {
			s.tied("1", "old@else.com", renamed("mo@else.com"), invited(2), func(t *trio) { t.state.Readdressed = daysAgo(6.9) })
		}, notes: []string{"invite-not-sent mo@else.com"}},
		{name: "of an invite, once more after seven days", scene: func(s *scene) {
			s.tied("1", "old@else.com", renamed("mo@else.com"), invited(7), func(t *trio) { t.state.Readdressed = daysAgo(7) })
		}, steps: []string{
			"cancel_invite old@else.com old@else.com,invited→ (okta)",
			"provision mo@else.com →mo@else.com,member,invited,Old,Else (okta)",
		}},
		{name: "of somebody coming back: restored and changed", scene: func(s *scene) {
			s.tied("1", "old@acme.com", suspended, renamed("ada@acme.com"))
		}, steps: []string{
			"reactivate ada@acme.com suspended→member,active (okta)",
			"change_email ada@acme.com old@acme.com→ada@acme.com (okta)",
		}},
		{name: "to one that a stranger has in Attio", scene: func(s *scene) {
			s.tied("1", "old@acme.com", renamed("ada@acme.com"))
			s.stranger("x", "ada@acme.com")
		}, refusals: []string{"email-conflict ada@acme.com"}, says: []string{"1 (now old@acme.com in Attio)", "somebody whom Okta does not manage"}},
		{name: "two people exchange theirs", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", renamed("bo@acme.com"))
			s.tied("2", "bo@acme.com", renamed("ada@acme.com"))
		}, refusals: []string{"email-conflict ada@acme.com", "email-conflict bo@acme.com"}, says: []string{"the person 1 has in Attio", "the person 2 has in Attio"}},
		{name: "two managed people move to one address: neither gets it", scene: func(s *scene) {
			s.tied("1", "ann@acme.com", renamed("shared@acme.com"))
			s.tied("2", "bob@acme.com", renamed("Shared@acme.com"))
		}, refusals: []string{"email-conflict Shared@acme.com", "email-conflict shared@acme.com"}, says: []string{"1 (now ann@acme.com in Attio) an address that the person 2 has in Okta as well"}},
		{name: "two invited people move to one address: both invites stand", scene: func(s *scene) {
			s.tied("1", "ann@else.com", renamed("shared@else.com"), invited(9))
			s.tied("2", "bob@else.com", renamed("shared@else.com"), invited(9))
		}, refusals: []string{"email-conflict shared@else.com", "email-conflict shared@else.com"}},
		{name: "somebody new and somebody managed, who has another in Attio, come to one", scene: func(s *scene) {
			s.tied("1", "bob@acme.com", renamed("third@acme.com"))
			s.fresh("2", "third@acme.com")
		}, refusals: []string{"email-conflict third@acme.com", "email-conflict third@acme.com"}, says: []string{"the person 2 in Okta has the address of the person 1, who is bob@acme.com in Attio"}},
		{name: "the account in Attio is named, not the address that another has there", scene: func(s *scene) {
			s.tied("1", "bo@acme.com", renamed("cy@acme.com"), access(idp.Revoked, "INACTIVE"))
			s.tied("2", "cy@acme.com")
			s.in.Policy.Protect.Members = []string{"cy@acme.com"}
		}, steps: []string{"suspend bo@acme.com member,active→suspended (okta)"}},
		{name: "protected by the old address and by the new one", scene: func(s *scene) {
			s.tied("1", "old1@acme.com", renamed("new1@acme.com"), access(idp.Revoked, "INACTIVE"))
			s.tied("2", "old2@acme.com", renamed("new2@acme.com"), access(idp.Revoked, "INACTIVE"))
			s.in.Policy.Protect.Members = []string{"old1@acme.com", "new2@acme.com"}
		}, notes: []string{"protected old1@acme.com", "protected old2@acme.com"}},
		{name: "of somebody protected, to one that is not: left", scene: func(s *scene) {
			s.tied("1", "ceo@acme.com", admin, roles("admin"), renamed("ceo@acne.com"))
			s.in.Policy.Protect.Members = []string{"ceo@acme.com"}
		}, notes: []string{"protected ceo@acme.com"}, says: []string{"would get the address ceo@acne.com, which Okta has for them", "name the new address there as well"}},
		{name: "of an invite of somebody protected: it stands", scene: func(s *scene) {
			s.tied("1", "old@else.com", renamed("mo@else.com"), invited(2))
			s.in.Policy.Protect.Members = []string{"old@else.com"}
		}, notes: []string{"protected old@else.com"}},
		{name: "of somebody protected under both", scene: func(s *scene) {
			s.tied("1", "old@acme.com", renamed("ada@acme.com"))
			s.in.Policy.Protect.Members = []string{"old@acme.com", "ada@acme.com"}
		}, steps: []string{"change_email ada@acme.com old@acme.com→ada@acme.com (okta)"}},
		{name: "of somebody protected, changed by hand in Attio: put back", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", func(t *trio) { t.attio.Email = "mine@home.com" })
			s.in.Policy.Protect.Members = []string{"ada@acme.com"}
		}, steps: []string{"change_email ada@acme.com mine@home.com→ada@acme.com (drift)"}},
		{name: "nobody gets the address that somebody protected keeps", scene: func(s *scene) {
			s.tied("1", "ann@acme.com", renamed("ceo@acme.com"))
			s.tied("2", "ceo@acme.com", renamed("dan@acme.com"))
			s.in.Policy.Protect.Members = []string{"ceo@acme.com"}
		}, notes: []string{"protected ceo@acme.com"}, refusals: []string{"email-conflict ceo@acme.com"}, says: []string{"the person 2 has in Attio"}},
		{name: "one gives up an address and another takes it: in that order", scene: func(s *scene) {
			s.tied("1", "ann@acme.com", renamed("bob@acme.com"))
			s.tied("2", "bob@acme.com", renamed("cy@acme.com"))
			s.tied("3", "cy@acme.com", renamed("dan@acme.com"))
		}, steps: []string{
			"change_email dan@acme.com cy@acme.com→dan@acme.com (okta)",
			"change_email cy@acme.com bob@acme.com→cy@acme.com (okta)",
			"change_email bob@acme.com ann@acme.com→bob@acme.com (okta)",
		}},
		{name: "one gives up an address only if Attio takes the new one", scene: func(s *scene) {
			s.tied("1", "ann@acme.com", renamed("bob@acme.com"))
			s.tied("2", "bob@acme.com", renamed("cy@acme.com"), notTaken("cy@acme.com"))
		}, refusals: []string{"email-conflict bob@acme.com", "email-not-changed cy@acme.com"}},
		{name: "asked for by name, the one who gives it up goes along", scene: func(s *scene) {
			s.tied("1", "ann@acme.com", renamed("bob@acme.com"))
			s.tied("2", "bob@acme.com", renamed("cy@acme.com"))
			s.in.Options.Only = "1"
		}, steps: []string{
			"change_email cy@acme.com bob@acme.com→cy@acme.com (okta)",
			"change_email bob@acme.com ann@acme.com→bob@acme.com (okta)",
		}},
		{name: "Attio kept the old one", scene: func(s *scene) {
			s.tied("1", "old@acme.com", renamed("ada@acme.com"), notTaken("ada@acme.com"))
		}, refusals: []string{"email-not-changed ada@acme.com"}, says: []string{"scim-sync apply --only ada@acme.com", "kept old@acme.com"}},
		{name: "Attio kept the old one, and a new account is asked for by name", scene: func(s *scene) {
			s.tied("1", "old@acme.com", renamed("ada@acme.com"), notTaken("ada@acme.com"))
			s.tiedTeam("Eng", "1")
			s.in.Options.Only = "ada@acme.com"
		}, steps: []string{
			"suspend old@acme.com old@acme.com,member,active→suspended (okta)",
			"provision ada@acme.com →ada@acme.com,member,active,Old,Acme (okta)",
			"add_members Eng: ada@acme.com (okta)",
		}},
		{name: "Attio kept the old one of somebody protected", scene: func(s *scene) {
			s.tied("1", "old@acme.com", renamed("ada@acme.com"), notTaken("ada@acme.com"))
			s.in.Policy.Protect.Members, s.in.Options.Only = []string{"ada@acme.com"}, "ada@acme.com"
		}, refusals: []string{"email-not-changed ada@acme.com"}},
		{name: "Attio kept the old one, and Okta changes it again", scene: func(s *scene) {
			s.tied("1", "old@acme.com", renamed("third@acme.com"), notTaken("ada@acme.com"))
		}, steps: []string{"change_email third@acme.com old@acme.com→third@acme.com (okta)"}, learns: []string{"1 is member"}},
	})
}

func TestDiffOfSharedAddresses(t *testing.T) {
	check(t, []row{
		{name: "two new people with one address", scene: func(s *scene) {
			s.fresh("1", "ada@acme.com")
			s.fresh("2", "Ada@acme.com")
		}, refusals: []string{"email-conflict Ada@acme.com", "email-conflict ada@acme.com"}, says: []string{"the person 1 in Okta has the address of the person 2", "the person 2 in Okta has the address of the person 1"}},
		{name: "two people with one address, one of them tied", scene: func(s *scene) {
			s.tied("1", "ada@acme.com")
			s.fresh("2", "ada@acme.com")
		}, refusals: []string{"email-conflict ada@acme.com"}, says: []string{"the person 2 in Okta has the address of the person 1", "scim-sync release ada@acme.com"}},
		{name: "recycled: another Okta id under the address of a leaver", scene: func(s *scene) {
			s.left("1", "ada@acme.com", suspended)
			s.fresh("2", "ada@acme.com")
		}, refusals: []string{"email-conflict ada@acme.com"}, says: []string{
			"the account in Attio is that of 1, who is not assigned in Okta any more, so it was suspended; 2, who is assigned in Okta, has the address now", "If 2 is the same person, or may have the account: scim-sync release ada@acme.com"}},
		{name: "recycled while the former one is being suspended", scene: func(s *scene) {
			s.left("1", "ada@acme.com")
			s.fresh("2", "ada@acme.com")
		}, steps: []string{"suspend ada@acme.com member,active→suspended (okta)"}, refusals: []string{"email-conflict ada@acme.com"}, says: []string{"so it is to be suspended"}},
		{name: "two have the address of a leaver: nobody's to hand over", scene: func(s *scene) {
			s.left("1", "ada@acme.com", suspended)
			s.fresh("2", "ada@acme.com")
			s.fresh("3", "ada@acme.com")
		}, refusals: []string{"email-conflict ada@acme.com", "email-conflict ada@acme.com"}, says: []string{"the person 2 in Okta has the address of the person 1", "the person 3 in Okta has the address of the person 1"}},
		{name: "recycled, the old tie let go of: the account passes on", scene: func(s *scene) {
			s.left("1", "ada@acme.com", suspended, func(t *trio) { t.state.Released = true })
			s.fresh("2", "ada@acme.com")
		}, steps: []string{
			"adopt ada@acme.com →ada@acme.com,suspended,Ada,Acme (adopt)",
			"reactivate ada@acme.com suspended→member,active (adopt)",
		}},
		{name: "an address that its former owner gives up", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", func(t *trio) { t.okta.Email, t.okta.UserName = "lovelace@acme.com", "lovelace@acme.com" })
			s.fresh("2", "ada@acme.com")
		}, steps: []string{"change_email lovelace@acme.com ada@acme.com→lovelace@acme.com (okta)"}, refusals: []string{"email-conflict ada@acme.com"}},
		{name: "a conflict leaves memberships alone", scene: func(s *scene) {
			s.tied("1", "ada@acme.com")
			s.fresh("2", "ada@acme.com")
			s.group("g", "Eng", "1", "2")
			s.team("t", "Eng", "a-1")
			s.tie("g", "t", "Eng", "1")
		}, refusals: []string{"email-conflict ada@acme.com"}},
		{name: "an invite that was accepted is of whom it was sent to last, also when who had the address before is back", scene: func(s *scene) {
			s.fresh("1", "ada@acme.com")
			former := s.state("1", "ended", "ada@acme.com")
			former.Kind, former.Applied.Active = core.Invite, false
			s.in.Managed.People["1"] = *former
			s.tied("2", "ada@acme.com", func(t *trio) { t.state.Kind, t.state.AttioID = core.Invite, "accepted" })
		}, steps: []string{"adopt ada@acme.com invited→ada@acme.com,member,active,Ada,Acme (adopt)"}, refusals: []string{"email-conflict ada@acme.com"}, says: []string{"the person 1 in Okta has the address of the person 2"}},
		{name: "a leaver's new address is nobody else's to suspend", scene: func(s *scene) {
			s.tied("1", "old@acme.com", access(idp.Revoked, "INACTIVE"), func(t *trio) { t.okta.Email, t.state.AttioID = "x@acme.com", "gone" })
			s.in.Workspace.Members = s.in.Workspace.Members[:1]
			s.stranger("x", "x@acme.com")
		}, learns: []string{"1 is out"}},
	})
}

func TestDiffOfNames(t *testing.T) {
	check(t, []row{
		{name: "changed in Okta", scene: func(s *scene) { s.tied("1", "ada@acme.com", func(t *trio) { t.okta.FamilyName = "Byron" }) },
			steps: []string{"rename ada@acme.com Acme→Byron (okta)"}},
		{name: "changed by hand in Attio", scene: func(s *scene) { s.tied("1", "ada@acme.com", func(t *trio) { t.attio.GivenName = "Addie" }) },
			steps: []string{"rename ada@acme.com Addie→Ada (drift)"}},
		{name: "missing in Okta: not wiped", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", func(t *trio) { t.okta.GivenName, t.okta.FamilyName = "", " " })
		}},
		{name: "missing in Attio: filled", scene: func(s *scene) { s.tied("1", "ada@acme.com", func(t *trio) { t.attio.GivenName = "" }) },
			steps: []string{"rename ada@acme.com →Ada (drift)"}},
		{name: "another Unicode form is no other name", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", func(t *trio) {
				t.okta.GivenName, t.attio.GivenName, t.state.Applied.GivenName = "Zoe\u0308 ", "Zo\u00eb", "Zo\u00eb"
			})
		}},
		{name: "not taken: not tried again", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", func(t *trio) {
				t.okta.GivenName, t.state.Applied.GivenName, t.state.NotTaken = "Countess", "Countess", &core.NotTaken{Profile: attio.Profile{GivenName: "Countess"}, Kept: core.Kept{Profile: attio.Profile{GivenName: "Ada"}}}
			})
		}, notes: []string{"name-not-taken ada@acme.com"}, says: []string{"did not take the name Countess and kept Ada"}},
		{name: "not taken, as an earlier program noted it: learned what was kept", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", func(t *trio) {
				t.okta.GivenName, t.state.Applied.GivenName, t.state.NotTaken = "Countess", "Countess", &core.NotTaken{Profile: attio.Profile{GivenName: "Countess"}}
			})
		}, notes: []string{"name-not-taken ada@acme.com"}, learns: []string{"1 is member"}},
		{name: "not taken, and changed in Okta again", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", func(t *trio) {
				t.okta.GivenName, t.state.NotTaken = "Lady", &core.NotTaken{Profile: attio.Profile{GivenName: "Countess"}}
			})
		}, steps: []string{"rename ada@acme.com Ada→Lady (okta)"}, learns: []string{"1 is member"}},
		{name: "an invite may not show the names it was sent with", scene: func(s *scene) {
			s.tied("1", "mo@else.com", invited(1), func(t *trio) { t.attio.GivenName, t.attio.FamilyName = "", "" })
		}},
		{name: "an invite that shows another name was renamed by hand", scene: func(s *scene) {
			s.tied("1", "mo@else.com", invited(1), func(t *trio) { t.attio.GivenName = "Somebody" })
		}, steps: []string{"rename mo@else.com Somebody→Mo (drift)"}},
		{name: "of somebody met for the first time", scene: func(s *scene) {
			s.unadopted("1", "ada@acme.com", func(t *trio) { t.attio.FamilyName = "Old" })
		}, steps: []string{"adopt ada@acme.com →ada@acme.com,member,active,Ada,Old (adopt)", "rename ada@acme.com Old→Acme (adopt)"}},
	})
}

func TestDiffOfIDs(t *testing.T) {
	check(t, []row{
		{name: "an id that Attio no longer knows, found again by address", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", func(t *trio) { t.state.AttioID = "gone" })
		}, steps: []string{"adopt ada@acme.com →ada@acme.com,member,active,Ada,Acme (adopt)"}},
		{name: "an id that Attio no longer knows, nor the address", scene: func(s *scene) {
			s.fresh("1", "ada@acme.com")
			s.in.Managed.People["1"] = *s.state("1", "gone", "ada@acme.com")
		}, steps: []string{"provision ada@acme.com →ada@acme.com,member,active,Ada,Acme (drift)"}},
		{name: "only the REST list knows them: asked for", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", func(t *trio) { t.attio.ID = "" })
			s.in.Workspace.Members[1].Status = attio.Suspended
		}, asks: []string{"ada@acme.com"}},
		{name: "only the REST list knows them, SCIM does not", scene: func(s *scene) {
			s.tied("1", "ada@acme.com", func(t *trio) { t.attio.ID = "" })
			s.in.Answers.LookedUp["ada@acme.com"] = true
		}, steps: []string{"provision ada@acme.com →ada@acme.com,member,active,Ada,Acme (drift)"}, notes: []string{"not-in-scim ada@acme.com"}},
		{name: "to be suspended, and SCIM does not know them", scene: func(s *scene) {
			s.left("1", "ada@acme.com", func(t *trio) { t.attio.ID = "" })
			s.in.Answers.LookedUp["ada@acme.com"] = true
		}, notes: []string{"not-in-scim ada@acme.com"}, says: []string{"by hand in Attio"}},
		{name: "provisioned by a run that was cut off", scene: func(s *scene) {
			s.unadopted("1", "mo@else.com", invited(0))
			s.in.Unfinished = []core.Unfinished{{At: daysAgo(0.1), Intent: core.Intent{Step: core.Step{Action: core.Provision, Person: &core.PersonRef{OktaID: "1"}}}}}
		}, steps: []string{"adopt mo@else.com →mo@else.com,member,invited,Mo,Else (adopt)"}},
		{name: "announced by a run that was cut off before it asked", scene: func(s *scene) {
			s.fresh("1", "mo@else.com")
			s.in.Unfinished = []core.Unfinished{{At: daysAgo(0.1), Intent: core.Intent{Step: core.Step{Action: core.Provision, Person: &core.PersonRef{OktaID: "1"}}}}}
		}, steps: []string{"provision mo@else.com →mo@else.com,member,invited,Mo,Else (okta)"}},
		{name: "provisioned by a run that was cut off, and unassigned since: nobody is forgotten", scene: func(s *scene) {
			s.left("1", "mo@else.com", invited(0))
			delete(s.in.Managed.People, "1")
			s.in.Unfinished = []core.Unfinished{{At: daysAgo(0.1), Intent: core.Intent{Step: core.Step{Action: core.Provision, Person: &core.PersonRef{OktaID: "1"}, After: core.Values{Email: "mo@else.com"}}}}}
		}, steps: []string{"cancel_invite mo@else.com member,invited→ (okta)"}, learns: []string{"1 is"}},
		{name: "announced by a run that was cut off before it asked, and unassigned since", scene: func(s *scene) {
			s.in.Unfinished = []core.Unfinished{{At: daysAgo(0.1), Intent: core.Intent{Step: core.Step{Action: core.Provision, Person: &core.PersonRef{OktaID: "1"}, After: core.Values{Email: "mo@else.com"}}}}}
		}},
	})
}

// TestTheFirstKeptAddressIsNamed: a run that finds that Attio keeps the old
// address says so under the code that later runs refuse it with, and gives the
// same way on.
func TestTheFirstKeptAddressIsNamed(t *testing.T) {
	s := newScene()
	s.tied("1", "ada@acme.com", func(x *trio) { x.okta.Email = "ada.b@acme.com" })
	s.stubborn = true
	_, r := s.run(t)
	if len(r.Results) != 1 || r.Results[0].Outcome != core.StepFailed || r.Results[0].Code != core.EmailNotChanged {
		t.Fatalf("%+v", r.Results)
	}
	later := s.propose(t).Plan.Refusals
	if len(later) != 1 || later[0].Code != r.Results[0].Code || later[0].Remedy != r.Results[0].Hint {
		t.Errorf("the first run says %q, the next %+v", r.Results[0].Hint, later)
	}
}
