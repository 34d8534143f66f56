package view

import core "scim-sync/sync"

// mostAlike steps of one kind are told one by one; of more there is one line, or, where
// they have to be looked at, the first of them.
const mostAlike = 10

// bundle is steps that are alike but for whom they are about, in the order of the
// plan: what is said of one of them is said of all.
type bundle struct {
	steps []*core.Step
}

func (b bundle) first() *core.Step { return b.steps[0] }

// many says whether the steps are too many to be told one by one.
func (b bundle) many() bool { return len(b.steps) > mostAlike }

// bundles puts steps together that have the same key, in the order of the first of each.
func bundles[K comparable](steps []*core.Step, key func(*core.Step) K) []bundle {
	var list []bundle
	place := map[K]int{}
	for _, s := range steps {
		k := key(s)
		at, known := place[k]
		if !known {
			at = len(list)
			place[k], list = at, append(list, bundle{})
		}
		list[at].steps = append(list[at].steps, s)
	}
	return list
}

// kindOfStep is the same for steps about people that differ in the person alone.
type kindOfStep struct {
	action        core.Action
	cause         core.Cause
	reason        string
	roles, states [2]string // before and after
}

func kindOf(s *core.Step) kindOfStep {
	k := kindOfStep{s.Action, s.Cause, s.Reason, [2]string{string(s.Before.Role), string(s.After.Role)}, [2]string{string(s.Before.Status), string(s.After.Status)}}
	if s.Action == core.Adopt {
		k.roles[1] = "" // whoever is in already stays what they are
		if plainAdoption(s) {
			k.reason = "" // it says the address once more
		}
	}
	return k
}

// plainAdoption: somebody who is in Attio under the very address that Okta has.
func plainAdoption(s *core.Step) bool {
	return s.Person != nil && (s.After.Email == "" || s.After.Email == s.Person.Email) && s.Before.Status == ""
}

// kindOfTeamStep is the same for steps that do the same to several teams; one is not 0
// for a step that is told by itself.
type kindOfTeamStep struct {
	action core.Action
	cause  core.Cause
	one    int
}

// teamBundles keeps the steps of each team together, but for those of which there are
// too many of a kind.
func teamBundles(steps []*core.Step) []bundle {
	alike := map[kindOfTeamStep]int{}
	for _, s := range steps {
		alike[kindOfTeamStep{s.Action, s.Cause, 0}]++
	}
	one := 0
	return bundles(steps, func(s *core.Step) kindOfTeamStep {
		if k := (kindOfTeamStep{s.Action, s.Cause, 0}); alike[k] > mostAlike {
			return k
		}
		one++
		return kindOfTeamStep{one: one}
	})
}

// looksAt says whether whoever reviews a plan has to see whom and what a step is about:
// it takes something away, is about an admin, or moves an account to another address.
func looksAt(s *core.Step) bool {
	return takesAway(s) || s.Person != nil && changesAdmin(s) || s.Action == core.ChangeEmail
}

// tells says whether a step's reason says more than the step itself does.
func tells(s *core.Step) bool {
	if s.Cause != core.CauseOkta {
		return s.Action != core.Adopt || !plainAdoption(s)
	}
	switch s.Action {
	case core.CreateTeam, core.AddMembers, core.RenameTeam, core.Rename, core.ChangeEmail:
		return false // what Okta has is what the step brings
	}
	return true
}
