package scim

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"

	"scim-sync/attio"
)

// Provision implements attio.Writer with POST /Users. On a Conflict it also
// gives the entry that has the address, when it can be found.
func (w *Writer) Provision(ctx context.Context, n attio.NewMember) (attio.Member, attio.Receipt, error) {
	const op = "provision"
	email := strings.TrimSpace(n.Email)
	if email == "" {
		return attio.Member{}, attio.Receipt{}, refused(op, n.Name(), "there is no address")
	}
	if err := checkRole(op, email, n.Role); err != nil {
		return attio.Member{}, attio.Receipt{}, err
	}
	body := userBody{Schemas: []string{schemaUser}, UserName: email, Name: nameOf(n.Profile), Active: true, AppRole: n.Role}
	return create(ctx, w.begin(), idempotentCreate[attio.Member]{
		call: call{op: op, subject: email, path: "/Users", body: body},
		what: "member or invite",
		read: func(a answer) (attio.Member, bool) {
			m, err := a.member("")
			return m, err == nil && attio.FoldEmail(m.Email) == attio.FoldEmail(email)
		},
		byID: func(ctx context.Context, m attio.Member) (attio.Member, error) { return w.read.Member(ctx, m.ID) },
		find: func(ctx context.Context) (attio.Member, bool, error) { return w.read.filterMember(ctx, email) },
		search: func(ctx context.Context) (attio.Member, bool, error) {
			return w.read.searchMember(ctx, email)
		},
	})
}

// Suspend implements attio.Writer with PATCH active false, which Attio answers
// 200 or 204 (https://docs.attio.com/rest-api/scim/patch-user).
func (w *Writer) Suspend(ctx context.Context, id string) (attio.Receipt, error) {
	c, k := w.begin(), call{op: "suspend", subject: id}
	m, err := c.patchMember(ctx, k, suspended, replace("active", false))
	switch {
	case err == nil && suspended(m), c.accepted() && attio.Is(err, attio.Gone):
		return c.done(), nil
	case err != nil && !attio.Is(err, attio.Refused) && !attio.Is(err, attio.Conflict) && !attio.Is(err, attio.LastAdmin):
		return c.done(), err
	}
	// It says that the member is active still, or refuses somebody who may be
	// suspended already.
	m, readErr := w.read.Member(ctx, id)
	switch {
	case readErr == nil && suspended(m):
		return c.done(), nil
	case err != nil:
		return c.done(), err
	case attio.Is(readErr, attio.Gone):
		return c.done(), nil
	case readErr != nil:
		return c.done(), readErr
	}
	return c.done(), c.unchanged(k)
}

// CancelInvite implements attio.Writer with DELETE
// (https://docs.attio.com/rest-api/scim/delete-user).
func (w *Writer) CancelInvite(ctx context.Context, id string) (attio.Receipt, error) {
	k := call{op: "cancel invite", subject: id}
	path, err := pathOf(k.op, "/Users", id)
	if err != nil {
		return attio.Receipt{}, err
	}
	k.path = path
	return w.begin().remove(ctx, k, func(ctx context.Context) (bool, error) {
		m, err := w.read.Member(ctx, id)
		if attio.Is(err, attio.Gone) {
			return true, nil
		}
		return err == nil && suspended(m), err
	})
}

// Reactivate implements attio.Writer. Attio hides the role of suspended
// members, so it is sent with the activation; where that is refused, the two are
// tried apart, for a role that is not taken must keep nobody out.
func (w *Writer) Reactivate(ctx context.Context, id string, role attio.Role) (attio.Member, attio.Receipt, error) {
	const op = "reactivate"
	active := func(m attio.Member) bool { return m.Status == attio.Active }
	if role == "" {
		return w.changeMember(ctx, op, id, "", active, replace("active", true))
	}
	both := func(m attio.Member) bool { return active(m) && m.Role == role }
	m, receipt, err := w.changeMember(ctx, op, id, role, both, replace("active", true), replace("appRole", role))
	e, ok := errors.AsType[*attio.Error](err)
	if !ok || e.Status == 0 || e.Kind != attio.Refused && e.Kind != attio.LastAdmin {
		return m, receipt, err
	}
	m, receipt, alone := w.changeMember(ctx, op, id, "", active, replace("active", true))
	if alone != nil {
		return m, receipt, alone
	}
	if m.Role == role {
		return m, receipt, nil
	}
	if with, _, roleErr := w.SetRole(ctx, id, role); roleErr == nil {
		m = with
	}
	return m, receipt, nil // in which role, the caller sees
}

// SetRole implements attio.Writer.
func (w *Writer) SetRole(ctx context.Context, id string, role attio.Role) (attio.Member, attio.Receipt, error) {
	if role == "" {
		return attio.Member{}, attio.Receipt{}, refused("set role of", id, "there is no role")
	}
	as := func(m attio.Member) bool { return m.Role == role }
	return w.changeMember(ctx, "set role of", id, role, as, replace("appRole", role))
}

// SetName implements attio.Writer; without any name it only reads.
func (w *Writer) SetName(ctx context.Context, id string, p attio.Profile) (attio.Member, attio.Receipt, error) {
	ops := replaceProfile(p)
	if len(ops) == 0 {
		m, err := w.read.Member(ctx, id)
		return m, attio.Receipt{}, err
	}
	as := func(m attio.Member) bool { return m.Diff(p).IsZero() }
	return w.changeMember(ctx, "rename", id, "", as, ops...)
}

// ChangeEmail implements attio.Writer with PUT, for PATCH has no path for the
// address (https://docs.attio.com/rest-api/scim/update-user); every field that
// was just read goes with it, since PUT replaces all.
func (w *Writer) ChangeEmail(ctx context.Context, just attio.Member, email string) (attio.Member, attio.Receipt, error) {
	k := call{op: "change email of", subject: just.Email, method: http.MethodPut}
	email = strings.TrimSpace(email)
	switch {
	case just.Status == attio.Invited:
		return attio.Member{}, attio.Receipt{}, refused(k.op, k.subject, "this is an invite, and its address cannot be changed")
	case email == "":
		return attio.Member{}, attio.Receipt{}, refused(k.op, k.subject, "there is no new address")
	}
	if err := checkRole(k.op, k.subject, just.Role); err != nil {
		return attio.Member{}, attio.Receipt{}, err
	}
	k.body = userBody{Schemas: []string{schemaUser}, UserName: email, Name: nameOf(just.Profile),
		Active: just.Status != attio.Suspended, AppRole: just.Role}
	c := w.begin()
	m, err := c.writeMember(ctx, k, just.ID, func(m attio.Member) bool { return attio.FoldEmail(m.Email) == attio.FoldEmail(email) })
	return m, c.done(), err
}

// changeMember patches one member and gives what Attio has afterwards.
func (w *Writer) changeMember(ctx context.Context, op, id string, role attio.Role, as func(attio.Member) bool, ops ...operation) (attio.Member, attio.Receipt, error) {
	if err := checkRole(op, id, role); err != nil {
		return attio.Member{}, attio.Receipt{}, err
	}
	c := w.begin()
	m, err := c.patchMember(ctx, call{op: op, subject: id}, as, ops...)
	return m, c.done(), err
}

// patchMember sends one PatchOp for the member named by the call's subject.
func (c *change) patchMember(ctx context.Context, k call, as func(attio.Member) bool, ops ...operation) (attio.Member, error) {
	k.method, k.body = http.MethodPatch, patchOf(ops...)
	return c.writeMember(ctx, k, k.subject, as)
}

// writeMember makes a write that may be repeated and gives what Attio has
// afterwards: from the answer, or from a read when that shows nothing. When the
// answer was lost, as says whether what is read is what was meant.
func (c *change) writeMember(ctx context.Context, k call, id string, as func(attio.Member) bool) (attio.Member, error) {
	path, err := pathOf(k.op, "/Users", id)
	if err != nil {
		return attio.Member{}, err
	}
	k.path = path
	a, err := c.send(ctx, k)
	if err != nil {
		if !fateUnknown(err) {
			return attio.Member{}, err
		}
		m, readErr := c.w.read.Member(ctx, id)
		if readErr != nil || !as(m) {
			return m, err
		}
		c.found()
		return m, nil
	}
	m, err := a.member(id)
	if err == nil {
		return m, nil
	}
	now, readErr := c.w.read.Member(ctx, id)
	if _, nobodys := a.member(""); readErr == nil && !as(now) && nobodys != nil && len(bytes.TrimSpace(a.body)) > 0 {
		return now, err // a page that some proxy put in between: nothing follows from it
	}
	return now, readErr
}

func suspended(m attio.Member) bool { return m.Status == attio.Suspended }

// checkRole keeps unknown roles from being sent: Attio's pages disagree on
// whether one is refused or taken as member.
func checkRole(op, subject string, role attio.Role) error {
	switch role {
	case "", attio.RoleAdmin, attio.RoleMember:
		return nil
	}
	return refused(op, subject, "there is no role "+plain(string(role), 40)+"; Attio has admin and member")
}
