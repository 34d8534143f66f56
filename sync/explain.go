package sync

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
)

// Explanation is everything that one reading of both sides and the state says
// about the people or the team that a name means, and what the next run would
// do about them. People are several only where several have one address.
type Explanation struct {
	FormatVersion int               `json:"format_version"`
	Name          string            `json:"name"` // as asked
	People        []PersonExplained `json:"people"`
	Teams         []TeamExplained   `json:"teams"`
	// Stopped are the rails that keep the whole run from being carried out.
	Stopped []Refusal `json:"stopped"`
}

// PersonExplained is one person: somebody in Okta, in Attio, or both. A side
// that does not know them is nil.
type PersonExplained struct {
	OktaID string            `json:"okta_id"`
	Email  string            `json:"email"`
	Okta   *PersonInOkta     `json:"okta"`
	Attio  *PersonInAttio    `json:"attio"`
	State  *ManagedPerson    `json:"state"`
	Role   *RoleExplained    `json:"role"`
	Teams  []MembershipFound `json:"teams"`
	Next   NextRun           `json:"next"`
}

// PersonInOkta is what Okta says. Listed is false for somebody whom only the
// state knows; Proof is then what Okta said when asked for that very person,
// and nil when it was not asked.
type PersonInOkta struct {
	Listed     bool        `json:"listed"`
	Email      string      `json:"email"`
	UserName   string      `json:"user_name"`
	GivenName  string      `json:"given_name"`
	FamilyName string      `json:"family_name"`
	Access     string      `json:"access"` // granted, waiting, suspended, revoked
	AppStatus  string      `json:"app_status"`
	UserStatus string      `json:"user_status"`
	Direct     bool        `json:"direct"`
	Via        *GroupNamed `json:"via"` // the group that assigns, when not direct
	// Groups are those of the groups read (for teams or admins) they are in.
	Groups []GroupNamed `json:"groups"`
	Roles  []string     `json:"roles"`
	Proof  *idp.Proof   `json:"proof"`
}

// GroupNamed names a group.
type GroupNamed struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// PersonInAttio is what Attio has.
type PersonInAttio struct {
	ID         string       `json:"id"` // over SCIM; empty when only the member list knows them
	Email      string       `json:"email"`
	GivenName  string       `json:"given_name"`
	FamilyName string       `json:"family_name"`
	Status     attio.Status `json:"status"`
	Role       attio.Role   `json:"role"`
}

// RoleExplained is the role that somebody should have.
type RoleExplained struct {
	Wanted attio.Role `json:"wanted"`
	From   string     `json:"from"` // attribute, group, absence
	Why    string     `json:"why"`
}

// MembershipFound is one team that somebody is in or should be in.
type MembershipFound struct {
	Team    string   `json:"team"`
	AttioID string   `json:"attio_id"` // empty for a team that does not exist yet
	Managed bool     `json:"managed"`
	Groups  []string `json:"groups"` // names of the Okta groups that ask for it
	In      bool     `json:"in"`     // is in it now
}

// NextRun is what the next run would do about one subject, and why.
type NextRun struct {
	Verdict  string     `json:"verdict"` // one sentence
	Steps    []Step     `json:"steps"`
	Held     []HeldStep `json:"held"`
	Refusals []Refusal  `json:"refusals"`
	Notes    []Note     `json:"notes"`
}

// UnknownNameError says that neither side nor the state knows a name.
type UnknownNameError struct{ Name string }

func (e *UnknownNameError) Error() string {
	return Quote(e.Name) + " is neither a person nor a team that Okta, Attio or the state knows"
}

// Hint says where to look.
func (e *UnknownNameError) Hint() string {
	return "Somebody whom Okta has not assigned to the app, and who is not in Attio, is known to nobody here. To list all whom Okta does not manage: scim-sync plan --unmanaged"
}

// Explain says all that is known about a name: an address, an Okta id, or the
// name or either id of a team. It is pure; the proposal is one of a whole run.
func Explain(p *Proposal, name string) (Explanation, error) {
	x, err := newExplainer(p)
	if err != nil {
		return Explanation{}, err
	}
	e := Explanation{FormatVersion: FormatVersion, Name: name, People: x.peopleNamed(name), Teams: []TeamExplained{}, Stopped: []Refusal{}}
	if len(e.People) == 0 {
		e.Teams = x.teamsNamed(name)
	}
	if len(e.People)+len(e.Teams) == 0 {
		return Explanation{}, &UnknownNameError{Name: name}
	}
	for _, r := range p.Plan.Refusals {
		if r.Reach == ReachRun {
			e.Stopped = append(e.Stopped, r)
		}
	}
	return e, nil
}

// explainer is a plan's own reading, gone through once more.
type explainer struct {
	*diff
	plan Plan
}

func newExplainer(p *Proposal) (*explainer, error) {
	d := newDiff(p.input)
	if err := d.matchPeople(); err != nil {
		return nil, err
	}
	d.people()
	d.teams()
	return &explainer{diff: d, plan: p.Plan}, nil
}

// peopleNamed are all whom an address or an id means: identities of Okta
// first, then places in Attio that are nobody's.
func (x *explainer) peopleNamed(name string) []PersonExplained {
	found := []PersonExplained{}
	fold, id := attio.FoldEmail(name), strings.TrimSpace(name)
	seen := map[int]bool{}
	for _, s := range x.subjects {
		m := x.at(s)
		here := s.id == id || fold != "" && (attio.FoldEmail(s.email()) == fold || attio.FoldEmail(s.entry.Email) == fold ||
			s.person != nil && attio.FoldEmail(s.person.UserName) == fold || m != nil && (attio.FoldEmail(m.Email) == fold || m.ID == id))
		if here {
			seen[s.member] = true
			found = append(found, x.person(s, m))
		}
	}
	for i := range x.members {
		m := &x.members[i]
		if !seen[i] && x.claimed[i] == nil && (attio.FoldEmail(m.Email) == fold || m.ID != "" && m.ID == id) {
			found = append(found, x.person(nil, m))
		}
	}
	return found
}

// person explains one person; s is nil for somebody only Attio has, m for
// somebody it does not have.
func (x *explainer) person(s *subject, m *attio.Member) PersonExplained {
	p := PersonExplained{Teams: []MembershipFound{}}
	if m != nil {
		p.Email = m.Email
		p.Attio = &PersonInAttio{ID: m.ID, Email: m.Email, GivenName: m.GivenName, FamilyName: m.FamilyName, Status: m.Status, Role: m.Role}
	}
	if s != nil {
		p.OktaID, p.Email = s.id, s.email()
		p.Okta = x.inOkta(s)
		if s.entry.OktaID != "" {
			e := *s.entry
			p.State = &e
		}
		if s.want == in {
			p.Role = x.roleOf(s, m)
		}
	}
	p.Teams = x.memberships(s, m)
	p.Next = x.nextOf(s, m)
	p.Next.Verdict = x.verdict(s, m, p.Next)
	return p
}

func (x *explainer) inOkta(s *subject) *PersonInOkta {
	o := &PersonInOkta{Groups: []GroupNamed{}, Roles: []string{}}
	if *s.proof != (idp.Proof{}) {
		proof := *s.proof
		o.Proof = &proof
	}
	for _, g := range x.in.Directory.Groups {
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
		o.Via = &GroupNamed{q.Via.ID, x.groupName(q.Via)}
	}
	o.Roles = append(o.Roles, q.Roles...)
	return o
}

// groupName gives a group's name where some list had it.
func (x *explainer) groupName(g idp.GroupRef) string {
	for _, known := range x.in.Directory.Groups {
		if known.ID == g.ID {
			return known.Name
		}
	}
	return g.Name
}

func (x *explainer) roleOf(s *subject, m *attio.Member) *RoleExplained {
	var now attio.Role
	if m != nil {
		now = m.Role
	}
	w := x.wantedRole(s, now)
	from := w.from
	if from == "" {
		from = "absence"
	}
	return &RoleExplained{Wanted: w.role, From: from, Why: w.why}
}

// memberships are the teams that somebody is in or should be in, by name.
func (x *explainer) memberships(s *subject, m *attio.Member) []MembershipFound {
	list := []MembershipFound{}
	asked := map[string]bool{} // Attio team ids dealt with
	for _, t := range x.allTeams() {
		f := MembershipFound{Team: t.name, Groups: []string{}, Managed: t.managed}
		if t.at != nil {
			asked[t.at.ID] = true
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
func (x *explainer) nextOf(s *subject, m *attio.Member) NextRun {
	n := NextRun{Steps: []Step{}, Held: []HeldStep{}, Refusals: []Refusal{}, Notes: []Note{}}
	id := func(r MemberRef) bool {
		return s != nil && s.id != "" && r.OktaID == s.id || s == nil && m != nil && m.ID != "" && r.AttioID == m.ID
	}
	for _, st := range x.plan.Steps {
		if mine, ok := stepOf(st, s, id); ok {
			n.Steps = append(n.Steps, mine)
		}
	}
	for _, h := range x.plan.Held {
		if mine, ok := stepOf(h.Step, s, id); ok {
			n.Held = append(n.Held, HeldStep{Step: mine, Code: h.Code})
		}
	}
	about := x.words(s, m)
	for _, r := range x.plan.Refusals {
		if r.Reach != ReachRun && about(r.Subject, r.Detail) {
			n.Refusals = append(n.Refusals, r)
		}
	}
	for _, note := range x.plan.Notes {
		if about(note.Subject, note.Detail) || s != nil && s.person != nil && note.Code == "unknown-role" && slices.Contains(s.person.Roles, note.Subject) {
			n.Notes = append(n.Notes, note)
		}
	}
	return n
}

// stepOf gives a step as far as it is about somebody.
func stepOf(st Step, s *subject, is func(MemberRef) bool) (Step, bool) {
	if st.Person != nil {
		return st, s != nil && st.Person.OktaID == s.id
	}
	mine := slices.DeleteFunc(slices.Clone(st.People), func(r MemberRef) bool { return !is(r) })
	st.People = mine
	return st, len(mine) > 0
}

// words says whether a refusal or note is about somebody: by its subject, or
// by an Okta id in its sentence.
func (x *explainer) words(s *subject, m *attio.Member) func(subject, detail string) bool {
	emails := map[string]bool{}
	if m != nil {
		emails[attio.FoldEmail(m.Email)] = true
	}
	if s != nil {
		emails[attio.FoldEmail(s.email())] = true
		emails[attio.FoldEmail(s.entry.Email)] = true
		if s.person != nil {
			emails[attio.FoldEmail(s.person.UserName)] = true
		}
	}
	delete(emails, "")
	return func(about, detail string) bool {
		return emails[attio.FoldEmail(about)] || s != nil && (about == s.id || slices.Contains(strings.FieldsFunc(detail, notID), s.id))
	}
}

// notID parts a sentence into what may be ids.
func notID(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

// verdict says in a sentence why the next run does what it does.
func (x *explainer) verdict(s *subject, m *attio.Member, n NextRun) string {
	switch {
	case s == nil && len(n.Steps) > 0:
		return "Okta has assigned nobody of this address to the app, and no run has ever managed them; teams.strangers says remove, so the next run takes them out of managed teams."
	case s == nil && len(n.Held) > 0:
		return "Okta has assigned nobody of this address to the app, and no run has ever managed them; teams.strangers says remove, but that is held back."
	case s == nil:
		return "Okta has assigned nobody of this address to the app, and no run has ever managed them: they are left alone."
	case s.entry.Released:
		return "Released: left as they are, whatever Okta says, until scim-sync release --undo " + Quote(or(s.entry.Email, s.id)) + "."
	case len(n.Steps) > 0:
		return counted(len(n.Steps), "step", "steps") + " at the next run."
	case len(n.Held) > 0:
		return "Something would change, but it is held back."
	case len(n.Refusals) > 0:
		return "Nothing is done while a rail refuses it."
	}
	return x.unchanged(s, m, n)
}

// unchanged says why nothing is to be done.
func (x *explainer) unchanged(s *subject, m *attio.Member, n NextRun) string {
	switch {
	case s.want == in && m == nil:
		return "Is assigned in Okta and not in Attio; a note tells why nothing is done."
	case s.want == in && len(n.Notes) > 0 && attio.FoldEmail(m.Email) != attio.FoldEmail(s.email()):
		return "Attio has them as " + m.Email + "; a note tells why that stays so."
	case s.want == in:
		return "In step: Attio has them as Okta says."
	case s.want == out && !s.managed:
		return "Is " + outWords(s) + " and has never been managed: left alone."
	case s.want == out && m == nil:
		return "Is " + outWords(s) + ", and Attio has nobody of this address: nothing to do."
	case s.want == out && m.Status == attio.Suspended:
		return "Is " + outWords(s) + " and suspended in Attio: nothing to do."
	case s.want == out:
		return "Is " + outWords(s) + "; a note tells why nothing is done."
	case s.person != nil && s.person.Access == idp.Suspended:
		return "Is suspended in Okta, and okta.suspended_users says keep: left as they are."
	case s.person != nil && s.person.Access == idp.Waiting:
		return fmt.Sprintf("Is %s in Okta, neither here nor gone: left as they are.", words(s.person))
	}
	return "Left as they are; a note tells why."
}
