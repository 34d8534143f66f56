package view

import (
	"cmp"
	"slices"

	"scim-sync/attio"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// witnessedAtMost are shown of one step; JSON has them all.
const witnessedAtMost = 3

// witnessed writes who took away in the source what a step takes away, a line each,
// below the step.
func (p *printer) witnessed(indent int, s core.Step, log []core.Witnessed) {
	for i, w := range log {
		if i == witnessedAtMost {
			p.line(indent, indent+6, seg{text: pad("who", 6), paint: p.faint}, plain("and "+count(len(log)-i, "other entry", "other entries")+" of Okta's log (--format json)"))
			return
		}
		text := p.witnessedWords(w)
		if name := emailIn(s, w.OktaID); len(s.People) > 1 && name != "" {
			text = p.name(name) + ": " + text
		}
		p.line(indent, indent+6, seg{text: pad("who", 6), paint: p.faint}, plain(text))
	}
}

// witnessedWords say who did what and when: "unassigned by x at t (Okta's log)".
func (v voice) witnessedWords(w core.Witnessed) string {
	what, known := map[string]string{
		"application.user_membership.remove": "unassigned", "application.user_membership.revoke": "unassigned",
		"application.user_membership.update":  "assignment changed",
		"group.user_membership.remove":        "removed from the group",
		"group.application_assignment.remove": "group unassigned from the app",
		"group.lifecycle.delete":              "group deleted",
		"user.lifecycle.deactivate":           "deactivated", "user.lifecycle.suspend": "suspended",
		"user.lifecycle.delete.initiated": "deleted", "user.lifecycle.delete.completed": "deleted",
	}[w.Type]
	if !known {
		what = v.name(w.Type)
	}
	if w.By != "" {
		what += " by " + v.name(w.By)
	}
	return what + " at " + when(w.At) + " (" + v.okta() + "'s log, " + v.name(w.ID) + ")"
}

// emailIn is the address of somebody whom a step is about.
func emailIn(s core.Step, oktaID string) string {
	for _, m := range s.People {
		if m.OktaID == oktaID {
			return m.Email
		}
	}
	return ""
}

// aboutThem leaves of what the source's log tells what is about those whom a name
// means, an address or an Okta id: a step about a team may be about many others.
func aboutThem(events []state.Event, names ...string) []state.Event {
	events = slices.Clone(events)
	for i := range events {
		of := events[i].Of
		if of == nil || len(of.Log) == 0 || len(of.Step.People) == 0 {
			continue
		}
		narrow := *of
		narrow.Log = slices.DeleteFunc(slices.Clone(of.Log), func(w core.Witnessed) bool {
			email := attio.FoldEmail(cmp.Or(emailIn(of.Step, w.OktaID), w.OktaID))
			return !slices.ContainsFunc(names, func(name string) bool { return name == w.OktaID || attio.FoldEmail(name) == email })
		})
		events[i].Of = &narrow
	}
	return events
}
