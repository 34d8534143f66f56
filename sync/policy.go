package sync

import (
	"strings"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
)

// Policy is what the settings say about the plan, in the core's own types.
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
	WhenAbsent  WhenAbsent
	AdminGroups []string // Okta group ids or names
}

// WhenAbsent says what the absence of the role attribute means.
type WhenAbsent string

// The values of roles.when_absent.
const (
	KeepAdopted  WhenAbsent = "keep_adopted"
	AbsentMember WhenAbsent = "member"
	AbsentKeep   WhenAbsent = "keep"
)

// TeamPolicy is the settings section teams.
type TeamPolicy struct {
	Source      idp.TeamSource
	Groups      []TeamMapping
	Include     []string
	Exclude     []string
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

// ProtectPolicy is the settings section protect.
type ProtectPolicy struct {
	NoRemovals        bool
	Members           []string // addresses never suspended nor demoted
	Removals          Amount
	RemovalsCeiling   int
	RemovalsFloor     int
	RemovalsWindow    time.Duration
	AdminRemovals     int
	TeamRemovals      Amount
	TeamRemovalsFloor int
	Additions         Amount
	AdditionsFloor    int
	Promotions        int
	// TrustAbsence takes absence from the list for proof enough.
	TrustAbsence bool
}

// Amount is a number or a percentage.
type Amount struct {
	N       int
	Percent bool
}

// Of gives the amount out of n, a percentage rounded down.
func (a Amount) Of(n int) int {
	if a.Percent {
		return n * a.N / 100
	}
	return a.N
}

// DefaultPolicy are the defaults of the settings.
func DefaultPolicy() Policy {
	return Policy{
		Roles: RolePolicy{WhenAbsent: KeepAdopted},
		Teams: TeamPolicy{Source: idp.AssignedGroups},
		Protect: ProtectPolicy{
			Removals: Amount{20, true}, RemovalsCeiling: 25, RemovalsFloor: 5, RemovalsWindow: 24 * time.Hour,
			AdminRemovals: 1, TeamRemovals: Amount{50, true}, TeamRemovalsFloor: 2,
			Additions: Amount{50, true}, AdditionsFloor: 20, Promotions: 3,
		},
	}
}

// Verified says whether an address is on a verified domain.
func (p Policy) Verified(email string) idp.Tristate {
	if len(p.VerifiedDomains) == 0 {
		return idp.Unknown
	}
	_, domain, _ := strings.Cut(attio.FoldEmail(email), "@")
	for _, d := range p.VerifiedDomains {
		if strings.EqualFold(strings.TrimSpace(d), domain) {
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
