package cli

import (
	"scim-sync/config"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// policyOf says in the core's own types what the settings say.
func policyOf(c *config.Settings) core.Policy {
	p := core.Policy{
		KeepSuspended:   c.Okta.SuspendedUsers == config.KeepSuspended,
		VerifiedDomains: c.Attio.VerifiedDomains,
		Roles:           core.RolePolicy{WhenAbsent: core.WhenAbsent(c.Roles.WhenAbsent), AdminGroups: c.Roles.AdminGroups},
		Teams: core.TeamPolicy{
			Source: idp.TeamSource(c.Teams.Source), Include: c.Teams.Include, Exclude: c.Teams.Exclude, StripPrefix: c.Teams.StripPrefix,
			LinkSameName:    c.Teams.SameName == config.LinkSameName,
			RemoveStrangers: c.Teams.Strangers == config.RemoveStrangers,
			DeleteGone:      c.Teams.WhenGroupGone == config.DeleteTeam,
		},
		Protect: core.ProtectPolicy{
			NoRemovals: c.Protect.Mode == config.NoRemovals, Members: c.Protect.Members,
			Removals: amount(c.Protect.Removals), RemovalsCeiling: c.Protect.RemovalsCeiling,
			RemovalsFloor: c.Protect.RemovalsFloor, RemovalsWindow: c.Protect.RemovalsWindow, AdminRemovals: c.Protect.AdminRemovals,
			TeamRemovals: amount(c.Protect.TeamRemovals), TeamRemovalsFloor: c.Protect.TeamRemovalsFloor,
			Additions: amount(c.Protect.Additions), AdditionsFloor: c.Protect.AdditionsFloor, Promotions: c.Protect.Promotions,
			TrustAbsence: !c.Protect.ConfirmAbsence,
		},
	}
	for _, g := range c.Teams.Groups {
		p.Teams.Groups = append(p.Teams.Groups, core.TeamMapping{Group: g.Group, Team: g.Team})
	}
	return p
}

func amount(a config.Amount) core.Amount { return core.Amount{N: a.N, Percent: a.Percent} }
