package planner

import (
	"scim-sync/attio"
	core "scim-sync/sync"
)

// onlySelected leaves out the steps that a saved plan does not have.
func onlySelected(v *review) ruling {
	keys := v.in.Options.Selected
	if keys == nil {
		return ruling{}
	}
	r := v.part(func(s *core.Step) bool { return !keys[s.Key()] })
	r.partial = len(r.held) > 0
	return r
}

// noRemovals holds back everything that takes something away, where a flag or a
// setting says so.
func noRemovals(v *review) ruling {
	if !v.in.noRemovals() {
		return ruling{}
	}
	return v.part(func(s *core.Step) bool { return s.Action.Removes() })
}

// ownAccount never lets a run suspend or demote the person behind its token.
func ownAccount(v *review) ruling {
	own := attio.FoldEmail(v.in.Workspace.OwnEmail)
	if own == "" {
		return ruling{}
	}
	r := v.part(func(s *core.Step) bool {
		if s.Action != core.Suspend && s.Action != core.Demote {
			return false
		}
		i, ok := v.byID[s.AttioID]
		return ok && attio.FoldEmail(v.members[i].Email) == own
	})
	if len(r.held) > 0 {
		r.refuse(v.in.Workspace.OwnEmail, "scim-sync is signed in to Attio as this very person; suspending or demoting them may end the token",
			"Let another admin sign in: scim-sync login; then run again.", aboutStep(&r.held[0]))
	}
	return r
}

// aboutStep names whom or what a step is about.
func aboutStep(s *core.Step) core.About {
	if s.Team != nil {
		return core.About{OktaID: s.Team.OktaID, AttioID: s.Team.AttioID}
	}
	return core.About{OktaID: s.Person.OktaID, AttioID: s.AttioID}
}

// dependents holds back what needs a step that was kept back: the new invite
// after an old one, memberships of somebody who is not provisioned, all about
// somebody who is not adopted, a name or an address that does not become free.
func dependents(v *review) ruling {
	offboard, provision, create, adopt := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range v.held {
		switch s := &v.held[i].Step; s.Action {
		case core.Adopt:
			adopt[s.Person.OktaID] = true
		case core.CancelInvite, core.Suspend:
			offboard[s.Person.OktaID] = true
		case core.Provision:
			provision[s.Person.OktaID] = true
		case core.CreateTeam:
			create[s.Team.OktaID] = true
		}
	}
	stuck := v.stuck()
	r := v.part(func(s *core.Step) bool {
		switch {
		case stuck[s.Key()]:
			if s.Action == core.CreateTeam {
				create[s.Team.OktaID] = true
			}
			return true
		case s.Person == nil:
			return false
		case s.Action == core.Provision && offboard[s.Person.OktaID]:
			provision[s.Person.OktaID] = true
			return true
		}
		return adopt[s.Person.OktaID] // nothing is known of who was not adopted
	})
	if len(provision)+len(create)+len(adopt) == 0 {
		return r
	}
	rest := *v
	if r.keep != nil {
		rest.steps = r.keep
	}
	members := rest.partPeople(func(s *core.Step, m core.MemberRef) bool {
		return adopt[m.OktaID] || s.Action == core.AddMembers && (create[s.Team.OktaID] || m.AttioID == "" && provision[m.OktaID])
	})
	return ruling{keep: members.keep, held: append(r.held, members.held...)}
}

// stuck are the keys of the steps that take a name or an address which a step
// that was kept back does not make free. Of a detour both parts stay, or none.
func (v *review) stuck() map[string]bool {
	kept, still := map[string]bool{}, map[string]bool{} // what stays taken; groups whose team is not renamed
	keep := func(s *core.Step) {
		if h, ok := s.Handover(); ok && h.From != "" {
			kept[h.From] = true
		}
		if s.Action == core.RenameTeam {
			still[s.Team.OktaID] = true
		}
	}
	for i := range v.held {
		keep(&v.held[i].Step)
	}
	keys := map[string]bool{}
	for more := len(kept) > 0; more; {
		more = false
		for i := range v.steps {
			s := &v.steps[i]
			h, ok := s.Handover()
			if !ok || keys[s.Key()] {
				continue
			}
			if h.From != h.To && kept[h.To] || s.Action == core.RenameTeam && still[s.Team.OktaID] {
				keys[s.Key()], more = true, true
				keep(s)
			}
		}
	}
	return keys
}
