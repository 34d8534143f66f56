package planner

import (
	"sort"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// roster is everybody on either side, and who is who: read by all stages after
// the matching.
type roster struct {
	in      *Input
	members []attio.Member
	byID    map[string]int
	byEmail map[string][]int // folded; the best match first
	owner   []*identity      // whose place a member is, by index; nil: nobody's

	identities []*identity // sorted by id
	byOkta     map[string]*identity
	wanting    map[string]*identity // folded address → who should be in under it, and those alike

	// noEmailAttribute: the attribute that holds the address is in the source's
	// schema for nobody, or in nobody's profile.
	noEmailAttribute bool
	domains          map[string]bool // of the addresses of everybody assigned, folded

	begun     map[string]core.Unfinished // provisions that were cut off, by Okta id
	withdrawn map[string]bool            // likewise, whose invite a run began to withdraw
}

func newRoster(in *Input) *roster {
	members := in.Workspace.Members
	r := &roster{
		in: in, members: members,
		byID: make(map[string]int, len(members)), byEmail: make(map[string][]int, len(members)), owner: make([]*identity, len(members)),
		byOkta: make(map[string]*identity, len(in.Directory.People)), wanting: make(map[string]*identity, len(in.Directory.People)),
		begun: map[string]core.Unfinished{}, withdrawn: map[string]bool{},
		noEmailAttribute: in.Directory.EmailAttribute == idp.No || len(in.Directory.People) > 0 && in.Directory.EmailHolders() == 0,
		domains:          assignedDomains(in.Directory.People),
	}
	for i, m := range members {
		if m.ID != "" {
			r.byID[m.ID] = i
		}
		e := attio.FoldEmail(m.Email)
		r.byEmail[e] = append(r.byEmail[e], i)
	}
	for _, list := range r.byEmail {
		if len(list) > 1 {
			sort.Slice(list, func(a, b int) bool { return better(members[list[a]], members[list[b]]) })
		}
	}
	for _, u := range in.Unfinished {
		switch p := u.Intent.Step.Person; {
		case p == nil:
		case u.Intent.Step.Action == core.Provision:
			r.begun[p.OktaID] = u
		case u.Intent.Step.Action == core.CancelInvite:
			r.withdrawn[p.OktaID] = true
		}
	}
	return r
}

// better orders the entries of one address: who works there comes first.
func better(a, b attio.Member) bool {
	rank := map[attio.Status]int{attio.Active: 0, attio.Invited: 1, attio.Suspended: 2}
	if rank[a.Status] != rank[b.Status] {
		return rank[a.Status] < rank[b.Status]
	}
	if a.ID != b.ID {
		return a.ID < b.ID
	}
	return a.RestID < b.RestID
}

// at gives the member of an identity, nil if there is none.
func (r *roster) at(s *identity) *attio.Member {
	if s.member < 0 {
		return nil
	}
	return &r.members[s.member]
}

// account is the address to call somebody by: that of their account in Attio,
// so that a plan names who is really touched.
func (r *roster) account(s *identity) string {
	if m := r.at(s); m != nil && attio.FoldEmail(m.Email) != attio.FoldEmail(s.email()) {
		return m.Email
	}
	return s.email()
}

// about names somebody by the ids that they have now.
func (r *roster) about(s *identity) core.About {
	if m := r.at(s); m != nil && m.ID != "" {
		return core.About{OktaID: s.id, AttioID: m.ID}
	}
	return s.about()
}

// protects says whether protect.members names somebody: by the address of their
// account, or by Okta's, unless that is the address of another's account.
func (r *roster) protects(s *identity) bool {
	if r.in.Policy.Protected(r.account(s)) {
		return true
	}
	for _, i := range r.byEmail[attio.FoldEmail(s.email())] {
		if i != s.member {
			return false
		}
	}
	return r.in.Policy.Protected(s.email())
}

// countsAsAdmin says whether a member is an active admin that protects the
// workspace: a managed one, or an unmanaged one on the company's own domain.
// Where the settings name no verified domains, that is one which somebody
// assigned has: an expert from outside is no admin to be left alone with.
func (r *roster) countsAsAdmin(i int) bool {
	m := r.members[i]
	if m.Status != attio.Active || m.Role != attio.RoleAdmin {
		return false
	}
	s := r.owner[i]
	if s != nil && (s.managed || s.status == in) {
		return true
	}
	verified := r.in.Policy.Verified(m.Email)
	return verified == idp.Yes || verified == idp.Unknown && r.domains[domainOf(m.Email)]
}

// domainOf is the folded domain of an address.
func domainOf(email string) string {
	folded := attio.FoldEmail(email)
	return folded[strings.LastIndexByte(folded, '@')+1:]
}

// assignedDomains are those of everybody assigned.
func assignedDomains(people []idp.Person) map[string]bool {
	domains := map[string]bool{}
	for i := range people {
		if p := &people[i]; p.Access != idp.Revoked && strings.Contains(p.Email, "@") {
			domains[domainOf(p.Email)] = true
		}
	}
	return domains
}

// admins are the places of the admins that count.
func (r *roster) admins() []core.Seat {
	var seats []core.Seat
	for i, m := range r.members {
		if r.countsAsAdmin(i) {
			seats = append(seats, core.SeatOf(m))
		}
	}
	return seats
}

// unmanaged says whether a member is nobody whom Okta manages; released people
// are no strangers.
func (r *roster) unmanaged(i int) bool {
	s := r.owner[i]
	return s == nil || !s.managed && s.status != in
}

// managedHere counts managed people who are active or invited in Attio.
func (r *roster) managedHere() int {
	n := 0
	for _, s := range r.identities {
		if m := r.at(s); s.managed && m != nil && m.Status != attio.Suspended {
			n++
		}
	}
	return n
}

// named finds somebody by address (Okta's or Attio's), Okta id or name in the app.
func (r *roster) named(name string) *identity {
	if s := r.byOkta[name]; s != nil {
		return s
	}
	e := attio.FoldEmail(name)
	for _, i := range r.byEmail[e] {
		if r.owner[i] != nil {
			return r.owner[i]
		}
	}
	for _, s := range r.identities {
		if e != "" && (attio.FoldEmail(s.email()) == e || attio.FoldEmail(s.entry.Email) == e) {
			return s
		}
	}
	for _, s := range r.identities { // last, as it may be another's address
		if e != "" && s.person != nil && attio.FoldEmail(s.person.UserName) == e {
			return s
		}
	}
	return nil
}
