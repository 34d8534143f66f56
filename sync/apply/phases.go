package apply

import (
	"context"

	"scim-sync/internal/group"
	core "scim-sync/sync"
)

// allPhases goes through a plan: first, one phase after the other, up to those
// who lose their access; then people and teams side by side, since nothing joins
// the two but who is in a team.
func (r *run) allPhases(ctx context.Context, all [][]core.Step) {
	first := 0
	for first < len(all) && all[first][0].Phase() <= core.PhaseOffboard {
		r.phase(ctx, all[first])
		first++
	}
	teams := first
	for teams < len(all) && all[teams][0].Phase() < core.PhaseTeamsGone {
		teams++
	}
	arrived := make(chan struct{})
	g := group.New()
	g.SetLimit(min(r.Parallel, 2))
	g.Go(func() error {
		r.peoplePhases(ctx, all[first:teams], arrived)
		people{r}.whoJoined(ctx, all[first:teams])
		return nil
	})
	g.Go(func() error {
		r.teamPhases(ctx, all[teams:], all[first:teams], arrived)
		return nil
	})
	if err := g.Wait(); err != nil {
		r.health.fail(err)
	}
}

// peoplePhases goes through the phases of people, and closes arrived at the end.
func (r *run) peoplePhases(ctx context.Context, phases [][]core.Step, arrived chan<- struct{}) {
	defer close(arrived)
	for _, steps := range phases {
		r.phase(ctx, steps)
	}
}

// teamPhases goes through the phases of teams. A team waits for people where
// one of those who are to come into it, or to leave it, is moving. So long as
// people are dealt with, whose steps wait for one another, teams leave room for them.
func (r *run) teamPhases(ctx context.Context, phases, people [][]core.Step, arrived <-chan struct{}) {
	moving, waits := moving(people), map[string]bool{} // by the team's key
	atOnce := r.Parallel
	if len(people) > 0 {
		atOnce = max(1, r.Parallel/3)
	}
	for _, steps := range phases {
		for i := range steps {
			for _, m := range steps[i].People {
				waits[steps[i].ID()] = waits[steps[i].ID()] || moving[m.OktaID]
			}
		}
	}
	for _, late := range []bool{false, true} {
		if late {
			<-arrived
			atOnce = r.Parallel
		}
		for _, steps := range phases {
			r.together(ctx, steps, atOnce, func(s *core.Step) bool { return late == (s.Phase() >= core.PhaseTeams && waits[s.ID()]) })
		}
	}
}

// moving are the people of these steps who get an id by them, or another one, or
// lose their place.
func moving(phases [][]core.Step) map[string]bool {
	ids := map[string]bool{}
	for _, steps := range phases {
		for i := range steps {
			if a := steps[i].Action; takesSeat(&steps[i]) || a.Offboards() || a == core.ChangeEmail {
				ids[steps[i].ID()] = true
			}
		}
	}
	return ids
}

// phases splits the steps where one phase ends and the next begins. A suspension
// that stands behind those who arrive had to wait for a new admin.
func phases(steps []core.Step) [][]core.Step {
	var all [][]core.Step
	last := core.Phase(-1)
	for i := range steps {
		ph := steps[i].Phase()
		if ph == core.PhaseOffboard && last >= core.PhaseProvision {
			ph = core.PhaseStepDown
		}
		if ph == core.PhaseMembers && last == core.PhaseTeams {
			ph = last // each team is filled once it is made, whatever the others wait for
		}
		if ph != last {
			all = append(all, steps[i:i])
			last = ph
		}
		n := len(all) - 1
		all[n] = all[n][:len(all[n])+1]
	}
	return all
}

// phase carries out the steps of one phase. Of those who arrive the admins come
// first and are waited for: a seat that is left is theirs.
func (r *run) phase(ctx context.Context, steps []core.Step) {
	ph := steps[0].Phase()
	if (ph == core.PhaseStepDown || ph == core.PhaseOffboard) && r.admins.awaits() {
		if joined, err := r.Reader.Joined(ctx); err == nil { // else they do not count, which is the safe side
			r.admins.saw(joined)
		}
	}
	if ph != core.PhaseProvision {
		r.together(ctx, steps, r.Parallel, everyStep)
		return
	}
	n := 0 // sorted so that admins come first
	for n < len(steps) && steps[n].ConcernsAdmin() {
		n++
	}
	r.together(ctx, steps[:n], r.Parallel, everyStep)
	r.together(ctx, steps[n:], r.Parallel, everyStep)
}

func everyStep(*core.Step) bool { return true }

// together carries out those of the steps that are chosen, so many at a time, those
// of one person or one team one after the other.
func (r *run) together(ctx context.Context, steps []core.Step, limit int, chosen func(*core.Step) bool) {
	if len(steps) == 0 {
		return
	}
	var order []string
	lanes := map[string][]*core.Step{}
	chained := core.InChain(steps)
	for i := range steps {
		if !chosen(&steps[i]) {
			continue
		}
		key := steps[i].ID()
		if chained[key] {
			key = "chain" // one after the other, as each waits for a name or an address
		}
		if lanes[key] == nil {
			order = append(order, key)
		}
		lanes[key] = append(lanes[key], &steps[i])
	}
	if steps[0].Phase() == core.PhaseAdopt {
		limit = 64 // no requests: many together share a write to the disk
	}
	g := group.New()
	g.SetLimit(limit)
	for _, key := range order {
		g.Go(func() error {
			for _, s := range lanes[key] {
				r.one(ctx, s)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		r.health.fail(err)
	}
}
