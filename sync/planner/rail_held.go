package planner

import (
	"scim-sync/attio"
	core "scim-sync/sync"
)

// noRemovals holds back everything that takes something away, where a flag or a
// setting says so.
func noRemovals(v *review) ruling {
	if !v.in.noRemovals() {
		return ruling{}
	}
	return v.part(func(s *core.Step) bool { return s.Action.Removes() })
}

// ownAccount never lets a run suspend or demote the person behind its token, nor
// change their address.
func ownAccount(v *review) ruling {
	own := attio.FoldEmail(v.in.Workspace.OwnEmail)
	if own == "" {
		return ruling{}
	}
	r := v.part(func(s *core.Step) bool {
		if s.Action != core.Suspend && s.Action != core.Demote && s.Action != core.ChangeEmail {
			return false
		}
		i, ok := v.byID[s.AttioID]
		return ok && attio.FoldEmail(v.members[i].Email) == own
	})
	if len(r.held) > 0 {
		r.refuse(v.in.Workspace.OwnEmail, "scim-sync is signed in to Attio as this very person; suspending or demoting them, or changing their address, may end the token",
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

// heldNeeds is what steps that are kept back would have given to others, by Okta
// id.
type heldNeeds struct {
	offboard, provision, reactivate, adopt, create map[string]bool
	// stuck are the keys of steps that wait for a name or an address.
	stuck map[string]bool
}

// needsOf gathers what the steps kept back so far would have given.
func (v *review) needsOf() heldNeeds {
	n := heldNeeds{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, v.stuck()}
	for i := range v.held {
		s := &v.held[i].Step
		switch s.Action {
		case core.Adopt:
			n.adopt[s.ID()] = true
		case core.CancelInvite, core.Suspend:
			n.offboard[s.ID()] = true
		case core.Provision:
			n.provision[s.ID()] = true
		case core.Reactivate:
			n.reactivate[s.ID()] = true
		case core.CreateTeam:
			n.create[s.ID()] = true
		}
	}
	return n
}

// step says whether a step needs one that is kept back.
func (n heldNeeds) step(s *core.Step) bool {
	switch {
	case n.stuck[s.Key()]:
		if s.Action == core.CreateTeam {
			n.create[s.ID()] = true
		}
		return true
	case s.Action == core.Provision && n.offboard[s.ID()]:
		n.provision[s.ID()] = true
		return true
	}
	return s.Person != nil && n.adopt[s.ID()] // nothing is known of who was not adopted
}

// member says whether somebody's membership needs a step that is kept back. Who
// stays suspended keeps those they have.
func (n heldNeeds) member(s *core.Step, m *core.MemberRef) bool {
	return n.adopt[m.OktaID] || n.reactivate[m.OktaID] || s.Action == core.AddMembers && (n.create[s.ID()] || m.AttioID == "" && n.provision[m.OktaID])
}

// dependents holds back what needs a step that was kept back: the new invite
// after an old one, a name or an address that does not become free, memberships
// of somebody who is not provisioned or reactivated, all about somebody who is not
// adopted.
func dependents(v *review) ruling {
	if len(v.held) == 0 {
		return ruling{}
	}
	needs := v.needsOf()
	r := v.part(needs.step)
	if len(needs.provision)+len(needs.create)+len(needs.adopt)+len(needs.reactivate) == 0 {
		return r
	}
	rest := *v
	if r.keep != nil {
		rest.steps = r.keep
	}
	members := rest.partPeople(needs.member)
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
