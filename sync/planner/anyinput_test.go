package planner

import (
	"fmt"
	"math/rand"
	"scim-sync/config"
	core "scim-sync/sync"
	"slices"
	"time"

	"pgregory.net/rapid"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/idset"
)

// The pools are small, so that everything meets everything.
var (
	somePeople = []string{"p0", "p1", "p2", "p3", "p4", "p5"}
	someIDs    = []string{"m0", "m1", "m2", "m3", "m4", "m5", "m6"}
	someGroups = []string{"g0", "g1", "g2", "g3"}
	someTeams  = []string{"t0", "t1", "t2", "t3"}
	someEmails = []string{"a@acme.com", "A@acme.com", "b@acme.com", "b+x@acme.com", "c@else.com", "d@else.com", "j\u00f6@acme.com", "jo\u0308@acme.com", "", "not an address"}
	someNames  = []string{"", "Ada", "Bo", "Zo\u00eb", "Zoe\u0308"}
	someTitles = []string{"Eng", "eng", "Ops", "x-Eng", "Everyone", "  "}
	someRoles  = []attio.Role{"", attio.RoleAdmin, attio.RoleMember}
)

func one[T any](t *rapid.T, pool []T, what string) T { return rapid.SampledFrom(pool).Draw(t, what) }

func some[T comparable](t *rapid.T, pool []T, what string) []T {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(pool), 0, len(pool), rapid.ID).Draw(t, what)
}

func coin(t *rapid.T, what string) bool { return rapid.Bool().Draw(t, what) }

// ago is a time that a second more or less does not carry over any edge.
func ago(t *rapid.T, what string) time.Time {
	return now.Add(-time.Duration(rapid.IntRange(0, 20).Draw(t, what)) * 12 * time.Hour).Add(time.Minute)
}

// anyInput is any situation at all, likely or not: ids are unique in each
// list, as the readers see to, and nothing else is.
func anyInput(t *rapid.T) Input {
	in := Input{
		Directory: idp.Directory{Origin: idp.Origin{Name: "Okta", OrgURL: "https://acme.okta.com", AppID: "0oa1", AppLabel: "Attio"}, RoleAttribute: one(t, []idp.Tristate{idp.Unknown, idp.Yes, idp.No}, "schema")},
		Workspace: attio.Workspace{Identity: attio.Identity{WorkspaceID: "w1", WorkspaceName: "Acme"}, OwnEmail: one(t, someEmails, "own")},
		Managed:   core.Managed{People: map[string]core.ManagedPerson{}, Teams: map[string]core.ManagedTeam{}},
		Answers:   Answers{}.ready(),
		FirstRun:  coin(t, "first run"), Policy: anyPolicy(t), Now: now, Version: "test",
	}
	for _, id := range some(t, somePeople, "listed") {
		in.Directory.People = append(in.Directory.People, anyPerson(t, id))
	}
	for _, id := range some(t, someIDs, "members") {
		m := attio.Member{ID: id, RestID: "r" + id, Email: one(t, someEmails, "email"), Profile: attio.Profile{GivenName: one(t, someNames, "given"), FamilyName: one(t, someNames, "family")},
			Status: one(t, []attio.Status{attio.Active, attio.Active, attio.Invited, attio.Suspended}, "status"), Role: one(t, someRoles, "role")}
		if m.Status == attio.Suspended && rapid.IntRange(0, 3).Draw(t, "rest only") == 0 {
			m.ID = ""
		}
		in.Workspace.Members = append(in.Workspace.Members, m)
	}
	for _, id := range some(t, someGroups, "groups") {
		in.Directory.Groups = append(in.Directory.Groups, idp.Group{GroupRef: idp.GroupRef{ID: id, Name: one(t, someTitles, "group"), BuiltIn: rapid.IntRange(0, 5).Draw(t, "built in") == 0},
			Members: idset.Of(some(t, append([]string{"p9"}, somePeople...), "in group")...), Team: coin(t, "team")})
	}
	for _, id := range some(t, someTeams, "teams") {
		in.Workspace.Teams = append(in.Workspace.Teams, attio.Team{ID: id, Name: one(t, someTitles, "team name"), Members: idset.Of(some(t, append([]string{"m9"}, someIDs...), "in team")...)})
	}
	anyState(t, &in)
	for _, e := range some(t, someEmails, "looked up") {
		in.Answers.LookedUp[attio.FoldEmail(e)] = true
	}
	return in
}

func anyPerson(t *rapid.T, id string) idp.Person {
	p := idp.Person{ID: id, Email: one(t, someEmails, "email"), EmailFrom: one(t, []idp.EmailOrigin{idp.EmailAttribute, idp.EmailAttribute, idp.EmailAccount}, "email from"), UserName: one(t, someEmails, "user name"), GivenName: one(t, someNames, "given"), FamilyName: one(t, someNames, "family"),
		Access: one(t, []idp.Access{idp.Granted, idp.Granted, idp.Granted, idp.Waiting, idp.Suspended, idp.Revoked, 0}, "access"), AppStatus: "ACTIVE"}
	p.Roles = some(t, []string{"admin", "member", "editor", " Admin", ""}, "roles")
	p.HasRole = len(p.Roles) > 0
	return p
}

func anyState(t *rapid.T, in *Input) {
	for _, id := range some(t, somePeople, "managed") {
		e := core.ManagedPerson{OktaID: id, AttioID: one(t, append([]string{"", "gone"}, someIDs...), "tied to"), Kind: one(t, []core.Kind{core.Membership, core.Invite}, "kind"), Email: one(t, someEmails, "state email"),
			RoleSeen: coin(t, "seen"), RoleFrom: one(t, []string{"", fromAttribute, fromGroup}, "from"), Adopted: coin(t, "adopted"), Released: rapid.IntRange(0, 4).Draw(t, "released") == 0,
			Applied: core.Applied{Role: one(t, someRoles, "applied role"), Profile: attio.Profile{GivenName: one(t, someNames, "applied given")}, Active: coin(t, "active")}}
		for _, m := range in.Workspace.Members {
			if m.ID == e.AttioID && m.Status == attio.Invited {
				e.Kind = core.Invite // else the reading contradicts itself
			}
		}
		if coin(t, "invited") {
			e.InvitedAt = ago(t, "invited at")
		}
		if rapid.IntRange(0, 3).Draw(t, "not taken") == 0 {
			e.NotTaken = &core.NotTaken{Role: one(t, someRoles, "nt role"), Profile: attio.Profile{GivenName: one(t, someNames, "nt given")}, Email: one(t, someEmails, "nt email")}
		}
		in.Managed.People[id] = e
	}
	for _, id := range some(t, someGroups, "tied") {
		in.Managed.Teams[id] = core.ManagedTeam{GroupID: id, TeamID: one(t, append([]string{"", "gone"}, someTeams...), "to team"), Created: coin(t, "created"), Unlinked: rapid.IntRange(0, 4).Draw(t, "unlinked") == 0,
			OutOfScope: rapid.IntRange(0, 4).Draw(t, "out of scope") == 0, Applied: core.AppliedTeam{Name: one(t, someTitles, "applied"), KeepName: coin(t, "keep name")}}
		if coin(t, "group asked") {
			in.Answers.Groups[id] = idp.GroupStanding{Exists: coin(t, "group exists"), Group: idp.GroupRef{ID: id, Name: "Eng"}}
		}
	}
	for _, id := range some(t, somePeople, "asked") {
		st := idp.Standing{Access: idp.Revoked}
		if coin(t, "still listed") {
			st = idp.Standing{Listed: true, Access: one(t, []idp.Access{idp.Waiting, idp.Suspended, idp.Revoked}, "standing"), Person: anyPerson(t, id)}
			st.Person.Access = st.Access
		}
		in.Answers.People[id] = st
	}
	for range rapid.IntRange(0, 4).Draw(t, "removals") {
		in.Managed.Removals = append(in.Managed.Removals, core.Removal{At: ago(t, "removed"), Action: one(t, []core.Action{core.Suspend, core.CancelInvite, core.Demote}, "removal"), OktaID: one(t, somePeople, "whose"), Admin: coin(t, "of an admin")})
	}
	if coin(t, "latched") {
		in.Managed.Latched = &core.Latch{Code: "too-many-removals", At: now}
	}
	for _, id := range some(t, somePeople, "cut off") {
		in.Unfinished = append(in.Unfinished, core.Unfinished{At: ago(t, "cut"), Intent: core.Intent{Step: core.Step{Action: one(t, []core.Action{core.Provision, core.CancelInvite, core.Suspend}, "action"), Person: &core.PersonRef{OktaID: id}, After: core.Values{Email: one(t, someEmails, "cut off with")}}}})
	}
}

func anyPolicy(t *rapid.T) core.Policy {
	p := config.Default().Policy
	if coin(t, "no caps") {
		p = uncapped()
	}
	p.KeepSuspended = coin(t, "keep suspended")
	p.VerifiedDomains = one(t, [][]string{nil, {"acme.com"}}, "domains")
	p.Roles.WhenAbsent = one(t, []core.WhenAbsent{core.KeepAdopted, core.AbsentMember, core.AbsentKeep}, "when absent")
	p.Roles.AdminGroups = one(t, [][]string{nil, {"g0"}}, "admin groups")
	p.Teams.LinkSameName, p.Teams.RemoveStrangers, p.Teams.DeleteGone = coin(t, "link"), coin(t, "strangers"), coin(t, "delete")
	p.Teams.StripPrefix = one(t, []string{"", "x-"}, "prefix")
	p.Teams.Include = one(t, [][]string{nil, {"*"}, {"g1", "E*"}}, "include")
	p.Teams.Groups = one(t, [][]core.TeamMapping{nil, {{Group: "g1", Team: "Eng"}}, {{Group: "g1", Team: "Ops"}, {Group: "g2", Team: "Ops"}}}, "mapping")
	p.Protect.NoRemovals = rapid.IntRange(0, 5).Draw(t, "no removals") == 0
	p.Protect.Members = some(t, []string{"a@acme.com", "b@acme.com"}, "protected")
	p.Protect.TrustAbsence = coin(t, "trust absence")
	return p
}

// shuffled is the same situation in another order.
func shuffled(in Input, seed int64) Input {
	r := rand.New(rand.NewSource(seed))
	in.Directory.People = mixed(r, in.Directory.People)
	in.Directory.Groups = mixed(r, in.Directory.Groups)
	for i := range in.Directory.Groups {
		in.Directory.Groups[i].Members = idset.Of(mixed(r, in.Directory.Groups[i].Members.IDs())...)
	}
	in.Workspace.Members = mixed(r, in.Workspace.Members)
	in.Workspace.Teams = mixed(r, in.Workspace.Teams)
	for i := range in.Workspace.Teams {
		in.Workspace.Teams[i].Members = idset.Of(mixed(r, in.Workspace.Teams[i].Members.IDs())...)
	}
	in.Managed.Removals = mixed(r, in.Managed.Removals)
	in.Unfinished = mixed(r, in.Unfinished)
	return in
}

func mixed[T any](r *rand.Rand, list []T) []T {
	list = slices.Clone(list)
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// proposeAny proposes, and takes the errors that Propose may give.
func proposeAny(t *rapid.T, in Input) (*Draft, bool) {
	p, err := Plan(in)
	switch err.(type) {
	case nil:
		return p, true
	case *core.UntrustedError, *OnlyError:
		return nil, false
	}
	t.Fatal(fmt.Errorf("Propose gave an error of another kind: %w", err))
	return nil, false
}
