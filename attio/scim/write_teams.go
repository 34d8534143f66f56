package scim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"scim-sync/attio"
)

// CreateTeam implements attio.Writer with POST /Groups. On a Conflict it also
// gives the team that has the name, when it can be found.
func (w *Writer) CreateTeam(ctx context.Context, name string, members []string) (attio.Team, attio.Receipt, error) {
	const op = "create team"
	if err := checkMembers(op, name, members); err != nil {
		return attio.Team{}, attio.Receipt{}, err
	}
	if strings.TrimSpace(name) == "" {
		return attio.Team{}, attio.Receipt{}, refused(op, name, "there is no name")
	}
	t, receipt, err := create(ctx, w.begin(), idempotentCreate[attio.Team]{
		call: call{op: op, subject: name, path: "/Groups",
			body: teamBody{Schemas: []string{schemaGroup}, DisplayName: name, Members: refs(members)}},
		what: "team",
		read: func(a answer) (attio.Team, bool) {
			t, whole, err := a.team("", nil)
			whole = whole || len(members) == 0
			return t, err == nil && whole && attio.FoldName(t.Name) == attio.FoldName(name)
		},
		byID:   func(ctx context.Context, t attio.Team) (attio.Team, error) { return w.read.Team(ctx, t.ID) },
		find:   func(ctx context.Context) (attio.Team, bool, error) { return w.read.filterTeam(ctx, name) },
		search: func(ctx context.Context) (attio.Team, bool, error) { return w.read.searchTeam(ctx, name) },
	})
	if err == nil {
		w.read.cache.keep(t, time.Now())
	}
	if e, ok := errors.AsType[*attio.Error](err); ok && e.Kind != attio.Conflict && len(members) > 0 &&
		isStatus(err, http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity) {
		sharper := *e
		sharper.Divisible = true // a team without members is one too
		err = &sharper
	}
	return t, receipt, err
}

// RenameTeam implements attio.Writer.
func (w *Writer) RenameTeam(ctx context.Context, id, name string) (attio.Team, attio.Receipt, error) {
	c, k := w.begin(), call{op: "rename team", subject: id}
	if strings.TrimSpace(name) == "" {
		return attio.Team{}, attio.Receipt{}, refused(k.op, id, "there is no name")
	}
	t, err := c.patchTeam(ctx, k, func(t attio.Team) bool { return t.Name == name }, replace("displayName", name))
	w.read.cache.forget(id)
	return t, c.done(), err
}

// DeleteTeam implements attio.Writer with DELETE
// (https://docs.attio.com/rest-api/scim/delete-group).
func (w *Writer) DeleteTeam(ctx context.Context, id string) (attio.Receipt, error) {
	k := call{op: "delete team", subject: id}
	path, err := pathOf(k.op, "/Groups", id)
	if err != nil {
		return attio.Receipt{}, err
	}
	k.path = path
	w.read.cache.forget(id)
	return w.begin().remove(ctx, k, func(ctx context.Context) (bool, error) {
		_, err := w.read.Team(ctx, id)
		if attio.Is(err, attio.Gone) {
			return true, nil
		}
		return false, err
	})
}

// patchTeam makes a write that may be repeated and gives what Attio has
// afterwards: from the answer, or from a read when that does not show all. When
// the answer was lost, as says whether what is read is what was meant.
func (c *change) patchTeam(ctx context.Context, k call, as func(attio.Team) bool, ops ...operation) (attio.Team, error) {
	path, err := pathOf(k.op, "/Groups", k.subject)
	if err != nil {
		return attio.Team{}, err
	}
	k.method, k.path, k.body = http.MethodPatch, path, patchOf(ops...)
	a, err := c.send(ctx, k)
	if err != nil {
		if !fateUnknown(err) {
			return attio.Team{}, err
		}
		t, readErr := c.w.read.Team(ctx, k.subject)
		if readErr != nil || !as(t) {
			return t, err
		}
		c.found()
		return t, nil
	}
	if t, whole, err := a.team(k.subject, nil); err == nil && whole {
		return t, nil
	}
	return c.w.read.Team(ctx, k.subject)
}

// checkMembers holds to the number of people that one request changes.
func checkMembers(op, subject string, ids []string) error {
	if len(ids) > attio.MembersPerWrite {
		return refused(op, subject, fmt.Sprintf("%d people in one request are more than %d", len(ids), attio.MembersPerWrite))
	}
	if slices.Contains(ids, "") {
		return refused(op, subject, "one of the people has no id")
	}
	return nil
}
