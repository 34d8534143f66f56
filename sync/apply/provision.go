package apply

import (
	"context"
	"errors"
	"fmt"

	"scim-sync/attio"
	"scim-sync/internal/group"
	core "scim-sync/sync"
)

// notThere is a person who was answered for and is nowhere.
func notThere() error { return notTaken("but there is no such member or invite afterwards") }

func (r people) provision(ctx context.Context, s *core.Step) core.StepResult {
	a := s.After
	return r.written(ctx, s, func(ctx context.Context) (attio.Receipt, core.Change, error) {
		m, receipt, err := r.Writer.Provision(ctx, attio.NewMember{Email: a.Email, Profile: a.Profile, Role: a.Role})
		if attio.Is(err, attio.Conflict) && m.ID != "" && r.unclaimed(m.ID) {
			return receipt, r.adoptLate(s, m), nil
		}
		if err == nil && m.ID == "" {
			err = notThere()
		}
		if _, missing := errors.AsType[*NotTakenError](err); missing || attio.Is(err, attio.NotMade) {
			return receipt, r.notMade(s), err
		}
		if err != nil {
			return receipt, core.Change{}, err
		}
		e := r.track.after(s)
		e.AttioID = m.ID
		r.asMade(s, &e, m)
		r.track.gotID(s.Person.OktaID, m.ID)
		if a.Role == attio.RoleAdmin || m.Role == attio.RoleAdmin {
			r.admins.provisioned(m.ID, a.Email)
		}
		c := r.track.keep(e)
		c.Removal = s.Record.Removal // of who got another address by it
		return receipt, c, nil
	})
}

// notMade counts an answer that said yes to somebody who is nowhere. After the
// second one in a row they wait, as after an invite.
func (r people) notMade(s *core.Step) core.Change {
	e := r.track.now(s)
	if e.NotMade++; e.NotMade > 1 {
		e.InvitedAt = s.EntryAfter().InvitedAt
	}
	return r.track.keep(e)
}

// asMade notes what Attio has of somebody just provisioned that is another than
// was asked for, so that the next run blames nobody for it. Who comes as an admin
// unasked, or suspended, had an account that no list showed: adopted, as after a
// conflict.
func (r people) asMade(s *core.Step, e *core.ManagedPerson, m attio.Member) {
	asked := s.After
	unasked := m.Role == attio.RoleAdmin && asked.Role != attio.RoleAdmin
	if m.Role != "" && m.Role != asked.Role {
		e.Applied.Role, e.RoleFrom = m.Role, ""
	}
	e.Applied.Active = m.Status != attio.Suspended
	switch {
	case unasked || !e.Applied.Active:
		e.Adopted = true
		r.notePerson(core.NoteAdoptedLate, s, "had an account in Attio that its lists did not show: adopted as it is, and compared by the next run")
	case m.Role != "" && m.Role != asked.Role:
		r.notePerson(core.NoteRoleNotTaken, s, fmt.Sprintf("was asked for as %s and is %s in Attio; the next run sets it", asked.Role, m.Role))
	}
	if kept := m.Clean().Without(asked.Clean()); !kept.IsZero() {
		e.Applied.Profile = e.Applied.Merge(kept)
		if !m.Diff(asked.Profile).Of(kept).IsZero() {
			r.notePerson(core.NoteNameNotTaken, s, "was asked for with another name than Attio has; the next run sets it")
		}
	}
}

// adoptLate ties somebody who came into the workspace between the reading and
// the request; the next run compares the rest.
func (r people) adoptLate(s *core.Step, m attio.Member) core.Change {
	e := r.track.now(s)
	e.AttioID, e.Email, e.Adopted, e.Kind, e.NotTaken, e.Withheld, e.NotMade = m.ID, m.Email, true, core.Invite, nil, false, 0 // an invite until they are seen to have joined
	e.InvitedAt = s.EntryAfter().InvitedAt
	e.Applied = core.Applied{Role: m.Role, Profile: m.Clean(), Active: m.Status != attio.Suspended}
	r.track.gotID(s.Person.OktaID, m.ID)
	r.notePerson(core.NoteAdoptedLate, s, "was in Attio by the time the request came: adopted, not made twice")
	return r.track.keep(e)
}

// whoJoined learns, after people were provisioned, who has joined at once and
// who was invited: over SCIM both look alike.
func (r people) whoJoined(ctx context.Context, phases [][]core.Step) {
	asked := map[string]*core.Step{} // by folded address
	for _, steps := range phases {
		for i := range steps {
			if s := &steps[i]; s.Action == core.Provision && r.track.provisioned(s.Person.OktaID) {
				asked[attio.FoldEmail(s.After.Email)] = s
			}
		}
	}
	if len(asked) == 0 || ctx.Err() != nil {
		return
	}
	joined, err := r.Reader.Joined(ctx)
	if err != nil {
		return // the next run finds out
	}
	r.admins.saw(joined)
	here := map[string]bool{}
	for _, m := range joined {
		here[attio.FoldEmail(m.Email)] = m.Status == attio.Active
	}
	g := group.New()
	g.SetLimit(64) // many together share a write to the disk
	for email, s := range asked {
		if !here[email] {
			continue
		}
		g.Go(func() error {
			e := r.track.now(s)
			e.Kind = core.Membership
			return r.Journal.Learn(ctx, nil, r.track.keep(e))
		})
	}
	if err := g.Wait(); err != nil {
		r.health.fail(err)
	}
}
