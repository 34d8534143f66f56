package planner

import (
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// A setting that matches nothing is mostly a slip, and looks like one that
// works: each is told.

// idlePeopleSettings tells of settings that mean nobody.
func idlePeopleSettings(r *roster, out *findings) {
	known := map[string]bool{}
	domains := map[string]bool{}
	meet := func(email string) {
		known[attio.FoldEmail(email)], domains[domainOf(email)] = true, true
	}
	if len(r.in.Policy.Protect.Members)+len(r.in.Policy.VerifiedDomains) == 0 {
		return
	}
	for _, m := range r.members {
		meet(m.Email)
	}
	for _, s := range r.identities {
		meet(s.email())
	}
	for _, email := range r.in.Policy.Protect.Members {
		if !known[attio.FoldEmail(email)] {
			out.note(core.NoteMatchesNothing, email, "protect.members names nobody of this address, in "+r.in.source()+" or in Attio: it protects nobody")
		}
	}
	for _, d := range r.in.Policy.VerifiedDomains {
		if domains[attio.FoldDomain(d)] {
			return // others may be for those to come
		}
	}
	if list := r.in.Policy.VerifiedDomains; len(list) > 0 {
		out.note(core.NoteMatchesNothing, core.Few(list), "attio.verified_domains names no domain that anybody has, in "+r.in.source()+" or in Attio")
	}
}

// idleTeamSettings tells of settings that name a group which is none of those
// that teams come from. Groups that are listed are looked up in Okta, which
// tells of them itself.
func (d *teamStage) idleTeamSettings() {
	t := d.in.Policy.Teams
	if t.Source == idp.NoTeams {
		return
	}
	told := map[string]bool{}
	tell := func(setting, name string, means func(idp.GroupRef) bool) {
		excluded := core.Matches(t.Exclude, idp.GroupRef{ID: name, Name: name})
		if !excluded && !told[name] && !d.anyTeam(means) {
			told[name] = true
			d.note(core.NoteGroupNotFound, name, setting+" names a group that is not among those that teams come from (teams.source: "+string(t.Source)+"); names are compared letter by letter")
		}
	}
	for _, m := range t.Groups {
		if t.Source != idp.ListedGroups {
			tell("teams.groups", m.Group, func(g idp.GroupRef) bool { return core.Means(g, m.Group) })
		}
	}
	for _, name := range t.Include {
		tell("teams.include", name, func(g idp.GroupRef) bool { return core.Matches([]string{name}, g) })
	}
	if prefix := t.StripPrefix; prefix != "" && d.anyTeam(func(idp.GroupRef) bool { return true }) &&
		!d.anyTeam(func(g idp.GroupRef) bool { return strings.HasPrefix(g.Name, prefix) }) {
		d.note(core.NoteMatchesNothing, prefix, "teams.strip_prefix is the beginning of no group's name")
	}
}

// anyTeam says whether any group that teams come from is of a kind.
func (d *teamStage) anyTeam(is func(idp.GroupRef) bool) bool {
	for i := range d.in.Directory.Groups {
		if g := &d.in.Directory.Groups[i]; g.Team && is(g.GroupRef) {
			return true
		}
	}
	return false
}
