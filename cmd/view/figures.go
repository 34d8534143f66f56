package view

import (
	"slices"

	core "scim-sync/sync"
)

// figure is a number that stands large at the top of a page.
type figure struct{ N, What, Class string }

func figures(list ...figure) []figure {
	return slices.DeleteFunc(list, func(f figure) bool { return f.N == "0" })
}

// figuresOf says what a plan comes to: what hurts first.
func figuresOf(p core.Plan) []figure {
	s := p.Summary
	lose, get := s.Suspend+s.CancelInvite, s.Provision+s.Reactivate
	roles, teams := s.Promote+s.Demote, s.CreateTeam+s.LinkTeam+s.RenameTeam+s.DeleteTeam
	return figures(
		figure{thousands(len(p.Refusals)), plural(len(p.Refusals), "refusal", "refusals"), "cut"},
		figure{thousands(lose), plural(lose, "loses access", "lose access"), "cut"},
		figure{thousands(roles), plural(roles, "role changes", "roles change"), "change"},
		figure{thousands(get), plural(get, "gets access", "get access"), "add"},
		figure{thousands(s.Rename + s.ChangeEmail), "other changes of people", "change"},
		figure{thousands(s.Adopt), "adopted", "known"},
		figure{thousands(teams), plural(teams, "team", "teams"), "change"},
		figure{thousands(s.AddMembers), plural(s.AddMembers, "membership begins", "memberships begin"), "add"},
		figure{thousands(s.RemoveMembers), plural(s.RemoveMembers, "membership ends", "memberships end"), "cut"},
		figure{thousands(len(p.Held)), "held back", "change"},
	)
}

// kindBar is how many there are of one kind of step, as a bar beside the others.
type kindBar struct {
	Verb, Sigil, Class string
	Count              string
	Parts              []barPart
}

// barPart is a piece of a bar, in thousandths of the longest.
type barPart struct {
	Class       string
	From, Width int
}

const barWidth = 1000

// kindsOf counts a plan's steps by kind, memberships by people.
func kindsOf(s core.Summary) []kindBar {
	return bars(func(a core.Action) (string, []int) {
		n := *a.Traits().Counter(&s)
		return thousands(n), []int{n}
	}, func(a core.Action) []string { return []string{classOf(markOf(a).tone)} })
}

// bars draws one bar for each kind that has anything, its parts end to end.
func bars(counts func(core.Action) (string, []int), classes func(core.Action) []string) (list []kindBar) {
	people, teams, memberships := core.ActionsByKind()
	all, most := slices.Concat(people, teams, memberships), 1
	for _, a := range all {
		_, parts := counts(a)
		most = max(most, sum(parts))
	}
	for _, a := range all {
		text, parts := counts(a)
		if sum(parts) == 0 {
			continue
		}
		m := markOf(a)
		bar := kindBar{Verb: m.verb, Sigil: m.sigil, Class: classOf(m.tone), Count: text}
		at := 0
		for i, n := range parts {
			if n > 0 {
				wide := max(4, n*barWidth/most) // that it is there can be seen
				bar.Parts = append(bar.Parts, barPart{classes(a)[i], at, min(wide, barWidth-at)})
				at += wide
			}
		}
		list = append(list, bar)
	}
	return list
}

func sum(list []int) (n int) {
	for _, x := range list {
		n += x
	}
	return n
}

// choicesOf are the kinds that a reader may choose from.
func choicesOf(kinds []kindBar) (verbs []string) {
	for _, k := range kinds {
		verbs = append(verbs, k.Verb)
	}
	return verbs
}
