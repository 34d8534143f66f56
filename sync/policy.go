package sync

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
)

// Policy is what the settings say about the plan. The defaults are those of the
// table of settings.
type Policy struct {
	// KeepSuspended leaves people as they are whose Okta account is
	// suspended; otherwise they are suspended in Attio too.
	KeepSuspended bool
	// VerifiedDomains are the workspace's verified domains, lower case;
	// empty: not known.
	VerifiedDomains []string
	Roles           RolePolicy
	Teams           TeamPolicy
	Protect         ProtectPolicy
}

// RolePolicy is the settings section roles.
type RolePolicy struct {
	WhenAbsent WhenAbsent
	// AdminGroups are groups (ids or names) whose people are admins.
	AdminGroups []string
}

// WhenAbsent says what the absence of the role attribute means.
type WhenAbsent string

// The values of roles.when_absent.
const (
	KeepAdopted  WhenAbsent = "keep_adopted" // adopted admins stay admins
	AbsentMember WhenAbsent = "member"       // all are members
	AbsentKeep   WhenAbsent = "keep"         // nobody's role changes for it
)

// TeamPolicy is the settings section teams.
type TeamPolicy struct {
	Source idp.TeamSource
	// Groups say which team a group goes to; with listed groups, they are also
	// all groups there are.
	Groups []TeamMapping
	// Include and Exclude are names or ids, with * as wildcard. An empty
	// Include means all.
	Include []string
	Exclude []string
	// StripPrefix is taken off group names.
	StripPrefix string
	// LinkSameName links a team of the same name that nobody manages.
	LinkSameName bool
	// RemoveStrangers removes unmanaged people from managed teams.
	RemoveStrangers bool
	// DeleteGone deletes a team created here once Okta answers 404 for its group.
	DeleteGone bool
}

// TeamMapping says which team a group goes to. Team empty: the group's name.
type TeamMapping struct {
	Group string // id or name
	Team  string
}

// ProtectPolicy is the settings section protect. Numbers count people unless
// said otherwise.
type ProtectPolicy struct {
	NoRemovals bool
	Members    []string // addresses never suspended, demoted nor exchanged for one not among them
	// Removals is the most suspensions and withdrawn invites, of the managed
	// people active or invited; never more than the ceiling. The floor is
	// allowed even so, but never more than half of the people. Removals of the
	// window before the run count too; 0: this run alone.
	Removals        Amount
	RemovalsCeiling int
	RemovalsFloor   int
	RemovalsWindow  time.Duration
	// AdminRemovals is the most suspensions and demotions of admins.
	AdminRemovals int
	// TeamRemovals is the most removals from one team, of the active people that
	// it had when the window began.
	TeamRemovals      Amount
	TeamRemovalsFloor int
	// Additions is the most provisions and reactivations, of the managed people.
	Additions      Amount
	AdditionsFloor int
	// Promotions is the most new admins.
	Promotions int
	// EmailChanges is the most changes of address, of the managed people, the
	// window before the run included. The floor is allowed even so.
	EmailChanges      Amount
	EmailChangesFloor int
	// TrustAbsence takes absence from the list for proof enough.
	TrustAbsence bool
}

// Amount is a number of things, or a percentage of them.
type Amount struct {
	N       int // 0 or more; of a percentage at most 100
	Percent bool
}

// Of gives the amount out of n, a percentage rounded down.
func (a Amount) Of(n int) int {
	if a.Percent {
		return n * a.N / 100
	}
	return a.N
}

// String gives the amount as the settings have it: 20% or 20.
func (a Amount) String() string {
	if a.Percent {
		return strconv.Itoa(a.N) + "%"
	}
	return strconv.Itoa(a.N)
}

// MarshalJSON gives "20%" or 20.
func (a Amount) MarshalJSON() ([]byte, error) {
	if a.Percent {
		return json.Marshal(a.String())
	}
	return json.Marshal(a.N)
}

// Verified says whether an address is on a verified domain.
func (p Policy) Verified(email string) idp.Tristate {
	if len(p.VerifiedDomains) == 0 {
		return idp.Unknown
	}
	folded := attio.FoldEmail(email)
	domain := folded[strings.LastIndexByte(folded, '@')+1:]
	for _, d := range p.VerifiedDomains {
		if attio.FoldDomain(d) == domain {
			return idp.Yes
		}
	}
	return idp.No
}

// Arrival is the status someone newly provisioned will have, empty if not known.
func (p Policy) Arrival(email string) attio.Status {
	switch p.Verified(email) {
	case idp.Yes:
		return attio.Active
	case idp.No:
		return attio.Invited
	}
	return ""
}

// Protected says whether an address is in protect.members.
func (p Policy) Protected(email string) bool {
	for _, e := range p.Protect.Members {
		if attio.FoldEmail(e) == attio.FoldEmail(email) {
			return true
		}
	}
	return false
}

// Matches says whether one of the patterns (ids or names, * as wildcard) means the group.
func Matches(patterns []string, g idp.GroupRef) bool {
	for _, p := range patterns {
		if p == g.ID || wildcard(p, g.Name) || wildcard(strings.TrimSpace(p), strings.TrimSpace(g.Name)) {
			return true
		}
	}
	return false
}

// wildcard matches s against a pattern in which * stands for anything.
func wildcard(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return strings.HasSuffix(s, parts[last])
}

// Mapping gives the team that the settings name for a group.
func (t TeamPolicy) Mapping(g idp.GroupRef) (TeamMapping, bool) {
	for _, m := range t.Groups {
		if Means(g, m.Group) {
			return m, true
		}
	}
	return TeamMapping{}, false
}

// Wants says whether a group becomes a team: Okta's built-in group and the
// groups of admins only when named.
func (p Policy) Wants(g idp.GroupRef) bool {
	_, mapped := p.Teams.Mapping(g)
	if Matches(p.Teams.Exclude, g) {
		return false
	}
	named := mapped || MeansAny(p.Teams.Include, g)
	if (g.BuiltIn || MeansAny(p.Roles.AdminGroups, g)) && !named {
		return false
	}
	return mapped || len(p.Teams.Include) == 0 || Matches(p.Teams.Include, g)
}

// MeansAny says whether one of the names or ids means the group.
func MeansAny(list []string, g idp.GroupRef) bool {
	for _, s := range list {
		if Means(g, s) {
			return true
		}
	}
	return false
}

// Means says whether a group has this id, or this name but for blanks around it.
func Means(g idp.GroupRef, name string) bool {
	return name == g.ID || strings.TrimSpace(name) == strings.TrimSpace(g.Name)
}

// TeamName is the name that the settings, or the group itself, ask for.
func (p Policy) TeamName(g idp.GroupRef, tied ManagedTeam) (name string, mapped bool) {
	m, mapped := p.Teams.Mapping(g)
	switch {
	case mapped && m.Team != "":
		return strings.TrimSpace(m.Team), true
	case tied.Applied.KeepName:
		return tied.Applied.Name, false
	}
	return Clean(strings.TrimPrefix(g.Name, p.Teams.StripPrefix)), false
}

// Query says what the plan needs from the source.
func (p Policy) Query() idp.Query {
	q := idp.Query{Teams: p.Teams.Source, AdminGroups: p.Roles.AdminGroups, Wanted: p.Wants}
	for _, m := range p.Teams.Groups {
		q.Listed = append(q.Listed, m.Group)
	}
	return q
}
