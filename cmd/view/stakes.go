package view

import (
	"strings"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// Stakes writes what hurts of a plan: who loses access, admins that change, whom Attio
// mails. It stands right above the question, however long the plan is.
func Stakes(s Stream, p core.Plan) error {
	out := newPrinter(s)
	out.from = p.Source.Name
	if parts := out.stakes(p); len(parts) > 0 {
		out.blank()
		out.line(0, 2, seg{text: strings.Join(parts, " · "), paint: out.bold})
	}
	return out.flush()
}

// mostAtStake are named before the rest is counted.
const mostAtStake = 3

func (v voice) stakes(p core.Plan) (parts []string) {
	var lose, cease, become []string
	var added, invited, moved, outOfTeams int
	for i := range p.Steps {
		s := &p.Steps[i]
		switch s.Action {
		case core.Suspend, core.CancelInvite:
			lose = append(lose, v.subject(*s))
			if s.EndsAdmin() {
				cease = append(cease, v.subject(*s))
			}
		case core.Demote:
			cease = append(cease, v.subject(*s))
		case core.Promote:
			become = append(become, v.subject(*s))
		case core.Provision, core.Reactivate:
			if s.After.Role == attio.RoleAdmin {
				become = append(become, v.subject(*s))
			}
			if s.After.Status == attio.Invited {
				invited++
			} else {
				added++
			}
		case core.ChangeEmail:
			moved++
		case core.RemoveMembers:
			outOfTeams += len(s.People)
		}
	}
	named := func(who []string, one, many string) {
		if len(who) > 0 {
			parts = append(parts, thousands(len(who))+" "+plural(len(who), one, many)+": "+v.named(who[:min(len(who), mostAtStake)], len(who), 0))
		}
	}
	counted := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, thousands(n)+" "+plural(n, one, many))
		}
	}
	named(lose, "person loses access", "people lose access")
	named(cease, "admin no more", "admins no more")
	named(become, "new admin", "new admins")
	counted(outOfTeams, "place in a team ends", "places in teams end")
	counted(moved, "address changes", "addresses change")
	counted(added, "person is added", "people are added")
	counted(invited, "is mailed an invite", "are mailed an invite")
	return parts
}
