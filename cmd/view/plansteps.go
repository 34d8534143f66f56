package view

import (
	"slices"

	core "scim-sync/sync"
)

// section writes the steps of one part of a plan: one line each, a reason once for all
// that share it, and one line for many that are alike.
func (p planText) section(part section) {
	p.title(part.title, len(part.steps), p.bold)
	p.alike(part.steps)
}

// alike writes steps, those together that are alike.
func (p planText) alike(steps []*core.Step) {
	if p.verbose {
		for _, s := range steps {
			r := p.row(*s)
			if s.Action == core.Adopt && plainAdoption(s) { // its reason says once more whom it is about
				r.why = ""
			}
			p.step(r)
		}
		return
	}
	people := slices.DeleteFunc(slices.Clone(steps), func(s *core.Step) bool { return s.Team != nil })
	teams := slices.DeleteFunc(slices.Clone(steps), func(s *core.Step) bool { return s.Team == nil })
	for _, b := range bundles(people, kindOf) {
		p.bundle(b)
	}
	for _, b := range teamBundles(teams) {
		p.bundle(b)
	}
}

// fewAlike steps each carry their reason; for more it is said once.
const fewAlike = 3

// bundle writes steps that are alike, below the reason that they share.
func (p planText) bundle(b bundle) {
	first, shared := b.first(), len(b.steps) > fewAlike && b.first().Team == nil
	if shared && tells(first) {
		lead := "each of the next " + thousands(len(b.steps)) + ": "
		if b.many() {
			lead = thousands(len(b.steps)) + " alike, each: "
		}
		p.line(2, 4, seg{text: lead + p.why(*first), paint: p.faint})
	}
	if b.many() && !looksAt(first) {
		p.folded(b)
		return
	}
	for i, s := range b.steps {
		if i == mostAlike {
			p.line(2, 4, seg{text: "… and " + thousands(len(b.steps)-i) + " more like these (--verbose shows them)", paint: p.faint})
			return
		}
		r := p.row(*s)
		if shared || !tells(s) {
			r.why = ""
		}
		p.stepLine(r, s)
	}
}

// folded writes one line for many: how many, what becomes of all, and a few names.
func (p planText) folded(b bundle) {
	first := b.first()
	r := p.row(*first)
	names, members := make([]string, 0, mostNames), 0
	for i, s := range b.steps {
		if i < mostNames {
			names = append(names, p.subject(*s))
		}
		members += len(s.People)
	}
	r.subject = count(len(b.steps), "person", "people")
	if first.Team != nil {
		r.subject = count(len(b.steps), "team", "teams")
	}
	r.what, r.why = inCommon(first, members), ""
	room := 0
	if p.wrap > 0 {
		room = max(p.room(r)-width(r.what)-len(": "), 1)
	}
	if text := p.named(names, len(b.steps), room); r.what == "" {
		r.what = text
	} else if text != "" {
		r.what += ": " + text
	}
	p.stepLine(r, first)
}

// inCommon says what becomes of all the steps of a bundle.
func inCommon(s *core.Step, members int) string {
	switch s.Action {
	case core.Provision:
		return list(clean(string(s.After.Role)), arrival(s.After.Status))
	case core.Adopt:
		return "in Attio already, nothing changes"
	case core.Reactivate:
		return asRole(clean(string(s.After.Role)))
	case core.Promote, core.Demote:
		return arrow(clean(string(s.Before.Role)), clean(string(s.After.Role)))
	case core.AddMembers, core.RemoveMembers:
		return count(members, "membership", "memberships")
	}
	return ""
}

// named lists as many of the names as there is room for, and counts the rest of n;
// nothing, where there is no room for one. Room 0 has no end.
func (v voice) named(names []string, n, room int) string {
	text := ""
	for i, name := range names {
		next := name
		if i > 0 {
			next = text + ", " + name
		}
		rest := ""
		if more := n - i - 1; more > 0 {
			rest = " and " + thousands(more) + " more"
		}
		switch fits := room == 0 || width(next+rest) <= room; {
		case !fits && i == 0:
			return ""
		case !fits:
			return text + " and " + thousands(n-i) + " more"
		}
		if text = next; i == len(names)-1 {
			return text + rest
		}
	}
	return text
}

// room is how much of the line there is after a step's subject; 0: no end.
func (p planText) room(r row) int {
	if p.wrap == 0 {
		return 0
	}
	return max(p.wrap-p.hangStep()-width(r.subject)-2, 1)
}

// leastWhy is the fewest columns that say anything of a reason.
const leastWhy = 16

// stepLine writes a step on one line: on a terminal what does not fit is cut, but
// never whom it is about.
func (p planText) stepLine(r row, s *core.Step) {
	room := p.room(r)
	if n := len(s.People); n > 0 && r.subject == p.subject(*s) {
		lead := map[core.Action]string{core.AddMembers: "+", core.RemoveMembers: "-"}[s.Action] + thousands(n) + " "
		r.what = lead + p.peopleIn(s.People, room-len(lead))
	}
	if room > 0 {
		r.what = fit(r.what, room)
		if left := room - width(r.what) - 4; width(r.why) > left {
			if r.why = fit(r.why, max(left, 0)); left < leastWhy || s.Cause == core.CauseOkta && !takesAway(s) {
				r.why = ""
			}
		}
	}
	p.step(r)
}

// peopleIn names members as far as there is room, and counts the rest.
func (v voice) peopleIn(members []*core.MemberRef, room int) string {
	if room <= 0 {
		return v.people(members)
	}
	names := make([]string, 0, mostNames)
	for _, m := range members[:min(len(members), mostNames)] {
		names = append(names, v.name(firstOf(m.Email, m.AttioID, m.OktaID)))
	}
	return firstOf(v.named(names, len(members), room), v.named(names[:1], len(members), 0))
}
