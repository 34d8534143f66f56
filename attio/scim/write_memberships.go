package scim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"scim-sync/attio"
	"scim-sync/internal/idset"
)

// AddMembers implements attio.Writer. It sends only who is missing, because
// servers are known that list a member twice, and compares the team with what
// it was, because servers are known that let an addition replace all others:
// who went by mistake is put back.
func (w *Writer) AddMembers(ctx context.Context, teamID string, ids []string) (attio.Team, attio.Receipt, error) {
	c, k := w.begin(), call{op: "add members to team", subject: teamID}
	if err := checkMembers(k.op, teamID, ids); err != nil {
		return attio.Team{}, attio.Receipt{}, err
	}
	before, err := c.before(ctx, teamID)
	if err != nil {
		return attio.Team{}, c.done(), err
	}
	missing := without(ids, before.Members)
	if len(missing) == 0 {
		return before, c.done(), nil
	}
	as := func(t attio.Team) bool { return len(without(missing, t.Members)) == 0 }
	t, err := c.patchTeam(ctx, k, as, addMembers(missing))
	err = c.severally(ctx, k, err, len(missing))
	if err == nil && len(without(before.Members.IDs(), t.Members)) > 0 {
		t, err = c.putBack(ctx, k, slices.Concat(before.Members.IDs(), missing))
	}
	c.after(teamID, t, err)
	return t, c.done(), err
}

// RemoveMembers implements attio.Writer. It compares the team with what it
// was, because servers are known that take several removals for others than
// the meant ones, or one removal for all: who stayed is then taken out one by
// one, and who went by mistake is put back.
func (w *Writer) RemoveMembers(ctx context.Context, teamID string, ids []string) (attio.Team, attio.Receipt, error) {
	c, k := w.begin(), call{op: "remove members from team", subject: teamID}
	if err := checkMembers(k.op, teamID, ids); err != nil {
		return attio.Team{}, attio.Receipt{}, err
	}
	before, err := c.before(ctx, teamID)
	if err != nil {
		return attio.Team{}, c.done(), err
	}
	meant, there := idset.Of(ids...), before.Members.IDs()
	stay, leave := without(there, meant), both(there, meant)
	if len(leave) == 0 {
		return before, c.done(), nil
	}
	as := func(t attio.Team) bool { return len(both(leave, t.Members)) == 0 }
	t, err := c.patchTeam(ctx, k, as, removals(leave)...)
	err = c.severally(ctx, k, err, len(leave))
	if err == nil && !as(t) && len(leave) > 1 {
		t, err = c.removeSingly(ctx, k, leave)
	}
	if err == nil && len(without(stay, t.Members)) > 0 {
		t, err = c.putBack(ctx, k, stay)
	}
	c.after(teamID, t, err)
	return t, c.done(), err
}

// severally says of a refused change of members whether fewer of them may be
// taken. A 404 may mean one of them as well as the team: where the team is there,
// it is no longer Gone.
func (c *change) severally(ctx context.Context, k call, err error, people int) error {
	e, ok := errors.AsType[*attio.Error](err)
	if !ok || !isStatus(err, http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity) {
		return err
	}
	sharper := *e
	if e.Kind == attio.Gone {
		if _, readErr := c.w.read.Team(ctx, k.subject); readErr != nil {
			return err
		}
		sharper.Kind, sharper.Hint = attio.Refused, "The team is there, so somebody who was named is not: the next run looks for all of them anew."
	}
	sharper.Divisible = people > 1 && sharper.Kind != attio.LastAdmin
	return &sharper
}

// before is the team as it is before a change of its members: as the last
// change of this writer left it a moment ago, else as read now.
func (c *change) before(ctx context.Context, teamID string) (attio.Team, error) {
	if t, ok := c.w.read.cache.get(teamID, c.began); ok {
		return t, nil
	}
	return c.w.read.Team(ctx, teamID)
}

// after remembers the team as a change has left it.
func (c *change) after(teamID string, t attio.Team, err error) {
	if err != nil {
		c.w.read.cache.forget(teamID)
		return
	}
	c.w.read.cache.keep(t, time.Now())
}

func removals(ids []string) []operation {
	ops := make([]operation, 0, len(ids))
	for _, id := range ids {
		ops = append(ops, removeMember(id))
	}
	return ops
}

// removeSingly takes out one by one who is still in the team.
func (c *change) removeSingly(ctx context.Context, k call, leave []string) (attio.Team, error) {
	t, err := c.w.read.Team(ctx, k.subject)
	if err != nil {
		return t, err
	}
	for _, id := range both(leave, t.Members) {
		if _, err := c.patchTeam(ctx, k, nobody, removeMember(id)); err != nil {
			return t, err
		}
	}
	return c.w.read.Team(ctx, k.subject)
}

// putBack adds those of want whom a change took out by mistake: first only
// them, then, where an addition replaces all others, everybody at once. People
// who are no longer in the workspace went by themselves.
func (c *change) putBack(ctx context.Context, k call, want []string) (attio.Team, error) {
	ctx = attio.WithLastLook(ctx, nil) // they belong there, whatever has changed meanwhile
	t, lost, err := c.lost(ctx, k, want)
	if err != nil || len(lost) == 0 {
		return t, err
	}
	for chunk := range slices.Chunk(lost, attio.MembersPerWrite) {
		if _, err := c.patchTeam(ctx, k, nobody, addMembers(chunk)); err != nil {
			return t, notPutBack(k, len(lost), err)
		}
	}
	if t, lost, err = c.lost(ctx, k, want); err != nil || len(lost) == 0 {
		return t, err
	}
	if _, err := c.patchTeam(ctx, k, nobody, addMembers(slices.Concat(both(want, t.Members), lost))); err != nil {
		return t, notPutBack(k, len(lost), err)
	}
	if t, lost, err = c.lost(ctx, k, want); err == nil && len(lost) > 0 {
		err = notPutBack(k, len(lost), nil)
	}
	return t, err
}

// lost reads the team and says which of want are missing from it though they
// are active or invited.
func (c *change) lost(ctx context.Context, k call, want []string) (attio.Team, []string, error) {
	t, err := c.w.read.Team(ctx, k.subject)
	lost := without(want, t.Members)
	if err != nil || len(lost) == 0 {
		return t, nil, err
	}
	users, err := c.w.read.users(nil, nil).all(ctx, c.w.read)
	if err != nil {
		return t, nil, err
	}
	var present []string
	for _, m := range users {
		if !suspended(m) {
			present = append(present, m.ID)
		}
	}
	return t, both(lost, idset.Of(present...)), nil
}

// nobody takes no read for proof: what follows reads for itself.
func nobody(attio.Team) bool { return false }

func notPutBack(k call, n int, err error) error {
	e := &attio.Error{Kind: attio.Refused, Op: k.op, Subject: k.subject, Hint: "See who is in the team in Attio and put back by hand who is missing.",
		Detail: fmt.Sprintf("Attio took %d others out of the team as well, and they could not be put back", n), Err: err}
	if cause, ok := errors.AsType[*attio.Error](err); ok {
		e.Kind, e.Status, e.RequestID = cause.Kind, cause.Status, cause.RequestID
		e.Detail += ": " + cause.Error()
	}
	return e
}

// without gives those of ids that are not among others.
func without(ids []string, others idset.Set) []string {
	return only(ids, func(id string) bool { return !others.Has(id) })
}

// both gives those of ids that are among others too.
func both(ids []string, others idset.Set) []string { return only(ids, others.Has) }
