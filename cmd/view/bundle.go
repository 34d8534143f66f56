package view

import (
	"fmt"
	"strings"

	core "scim-sync/sync"
)

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
func bundles(steps []*core.Step, key func(*core.Step) string) []bundle {
	var list []bundle
	place := map[string]int{}
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
func kindOfStep(s *core.Step) string {
	parts := []string{string(s.Action), string(s.Cause), s.Reason, string(s.Before.Role), string(s.After.Role), string(s.Before.Status), string(s.After.Status)}
	if s.Action == core.Adopt {
		parts[2], parts[4] = "", "" // it says the address once more; whoever is in already stays what they are
		if !plainAdoption(s) {
			parts[2] = s.Reason
		}
	}
	return strings.Join(parts, "\x00")
}

// plainAdoption: somebody who is in Attio under the very address that Okta has.
func plainAdoption(s *core.Step) bool {
	return s.Person != nil && (s.After.Email == "" || s.After.Email == s.Person.Email) && s.Before.Status == ""
}

// kindOfTeamStep is the same for steps that do the same to several teams.
func kindOfTeamStep(s *core.Step) string { return string(s.Action) + "\x00" + string(s.Cause) }

// teamBundles keeps the steps of each team together, but for those of which there are
// too many of a kind.
func teamBundles(steps []*core.Step) []bundle {
	alike := map[string]int{}
	for _, s := range steps {
		alike[kindOfTeamStep(s)]++
	}
	one := 0
	return bundles(steps, func(s *core.Step) string {
		if k := kindOfTeamStep(s); alike[k] > mostAlike {
			return k
		}
		one++
		return fmt.Sprint("one ", one)
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
