package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"scim-sync/attio"
)

// entry gives a person's state as it is by now.
func (r *run) entry(id string) ManagedPerson {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.entries[id]
}

// keep remembers a person's new state and gives the change that records it.
func (r *run) keep(e ManagedPerson) Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries[e.OktaID] = e
	return Change{Person: &e}
}

func (r *run) reactivate(ctx context.Context, s Step) StepResult {
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, Change, error) {
		m, receipt, err := r.Writer.Reactivate(ctx, s.AttioID, s.After.Role)
		if err == nil && m.Status == attio.Suspended {
			err = &NotTakenError{"not-taken", "Attio answered well and left the member suspended"}
		}
		if err != nil {
			return receipt, Change{}, err
		}
		e := r.entry(s.Person.OktaID)
		e.AttioID, e.Kind, e.Applied.Active = s.AttioID, Membership, true
		if e.hasRole(r.wanted(s)); m.Role != "" && m.Role != s.After.Role {
			e.hasRole(roleWanted{role: m.Role, from: r.entry(s.Person.OktaID).RoleFrom})
			r.note("role-not-taken", s.Person.Email, fmt.Sprintf("was restored as %s and is %s in Attio; the next run sets it", s.After.Role, m.Role))
		}
		if e.Applied.Role == attio.RoleAdmin {
			r.admins.gained(s.AttioID)
		}
		return receipt, r.keep(e), nil
	})
}

// leave suspends a member or withdraws an invite.
func (r *run) leave(ctx context.Context, s Step) StepResult {
	if slices.Contains(r.p.Absent, s.Person.OktaID) {
		// Never reached from a command: a plan is believed only after the asking.
		err := &RefusedError{"unproven", "Okta was not asked whether " + s.Person.Email + " is really gone, so the step was not done"}
		return StepResult{Outcome: StepRefused, Detail: err.Error(), Err: err}
	}
	if s.Action == Suspend && !r.admins.giveUp(s.AttioID) {
		return r.lastAdmin(s)
	}
	return r.written(ctx, s, func(ctx context.Context) (receipt attio.Receipt, c Change, err error) {
		if s.Action == Suspend {
			receipt, err = r.Writer.Suspend(ctx, s.AttioID)
		} else {
			receipt, err = r.Writer.CancelInvite(ctx, s.AttioID)
		}
		if err != nil {
			r.restore(s, err)
			return receipt, Change{}, err
		}
		if s.Action == CancelInvite {
			err = r.notAccepted(ctx, s)
		}
		if late, ok := errors.AsType[*NotTakenError](err); ok && late.Code == accepted {
			return receipt, Change{}, err
		}
		e := r.entry(s.Person.OktaID)
		e.AttioID, e.Applied.Active = s.AttioID, false
		if s.Action == Suspend {
			e.Kind = Membership
		} else if r.p.facts[s.Person.OktaID].readdressed {
			e.Readdressed = r.Now().UTC()
		}
		c = r.keep(e)
		c.Removal = r.removal(s)
		return receipt, c, err
	})
}

// accepted is the code of a withdrawal that came too late.
const accepted = "accepted"

// notAccepted makes sure that an invite is gone because it was withdrawn, not
// because it was accepted meanwhile: it has become a member with another id
// then, whom the next run has to deal with.
func (r *run) notAccepted(ctx context.Context, s Step) error {
	email := or(s.Before.Email, r.entry(s.Person.OktaID).Email)
	m, ok, err := r.Reader.FindMember(ctx, email)
	if err != nil {
		return &NotTakenError{"not-looked-up", "the invite of " + email + " is withdrawn, but it could not be looked up whether it was accepted before (" + err.Error() + "); the next run does"}
	}
	if !ok || m.ID == s.AttioID || m.Status == attio.Suspended || !r.unclaimed(m.ID) {
		return nil
	}
	return &NotTakenError{accepted, "the invite of " + email + " was accepted before it could be withdrawn: it is the member " + m.ID + " by now, whom the next run deals with"}
}

// restore takes back what giveUp reserved, where the answer shows that the
// admin is still one. A lost answer shows nothing.
func (r *run) restore(s Step, err error) {
	switch attio.KindOf(err) {
	case attio.LastAdmin, attio.Refused, attio.MissingScope, attio.NotSignedIn, attio.NoSCIM, attio.RateLimited:
		if s.Before.Role == attio.RoleAdmin {
			r.admins.gained(s.AttioID)
		}
	}
}

func (r *run) lastAdmin(s Step) StepResult {
	err := &RefusedError{"last-admin", s.Person.Email + " is the last active admin by now, so the step was not done"}
	return StepResult{Outcome: StepRefused, Detail: err.Error(), Err: err, Hint: "Make somebody else an admin first, and run again."}
}

func (r *run) removal(s Step) *Removal {
	return &Removal{At: r.Now().UTC(), Action: s.Action, OktaID: s.Person.OktaID, Email: s.Person.Email, Admin: s.removesAdmin()}
}

func (r *run) role(ctx context.Context, s Step) StepResult {
	invited := s.After.Status == attio.Invited
	if s.Action == Demote && !invited && !r.admins.giveUp(s.AttioID) {
		return r.lastAdmin(s)
	}
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, Change, error) {
		m, receipt, err := r.Writer.SetRole(ctx, s.AttioID, s.After.Role)
		if err != nil {
			r.restore(s, err)
			return receipt, Change{}, err
		}
		e := r.entry(s.Person.OktaID)
		switch {
		case m.Role == s.After.Role || m.Role == "":
			e.hasRole(r.wanted(s))
		case invited:
			e.NotTaken = withNotTaken(e.NotTaken, func(n *NotTaken) { n.Role = s.After.Role })
			r.note("role-not-taken", s.Person.Email, "Attio did not take the role "+string(s.After.Role)+" on the invite; it is set once the invite is accepted")
			return receipt, r.keep(e), nil
		default:
			if s.Action == Demote {
				r.admins.gained(s.AttioID)
			}
			return receipt, Change{}, &NotTakenError{"not-taken", "Attio answered well and left the role at " + string(m.Role)}
		}
		if s.Action == Promote && !invited {
			r.admins.gained(s.AttioID)
		}
		c := r.keep(e)
		if s.Action == Demote {
			c.Removal = r.removal(s)
		}
		return receipt, c, nil
	})
}

func withNotTaken(n *NotTaken, set func(*NotTaken)) *NotTaken {
	var next NotTaken
	if n != nil {
		next = *n
	}
	set(&next)
	return &next
}

func (r *run) rename(ctx context.Context, s Step) StepResult {
	a := s.After
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, Change, error) {
		m, receipt, err := r.Writer.SetName(ctx, s.AttioID, attio.Profile{GivenName: a.GivenName, FamilyName: a.FamilyName})
		if err != nil {
			return receipt, Change{}, err
		}
		e := r.entry(s.Person.OktaID)
		var lost NotTaken
		if a.GivenName != "" {
			e.Applied.GivenName = a.GivenName
			if clean(m.GivenName) != a.GivenName {
				lost.GivenName = a.GivenName
			}
		}
		if a.FamilyName != "" {
			e.Applied.FamilyName = a.FamilyName
			if clean(m.FamilyName) != a.FamilyName {
				lost.FamilyName = a.FamilyName
			}
		}
		if lost != (NotTaken{}) {
			e.NotTaken = withNotTaken(e.NotTaken, func(n *NotTaken) {
				n.GivenName, n.FamilyName = or(lost.GivenName, n.GivenName), or(lost.FamilyName, n.FamilyName)
			})
			r.note("name-not-taken", s.Person.Email, "Attio answered well and kept another name; it is tried again when Okta's changes")
		}
		return receipt, r.keep(e), nil
	})
}

func (r *run) changeEmail(ctx context.Context, s Step) StepResult {
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, Change, error) {
		just, err := r.Reader.Member(ctx, s.AttioID)
		if err != nil {
			return attio.Receipt{}, Change{}, err
		}
		m, receipt, err := r.Writer.ChangeEmail(ctx, just, s.After.Email)
		if err != nil {
			return receipt, Change{}, err
		}
		e := r.entry(s.Person.OktaID)
		if attio.FoldEmail(m.Email) != attio.FoldEmail(s.After.Email) {
			e.NotTaken = withNotTaken(e.NotTaken, func(n *NotTaken) { n.Email = s.After.Email })
			return receipt, r.keep(e), &NotTakenError{emailNotChanged, "Attio answered well and kept the address " + m.Email}
		}
		e.Email = s.After.Email
		if m.ID != "" {
			e.AttioID = m.ID
		}
		r.mu.Lock()
		r.ids[s.Person.OktaID] = e.AttioID
		r.mu.Unlock()
		return receipt, r.keep(e), nil
	})
}
