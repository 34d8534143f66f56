package sync

import (
	"sort"

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
	// begun: a run that was cut off had begun to provision them, and state does
	// not know them yet.
	begun bool
	// moves: this plan gives them Okta's address.
	moves bool
	turn  int    // the last team that they should be in
	mark  uint32 // what a MemberSet holds of them
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
	who      byNumber[*subject] // nil for whom nobody knows
	where    byNumber[int32]    // index into members, -1 for what Attio's list does not explain
	places   []int              // room to list places in

	adminGroup    map[string]bool // Okta ids of people in admin groups
	roleAttribute bool            // anybody assigned has it

	steps        []Step
	folded       []folded // room to sort in
	refusals     []Refusal
	concerned    [][]string // Okta ids of people or groups, of each refusal
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
	d.who = newByNumber(func(id string) *subject { return d.byOkta[id] })
	d.where = newByNumber(func(id string) int32 {
		if i, ok := d.byID[id]; ok {
			return int32(i)
		}
		return -1
	})
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
			for _, id := range g.Members.IDs() {
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

// refuse keeps back the steps of some people or groups, by their Okta ids.
func (d *diff) refuse(whose []string, code, subject, detail, remedy string) {
	d.concerned = append(d.concerned, whose)
	d.refusals = append(d.refusals, Refusal{Code: code, Reach: ReachSteps, Subject: subject, Detail: detail, Remedy: remedy})
}

func (d *diff) settle(e ManagedPerson) {
	d.silent = append(d.silent, Change{Person: &e})
}
