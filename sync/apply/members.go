package apply

import (
	"context"
	"fmt"
	"sort"

	"scim-sync/attio"
	"scim-sync/internal/idset"
	core "scim-sync/sync"
)

// memberWrite is one membership step as it is carried out.
type memberWrite struct {
	teams
	s    *core.Step
	team string // its id by now
	here []core.MemberRef
	// whole: nobody of the step is missing, so that state may learn that the
	// team is as it should be.
	whole bool
}

func (r teams) memberWrite(s *core.Step) (w *memberWrite, missing []core.MemberRef) {
	here, missing := r.track.present(s)
	if len(missing) > 0 {
		r.track.leavePartial(s.Team)
	}
	return &memberWrite{teams: r, s: s, team: r.track.teamID(s.Team), here: here, whole: len(missing) == 0}, missing
}

// addMembers adds who is not there yet, in chunks, and looks whether they are.
func (r teams) addMembers(ctx context.Context, s *core.Step) core.StepResult {
	w, missing := r.memberWrite(s)
	made := len(w.here) // with those who came with the team's creation
	w.here = absent(w.here, r.track.membersOf(w.team))
	res := w.inChunks(ctx, func(ctx context.Context, chunk []core.MemberRef) (attio.Receipt, error) {
		t, receipt, err := r.Writer.AddMembers(ctx, w.team, idsOf(chunk))
		if err != nil {
			return receipt, err
		}
		if late := absent(chunk, t.Members); len(late) > 0 {
			// Somebody just provisioned may not be visible yet: once more.
			if t, receipt, err = r.Writer.AddMembers(ctx, w.team, idsOf(late)); err != nil {
				return receipt, err
			}
		}
		r.track.setMembers(w.team, t.Members)
		if late := absent(chunk, t.Members); len(late) > 0 {
			return receipt, notTaken("but these are not in the team: " + few(late))
		}
		return receipt, nil
	})
	return unlessMissing(res, made, missing, "without those an earlier step of whom failed: ")
}

// removeMembers removes people and looks whether they have gone. That nobody
// else went is for the writer to see to.
func (r teams) removeMembers(ctx context.Context, s *core.Step) core.StepResult {
	w, missing := r.memberWrite(s)
	res := w.inChunks(ctx, func(ctx context.Context, chunk []core.MemberRef) (attio.Receipt, error) {
		t, receipt, err := r.Writer.RemoveMembers(ctx, w.team, idsOf(chunk))
		if err != nil {
			return receipt, err
		}
		r.track.setMembers(w.team, t.Members)
		if still := len(chunk) - len(absent(chunk, t.Members)); still > 0 {
			return receipt, notTaken(fmt.Sprintf("but %d of them are still in the team", still))
		}
		return receipt, nil
	})
	return unlessMissing(res, len(w.here), missing, "left as they are, for an earlier step of theirs failed: ")
}

// inChunks makes one announced write a chunk.
func (w *memberWrite) inChunks(ctx context.Context, do func(context.Context, []core.MemberRef) (attio.Receipt, error)) core.StepResult {
	rest := w.here
	if len(rest) == 0 && w.whole {
		if err := w.Journal.Learn(ctx, nil, w.track.keepTeam(w.s, nil)); err != nil {
			return w.unnoted(ctx, err, "could not be noted in the state: ")
		}
	}
	var res core.StepResult
	for len(rest) > 0 {
		if ctx.Err() != nil {
			return core.StepResult{Outcome: core.StepNotRun, Detail: fmt.Sprintf("interrupted with %d people to go", len(rest))}
		}
		n := min(len(rest), attio.MembersPerWrite)
		chunk := rest[:n]
		rest = rest[n:]
		announced := *w.s
		announced.People = chunk
		res = w.written(ctx, &announced, func(ctx context.Context) (attio.Receipt, core.Change, error) {
			receipt, err := do(ctx, chunk)
			if err != nil || len(rest) > 0 || !w.whole {
				return receipt, core.Change{}, err
			}
			return receipt, w.track.keepTeam(w.s, nil), nil
		})
		if res.Outcome != "" {
			w.track.leavePartial(w.s.Team)
			return res
		}
	}
	return res
}

// unlessMissing tells whom a membership step had to leave out.
func unlessMissing(res core.StepResult, made int, missing []core.MemberRef, why string) core.StepResult {
	if res.Outcome != "" {
		return res
	}
	if res.People = made; len(missing) == 0 {
		return res
	}
	res.Detail = why + few(missing)
	if made == 0 {
		res.Outcome = core.StepSkipped
	}
	return res
}

// few names a few people and counts the rest.
func few(who []core.MemberRef) string {
	names := make([]string, len(who))
	for i, m := range who {
		names[i] = m.Email
	}
	sort.Strings(names)
	return core.Few(names)
}

func idsOf(who []core.MemberRef) []string {
	ids := make([]string, len(who))
	for i, m := range who {
		ids[i] = m.AttioID
	}
	return ids
}

// absent gives those who are not in a team of these members.
func absent(who []core.MemberRef, members idset.Set) (rest []core.MemberRef) {
	for _, m := range who {
		if !members.Has(m.AttioID) {
			rest = append(rest, m)
		}
	}
	return rest
}
