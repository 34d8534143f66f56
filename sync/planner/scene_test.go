package planner

import (
	"fmt"
	"scim-sync/config"
	core "scim-sync/sync"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/idset"
)

// now is the time of every scene.
var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func daysAgo(n float64) time.Time { return now.Add(-time.Duration(n * 24 * float64(time.Hour))) }

// scene is a small world for the diff: both sides, the state between them, and
// settings without caps. One admin, boss@acme.com, is always there and as they
// should be.
type scene struct {
	in       Input
	spells   func(name string) string // how Attio writes a team's new name
	stubborn bool                     // Attio keeps names and addresses of people, and says yes
	refuses  func(a core.Action, ids []string) error
	sent     []int                    // by the last run
	arrives  func(*attio.Member) bool // what else becomes of somebody provisioned
	made     int                      // ids that Attio has given so far
}

func newScene() *scene {
	s := &scene{in: Input{
		Directory: idp.Directory{Origin: idp.Origin{Name: "Okta", OrgURL: "https://acme.okta.com", AppID: "0oa1", AppLabel: "Attio"}, RoleAttribute: idp.Yes},
		Workspace: attio.Workspace{Identity: attio.Identity{WorkspaceID: "w1", WorkspaceSlug: "acme", WorkspaceName: "Acme"}},
		Managed:   core.Managed{WorkspaceID: "w1", People: map[string]core.ManagedPerson{}, Teams: map[string]core.ManagedTeam{}},
		Answers:   Answers{}.ready(),
		Policy:    uncapped(), Now: now, Version: "test",
	}}
	s.tied("boss", "boss@acme.com", admin, roles("admin"))
	return s
}

// uncapped are the default settings without caps.
func uncapped() core.Policy {
	p := config.Default().Policy
	p.VerifiedDomains = []string{"acme.com"}
	all := core.Amount{N: 100, Percent: true}
	p.Protect.Removals, p.Protect.RemovalsCeiling, p.Protect.AdminRemovals = all, 1000, 1000
	p.Protect.TeamRemovals, p.Protect.AdditionsFloor, p.Protect.Promotions = all, 1000, 1000
	p.Protect.EmailChanges = all
	return p
}

// trio is somebody on all three sides; options change them.
type trio struct {
	okta  *idp.Person
	attio *attio.Member
	state *core.ManagedPerson
}

type option func(*trio)

// admin makes them an admin in Attio and in state.
func admin(t *trio) {
	if t.attio != nil {
		t.attio.Role = attio.RoleAdmin
	}
	if t.state != nil {
		t.state.Applied.Role = attio.RoleAdmin
	}
}

// roles gives them the role attribute in Okta.
func roles(values ...string) option {
	return func(t *trio) {
		t.okta.Roles, t.okta.HasRole = values, len(values) > 0
		if t.state != nil {
			t.state.RoleSeen, t.state.RoleFrom = t.okta.HasRole, fromAttribute
		}
	}
}

func access(a idp.Access, status string) option {
	return func(t *trio) { t.okta.Access, t.okta.AppStatus = a, status }
}

// suspended are those whom an earlier run has suspended.
func suspended(t *trio) {
	t.attio.Status, t.attio.Role = attio.Suspended, ""
	if t.state != nil {
		t.state.Applied.Active = false
	}
}

// suspendedByHand are those whom somebody suspended in Attio.
func suspendedByHand(t *trio) { t.attio.Status, t.attio.Role = attio.Suspended, "" }

// invited have an invite that a run sent so many days ago.
func invited(days float64) option {
	return func(t *trio) {
		if t.attio != nil {
			t.attio.Status, t.attio.RestID = attio.Invited, ""
		}
		if t.state != nil {
			t.state.Kind, t.state.InvitedAt = core.Invite, daysAgo(days)
		}
	}
}

// tied adds somebody who is the same on all three sides: a member.
func (s *scene) tied(id, email string, opts ...option) *trio {
	t := &trio{okta: s.okta(id, email), attio: s.attio("a-"+id, email), state: s.state(id, "a-"+id, email)}
	return s.change(t, opts)
}

// fresh adds somebody whom only Okta knows.
func (s *scene) fresh(id, email string, opts ...option) *trio {
	return s.change(&trio{okta: s.okta(id, email)}, opts)
}

// unadopted adds somebody whom Okta and Attio know, and state does not.
func (s *scene) unadopted(id, email string, opts ...option) *trio {
	return s.change(&trio{okta: s.okta(id, email), attio: s.attio("a-"+id, email)}, opts)
}

// left adds somebody whom Okta does not list any more, and says so.
func (s *scene) left(id, email string, opts ...option) *trio {
	s.in.Answers.People[id] = idp.Standing{Access: idp.Revoked, Proof: idp.Proof{Request: "GET /api/v1/apps/0oa1/users/" + id, Status: 404, Says: "E0000007"}}
	return s.change(&trio{okta: &idp.Person{}, attio: s.attio("a-"+id, email), state: s.state(id, "a-"+id, email)}, opts)
}

// stranger adds somebody whom only Attio knows.
func (s *scene) stranger(id, email string, opts ...option) *trio {
	return s.change(&trio{okta: &idp.Person{}, attio: s.attio("a-"+id, email)}, opts)
}

// change applies options and puts the three back where they belong: the lists
// may have grown since.
func (s *scene) change(t *trio, opts []option) *trio {
	for _, o := range opts {
		o(t)
	}
	for i, p := range s.in.Directory.People {
		if p.ID == t.okta.ID {
			s.in.Directory.People[i] = *t.okta
		}
	}
	if t.attio != nil {
		s.in.Workspace.Members[len(s.in.Workspace.Members)-1] = *t.attio
	}
	if t.state != nil {
		s.in.Managed.People[t.state.OktaID] = *t.state
	}
	return t
}

func (s *scene) okta(id, email string) *idp.Person {
	given, family := nameIn(email)
	s.in.Directory.People = append(s.in.Directory.People, idp.Person{
		ID: id, Email: email, EmailFrom: idp.EmailAttribute, UserName: email, GivenName: given, FamilyName: family, Access: idp.Granted, AppStatus: "ACTIVE", UserStatus: "ACTIVE",
		Proof: &idp.Proof{Request: "GET /api/v1/apps/0oa1/users", Status: 200, Says: "ACTIVE"},
	})
	p := s.in.Directory.People[len(s.in.Directory.People)-1]
	return &p
}

func (s *scene) attio(id, email string) *attio.Member {
	given, family := nameIn(email)
	s.in.Workspace.Members = append(s.in.Workspace.Members, attio.Member{
		ID: id, RestID: "r-" + id, Email: email, Profile: attio.Profile{GivenName: given, FamilyName: family}, Status: attio.Active, Role: attio.RoleMember,
	})
	m := s.in.Workspace.Members[len(s.in.Workspace.Members)-1]
	return &m
}

func (s *scene) state(id, attioID, email string) *core.ManagedPerson {
	given, family := nameIn(email)
	return &core.ManagedPerson{OktaID: id, AttioID: attioID, Kind: core.Membership, Email: email, ManagedSince: daysAgo(100),
		Applied: core.Applied{Role: attio.RoleMember, Profile: attio.Profile{GivenName: given, FamilyName: family}, Active: true}}
}

// nameIn makes a name of an address: ada@acme.com is Ada Acme.
func nameIn(email string) (given, family string) {
	local, domain, _ := strings.Cut(strings.TrimSpace(strings.ToLower(email)), "@")
	family, _, _ = strings.Cut(domain, ".")
	title := func(s string) string {
		if s == "" {
			return ""
		}
		return strings.ToUpper(s[:1]) + s[1:]
	}
	return title(local), title(family)
}

// group adds an assigned group with these people (Okta ids).
func (s *scene) group(id, name string, members ...string) *idp.Group {
	s.in.Directory.Groups = append(s.in.Directory.Groups, idp.Group{GroupRef: idp.GroupRef{ID: id, Name: name}, Members: idset.Of(members...), Team: true})
	return &s.in.Directory.Groups[len(s.in.Directory.Groups)-1]
}

// team adds a team with these members (Attio ids).
func (s *scene) team(id, name string, members ...string) {
	s.in.Workspace.Teams = append(s.in.Workspace.Teams, attio.Team{ID: id, Name: name, Members: idset.Of(members...)})
}

// tie ties a group to a team, as applied with these people (Okta ids).
func (s *scene) tie(groupID, teamID, name string, members ...string) {
	s.in.Managed.Teams[groupID] = core.ManagedTeam{GroupID: groupID, TeamID: teamID, Created: true, Applied: core.AppliedTeam{Name: name, Members: core.NewMemberSet(members)}}
}

// retie changes a tie.
func (s *scene) retie(groupID string, change func(*core.ManagedTeam)) {
	m := s.in.Managed.Teams[groupID]
	change(&m)
	s.in.Managed.Teams[groupID] = m
}

// tiedTeam adds a group and its team, the same on all sides.
func (s *scene) tiedTeam(name string, members ...string) {
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = "a-" + m
	}
	s.group("g-"+name, name, members...)
	s.team("t-"+name, name, ids...)
	s.tie("g-"+name, "t-"+name, name, members...)
}

// lost says that Okta answers 404 for a group.
func (s *scene) lost(groupID string) {
	s.in.Answers.Groups[groupID] = idp.GroupStanding{Proof: idp.Proof{Request: "GET /api/v1/groups/" + groupID, Status: 404}}
}

// outOfScope says that Okta still has a group that it does not list here.
func (s *scene) outOfScope(groupID, name string) {
	s.in.Answers.Groups[groupID] = idp.GroupStanding{Exists: true, Group: idp.GroupRef{ID: groupID, Name: name}}
}

func (s *scene) propose(t testing.TB) *Draft {
	t.Helper()
	p, err := Plan(s.in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// row is one case of the diff: a scene and all that the plan says of it.
type row struct {
	name  string
	scene func(*scene)
	// steps in order, as told gives them; notes and refusals as "code subject".
	steps, notes, refusals []string
	// says are parts that some note or refusal must hold.
	says []string
	// learns are changes of state without a step.
	learns []string
	// asks are the people, groups and teams whose absence has to be confirmed, and
	// the addresses that have to be looked up.
	asks []string
}

func check(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			s := newScene()
			r.scene(s)
			p := s.propose(t)
			alike(t, "steps", r.steps, wordsOfAll(p.Plan.Steps))
			alike(t, "notes", r.notes, noteWords(p.Plan.Notes))
			alike(t, "refusals", r.refusals, refusalWords(p.Plan.Refusals))
			alike(t, "learns", r.learns, changeWords(p.Updates))
			alike(t, "asks", r.asks, slices.Concat(p.Questions.People, p.Questions.Groups, p.Questions.Teams, p.Questions.Addresses))
			text := fmt.Sprint(p.Plan.Notes, p.Plan.Refusals)
			for _, part := range r.says {
				if !strings.Contains(text, part) {
					t.Errorf("nothing says %q: %s", part, text)
				}
			}
		})
	}
}

func alike(t *testing.T, what string, want, got []string) {
	t.Helper()
	if len(want) == 0 && len(got) == 0 {
		return
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// told is a step in short: what, whom, before and after, why.
func told(s core.Step) string { return stepWords(s) + " (" + string(s.Cause) + ")" }

func stepWords(s core.Step) string {
	if s.Person != nil {
		return strings.TrimSpace(fmt.Sprintf("%s %s %s", s.Action, s.Person.Email, between(s)))
	}
	text := fmt.Sprintf("%s %s", s.Action, s.Team.Name)
	if len(s.People) > 0 {
		var who []string
		for _, m := range s.People {
			who = append(who, m.Email)
		}
		return text + ": " + strings.Join(who, " ")
	}
	return strings.TrimSpace(text + " " + between(s))
}

func between(s core.Step) string {
	before, after := valueWords(s.Before), valueWords(s.After)
	if before+after == "" {
		return ""
	}
	return before + "→" + after
}

func valueWords(v core.Values) string {
	var parts []string
	for _, p := range []string{v.Email, string(v.Role), string(v.Status), v.GivenName, v.FamilyName, v.Name} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ",")
}

func wordsOfAll(steps []core.Step) []string {
	list := make([]string, len(steps))
	for i, s := range steps {
		list[i] = told(s)
	}
	return list
}

func noteWords(notes []core.Note) []string {
	list := make([]string, len(notes))
	for i, n := range notes {
		list[i] = string(n.Code) + " " + n.Subject
	}
	return list
}

func refusalWords(refusals []core.Refusal) []string {
	list := make([]string, len(refusals))
	for i, r := range refusals {
		list[i] = string(r.Code) + " " + r.Subject
	}
	return list
}

// changeWords tells what state learns, people and teams in order.
func changeWords(changes []core.Change) []string {
	var list []string
	for _, c := range changes {
		switch {
		case c.Person != nil && !c.Person.Applied.Active:
			list = append(list, c.Person.OktaID+" is out")
		case c.Person != nil:
			list = append(list, strings.TrimSpace(fmt.Sprintf("%s is %s", c.Person.OktaID, c.Person.Applied.Role)))
		case len(c.Teams) > 0:
			list = append(list, teamWordsOf(c.Teams[0]))
		case len(c.ForgetTeams) > 0:
			list = append(list, "forget "+strings.Join(c.ForgetTeams, " "))
		case c.Latch != nil:
			list = append(list, "latch "+c.Latch.Code)
		case c.Unlatch:
			list = append(list, "unlatch")
		}
	}
	sort.Strings(list)
	return list
}

func teamWordsOf(m core.ManagedTeam) string {
	if m.OutOfScope {
		return m.GroupID + " is out of scope"
	}
	return m.GroupID + " has " + m.TeamID + " " + m.Applied.Name
}
