package sync

import (
	"context"
	"fmt"
	"slices"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/group"
)

// Gather reads both sides at once. An error of either means that nothing is
// known: a reading is whole or none.
func Gather(ctx context.Context, src idp.Source, r attio.Reader, q idp.Query, progress func(side, what string, n int)) (idp.Directory, attio.Workspace, error) {
	var dir idp.Directory
	var ws attio.Workspace
	g, ctx := group.WithContext(ctx)
	q.Progress = func(what string, n int) { progress("okta", what, n) }
	g.Go(func() (err error) {
		dir, err = src.Directory(ctx, q)
		return err
	})
	g.Go(func() (err error) {
		ws, err = r.Workspace(ctx, func(what string, n int) { progress("attio", what, n) })
		return err
	})
	err := g.Wait()
	return dir, ws, err
}

// Prepare proposes a plan and asks both sides the questions that it raises:
// whether the absent are gone on either side, and where those are whom only one of Attio's
// lists knows. The caps are reviewed before anybody is asked about.
func Prepare(ctx context.Context, src idp.Source, r attio.Reader, in Input) (*Proposal, error) {
	if in.Standings == nil {
		in.Standings, in.Groups = map[string]idp.Standing{}, map[string]idp.GroupStanding{}
	}
	if in.LookedUp == nil {
		in.LookedUp = map[string]bool{}
	}
	if in.TeamsGone == nil {
		in.TeamsGone = map[string]bool{}
	}
	const rounds = 5 // each answers all questions of the one before; two are usual
	for range rounds {
		p, err := Propose(in)
		if err != nil {
			return nil, err
		}
		absent := p.toProve()
		if len(absent)+len(p.AbsentGroups)+len(p.AbsentTeams)+len(p.Unresolved)+len(p.Reread) == 0 {
			return p, nil
		}
		if err := ask(ctx, src, in, absent, p.AbsentGroups); err != nil {
			return nil, err
		}
		if err := askTeams(ctx, r, in, p.AbsentTeams); err != nil {
			return nil, err
		}
		if err := reread(ctx, src, &in, p.Reread); err != nil {
			return nil, err
		}
		if err := lookUp(ctx, r, &in, p.Unresolved); err != nil {
			return nil, err
		}
	}
	return nil, &UntrustedError{Detail: "Okta's and Attio's answers kept changing while the plan was made", Hint: "Nothing was written. Run again."}
}

// Select is the proposal of a saved plan's steps alone, by their keys: the rails
// look at what would run, and the source is asked about those who would go.
// file is where the plan was saved, for messages.
func (p *Proposal) Select(ctx context.Context, src idp.Source, r attio.Reader, keys map[string]bool, file string) (*Proposal, error) {
	in := p.input
	in.Options.Selected, in.Options.File = keys, file
	return Prepare(ctx, src, r, in)
}

// toProve are the absent people of whom something would be taken away.
func (p *Proposal) toProve() []string {
	o := p.input.Options
	if p.blocked || o.NoRemovals || p.input.Policy.Protect.NoRemovals {
		return nil
	}
	if o.Selected == nil && o.Only == "" {
		return p.Absent
	}
	goes := map[string]bool{}
	for _, s := range p.Plan.Steps {
		goes[s.Person.id()] = true
	}
	return slices.DeleteFunc(slices.Clone(p.Absent), func(id string) bool { return !goes[id] })
}

// askedAtOnce is how many questions about the absent are under way at once.
const askedAtOnce = 4

// ask has the source prove absences, a few at a time.
func ask(ctx context.Context, src idp.Source, in Input, people, groups []string) error {
	standings, found := make([]idp.Standing, len(people)), make([]idp.GroupStanding, len(groups))
	g, gctx := group.WithContext(ctx)
	g.SetLimit(askedAtOnce)
	for i, id := range people {
		g.Go(func() (err error) {
			standings[i], err = src.Person(gctx, id)
			return err
		})
	}
	for i, id := range groups {
		g.Go(func() (err error) {
			found[i], err = src.Group(gctx, id)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, id := range people {
		in.Standings[id] = standings[i]
	}
	for i, id := range groups {
		in.Groups[id] = found[i]
	}
	return nil
}

// askTeams has Attio confirm that teams are gone which its list leaves out.
func askTeams(ctx context.Context, r attio.Reader, in Input, ids []string) error {
	g, gctx := group.WithContext(ctx)
	g.SetLimit(askedAtOnce)
	for _, id := range ids {
		g.Go(func() error {
			t, err := r.Team(gctx, id)
			switch {
			case attio.Is(err, attio.Gone):
				return nil
			case err != nil:
				return fmt.Errorf("look for the team %s, which Attio's list leaves out: %w", id, err)
			}
			return &UntrustedError{
				Detail: "Attio's list of teams leaves out " + t.Name + " (" + id + "), but asked for that very team Attio has it",
				Hint:   "Nothing was written. Run again; if it stays so, the list is not to be trusted.",
			}
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, id := range ids {
		in.TeamsGone[id] = true
	}
	return nil
}

// reread has the source read groups again whose members it only remembers. One
// that is gone by now is left out, and then asked about like any other.
func reread(ctx context.Context, src idp.Source, in *Input, groups []idp.GroupRef) error {
	if len(groups) == 0 {
		return nil
	}
	again, ok := src.(idp.Rereader)
	if !ok {
		return &UntrustedError{Detail: "the source remembers who is in " + groups[0].Name + " and cannot read it again", Hint: "Run again with --full."}
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
	for _, g := range in.Directory.Groups {
		ids, there := members[g.ID]
		switch {
		case !asked[g.ID]:
			list = append(list, g)
		case there:
			g.Members, g.Remembered = ids, false
			list = append(list, g)
		}
	}
	in.Directory.Groups = list
	return nil
}

// lookUp finds the SCIM ids of people whom only Attio's REST list knows.
func lookUp(ctx context.Context, r attio.Reader, in *Input, emails []string) error {
	if len(emails) == 0 {
		return nil
	}
	members := append([]attio.Member(nil), in.Workspace.Members...)
	for _, email := range emails {
		found, err := findMember(ctx, r, *in, email)
		if err != nil {
			return err
		}
		in.LookedUp[attio.FoldEmail(email)] = true
		if found == nil {
			continue
		}
		for i := range members {
			if m := &members[i]; m.ID == "" && attio.FoldEmail(m.Email) == attio.FoldEmail(email) {
				m.ID = found.ID
				m.GivenName, m.FamilyName = or(found.GivenName, m.GivenName), or(found.FamilyName, m.FamilyName)
				break
			}
		}
	}
	in.Workspace.Members = members
	return nil
}

// findMember asks by address, then by the id that state has.
func findMember(ctx context.Context, r attio.Reader, in Input, email string) (*attio.Member, error) {
	m, ok, err := r.FindMember(ctx, email)
	if err != nil {
		return nil, fmt.Errorf("look up %s, whom only the member list knows: %w", email, err)
	}
	if ok {
		return &m, nil
	}
	for _, e := range in.Managed.People {
		if e.Released || e.AttioID == "" || attio.FoldEmail(e.Email) != attio.FoldEmail(email) {
			continue
		}
		m, err := r.Member(ctx, e.AttioID)
		switch {
		case err == nil && attio.FoldEmail(m.Email) == attio.FoldEmail(email):
			return &m, nil
		case err != nil && !attio.Is(err, attio.Gone):
			return nil, err
		}
	}
	return nil, nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
