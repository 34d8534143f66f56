package sync

import "scim-sync/attio"

// Handover is what a step gives up, a name or an address, and what it takes
// instead; either may be empty. Steps that take what others give up make a rename
// chain: each has to wait for the one before it.
type Handover struct{ From, To string }

// Handover says what a step gives up and takes, folded.
func (s *Step) Handover() (Handover, bool) {
	switch s.Action {
	case RenameTeam:
		return Handover{HandedName(s.Before.Name), HandedName(s.After.Name)}, true
	case CreateTeam:
		return Handover{To: HandedName(s.After.Name)}, true
	case DeleteTeam:
		return Handover{From: HandedName(s.Before.Name)}, true
	case ChangeEmail:
		return Handover{"address " + attio.FoldEmail(s.Before.Email), "address " + attio.FoldEmail(s.After.Email)}, true
	}
	return Handover{}, false
}

// HandedName is a team's name as handovers know it.
func HandedName(name string) string { return "team " + attio.FoldName(name) }

// InChain are the people and teams (by [Step.ID]) whose step takes what another
// of the steps gives up, or gives up what another takes.
func InChain(steps []Step) map[string]bool {
	gives, takes := map[string]bool{}, map[string]bool{}
	for i := range steps {
		if h, ok := steps[i].Handover(); ok && h.From != "" && h.To != "" {
			gives[h.From], takes[h.To] = true, true
		}
	}
	in := map[string]bool{}
	for i := range steps {
		if h, ok := steps[i].Handover(); ok && h.From != h.To && (gives[h.To] || takes[h.From]) {
			in[steps[i].ID()] = true
		}
	}
	return in
}
