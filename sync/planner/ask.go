package planner

import (
	"context"
	"fmt"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/group"
	core "scim-sync/sync"
)

// ask has all questions of a draft answered, those of different kinds side by
// side. What proofs of absence rest on is looked at after them, and says whether
// it was. Groups that are read once more rest on nothing else: of one that cannot
// be found by then the next draft asks whether it is gone.
func (a asker) ask(ctx context.Context, d *Draft, q Questions) (rechecked bool, err error) {
	g, ctx := group.WithContext(ctx)
	g.Go(func() (err error) {
		if err = a.absences(ctx, q.People, q.Groups); err == nil {
			rechecked, err = a.recheck(ctx, d)
		}
		return err
	})
	g.Go(func() error { return a.refetch(ctx, q.Refetch) })
	g.Go(func() error { return a.teams(ctx, q.Teams) })
	g.Go(func() error { // both of them complete the same list
		if err := a.members(ctx, q.Members); err != nil {
			return err
		}
		return a.lookUp(ctx, q.Addresses)
	})
	err = g.Wait()
	return rechecked, err
}

// absences has the source prove absences, a few at a time.
func (a asker) absences(ctx context.Context, people, groups []string) error {
	standings, found := make([]idp.Standing, len(people)), make([]idp.GroupStanding, len(groups))
	g, gctx := group.WithContext(ctx)
	g.SetLimit(askedAtOnce)
	for i, id := range people {
		g.Go(func() (err error) {
			standings[i], err = a.src.Person(gctx, id)
			return err
		})
	}
	for i, id := range groups {
		g.Go(func() (err error) {
			found[i], err = a.src.Group(gctx, id)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, id := range people {
		a.in.Answers.People[id] = standings[i]
	}
	for i, id := range groups {
		a.in.Answers.Groups[id] = found[i]
	}
	return nil
}

// teams has Attio confirm that teams are gone which its list leaves out.
func (a asker) teams(ctx context.Context, ids []string) error {
	g, gctx := group.WithContext(ctx)
	g.SetLimit(askedAtOnce)
	for _, id := range ids {
		g.Go(func() error {
			t, err := a.r.Team(gctx, id)
			switch {
			case attio.Is(err, attio.Gone):
				return nil
			case err != nil:
				return fmt.Errorf("look for the team %s, which Attio's list leaves out: %w", id, err)
			}
			return &core.UntrustedError{
				Detail: "Attio's list of teams leaves out " + t.Name + " (" + id + "), but asked for that very team Attio has it",
				Advice: "Nothing was written. Run again; if it stays so, the list is not to be trusted.",
			}
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, id := range ids {
		a.in.Answers.TeamsGone[id] = true
	}
	return nil
}

// refetch has the source read groups again. One that is gone by now is left out,
// and then asked about like any other. A source that has nothing but its first
// reading, such as a file, says what it said.
func (a asker) refetch(ctx context.Context, groups []idp.GroupRef) error {
	if len(groups) == 0 {
		return nil
	}
	for _, g := range groups {
		a.in.Answers.Reread[g.ID] = true
	}
	again, ok := a.src.(idp.Rereader)
	if !ok {
		return a.remembersNone(groups)
	}
	members, err := again.Members(ctx, groups)
	if err != nil {
		return err
	}
	asked := make(map[string]bool, len(groups))
	for _, g := range groups {
		asked[g.ID] = true
	}
	var list []idp.Group
	for _, g := range a.in.Directory.Groups {
		again, there := members[g.ID]
		switch {
		case !asked[g.ID]:
			list = append(list, g)
		case there:
			g.Members, g.Remembered, g.Unsure = again.Members, false, again.Unsure
			list = append(list, g)
		}
	}
	a.in.Directory.Groups = list
	return nil
}

// remembersNone is an error where one of the groups was not read in this run.
func (a asker) remembersNone(groups []idp.GroupRef) error {
	for _, g := range a.in.Directory.Groups {
		if g.Remembered && a.in.Answers.Reread[g.ID] {
			return &core.UntrustedError{Detail: "the source remembers who is in " + g.Name + " and cannot read it again", Advice: "Run again with --full."}
		}
	}
	return nil
}

// lookUp finds the SCIM ids of people whom only Attio's REST list knows.
func (a asker) lookUp(ctx context.Context, emails []string) error {
	if len(emails) == 0 {
		return nil
	}
	members := append([]attio.Member(nil), a.in.Workspace.Members...)
	for _, email := range emails {
		found, err := a.findMember(ctx, email)
		if err != nil {
			return err
		}
		a.in.Answers.LookedUp[attio.FoldEmail(email)] = true
		if found == nil {
			continue
		}
		for i := range members {
			if m := &members[i]; m.ID == "" && attio.FoldEmail(m.Email) == attio.FoldEmail(email) {
				m.ID = found.ID
				m.Profile = m.Merge(found.Profile)
				break
			}
		}
	}
	a.in.Workspace.Members = members
	return nil
}

// findMember asks by address, then by the id that state has.
func (a asker) findMember(ctx context.Context, email string) (*attio.Member, error) {
	m, ok, err := a.r.FindMember(ctx, email)
	if err != nil {
		return nil, fmt.Errorf("look up %s, whom only the member list knows: %w", email, err)
	}
	if ok {
		return &m, nil
	}
	for _, e := range a.in.Managed.People {
		if e.Released || e.AttioID == "" || attio.FoldEmail(e.Email) != attio.FoldEmail(email) {
			continue
		}
		m, err := a.r.Member(ctx, e.AttioID)
		switch {
		case err == nil && attio.FoldEmail(m.Email) == attio.FoldEmail(email):
			return &m, nil
		case err != nil && !attio.Is(err, attio.Gone):
			return nil, err
		}
	}
	return nil, nil
}
