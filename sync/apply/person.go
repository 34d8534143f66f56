package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"scim-sync/attio"
	core "scim-sync/sync"
)

func (r people) adopt(ctx context.Context, s *core.Step) core.StepResult {
	return r.learned(ctx, s, r.track.keep(r.track.after(s)))
}

func (r people) reactivate(ctx context.Context, s *core.Step) core.StepResult {
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, core.Change, error) {
		m, receipt, err := r.Writer.Reactivate(ctx, s.AttioID, s.After.Role)
		if err == nil && m.Status == attio.Suspended {
			err = notTaken("and left the member suspended")
		}
		if err != nil {
			return receipt, core.Change{}, err
		}
		e := r.track.after(s)
		if m.Role != "" && m.Role != s.After.Role {
			e.Applied.Role, e.RoleFrom = m.Role, s.EntryBefore().RoleFrom
			r.notePerson(core.NoteRoleNotTaken, s, fmt.Sprintf("was restored as %s and is %s in Attio; the next run sets it", s.After.Role, m.Role))
		}
		if e.Applied.Role == attio.RoleAdmin {
			r.admins.gained(s.AttioID, s.Person.Email)
		}
		return receipt, r.track.keep(e), nil
	})
}

// offboard suspends a member or withdraws an invite.
func (r people) offboard(ctx context.Context, s *core.Step) core.StepResult {
	if s.Record.Unproven {
		// Never reached from a command: a plan is believed only after the asking.
		return failed(&RefusedError{core.Unproven, "nobody was asked whether " + s.Person.Email + " is really gone, so the step was not done", ""})
	}
	if s.Action == core.Suspend && !r.admins.giveUp(s.AttioID) {
		return lastAdmin(s)
	}
	return r.written(ctx, s, func(ctx context.Context) (receipt attio.Receipt, c core.Change, err error) {
		if s.Action == core.Suspend {
			receipt, err = r.Writer.Suspend(ctx, s.AttioID)
		} else {
			receipt, err = r.Writer.CancelInvite(ctx, s.AttioID)
		}
		if err != nil {
			r.restore(s, err)
			return receipt, core.Change{}, err
		}
		if s.Action == core.CancelInvite {
			err = r.notAccepted(ctx, s)
		}
		if late, ok := errors.AsType[*NotTakenError](err); ok && late.Code == core.AcceptedFirst {
			return receipt, core.Change{}, err
		}
		c = r.track.keep(r.track.after(s))
		c.Removal = s.Record.Removal
		return receipt, c, err
	})
}

// notAccepted makes sure that an invite is gone because it was withdrawn, not
// because it was accepted meanwhile: it has become a member with another id
// then, whom the next run has to deal with.
func (r people) notAccepted(ctx context.Context, s *core.Step) error {
	email := cmp.Or(s.Before.Email, r.track.now(s).Email)
	m, ok, err := r.Reader.FindMember(ctx, email)
	if err != nil {
		return &NotTakenError{Code: core.NotLookedUp, Detail: "the invite of " + email + " is withdrawn, but it could not be looked up whether it was accepted before (" + err.Error() + "); the next run does"}
	}
	if !ok || m.ID == s.AttioID || m.Status == attio.Suspended || !r.unclaimed(m.ID) {
		return nil
	}
	return &NotTakenError{Code: core.AcceptedFirst, Detail: "the invite of " + email + " was accepted before it could be withdrawn: it is the member " + m.ID + " by now, whom the next run deals with"}
}

// unclaimed says whether no Okta identity is tied to an Attio id.
func (r people) unclaimed(attioID string) bool {
	for _, e := range r.p.State.People {
		if e.AttioID == attioID && !e.Released {
			return false
		}
	}
	return !r.track.has(attioID)
}

// restore takes back what giveUp reserved, where the answer shows that the
// admin is still one. A lost answer shows nothing.
func (r people) restore(s *core.Step, err error) {
	switch attio.KindOf(err) {
	case attio.LastAdmin, attio.Refused, attio.MissingScope, attio.NotSignedIn, attio.NoSCIM, attio.RateLimited:
		if s.EndsAdmin() {
			r.admins.gained(s.AttioID, s.Person.Email)
		}
	}
}

func lastAdmin(s *core.Step) core.StepResult {
	return failed(&RefusedError{core.LastAdmin, s.Person.Email + " is the last active admin by now, so the step was not done", "Make somebody else an admin first, and run again."})
}

func (r people) setRole(ctx context.Context, s *core.Step) core.StepResult {
	invited := s.After.Status == attio.Invited
	if s.Action == core.Demote && !invited && !r.admins.giveUp(s.AttioID) {
		return lastAdmin(s)
	}
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, core.Change, error) {
		m, receipt, err := r.Writer.SetRole(ctx, s.AttioID, s.After.Role)
		if err != nil {
			r.restore(s, err)
			return receipt, core.Change{}, err
		}
		switch {
		case m.Role == s.After.Role || m.Role == "":
		case invited:
			e := r.track.now(s)
			e.NotTaken = withNotTaken(e.NotTaken, func(n *core.NotTaken) { n.Role = s.After.Role })
			r.notePerson(core.NoteRoleNotTaken, s, "Attio did not take the role "+string(s.After.Role)+" on the invite; it is set once the invite is accepted")
			return receipt, r.track.keep(e), nil
		default:
			if s.Action == core.Demote {
				r.admins.gained(s.AttioID, s.Person.Email)
			}
			return receipt, core.Change{}, notTaken("and left the role at " + string(m.Role))
		}
		if s.Action == core.Promote && !invited {
			r.admins.gained(s.AttioID, s.Person.Email)
		}
		c := r.track.keep(r.track.after(s))
		c.Removal = s.Record.Removal
		return receipt, c, nil
	})
}

func withNotTaken(n *core.NotTaken, set func(*core.NotTaken)) *core.NotTaken {
	var next core.NotTaken
	if n != nil {
		next = *n
	}
	set(&next)
	return &next
}

func (r people) rename(ctx context.Context, s *core.Step) core.StepResult {
	a := s.After
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, core.Change, error) {
		m, receipt, err := r.Writer.SetName(ctx, s.AttioID, a.Profile)
		if err != nil {
			return receipt, core.Change{}, err
		}
		e := r.track.after(s)
		if lost := m.Diff(a.Profile); !lost.IsZero() {
			e.NotTaken = withNotTaken(e.NotTaken, func(n *core.NotTaken) {
				n.Profile, n.Kept.Profile = n.Merge(lost), n.Kept.Merge(m.Clean().Of(lost))
			})
			r.notePerson(core.NoteNameNotTaken, s, "Attio answered well and kept another name; it is tried again when the directory's or Attio's changes")
		}
		return receipt, r.track.keep(e), nil
	})
}

func (r people) changeEmail(ctx context.Context, s *core.Step) core.StepResult {
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, core.Change, error) {
		just, err := r.Reader.Member(ctx, s.AttioID)
		if err != nil {
			return attio.Receipt{}, core.Change{}, err
		}
		m, receipt, err := r.Writer.ChangeEmail(ctx, just, s.After.Email)
		if err != nil {
			return receipt, core.Change{}, err
		}
		if attio.FoldEmail(m.Email) != attio.FoldEmail(s.After.Email) {
			e := r.track.now(s)
			e.NotTaken = withNotTaken(e.NotTaken, func(n *core.NotTaken) { n.Email, n.Kept.Email = s.After.Email, m.Email })
			return receipt, r.track.keep(e), &NotTakenError{core.EmailNotChanged, "Attio answered well and kept the address " + m.Email, core.KeptAddress(m.Email, s.After.Email)}
		}
		e := r.track.after(s)
		if m.ID != "" {
			e.AttioID = m.ID
		}
		r.track.gotID(s.Person.OktaID, e.AttioID)
		c := r.track.keep(e)
		c.Removal = s.Record.Removal
		return receipt, c, nil
	})
}
