package planner

import (
	"scim-sync/attio"
	core "scim-sync/sync"
)

// personPlan works out the steps about one person, each with what state has of
// them afterwards.
type personPlan struct {
	*roster
	out    *findings
	roles  roleRules
	s      *identity
	m      *attio.Member // their place in Attio; nil: none
	wanted wantedRole
	base   core.ManagedPerson  // what state has of them before the plan, or the beginnings of it
	last   *core.ManagedPerson // likewise after the steps so far; nil: as base has it
	known  bool                // base is what state has, or a step has given it to state
	place  placement
	shared *sharedParts
}

// sharedParts are what the steps about many people have in common, each made once: a
// first plan has a step for everybody.
type sharedParts struct {
	newcomers map[core.Newcomer]*core.Newcomer
	assigned  map[string]string // that somebody is assigned, by the reason for their role
}

func newSharedParts() *sharedParts {
	return &sharedParts{newcomers: map[core.Newcomer]*core.Newcomer{}, assigned: map[string]string{}}
}

func (c *sharedParts) newcomer(n core.Newcomer) *core.Newcomer {
	if c.newcomers[n] == nil {
		c.newcomers[n] = &n
	}
	return c.newcomers[n]
}

// isAssigned says that the source has somebody assigned, and why they have their role.
func (p *personPlan) isAssigned() string {
	words, said := p.shared.assigned[p.wanted.why]
	if !said {
		words = "is assigned in " + p.in.source() + "; " + p.wanted.why
		p.shared.assigned[p.wanted.why] = words
	}
	return words
}

// placement is where the plan leaves somebody.
type placement struct {
	willBePresent bool   // active or invited, as far as the plan itself decides it
	moves         bool   // the plan gives them Okta's address
	attioID       string // the SCIM id for memberships; empty when the plan provisions
}

// account is the address to call them by in a step: Okta's once the plan gives
// them that one.
func (p *personPlan) account() string {
	if p.place.moves {
		return p.s.email()
	}
	return p.roster.account(p.s)
}

// step begins a step about the person.
func (p *personPlan) step(a core.Action, c core.Cause, reason string) core.Step {
	st := core.Step{Action: a, Person: &core.PersonRef{OktaID: p.s.id, Email: p.account()}, Cause: c, Reason: reason}
	if p.m != nil {
		st.AttioID = p.m.ID
	}
	return st
}

// enter adds the step that provisions or adopts somebody of whom state has nothing.
func (p *personPlan) enter(st core.Step) *core.Record {
	n := core.Newcomer{At: p.in.Now.UTC(), RoleSeen: p.base.RoleSeen}
	if p.wanted.role == st.After.Role {
		n.RoleFrom = p.wanted.from
	}
	st.Record = &core.Record{Newcomer: p.shared.newcomer(n), Seen: p.s.person}
	if st.Action.OfRole() {
		st.Record.Groups = p.wanted.groups
	}
	p.out.add(st)
	p.base, p.known = st.EntryAfter(), true
	return st.Record
}

// add adds a step that leaves the person's entry as change makes it.
func (p *personPlan) add(st core.Step, change func(*core.ManagedPerson)) *core.Record {
	room := new(struct { // one allocation
		record core.Record
		after  core.ManagedPerson
	})
	st.Record = &room.record
	st.Record.Before, st.Record.After, st.Record.Seen = p.last, &room.after, p.s.person
	if st.Action.OfRole() {
		st.Record.Groups = p.wanted.groups
	}
	if room.after = p.base; p.last != nil {
		room.after = *p.last
	} else if p.known {
		base := p.base
		st.Record.Before = &base
	}
	change(&room.after)
	if st.Action.Offboards() || st.Action == core.Demote || st.Action == core.ChangeEmail {
		p.counts(st.Record, st.Action, st.EndsAdmin() || st.MovesAdmin())
	}
	p.last = st.Record.After
	p.out.add(st)
	return st.Record
}

// counts has a step count in the caps' window, once it is done.
func (p *personPlan) counts(rec *core.Record, as core.Action, admin bool) {
	rec.Removal = &core.Removal{At: p.in.Now.UTC(), Action: as, OktaID: p.s.id, Email: p.account(), Admin: admin}
}

func (p *personPlan) note(code core.Code, subject, detail string) {
	p.out.note(code, subject, detail, p.about(p.s))
}

// hasRole notes a role that somebody really has by now, and where it came from.
// While a demotion is outstanding, state goes on saying why they are admin.
func hasRole(e *core.ManagedPerson, w wantedRole) { e.Applied.Role, e.RoleFrom = w.role, w.from }

// remember begins the entry of somebody who has none, and notes what is known of
// them whatever becomes of their steps.
func (p *personPlan) remember() {
	e := &p.base
	*e = *p.s.entry
	if !p.s.managed {
		*e = core.ManagedPerson{OktaID: p.s.id, Email: p.s.email(), ManagedSince: p.in.Now.UTC()}
	}
	if u, ok := p.begun[p.s.id]; ok && e.InvitedAt.Before(u.At) {
		e.InvitedAt = u.At
	}
	p.known = p.s.managed || !e.InvitedAt.IsZero()
	if p.s.person != nil {
		e.RoleSeen = e.RoleSeen || p.roles.has(p.s)
	}
}

// cause tells a change in Okta from one by hand: what was applied before and is
// still wanted can only have been changed in Attio.
func (p *personPlan) cause(appliedIsWanted bool) core.Cause {
	switch {
	case !p.s.managed:
		return core.CauseAdopt
	case appliedIsWanted:
		return core.CauseDrift
	}
	return core.CauseOkta
}
