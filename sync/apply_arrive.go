package sync

import (
	"context"
	"fmt"

	"scim-sync/attio"
	"scim-sync/internal/group"
)

func (r *run) adopt(ctx context.Context, s Step) StepResult {
	e := r.entry(s.Person.OktaID)
	was, known := r.p.input.Managed.People[s.Person.OktaID]
	first := e.AttioID == "" && (!known || was.Released)
	e.AttioID, e.Email, e.Kind = s.AttioID, s.After.Email, kindOf(s.After.Status)
	u, ours := r.unfinished(s.Person.OktaID)
	if e.Withheld {
		if e.Withheld = false; ours {
			e.Readdressed = u.At // that run sent it anew
		}
	}
	if first {
		e.Adopted = !ours
		e.Applied = Applied{Role: s.After.Role, GivenName: clean(s.After.GivenName), FamilyName: clean(s.After.FamilyName), Active: s.After.Status != attio.Suspended}
	}
	if w := r.wanted(s); w.role == s.After.Role && w.role != "" {
		e.hasRole(w)
	}
	if err := r.Journal.Learn(ctx, &s, r.keep(e)); err != nil {
		return r.unnoted(ctx, err, "could not be noted in the state: ")
	}
	return StepResult{}
}

// wanted is the role that a step's person should have, and why.
func (r *run) wanted(s Step) roleWanted { return r.p.facts[s.Person.OktaID].wanted }

func (r *run) unfinished(id string) (Unfinished, bool) {
	for _, u := range r.p.input.Unfinished {
		if p := u.Intent.Step.Person; p != nil && p.OktaID == id && u.Intent.Step.Action == Provision {
			return u, true
		}
	}
	return Unfinished{}, false
}

func (r *run) provision(ctx context.Context, s Step) StepResult {
	a := s.After
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, Change, error) {
		m, receipt, err := r.Writer.Provision(ctx, attio.NewMember{Email: a.Email, Profile: attio.Profile{GivenName: a.GivenName, FamilyName: a.FamilyName}, Role: a.Role})
		if attio.Is(err, attio.Conflict) && m.ID != "" && r.unclaimed(m.ID) {
			return receipt, r.adoptLate(s, m), nil
		}
		if err == nil && m.ID == "" {
			err = &NotTakenError{"not-taken", "Attio answered well, but there is no such member or invite afterwards"}
		}
		if err != nil {
			return receipt, Change{}, err
		}
		e := r.entry(s.Person.OktaID)
		if e.Withheld {
			e.Readdressed = r.Now().UTC()
		}
		e.AttioID, e.Email, e.Adopted, e.NotTaken, e.Withheld = m.ID, a.Email, false, nil, false
		e.Kind, e.InvitedAt = Invite, r.Now().UTC() // until Attio lists them among those who joined
		e.Applied = Applied{GivenName: a.GivenName, FamilyName: a.FamilyName, Active: true}
		if e.hasRole(r.wanted(s)); m.Role != "" && m.Role != a.Role {
			e.hasRole(roleWanted{role: m.Role})
			r.note("role-not-taken", s.Person.Email, fmt.Sprintf("was asked for as %s and is %s in Attio; the next run sets it", a.Role, m.Role))
		}
		r.mu.Lock()
		r.ids[s.Person.OktaID] = m.ID
		r.mu.Unlock()
		r.admins.mu.Lock()
		r.admins.emails[m.ID] = attio.FoldEmail(a.Email)
		r.admins.mu.Unlock()
		if a.Role == attio.RoleAdmin {
			r.admins.arrived(a.Email)
		}
		return receipt, r.keep(e), nil
	})
}

// unclaimed says whether no Okta identity is tied to an Attio id.
func (r *run) unclaimed(attioID string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.p.input.Managed.People {
		if e.AttioID == attioID && !e.Released {
			return false
		}
	}
	for _, e := range r.entries {
		if e.AttioID == attioID {
			return false
		}
	}
	return true
}

// adoptLate ties somebody who came into the workspace between the reading and
// the request; the next run compares the rest.
func (r *run) adoptLate(s Step, m attio.Member) Change {
	e := r.entry(s.Person.OktaID)
	e.AttioID, e.Email, e.Adopted, e.Kind, e.NotTaken, e.Withheld = m.ID, m.Email, true, Invite, nil, false // an invite until they are seen to have joined
	e.Applied = Applied{Role: m.Role, GivenName: clean(m.GivenName), FamilyName: clean(m.FamilyName), Active: m.Status != attio.Suspended}
	r.mu.Lock()
	r.ids[s.Person.OktaID] = m.ID
	r.mu.Unlock()
	r.note("adopted-late", s.Person.Email, "was in Attio by the time the request came: adopted, not made twice")
	return r.keep(e)
}

// arrivals learns, after people were provisioned, who has joined at once and
// who was invited: over SCIM both look alike.
func (r *run) arrivals(ctx context.Context, steps []Step) {
	arrived := map[string]Step{} // by folded address
	for _, s := range steps {
		if _, ok := r.ids[s.Person.OktaID]; ok && s.Action == Provision {
			arrived[attio.FoldEmail(s.After.Email)] = s
		}
	}
	if len(arrived) == 0 || ctx.Err() != nil {
		return
	}
	joined, err := r.Reader.Joined(ctx)
	if err != nil {
		return // the next run finds out
	}
	r.admins.mu.Lock()
	r.admins.note(joined)
	r.admins.mu.Unlock()
	here := map[string]bool{}
	for _, m := range joined {
		here[attio.FoldEmail(m.Email)] = m.Status == attio.Active
	}
	g := group.New()
	g.SetLimit(64) // many together share a write to the disk
	for email, s := range arrived {
		g.Go(func() error {
			e := r.entry(s.Person.OktaID)
			switch {
			case here[email]:
				e.Kind = Membership
				return r.Journal.Learn(ctx, nil, r.keep(e))
			case s.After.Status == attio.Active && r.nowhere(ctx, e):
				return r.Journal.Learn(ctx, nil, r.takeBack(s))
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		r.fail(err)
	}
}

// nowhere says whether somebody who was answered for as a member, and is not
// among those who joined, is not to be had over SCIM either.
func (r *run) nowhere(ctx context.Context, e ManagedPerson) bool {
	_, err := r.Reader.Member(ctx, e.AttioID)
	return attio.Is(err, attio.Gone)
}

// takeBack makes a provision a failed step after all, and state what it was
// before: the next run tries again.
func (r *run) takeBack(s Step) Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := s.Person.OktaID
	delete(r.ids, id)
	r.broken[id] = true
	for i := range r.report.Results {
		if res := &r.report.Results[i]; res.Step.N == s.N {
			err := &NotTakenError{"not-taken", "Attio answered well, but there is no such member or invite afterwards"}
			res.Outcome, res.Detail, res.Err = StepFailed, err.Error(), err
		}
	}
	r.entries[id] = r.p.facts[id].entry
	if before, ok := r.p.input.Managed.People[id]; ok {
		return Change{Person: &before}
	}
	return Change{ForgetPerson: id}
}
