package planner

import (
	"slices"

	"scim-sync/idp"
	core "scim-sync/sync"
)

// findings are what a stage of the planning comes to. A stage reads what the
// stages before it found, and writes nothing but its own.
type findings struct {
	steps     []core.Step
	notes     []core.Note
	refusals  []core.Refusal
	updates   []core.Change // what state learns without a step
	questions Questions
}

// Questions are what has to be asked before a plan may be believed.
type Questions struct {
	// People are the people (Okta ids) whose absence the source has to
	// confirm; Groups likewise.
	People []string
	Groups []string
	// Teams are teams (Attio ids) that Attio has to confirm to be gone.
	Teams []string
	// Members are people and invites (Attio ids) that Attio has to confirm to be
	// gone, as its list leaves them out.
	Members []string
	// Refetch are groups on the strength of which somebody would lose a
	// membership or the admin role: they must be read once more first.
	Refetch []idp.GroupRef
	// Addresses must be looked up in Attio, because only its REST list knows them.
	Addresses []string
}

// count gives the number of questions.
func (q Questions) count() int {
	return len(q.People) + len(q.Groups) + len(q.Teams) + len(q.Members) + len(q.Refetch) + len(q.Addresses)
}

func (f *findings) add(s core.Step)      { f.steps = append(f.steps, s) }
func (f *findings) update(c core.Change) { f.updates = append(f.updates, c) }

func (f *findings) note(code core.Code, subject, detail string, about ...core.About) {
	f.notes = append(f.notes, core.Note{Code: code, Subject: subject, Detail: detail, About: about})
}

// refuse keeps back the steps of some people or groups.
func (f *findings) refuse(code core.Code, about []core.About, subject, detail, remedy string) {
	f.refusals = append(f.refusals, core.Refusal{Code: code, Reach: core.ReachSteps, Subject: subject, Detail: detail, Remedy: remedy, About: about})
}

// refetch asks for groups to be read again, each once a run.
func (f *findings) refetch(in *Input, groups []idp.GroupRef) {
	for _, g := range groups {
		if !in.Answers.Reread[g.ID] && !slices.Contains(f.questions.Refetch, g) {
			f.questions.Refetch = append(f.questions.Refetch, g)
		}
	}
}

// join takes over what another stage found.
func (f *findings) join(g findings) {
	f.steps = append(f.steps, g.steps...)
	f.notes = append(f.notes, g.notes...)
	f.refusals = append(f.refusals, g.refusals...)
	f.updates = append(f.updates, g.updates...)
	f.questions.People = append(f.questions.People, g.questions.People...)
	f.questions.Groups = append(f.questions.Groups, g.questions.Groups...)
	f.questions.Teams = append(f.questions.Teams, g.questions.Teams...)
	f.questions.Members = append(f.questions.Members, g.questions.Members...)
	f.questions.Refetch = append(f.questions.Refetch, g.questions.Refetch...)
	f.questions.Addresses = append(f.questions.Addresses, g.questions.Addresses...)
}

// groupsAbout names groups by their Okta ids.
func groupsAbout(ids ...string) []core.About {
	list := make([]core.About, len(ids))
	for i, id := range ids {
		list[i] = core.About{OktaID: id}
	}
	return list
}
