package sync

import (
	"slices"
	"sort"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
)

// want is what should be true of a person.
type want int8

const (
	leave want = iota // neither here nor gone, released, or in conflict: as they are
	in
	out
)

// subject is one Okta identity: in Okta's list, in state, or both.
type subject struct {
	id      string
	person  *idp.Person    // nil: not in Okta's list
	entry   *ManagedPerson // what state has, never nil; shared, so never changed
	managed bool           // in state and not released
	member  int            // index into the workspace's members, -1: none
	want    want
	proof   *idp.Proof // what Okta said, never nil
	// doubtful: the list leaves them out, and the source was not asked yet.
	doubtful bool
	// here: active or invited in Attio once the plan has run (as far as the
	// plan itself decides it).
	here bool
	// moves: this plan gives them Okta's address.
	moves bool
	turn  int // the last team that they should be in
	// attioID is the SCIM id for memberships; empty when this plan provisions.
	attioID string
}

func (s *subject) email() string {
	if s.person != nil && s.person.Email != "" {
		return s.person.Email
	}
	return s.entry.Email
}

// account is the address to call somebody by in a step: that of their account
// in Attio, so that a plan names who is really touched, and Okta's once the plan
// gives them that one.
func (d *diff) account(s *subject) string {
	if m := d.at(s); m != nil && !s.moves && attio.FoldEmail(m.Email) != attio.FoldEmail(s.email()) {
		return m.Email
	}
	return s.email()
}

// diff is the working memory of one Propose.
type diff struct {
	in      Input
	members []attio.Member
	byID    map[string]int
	byEmail map[string][]int      // folded; the best match first
	wanting map[string][]*subject // folded address → who should be in under it
	claimed []*subject            // who owns the member, by index
	turn    int                   // the team in hand, counted
	present []int                 // the turn in which the team in hand has the member, by index

	subjects []*subject // sorted by id
	byOkta   map[string]*subject

	adminGroup    map[string]bool // Okta ids of people in admin groups
	roleAttribute bool            // anybody assigned has it

	steps        []Step
	folded       []folded // room to sort in
	refusals     []Refusal
	notes        []Note
	unknownRoles map[string][]string // value → addresses
	absent       []string
	absentGroups []string
	absentTeams  []string
	reread       []idp.GroupRef
	unresolved   []string
	facts        map[string]facts // of those whom a step is about
	unknown      *ManagedPerson   // the entry of all whom state does not know
	unproven     *idp.Proof
	teamFacts    map[string]teamFacts
	managedTeams map[string]bool // Attio team ids that this plan answers for
	contested    map[string]bool // group ids left out because another group comes to the same name
	silent       []Change
	proofs       map[string]idp.Proof
	unfinished   map[string]Unfinished // provisions cut off, by Okta id
	withdrawn    map[string]bool       // likewise, whose invite a run began to withdraw
}

func newDiff(in Input) *diff {
	d := &diff{
		in: in, members: in.Workspace.Members,
		byID: make(map[string]int, len(in.Workspace.Members)), byEmail: make(map[string][]int, len(in.Workspace.Members)),
		claimed: make([]*subject, len(in.Workspace.Members)), present: make([]int, len(in.Workspace.Members)), byOkta: make(map[string]*subject, len(in.Directory.People)),
		adminGroup: map[string]bool{}, unknownRoles: map[string][]string{},
		facts: make(map[string]facts, len(in.Directory.People)), teamFacts: map[string]teamFacts{}, managedTeams: map[string]bool{}, contested: map[string]bool{},
		proofs: map[string]idp.Proof{}, unfinished: map[string]Unfinished{}, withdrawn: map[string]bool{}, unknown: new(ManagedPerson), unproven: new(idp.Proof),
	}
	for i, m := range d.members {
		if m.ID != "" {
			d.byID[m.ID] = i
		}
		e := attio.FoldEmail(m.Email)
		d.byEmail[e] = append(d.byEmail[e], i)
	}
	for _, list := range d.byEmail {
		if len(list) > 1 {
			sort.Slice(list, func(a, b int) bool { return better(d.members[list[a]], d.members[list[b]]) })
		}
	}
	for _, u := range in.Unfinished {
		switch p := u.Intent.Step.Person; {
		case p == nil:
		case u.Intent.Step.Action == Provision:
			d.unfinished[p.OktaID] = u
		case u.Intent.Step.Action == CancelInvite:
			d.withdrawn[p.OktaID] = true
		}
	}
	for _, g := range in.Directory.Groups {
		if exactly(in.Policy.Roles.AdminGroups, g.GroupRef) {
			for _, id := range g.Members {
				d.adminGroup[id] = true
			}
		}
	}
	return d
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

// at gives the member of a subject, nil if there is none.
func (d *diff) at(s *subject) *attio.Member {
	if s.member < 0 {
		return nil
	}
	return &d.members[s.member]
}

func (d *diff) note(code, subject, detail string) {
	d.notes = append(d.notes, Note{Code: code, Subject: subject, Detail: detail})
}

func (d *diff) refuse(code, subject, detail, remedy string) {
	d.refusals = append(d.refusals, Refusal{Code: code, Reach: ReachSteps, Subject: subject, Detail: detail, Remedy: remedy})
}

func (d *diff) settle(e ManagedPerson) {
	d.silent = append(d.silent, Change{Person: &e})
}

// matchPeople ties every Okta identity to its place in Attio: first those
// that state ties by id, then by address, never one place to two identities.
func (d *diff) matchPeople() error {
	all := make([]subject, len(d.in.Directory.People))
	for i := range all {
		p := &d.in.Directory.People[i]
		all[i] = subject{id: p.ID, person: p, entry: d.unknown, member: -1, proof: &p.Proof}
		d.byOkta[p.ID] = &all[i]
	}
	entries := make([]ManagedPerson, 0, len(d.in.Managed.People))
	for id, e := range d.in.Managed.People {
		s := d.byOkta[id]
		if s == nil {
			s = d.newSubject(id)
			d.byOkta[id] = s
		}
		entries = append(entries, e)
		s.entry, s.managed = &entries[len(entries)-1], !e.Released
	}
	d.cutOff()
	d.subjects = make([]*subject, 0, len(d.byOkta))
	for i := range all {
		if s := &all[i]; d.byOkta[s.id] == s {
			d.subjects = append(d.subjects, s)
		}
	}
	for _, s := range d.byOkta {
		if s.person == nil {
			d.subjects = append(d.subjects, s)
		}
	}
	byID := func(a, b *subject) int { return strings.Compare(a.id, b.id) }
	if !slices.IsSortedFunc(d.subjects, byID) { // Okta's list mostly is
		slices.SortFunc(d.subjects, byID)
	}

	for _, s := range d.subjects {
		if s.person != nil && s.person.HasRole && s.person.Access != idp.Revoked {
			d.roleAttribute = true
		}
		if s.entry.AttioID != "" {
			if i, ok := d.byID[s.entry.AttioID]; ok && d.claimed[i] == nil {
				s.member, d.claimed[i] = i, s
			}
		}
	}
	d.claimByState()
	for _, s := range d.subjects {
		if err := d.contradiction(s); err != nil {
			return err
		}
		if err := d.decide(s); err != nil {
			return err
		}
	}
	d.claimByEmail()
	return nil
}

// claimByState ties those whose id no longer leads anywhere by the address that
// state has of them. Where two had one address after each other, whoever Okta
// still gives it goes first, then whoever was there last; and an address that
// somebody assigned has by now leads to nobody who left.
func (d *diff) claimByState() {
	var loose []*subject
	for _, s := range d.subjects {
		if _, cut := d.unfinished[s.id]; cut || s.entry.OktaID != "" && s.member < 0 {
			loose = append(loose, s)
		}
	}
	if len(loose) == 0 {
		return // as nearly always
	}
	assigned := map[string]bool{}
	for _, s := range d.subjects {
		if s.granted() {
			assigned[attio.FoldEmail(s.person.Email)] = true
		}
	}
	const keeps, was, left = 0, 1, 2
	for _, turn := range []int{keeps, was, left} {
		for _, s := range loose {
			at := attio.FoldEmail(s.entry.Email)
			mine := left
			switch {
			case s.entry.OktaID == "" || s.member >= 0:
				continue
			case s.granted() && attio.FoldEmail(s.person.Email) == at:
				mine = keeps
			case s.entry.Applied.Active:
				mine = was
			case !s.granted() && assigned[at]:
				continue
			}
			if mine == turn {
				d.findByEmail(s, s.entry.Email)
			}
		}
	}
	d.claimLost(loose)
}

// claimLost ties people to an account whose answer was lost, under the address
// that was asked for; those too who have another one that gave way to it.
func (d *diff) claimLost(loose []*subject) {
	for _, s := range loose {
		u, cut := d.unfinished[s.id]
		if !cut || s.member >= 0 && d.at(s).Status != attio.Suspended {
			continue
		}
		was := s.member
		if d.findByEmail(s, u.Intent.Step.After.Email); was >= 0 && s.member != was {
			d.claimed[was] = nil
		}
	}
}

// granted says whether Okta has somebody assigned and free to work, and they
// were not released.
func (s *subject) granted() bool {
	return s.person != nil && s.person.Access == idp.Granted && !s.entry.Released
}

// cutOff counts among the managed whom a run that was cut off had begun to
// provision, who is in Attio since and not assigned any more: else nobody would
// answer for them.
func (d *diff) cutOff() {
	for id, u := range d.unfinished {
		s, after := d.byOkta[id], u.Intent.Step.After
		at := d.byEmail[attio.FoldEmail(after.Email)]
		known := s != nil && (s.entry.OktaID != "" || s.person != nil && s.person.Access != idp.Revoked && s.person.Access != idp.Suspended)
		if known || after.Email == "" || len(at) == 0 {
			continue
		}
		if s == nil {
			s = d.newSubject(id)
			d.byOkta[id] = s
		}
		s.managed = true
		s.entry = &ManagedPerson{OktaID: id, Email: after.Email, Kind: kindOf(d.members[at[0]].Status), ManagedSince: u.At, InvitedAt: u.At,
			Applied: Applied{Role: after.Role, GivenName: after.GivenName, FamilyName: after.FamilyName, Active: true}}
	}
}

// newSubject is somebody whom Okta's list does not hold.
func (d *diff) newSubject(id string) *subject {
	return &subject{id: id, entry: d.unknown, member: -1, proof: d.unproven}
}

// findByEmail ties a subject of the state to a place of the same address.
func (d *diff) findByEmail(s *subject, email string) {
	if email == "" {
		return
	}
	for _, i := range d.byEmail[attio.FoldEmail(email)] {
		if d.claimed[i] == nil {
			s.member, d.claimed[i] = i, s
			return
		}
	}
}

// contradiction is an error where somebody who has joined shows as invited: the
// id of an invite becomes another one when it is accepted, so that Attio's list
// of those who joined leaves them out. Taken for an invite they would be under
// none of the rails that keep members and admins.
func (d *diff) contradiction(s *subject) error {
	m := d.at(s)
	if !s.managed || m == nil || s.entry.Kind != Membership || s.entry.AttioID != m.ID || m.Status != attio.Invited {
		return nil
	}
	return &UntrustedError{
		Detail: "Attio's member list leaves out " + m.Email + " (" + m.ID + "), who joined before and is still there over SCIM",
		Hint:   "Nothing was written. Run again; if it stays so, that list is not to be trusted. To go on without them: scim-sync release " + Quote(m.Email),
	}
}

// decide settles what should be true of a subject.
func (d *diff) decide(s *subject) error {
	switch {
	case s.entry.Released:
		s.want = leave
	case s.person != nil:
		d.decideAccess(s, s.person.Access)
	default:
		return d.decideAbsent(s)
	}
	return nil
}

func (d *diff) decideAccess(s *subject, a idp.Access) {
	switch a {
	case idp.Granted:
		s.want = in
	case idp.Revoked:
		s.want = out
	case idp.Suspended:
		s.want = out
		if d.in.Policy.KeepSuspended {
			s.want = leave
		}
	default:
		s.want = leave
		if s.person != nil {
			d.note("waiting", s.email(), "is "+words(s.person)+" in Okta: neither here nor gone, left as they are")
		}
	}
}

func words(p *idp.Person) string {
	if p.UserStatus != "" && p.UserStatus != p.AppStatus {
		return p.AppStatus + " (user " + p.UserStatus + ")"
	}
	return p.AppStatus
}

// decideAbsent settles someone whom state knows and Okta's list does not. The
// list alone proves nothing: the source is asked by id.
func (d *diff) decideAbsent(s *subject) error {
	s.want = out
	st, asked := d.in.Standings[s.id]
	m := d.at(s)
	if !asked {
		s.doubtful = !d.in.Policy.Protect.TrustAbsence
		matters := m != nil && m.Status != attio.Suspended || m == nil && s.entry.Applied.Active
		if matters && !d.in.Policy.Protect.TrustAbsence && !d.protects(s) {
			d.absent = append(d.absent, s.id)
		}
		return nil
	}
	s.proof = &st.Proof
	switch {
	case !st.Listed || st.Access == idp.Revoked:
	case st.Access == idp.Granted:
		return &UntrustedError{
			Detail: "Okta's list of assigned people leaves out " + s.email() + " (" + s.id + "), but asked for that very person Okta says they are assigned",
			Hint:   "Nothing was written. Okta's lists trail its writes by seconds: run again; if it stays so, the list is not to be trusted.",
		}
	default:
		person := st.Person
		s.person = &person
		d.decideAccess(s, st.Access)
	}
	return nil
}
