package planner

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// explainer is a plan's own reading, gone through once more.
type explainer struct {
	*reconciliation
	in    *Input
	plan  *core.Plan
	found []foundTeam // all teams of either side
}

// peopleNamed are all whom an address or an id means: identities of Okta
// first, then places in Attio that are nobody's.
func (x *explainer) peopleNamed(name string) []PersonExplained {
	found, r := []PersonExplained{}, x.roster
	fold, id := attio.FoldEmail(name), strings.TrimSpace(name)
	seen := map[int]bool{}
	for _, s := range r.identities {
		m := r.at(s)
		here := s.id == id || fold != "" && (attio.FoldEmail(s.email()) == fold || attio.FoldEmail(s.entry.Email) == fold ||
			s.person != nil && attio.FoldEmail(s.person.UserName) == fold || m != nil && (attio.FoldEmail(m.Email) == fold || m.ID == id))
		if here {
			seen[s.member] = true
			found = append(found, x.person(s, m))
		}
	}
	for i := range r.members {
		m := &r.members[i]
		if !seen[i] && r.owner[i] == nil && (attio.FoldEmail(m.Email) == fold || m.ID != "" && m.ID == id) {
			found = append(found, x.person(nil, m))
		}
	}
	return found
}

// person explains one person; s is nil for somebody only Attio has, m for
// somebody it does not have.
func (x *explainer) person(s *identity, m *attio.Member) PersonExplained {
	p := PersonExplained{Teams: []MembershipFound{}}
	if m != nil {
		p.Email = m.Email
		p.Attio = &PersonInAttio{ID: m.ID, Email: m.Email, GivenName: m.GivenName, FamilyName: m.FamilyName, Status: m.Status, Role: m.Role}
	}
	if s != nil {
		p.OktaID, p.Email = s.id, s.email()
		p.Okta = x.inSource(s)
		if s.entry.OktaID != "" {
			e := *s.entry
			p.State = &e
		}
		if s.status == in {
			p.Role = x.roleOf(s, m)
		}
	}
	p.Teams = x.membershipsOf(s, m)
	p.Next = x.nextOf(s, m)
	p.Next.Verdict = x.summary(s, m, p.Next)
	return p
}

func (x *explainer) inSource(s *identity) *PersonInOkta {
	o := &PersonInOkta{Groups: []GroupNamed{}, Roles: []string{}}
	if *s.proof != (idp.Proof{}) {
		proof := *s.proof
		o.Proof = &proof
	}
	names := map[string]string{}
	for _, g := range x.in.Directory.Groups {
		names[g.ID] = g.Name
		if g.Members.Has(s.id) {
			o.Groups = append(o.Groups, GroupNamed{g.ID, g.Name})
		}
	}
	sort.Slice(o.Groups, func(i, j int) bool { return o.Groups[i].Name+o.Groups[i].ID < o.Groups[j].Name+o.Groups[j].ID })
	q := s.person
	if q == nil {
		return o
	}
	o.Listed = true
	o.Email, o.UserName, o.GivenName, o.FamilyName = q.Email, q.UserName, q.GivenName, q.FamilyName
	o.Access, o.AppStatus, o.UserStatus, o.Direct = q.Access.String(), q.AppStatus, q.UserStatus, q.Direct
	if !q.Direct && q.Via.ID != "" {
		o.Via = &GroupNamed{q.Via.ID, q.Via.Name}
		if name := names[q.Via.ID]; name != "" { // some list had it
			o.Via.Name = name
		}
	}
	o.Roles = append(o.Roles, q.Roles...)
	return o
}

func (x *explainer) roleOf(s *identity, m *attio.Member) *RoleExplained {
	var now attio.Role
	if m != nil {
		now = m.Role
	}
	w := x.roles.wanted(s, now)
	from := w.from
	if from == "" {
		from = "absence"
	}
	return &RoleExplained{Wanted: w.role, From: from, Why: w.why}
}

// membershipsOf are the teams that somebody is in or should be in, by name.
func (x *explainer) membershipsOf(s *identity, m *attio.Member) []MembershipFound {
	list := []MembershipFound{}
	for _, t := range x.found {
		f := MembershipFound{Team: t.name, Groups: []string{}, Managed: t.managed}
		if t.at != nil {
			f.AttioID, f.Team = t.at.ID, t.at.Name
			f.In = m != nil && m.ID != "" && t.at.Members.Has(m.ID)
		}
		for _, g := range t.groups {
			if s != nil && g.Members.Has(s.id) {
				f.Groups = append(f.Groups, g.Name)
			}
		}
		if f.In || len(f.Groups) > 0 {
			list = append(list, f)
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return attio.FoldName(list[i].Team) < attio.FoldName(list[j].Team) })
	return list
}

// nextOf picks from the plan what is about one person.
func (x *explainer) nextOf(s *identity, m *attio.Member) NextRun {
	theirs := func(r *core.MemberRef) bool {
		return s != nil && r.OktaID == s.id || s == nil && m != nil && m.ID != "" && r.AttioID == m.ID
	}
	return x.next(func(a core.About) bool {
		return s != nil && a.OktaID == s.id || m != nil && m.ID != "" && a.AttioID == m.ID
	}, func(st core.Step) (core.Step, bool) {
		if st.Person != nil {
			return st, s != nil && st.Person.OktaID == s.id
		}
		st.People = slices.DeleteFunc(slices.Clone(st.People), func(r *core.MemberRef) bool { return !theirs(r) })
		return st, len(st.People) > 0
	})
}

// next picks from the plan what is about one person or one team: mine gives a
// step as far as it is.
func (x *explainer) next(about func(core.About) bool, mine func(core.Step) (core.Step, bool)) NextRun {
	n := NextRun{Steps: []core.Step{}, Held: []core.HeldStep{}, Refusals: []core.Refusal{}, Notes: []core.Note{}}
	for _, st := range x.plan.Steps {
		if m, ok := mine(st); ok {
			n.Steps = append(n.Steps, m)
			if m.Record != nil {
				n.Log = append(n.Log, core.WitnessedOf(m.Record.Log, takenFrom(&m)...)...)
			}
		}
	}
	for _, h := range x.plan.Held {
		if m, ok := mine(h.Step); ok {
			n.Held = append(n.Held, core.HeldStep{Step: m, Code: h.Code})
		}
	}
	for _, r := range x.plan.Refusals {
		if r.Reach != core.ReachRun && slices.ContainsFunc(r.About, about) {
			n.Refusals = append(n.Refusals, r)
		}
	}
	for _, note := range x.plan.Notes {
		if slices.ContainsFunc(note.About, about) {
			n.Notes = append(n.Notes, note)
		}
	}
	return n
}

// summary says in a sentence why the next run does what it does.
func (x *explainer) summary(s *identity, m *attio.Member, n NextRun) string {
	nobody := capital(x.in.source()) + " has assigned nobody of this address to the app, and no run has ever managed them"
	switch {
	case s == nil && len(n.Steps) > 0:
		return nobody + "; teams.strangers says remove, so the next run takes them out of managed teams."
	case s == nil && len(n.Held) > 0:
		return nobody + "; teams.strangers says remove, but that is held back."
	case s == nil:
		return nobody + ": they are left alone."
	case s.entry.Released:
		who := s.entry.Email
		if who == "" {
			who = s.id
		}
		return "Released: left as they are, whatever " + x.in.source() + " says, until scim-sync release --undo " + core.Quote(who) + "."
	}
	switch {
	case s.former != nil:
		return capital(x.roster.remadeWords(s)) + "."
	case s.heir != nil:
		return capital(x.roster.remadeWords(s.heir)) + "."
	}
	if said := n.summary(); said != "" {
		return said
	}
	return x.unchanged(s, m, n)
}

// summary says what there is to do, empty when nothing.
func (n NextRun) summary() string {
	switch {
	case len(n.Steps) > 0:
		return core.Counted(len(n.Steps), "step", "steps") + " at the next run."
	case len(n.Held) > 0:
		return "Something would change, but it is held back."
	case len(n.Refusals) > 0:
		return "Nothing is done while a rail refuses it."
	}
	return ""
}

// staysOtherwise says whether a note tells of a difference that stays.
func staysOtherwise(n core.Note) bool {
	return n.Code == core.NoteNameNotTaken || n.Code == core.NoteRoleNotTaken || n.Code == core.NoteProtected
}

// unchanged says why nothing is to be done.
func (x *explainer) unchanged(s *identity, m *attio.Member, n NextRun) string {
	src := x.in.source()
	why := s.outWords(src)
	switch {
	case s.status == in && m == nil:
		return "Is assigned in " + src + " and not in Attio; a note tells why nothing is done."
	case s.status == in && len(n.Notes) > 0 && attio.FoldEmail(m.Email) != attio.FoldEmail(s.email()):
		return "Attio has them as " + m.Email + "; a note tells why that stays so."
	case s.status == in && slices.ContainsFunc(n.Notes, staysOtherwise):
		return "Attio does not have them quite as " + src + " says; a note tells why that stays so."
	case s.status == in:
		return "In step: Attio has them as " + src + " says."
	case s.status == out && !s.managed:
		return "Is " + why + " and has never been managed: left alone."
	case s.status == out && m == nil:
		return "Is " + why + ", and Attio has nobody of this address: nothing to do."
	case s.status == out && m.Status == attio.Suspended:
		return "Is " + why + " and suspended in Attio: nothing to do."
	case s.status == out:
		return "Is " + why + "; a note tells why nothing is done."
	case s.person != nil && s.person.Access == idp.Suspended:
		return "Is suspended in " + src + ", and okta.suspended_users says keep: left as they are."
	case s.person != nil && s.person.Access == idp.Waiting:
		return fmt.Sprintf("Is %s in %s, so not active there yet: left as they are.", statusWords(s.person), src)
	}
	return "Left as they are; a note tells why."
}
