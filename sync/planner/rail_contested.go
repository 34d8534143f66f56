package planner

import (
	"fmt"

	core "scim-sync/sync"
)

// contested holds back the drift of whom and what was put back twice within the
// window: somebody else writes as well, and neither side would ever win. What
// changed in the source since goes on.
func contested(v *review) (r ruling) {
	contests := map[string]core.Contest{}
	for _, c := range v.in.Managed.Contested(v.in.Now, v.in.Policy.Protect.RemovalsWindow) {
		contests[c.OktaID] = c
	}
	if len(contests) == 0 {
		return r
	}
	r = v.part(func(s *core.Step) bool {
		_, again := contests[s.ID()]
		return again && s.Cause == core.CauseDrift
	})
	told := map[string]bool{}
	for i := range r.held {
		s := &r.held[i]
		if c := contests[s.ID()]; !told[s.ID()] {
			told[s.ID()] = true
			subject, remedy := v.contestWords(s)
			window := windowWords(v.in.Policy.Protect.RemovalsWindow)
			r.refuse(subject, fmt.Sprintf("%s; this was put back %d times in the last %s (%s), so something else writes it as well", s.Reason, c.Runs(), window, c.Writes()),
				"Find the other writer: provisioning by "+v.in.source()+" itself, another scim-sync, or a person in Attio. "+remedy+" Else it is tried again once the last "+window+" hold fewer.", aboutStep(s))
		}
	}
	return r
}

// contestWords names whom or what a contested step is about, and says how to look
// further and how to give in.
func (v *review) contestWords(s *core.Step) (subject, remedy string) {
	if s.Person != nil {
		who := core.Quote(s.Person.Email)
		return s.Person.Email, "What was written here: scim-sync history --person " + who + ". To leave them as they are in Attio: scim-sync release " + who + "."
	}
	group := core.Quote(s.Team.OktaID)
	for _, g := range v.in.Directory.Groups {
		if g.ID == s.Team.OktaID {
			group = shellName(g.Name, g.ID)
		}
	}
	return s.Team.Name, "What was written here: scim-sync history. To leave the team as it is in Attio: scim-sync unlink " + group + "."
}
