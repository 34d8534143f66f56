package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"scim-sync/attio"
	"scim-sync/internal/idset"
	core "scim-sync/sync"
)

// memberWrite is one membership step as it is carried out: in chunks, and one
// that is refused as a whole by halves, down to those at fault.
type memberWrite struct {
	teams
	s    *core.Step
	team string            // its id by now
	here []*core.MemberRef // whom it is about, and who have an id
	// whole: nobody of the step is missing, so that state may learn that the
	// team is as it should be.
	whole bool
	made  int    // memberships that came with the team's creation
	past  string // what was done with somebody: "added"

	ask  func(ctx context.Context, ids []string) (attio.Team, attio.Receipt, error)
	left func(who []*core.MemberRef, members idset.Set) []*core.MemberRef // those still not as meant

	done   []*core.MemberRef
	undone []undone
}

// undone are people whom one write was not done for, and why.
type undone struct {
	who []*core.MemberRef
	why core.StepResult
}

func (r teams) memberWrite(s *core.Step) (w *memberWrite, missing []*core.MemberRef) {
	here, missing := r.track.present(s)
	if len(missing) > 0 {
		r.track.leavePartial(s.Team)
	}
	return &memberWrite{teams: r, s: s, team: r.track.teamID(s.Team), here: here, whole: len(missing) == 0}, missing
}

// addMembers adds who is not there yet, and looks whether they are.
func (r teams) addMembers(ctx context.Context, s *core.Step) core.StepResult {
	w, missing := r.memberWrite(s)
	all := len(w.here)
	w.here = absent(w.here, r.track.membersOf(w.team))
	w.made, w.past, w.left = all-len(w.here), "added", absent
	w.ask = func(ctx context.Context, ids []string) (attio.Team, attio.Receipt, error) {
		t, receipt, err := r.Writer.AddMembers(ctx, w.team, ids)
		if late := slices.DeleteFunc(slices.Clone(ids), t.Members.Has); err == nil && len(late) > 0 {
			// Somebody just provisioned may not be visible yet: once more.
			t, receipt, err = r.Writer.AddMembers(ctx, w.team, late)
		}
		return t, receipt, err
	}
	return unlessMissing(w.carryOut(ctx), missing, "without those an earlier step of whom failed: ")
}

// removeMembers removes people and looks whether they have gone. That nobody
// else went is for the writer to see to.
func (r teams) removeMembers(ctx context.Context, s *core.Step) core.StepResult {
	w, missing := r.memberWrite(s)
	w.past, w.left = "removed", present
	w.ask = func(ctx context.Context, ids []string) (attio.Team, attio.Receipt, error) {
		return r.Writer.RemoveMembers(ctx, w.team, ids)
	}
	return unlessMissing(w.carryOut(ctx), missing, "left as they are, for an earlier step of theirs failed: ")
}

// carryOut makes one announced write a chunk, and has state learn who is in the
// team though not all could be done.
func (w *memberWrite) carryOut(ctx context.Context) (res core.StepResult) {
	rest := w.here
	if len(rest) == 0 && w.whole {
		res = w.learned(ctx, nil, w.track.keepTeam(w.s, nil))
	}
	for len(rest) > 0 && !w.ended(ctx) {
		n := min(len(rest), w.health.membersPerWrite())
		res = w.send(ctx, rest[:n], len(rest) == n)
		rest = rest[n:]
	}
	if len(w.done) < len(w.here) {
		w.track.leavePartial(w.s.Team)
	}
	if len(w.done) > 0 && (!w.whole || len(w.done) < len(w.here)) {
		part := *w.s
		part.People = w.done
		if err := w.Journal.Learn(context.WithoutCancel(ctx), nil, w.track.keepTeam(&part, nil)); err != nil {
			w.health.fail(err)
		}
	}
	if res.People = w.made + len(w.done); len(w.done) < len(w.here) {
		w.tell(&res)
	}
	return res
}

// ended says whether no more of the step is tried: the run has ended, the team
// is gone, or one after the other is refused and nobody taken.
func (w *memberWrite) ended(ctx context.Context) bool {
	const enough = 25
	if ctx.Err() != nil || w.health.stopped() != nil || len(w.done) == 0 && len(w.undone) >= enough {
		return true
	}
	n := len(w.undone)
	return n > 0 && attio.Is(w.undone[n-1].why.Err, attio.Gone)
}

// send makes one write for these people; of one that is refused as a whole,
// half of them at a time. A number that is too many is too many for the whole run.
func (w *memberWrite) send(ctx context.Context, who []*core.MemberRef, last bool) core.StepResult {
	res := w.write(ctx, who, last)
	e, ok := errors.AsType[*attio.Error](res.Err)
	half := (len(who) + 1) / 2
	switch {
	case res.Outcome == "", res.Outcome == core.StepNotRun:
		return res
	case !ok || !e.Divisible || half == len(who):
		w.undone = append(w.undone, undone{w.among(who), res})
		return res
	}
	w.health.refusedAtOnce(e, len(who))
	before, most := len(w.undone), len(who) == w.health.membersPerWrite()
	for i, part := range [][]*core.MemberRef{who[:half], who[half:]} {
		if !w.ended(ctx) {
			res = w.send(ctx, part, last && i == 1)
		}
	}
	if most && len(w.undone) == before && !w.ended(ctx) {
		w.health.takes(half) // it was their number, whatever the status said
	}
	return res
}

// write makes one announced write. The last one of a step that is done as a
// whole carries what state learns.
func (w *memberWrite) write(ctx context.Context, who []*core.MemberRef, last bool) core.StepResult {
	announced := *w.s
	announced.People = who
	return w.written(ctx, &announced, func(ctx context.Context) (attio.Receipt, core.Change, error) {
		t, receipt, err := w.ask(ctx, idsOf(who))
		if err != nil {
			return receipt, core.Change{}, err
		}
		w.track.setMembers(w.team, t.Members)
		left, part := w.left(who, t.Members), announced
		part.People = slices.DeleteFunc(slices.Clone(who), func(m *core.MemberRef) bool { return slices.Contains(left, m) })
		w.done = append(w.done, part.People...)
		change := core.Change{Removals: part.Removals(w.p.Plan.CreatedAt)} // of those who are gone
		switch {
		case len(left) > 0:
			if len(part.People) > 0 {
				change.Repair = w.repair(w.s, receipt) // the others were put back
			}
			return receipt, change, notTaken("but these were not " + w.past + ": " + few(left))
		case last && w.whole && len(w.done) == len(w.here):
			change.Teams = w.track.keepTeam(w.s, nil).Teams
		}
		return receipt, change, nil
	})
}

// among gives those of who that were not done.
func (w *memberWrite) among(who []*core.MemberRef) (rest []*core.MemberRef) {
	for _, m := range who {
		if !slices.Contains(w.done, m) {
			rest = append(rest, m)
		}
	}
	return rest
}

// tell says of a step that was not done for all of its people how many it was
// done for, who was refused and why.
func (w *memberWrite) tell(res *core.StepResult) {
	rest := len(w.here) - len(w.done)
	if len(w.undone) == 0 {
		if res.Outcome == core.StepNotRun && res.People == 0 {
			return
		}
		*res = core.StepResult{Outcome: core.StepNotRun, People: res.People, Detail: fmt.Sprintf("ended with %d of %d people to go", rest, w.made+len(w.here))}
		return
	}
	first := w.undone[0]
	people := res.People
	*res = first.why
	res.People = people
	if len(w.undone) == 1 && len(first.who) == len(w.here) {
		return // refused as a whole
	}
	const most = 3
	told := []string{fmt.Sprintf("%d of %d were %s", people, w.made+len(w.here), w.past)}
	for i, u := range w.undone {
		if rest -= len(u.who); i < most {
			told = append(told, "not "+few(u.who)+": "+u.why.Detail)
		}
	}
	if more := len(w.undone) - most; more > 0 {
		told = append(told, fmt.Sprintf("and %d more refusals", more))
	}
	if rest > 0 {
		told = append(told, fmt.Sprintf("%d not tried any more", rest))
	}
	res.Outcome, res.Detail = core.StepFailed, strings.Join(told, "; ")
}

// unlessMissing tells whom a membership step had to leave out.
func unlessMissing(res core.StepResult, missing []*core.MemberRef, why string) core.StepResult {
	if res.Outcome != "" || len(missing) == 0 {
		return res
	}
	res.Detail = why + few(missing)
	if res.People == 0 {
		res.Outcome = core.StepSkipped
	}
	return res
}

// few names a few people and counts the rest.
func few(who []*core.MemberRef) string {
	names := make([]string, len(who))
	for i, m := range who {
		names[i] = m.Email
	}
	sort.Strings(names)
	return core.Few(names)
}

func idsOf(who []*core.MemberRef) []string {
	ids := make([]string, len(who))
	for i, m := range who {
		ids[i] = m.AttioID
	}
	return ids
}

// absent gives those who are not in a team of these members.
func absent(who []*core.MemberRef, members idset.Set) (rest []*core.MemberRef) {
	for _, m := range who {
		if !members.Has(m.AttioID) {
			rest = append(rest, m)
		}
	}
	return rest
}

// present gives those who are in a team of these members.
func present(who []*core.MemberRef, members idset.Set) (some []*core.MemberRef) {
	for _, m := range who {
		if members.Has(m.AttioID) {
			some = append(some, m)
		}
	}
	return some
}
