package apply

import (
	"context"
	"strings"

	"scim-sync/attio"
	core "scim-sync/sync"
)

func (r teams) link(ctx context.Context, s *core.Step) core.StepResult {
	return r.learned(ctx, s, r.track.keepTeam(s, nil))
}

// createTeam makes a team together with its first members, which saves one
// request a team.
func (r teams) createTeam(ctx context.Context, s *core.Step) core.StepResult {
	var first []string
	if add := r.addStep(s); add != nil {
		here, _ := r.track.present(add)
		first = idsOf(here[:min(len(here), attio.MembersPerWrite)])
	}
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, core.Change, error) {
		t, receipt, err := r.Writer.CreateTeam(ctx, s.After.Name, first)
		if err == nil && t.ID == "" {
			err = notTaken("but there is no such team afterwards")
		}
		if err != nil {
			return receipt, core.Change{}, err
		}
		r.track.setMembers(t.ID, t.Members)
		return receipt, r.track.keepTeam(s, func(m *core.ManagedTeam) { m.TeamID = t.ID }), nil
	})
}

// addStep gives the step that fills a team that is to be created.
func (r teams) addStep(s *core.Step) *core.Step {
	steps := r.p.Plan.Steps
	for i := s.N; i < len(steps); i++ {
		if steps[i].Action == core.AddMembers && steps[i].Team.OktaID == s.Team.OktaID {
			return &steps[i]
		}
	}
	return nil
}

func (r teams) renameTeam(ctx context.Context, s *core.Step) core.StepResult {
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, core.Change, error) {
		t, receipt, err := r.Writer.RenameTeam(ctx, r.track.teamID(s.Team), s.After.Name)
		other := t.Name != "" && strings.TrimSpace(t.Name) != s.After.Name
		if err == nil && other && attio.FoldName(t.Name) != attio.FoldName(s.After.Name) {
			err = notTaken("and kept the name " + t.Name)
		}
		if err != nil {
			return receipt, core.Change{}, err
		}
		lost, kept := "", ""
		if other {
			lost, kept = s.After.Name, t.Name
			r.note(core.NoteNameNotTaken, core.About{OktaID: s.Team.OktaID, AttioID: s.Team.AttioID}, s.Team.Name, "Attio answered well and writes the name "+t.Name+"; it is tried again when the group's or Attio's changes")
		}
		return receipt, r.track.keepTeam(s, func(m *core.ManagedTeam) { m.Applied.NotTaken, m.Applied.Kept = lost, kept }), nil
	})
}

func (r teams) deleteTeam(ctx context.Context, s *core.Step) core.StepResult {
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, core.Change, error) {
		receipt, err := r.Writer.DeleteTeam(ctx, s.Team.AttioID)
		if err != nil {
			return receipt, core.Change{}, err
		}
		return receipt, core.Change{ForgetTeams: s.Record.Team.Forget}, nil
	})
}
