// Package sandbox serves a small Okta and a small Attio from one world file,
// so that everything can be tried without an account: in process for
// --sandbox, or until stopped for the command sandbox.
package sandbox

import (
	"fmt"
	"time"

	"scim-sync/attio"
	"scim-sync/attio/attiotest"
	"scim-sync/idp/okta/oktatest"
	core "scim-sync/sync"
)

// World is everything that both sides hold at the start, what was managed
// before, and the settings that go with it.
type World struct {
	Okta  oktatest.Org   `yaml:"okta"`
	Attio attiotest.Site `yaml:"attio"`
	// Managed is what earlier runs have left in the state; empty: no state.
	Managed Managed `yaml:"managed"`
	// Settings are settings as in scim-sync.yaml, without addresses and
	// credentials: those are the sandbox's own.
	Settings map[string]any `yaml:"settings"`

	name string // of its file, in errors
	text []byte // of its file; nil: it was made in another way
}

// Managed is what was managed before, by login, address and name.
type Managed struct {
	People []ManagedPerson `yaml:"people"`
	Teams  []ManagedTeam   `yaml:"teams"`
}

// ManagedPerson ties a person of the org to a member or invite.
type ManagedPerson struct {
	User  string `yaml:"user"`  // login, or the id of a person Okta no longer has
	Email string `yaml:"email"` // in Attio, default the login
	// Role and names were last applied; default: what Attio has.
	Role       attio.Role `yaml:"role"`
	GivenName  string     `yaml:"given_name"`
	FamilyName string     `yaml:"family_name"`
	// Suspended: was suspended by an earlier run.
	Suspended bool `yaml:"suspended"`
	// Adopted: was in Attio before.
	Adopted  bool `yaml:"adopted"`
	RoleSeen bool `yaml:"role_seen"`
	// InvitedAgo is how long ago the invite went out.
	InvitedAgo time.Duration `yaml:"invited_ago"`
	// WasInvite: state still has the invite's id, which the member no longer has.
	WasInvite bool `yaml:"was_invite"`
}

// ManagedTeam ties a group of the org to a team.
type ManagedTeam struct {
	Group   string `yaml:"group"`   // name or id
	Team    string `yaml:"team"`    // name in Attio now
	Name    string `yaml:"name"`    // last applied, default the name in Attio
	Created bool   `yaml:"created"` // by an earlier run
	// Members are the logins that were last applied; empty: not known.
	Members []string `yaml:"members"`
}

// Resolve resolves what was managed before to the ids of both sides.
func (w *World) Resolve(org *oktatest.Server, site *attiotest.Server, orgURL string, now time.Time) (core.Managed, error) {
	snap := site.Snapshot()
	m := core.Managed{
		WorkspaceID: snap.Workspace.ID, OrgURL: orgURL, AppID: org.AppID(),
		People: map[string]core.ManagedPerson{}, Teams: map[string]core.ManagedTeam{},
	}
	members := map[string]attiotest.MemberState{}
	for _, p := range snap.Members {
		members[attio.FoldEmail(p.Email)] = p
	}
	for _, p := range w.Managed.People {
		e, err := p.resolve(org, members, now)
		if err != nil {
			return m, err
		}
		m.People[e.OktaID] = e
	}
	for _, t := range w.Managed.Teams {
		e, err := t.resolve(org, snap)
		if err != nil {
			return m, err
		}
		m.Teams[e.GroupID] = e
	}
	return m, nil
}

func (p ManagedPerson) resolve(org *oktatest.Server, members map[string]attiotest.MemberState, now time.Time) (core.ManagedPerson, error) {
	id, err := org.UserID(p.User)
	if err != nil {
		id = p.User
	}
	email := p.Email
	if email == "" {
		email = p.User
	}
	at, ok := members[attio.FoldEmail(email)]
	if !ok {
		return core.ManagedPerson{}, fmt.Errorf("managed.people: Attio has nobody with the address %s", email)
	}
	e := core.ManagedPerson{
		OktaID: id, AttioID: at.ID, Kind: core.Membership, Email: at.Email, Adopted: p.Adopted, RoleSeen: p.RoleSeen,
		ManagedSince: now.Add(-30 * 24 * time.Hour).UTC(),
		Applied:      core.Applied{Role: attio.Role(at.Role), Profile: attio.Profile{GivenName: at.GivenName, FamilyName: at.FamilyName}, Active: !p.Suspended},
	}
	if p.Role != "" {
		e.Applied.Role = p.Role
	}
	if p.GivenName != "" {
		e.Applied.GivenName = p.GivenName
	}
	if p.FamilyName != "" {
		e.Applied.FamilyName = p.FamilyName
	}
	if at.Status == attiotest.Invited || p.WasInvite {
		e.Kind, e.InvitedAt = core.Invite, now.Add(-p.InvitedAgo).UTC()
	}
	if p.WasInvite {
		e.AttioID = "invite-of-" + at.ID
	}
	return e, nil
}

func (t ManagedTeam) resolve(org *oktatest.Server, snap attiotest.Snapshot) (core.ManagedTeam, error) {
	id, err := org.GroupID(t.Group)
	if err != nil {
		id = t.Group
	}
	for _, at := range snap.Teams {
		if at.Name != t.Team {
			continue
		}
		e := core.ManagedTeam{GroupID: id, TeamID: at.ID, Created: t.Created, Applied: core.AppliedTeam{Name: at.Name}}
		if t.Name != "" {
			e.Applied.Name = t.Name
		}
		if len(t.Members) > 0 {
			ids := make([]string, len(t.Members))
			for i, login := range t.Members {
				if ids[i], err = org.UserID(login); err != nil {
					return e, fmt.Errorf("managed.teams: %w", err)
				}
			}
			e.Applied.Members = core.NewMemberSet(ids)
		}
		return e, nil
	}
	return core.ManagedTeam{}, fmt.Errorf("managed.teams: Attio has no team %s", t.Team)
}
