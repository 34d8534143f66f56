package apply

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"scim-sync/attio"
	core "scim-sync/sync"
)

func (r teams) link(ctx context.Context, s *core.Step) core.StepResult {
	return r.learned(ctx, s, r.track.keepTeam(s, nil))
}

// createTeam makes a team together with its first members, which saves one
// request a team; without them where Attio may not have liked one of them.
func (r teams) createTeam(ctx context.Context, s *core.Step) core.StepResult {
	var first []*core.MemberRef
	rests := []*core.Step{s}
	if add := r.addStep(s); add != nil {
		here, _ := r.track.present(add)
		first, rests = here[:min(len(here), r.health.membersPerWrite())], append(rests, add)
	}
	res := r.createWith(ctx, s, first, rests, s.Record.Team.Begun)
	if e, ok := errors.AsType[*attio.Error](res.Err); ok && e.Divisible && len(first) > 0 && ctx.Err() == nil {
		r.health.refusedAtOnce(e, len(first))
		res = r.createWith(ctx, s, nil, rests[:1], true)
	}
	return res
}

// createWith asks for the team. begun: it was asked for before, and nobody saw
// whether it was made. A team that has the name by now is ours then.
func (r teams) createWith(ctx context.Context, s *core.Step, first []*core.MemberRef, rests []*core.Step, begun bool) core.StepResult {
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, core.Change, error) {
		ctx = attio.WithLastLook(ctx, func(ctx context.Context) error { return r.fresh.check(ctx, rests...) })
		t, receipt, err := r.Writer.CreateTeam(ctx, s.After.Name, idsOf(first))
		if begun && attio.Is(err, attio.Conflict) && t.ID != "" && r.unclaimed(t.ID) {
			err = nil
			r.note(core.NoteAdoptedLate, core.About{OktaID: s.Team.OktaID, AttioID: t.ID}, s.After.Name, "had been asked for before and was in Attio by the time the request came: it is the group's team, not made twice")
		}
		if err == nil && t.ID == "" {
			err = notTaken("but there is no such team afterwards")
		}
		if err != nil {
			return receipt, core.Change{}, err
		}
		r.track.setMembers(t.ID, t.Members)
		in := core.NewMemberSet(oktaIDsOf(present(first, t.Members)))
		return receipt, r.track.keepTeam(s, func(m *core.ManagedTeam) { m.TeamID, m.Applied.Members = t.ID, in }), nil
	})
}

// unclaimed says whether no group is tied to a team.
func (r teams) unclaimed(teamID string) bool {
	for _, m := range r.p.State.Teams {
		if m.TeamID == teamID && !m.Unlinked && !m.OutOfScope {
			return false
		}
	}
	return !r.track.hasTeam(teamID)
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

// renameTeam gives a team its name. One that took a detour for it gets its former
// name back where that is refused, unless another has it by now: no team is left
// under a name that was meant for a while.
func (r teams) renameTeam(ctx context.Context, s *core.Step) core.StepResult {
	former := s.Record.Team.Former
	if former != "" && r.track.detour(s.Team) != s.Before.Name {
		return core.StepResult{Outcome: core.StepSkipped, Detail: "the name " + s.After.Name + " could not be made free"}
	}
	res := r.renameTo(ctx, s)
	if former == "" || res.Outcome != core.StepFailed || fateUnknown(res.Err) || ctx.Err() != nil || r.health.stopped() != nil {
		return res
	}
	back := *s
	back.After.Name = former
	after := slices.Clone(s.Record.Team.Before)
	for i := range after {
		after[i].Applied.Detour = ""
	}
	back.Record = &core.Record{Team: &core.TeamRecord{Before: s.Record.Team.Before, After: after, Members: s.Record.Team.Members}}
	r.track.leavePartial(s.Team)
	if r.renameTo(ctx, &back).Outcome == "" {
		res.Detail += "; it has its former name " + former + " back"
	} else {
		res.Detail += "; until the next run it is called " + s.Before.Name
	}
	return res
}

func (r teams) renameTo(ctx context.Context, s *core.Step) core.StepResult {
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, core.Change, error) {
		t, receipt, err := r.Writer.RenameTeam(ctx, r.track.teamID(s.Team), s.After.Name)
		other := t.Name != "" && strings.TrimSpace(t.Name) != s.After.Name
		if err == nil && other && attio.FoldName(t.Name) != attio.FoldName(s.After.Name) {
			err = &NotTakenError{core.AnswerNotTaken, "Attio answered well, and kept the name " + t.Name,
				"The next run tries again. If Attio keeps that name for good, name it for the group in the settings, and it is left: teams.groups: [{group: " + s.Team.OktaID + ", team: " + strconv.Quote(t.Name) + "}]"}
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
