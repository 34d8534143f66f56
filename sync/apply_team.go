package sync

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"scim-sync/attio"
	"scim-sync/internal/idset"
)

// teamID gives a team's id as it is by now.
func (r *run) teamID(t *TeamRef) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.teams[t.OktaID]; len(e) > 0 && e[0].TeamID != "" {
		return e[0].TeamID
	}
	return t.AttioID
}

// keepTeam changes the state of a team's groups and gives the change that
// records it. After the team's last step, when none failed, state also learns
// who should be in it.
func (r *run) keepTeam(s Step, set func(*ManagedTeam)) Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	entries := append([]ManagedTeam(nil), r.teams[s.Team.OktaID]...)
	last := r.lastOf(s)
	for i := range entries {
		set(&entries[i])
		switch {
		case last:
			entries[i].Applied.Members = r.p.teams[s.Team.OktaID].members
		case s.Action == AddMembers || s.Action == RemoveMembers:
			entries[i].Applied.Members = entries[i].Applied.Members.after(s)
		}
	}
	r.teams[s.Team.OktaID] = entries
	return Change{Teams: entries}
}

// lastSteps gives, by the team's key, the number of its last step; 0 where a step
// of it is held.
func lastSteps(p Plan) map[string]int {
	last := map[string]int{}
	for i := range p.Steps {
		if t := p.Steps[i].Team; t != nil {
			last[t.OktaID] = p.Steps[i].N
		}
	}
	for i := range p.Held {
		if t := p.Held[i].Team; t != nil {
			last[t.OktaID] = 0
		}
	}
	return last
}

// lastOf says whether s is the last step of its team in the whole plan.
func (r *run) lastOf(s Step) bool {
	if r.broken[s.Team.OktaID] || r.amiss[s.Team.OktaID] || !r.p.Whole() {
		return false
	}
	return r.last[s.Team.OktaID] == s.N
}

func (r *run) link(ctx context.Context, s Step) StepResult {
	ours := false
	for _, u := range r.p.input.Unfinished {
		st := u.Intent.Step
		ours = ours || st.Action == CreateTeam && st.Team != nil && st.Team.OktaID == s.Team.OktaID
	}
	c := r.keepTeam(s, func(m *ManagedTeam) {
		m.TeamID, m.Created = s.Team.AttioID, ours
		if !m.Applied.KeepName { // else it keeps the name that it was given
			m.Applied.Name = s.After.Name
		}
	})
	if err := r.Journal.Learn(ctx, &s, c); err != nil {
		return r.unnoted(ctx, err, "could not be noted in the state: ")
	}
	return StepResult{}
}

// createTeam makes a team together with its first members, which saves one
// request a team.
func (r *run) createTeam(ctx context.Context, s Step) StepResult {
	var first []string
	if add := r.addStep(s); add != nil {
		first, _ = r.present(*add)
		first = first[:min(len(first), attio.MembersPerWrite)]
	}
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, Change, error) {
		t, receipt, err := r.Writer.CreateTeam(ctx, s.After.Name, first)
		if err == nil && t.ID == "" {
			err = &NotTakenError{"not-taken", "Attio answered well, but there is no such team afterwards"}
		}
		if err != nil {
			return receipt, Change{}, err
		}
		r.mu.Lock()
		r.members[t.ID] = t.Members
		r.mu.Unlock()
		return receipt, r.keepTeam(s, func(m *ManagedTeam) {
			m.TeamID, m.Created, m.Applied.Name = t.ID, true, s.After.Name
		}), nil
	})
}

// addStep gives the step that fills a team that is to be created.
func (r *run) addStep(s Step) *Step {
	for i, o := range r.p.Plan.Steps[s.N:] {
		if o.Action == AddMembers && o.Team.OktaID == s.Team.OktaID {
			return &r.p.Plan.Steps[s.N+i]
		}
	}
	return nil
}

// present gives the SCIM ids of a step's people, and those who have none
// because their own step failed.
func (r *run) present(s Step) (ids []string, missing []MemberRef) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range s.People {
		id := m.AttioID
		if now := r.ids[m.OktaID]; now != "" {
			id = now
		}
		if id == "" || m.OktaID != "" && r.broken[m.OktaID] {
			missing = append(missing, m)
			continue
		}
		ids = append(ids, id)
	}
	return ids, missing
}

func (r *run) renameTeam(ctx context.Context, s Step) StepResult {
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, Change, error) {
		t, receipt, err := r.Writer.RenameTeam(ctx, r.teamID(s.Team), s.After.Name)
		other := t.Name != "" && strings.TrimSpace(t.Name) != s.After.Name
		if err == nil && other && attio.FoldName(t.Name) != attio.FoldName(s.After.Name) {
			err = &NotTakenError{"not-taken", "Attio answered well and kept the name " + t.Name}
		}
		if err != nil {
			return receipt, Change{}, err
		}
		lost := ""
		if other {
			lost = s.After.Name
			r.note("name-not-taken", s.Team.Name, "Attio answered well and writes the name "+t.Name+"; it is tried again when Okta's changes")
		}
		return receipt, r.keepTeam(s, func(m *ManagedTeam) { m.Applied.Name, m.Applied.NotTaken = s.After.Name, lost }), nil
	})
}

func (r *run) deleteTeam(ctx context.Context, s Step) StepResult {
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, Change, error) {
		receipt, err := r.Writer.DeleteTeam(ctx, s.Team.AttioID)
		if err != nil {
			return receipt, Change{}, err
		}
		var groups []string
		for _, m := range r.p.teams[s.Team.OktaID].entries {
			groups = append(groups, m.GroupID)
		}
		return receipt, Change{ForgetTeams: groups}, nil
	})
}

// addMembers adds who is not there yet, in chunks, and looks whether they are.
func (r *run) addMembers(ctx context.Context, s Step) StepResult {
	ids, missing := r.present(s)
	if len(missing) > 0 {
		r.leftAmiss(s.Team)
	}
	team := r.teamID(s.Team)
	made := len(ids) // with those who came with the team's creation
	ids = without(ids, r.teamMembers(team))
	res := r.inChunks(ctx, s, ids, func(ctx context.Context, chunk []string) (attio.Receipt, error) {
		t, receipt, err := r.Writer.AddMembers(ctx, team, chunk)
		if err != nil {
			return receipt, err
		}
		if late := without(chunk, t.Members); len(late) > 0 {
			// Somebody just provisioned may not be visible yet: once more.
			if t, receipt, err = r.Writer.AddMembers(ctx, team, late); err != nil {
				return receipt, err
			}
		}
		r.setTeamMembers(team, t.Members)
		if late := without(chunk, t.Members); len(late) > 0 {
			return receipt, &NotTakenError{"not-taken", "Attio answered well, but these are not in the team: " + r.nameAll(s, late)}
		}
		return receipt, nil
	}, len(missing) == 0)
	return unlessMissing(res, made, missing, "without those an earlier step of whom failed: ")
}

// removeMembers removes people and looks whether they have gone. That nobody
// else went is for the writer to see to.
func (r *run) removeMembers(ctx context.Context, s Step) StepResult {
	ids, missing := r.present(s)
	if len(missing) > 0 {
		r.leftAmiss(s.Team)
	}
	team := r.teamID(s.Team)
	res := r.inChunks(ctx, s, ids, func(ctx context.Context, chunk []string) (attio.Receipt, error) {
		t, receipt, err := r.Writer.RemoveMembers(ctx, team, chunk)
		if err != nil {
			return receipt, err
		}
		r.setTeamMembers(team, t.Members)
		if still := len(chunk) - len(without(chunk, t.Members)); still > 0 {
			return receipt, &NotTakenError{"not-taken", fmt.Sprintf("Attio answered well, but %d of them are still in the team", still)}
		}
		return receipt, nil
	}, len(missing) == 0)
	return unlessMissing(res, len(ids), missing, "left as they are, for an earlier step of theirs failed: ")
}

// leftAmiss notes that a team's people are not all as they should be: state
// does not learn that they are.
func (r *run) leftAmiss(t *TeamRef) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.amiss[t.OktaID] = true
}

// unlessMissing tells whom a membership step had to leave out.
func unlessMissing(res StepResult, made int, missing []MemberRef, why string) StepResult {
	if res.Outcome != "" {
		return res
	}
	if res.People = made; len(missing) == 0 {
		return res
	}
	names := make([]string, len(missing))
	for i, m := range missing {
		names[i] = m.Email
	}
	res.Detail = why + people(names)
	if made == 0 {
		res.Outcome = StepSkipped
	}
	return res
}

// inChunks makes one announced write a chunk.
func (r *run) inChunks(ctx context.Context, s Step, ids []string, do func(context.Context, []string) (attio.Receipt, error), whole bool) StepResult {
	if len(ids) == 0 {
		if whole {
			c := r.keepTeam(s, func(*ManagedTeam) {})
			if err := r.Journal.Learn(ctx, nil, c); err != nil {
				return r.unnoted(ctx, err, "could not be noted in the state: ")
			}
		}
		return StepResult{}
	}
	var res StepResult
	for len(ids) > 0 {
		if ctx.Err() != nil {
			return StepResult{Outcome: StepNotRun, Detail: fmt.Sprintf("interrupted with %d people to go", len(ids))}
		}
		n := min(len(ids), attio.MembersPerWrite)
		chunk := ids[:n]
		ids = ids[n:]
		announced := s
		announced.People = pick(s.People, chunk, r)
		res = r.written(ctx, announced, func(ctx context.Context) (attio.Receipt, Change, error) {
			receipt, err := do(ctx, chunk)
			if err != nil || len(ids) > 0 || !whole {
				return receipt, Change{}, err
			}
			return receipt, r.keepTeam(s, func(*ManagedTeam) {}), nil
		})
		if res.Outcome != "" {
			r.leftAmiss(s.Team)
			return res
		}
	}
	return res
}

// pick gives the people of a chunk, for the journal.
func pick(all []MemberRef, ids []string, r *run) []MemberRef {
	r.mu.Lock()
	defer r.mu.Unlock()
	in := make(map[string]bool, len(ids))
	for _, id := range ids {
		in[id] = true
	}
	var some []MemberRef
	for _, m := range all {
		if now := r.ids[m.OktaID]; now != "" {
			m.AttioID = now
		}
		if in[m.AttioID] {
			some = append(some, m)
		}
	}
	return some
}

func (r *run) teamMembers(id string) idset.Set {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.members[id]
}

func (r *run) setTeamMembers(id string, members idset.Set) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.members[id] = members
}

// nameAll gives the addresses of SCIM ids.
func (r *run) nameAll(s Step, ids []string) string {
	in := map[string]bool{}
	for _, id := range ids {
		in[id] = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for _, m := range s.People {
		if in[m.AttioID] || in[r.ids[m.OktaID]] && m.OktaID != "" {
			names = append(names, m.Email)
		}
	}
	sort.Strings(names)
	return people(names)
}

// without gives those of ids that are not in a team of these members.
func without(ids []string, members idset.Set) []string {
	var rest []string
	for _, id := range ids {
		if !members.Has(id) {
			rest = append(rest, id)
		}
	}
	return rest
}
