package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// The rows of a snapshot, its people and teams, are nearly all of it. They are
// written and read one by one.

func personID(p *core.ManagedPerson) string { return p.OktaID }
func groupID(t *core.ManagedTeam) string    { return t.GroupID }

func valuesOf[T any](m map[string]T) []T {
	return slices.AppendSeq(make([]T, 0, len(m)), maps.Values(m))
}

// sizeOf is about what rows take as JSON, in bytes.
func sizeOf(people []core.ManagedPerson, teams []core.ManagedTeam) int {
	const ofEach = 280 // the names of the fields, and what is short
	n := ofEach * (len(people) + len(teams))
	for i := range people {
		p := &people[i]
		n += len(p.OktaID) + len(p.AttioID) + len(p.Email) + len(p.Applied.GivenName) + len(p.Applied.FamilyName)
	}
	for i := range teams {
		t := &teams[i]
		n += len(t.GroupID) + len(t.TeamID) + len(t.Applied.Name) + len(t.Applied.Members)
	}
	return n
}

// writeRows writes one a line, sorted by their ids.
func writeRows[T any](b *bytes.Buffer, rows []T, id func(*T) string) error {
	type entry struct {
		id  string // beside the others: half of the work is to reach them
		row *T
	}
	sorted := make([]entry, len(rows))
	for i := range rows {
		sorted[i] = entry{id(&rows[i]), &rows[i]}
	}
	slices.SortFunc(sorted, func(x, y entry) int { return strings.Compare(x.id, y.id) })
	enc := json.NewEncoder(b)
	for i, e := range sorted {
		if i > 0 {
			b.Truncate(b.Len() - 1)
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		if err := enc.Encode(e.row); err != nil { // and a newline
			return fmt.Errorf("state snapshot: %w", err)
		}
	}
	return nil
}

// readRows reads a snapshot's rows one by one, and gives the rest of it, which
// is short, for encoding/json.
func readRows(raw []byte, people *[]core.ManagedPerson, teams *[]core.ManagedTeam) (rest []byte, ok bool) {
	c := &cursor{raw: raw}
	rest = []byte{'{'}
	ok = c.object(func(name []byte) bool {
		key := string(name)
		switch {
		case key == "people" && *people == nil:
			*people = make([]core.ManagedPerson, 0, bytes.Count(raw, []byte("\n{\"okta_id\"")))
			return c.list(func() bool { return row(c, people, readPerson) })
		case key == "teams" && *teams == nil:
			*teams = make([]core.ManagedTeam, 0, bytes.Count(raw, []byte("\n{\"group_id\"")))
			return c.list(func() bool { return row(c, teams, readTeam) })
		case strings.EqualFold(key, "people"), strings.EqualFold(key, "teams"):
			return false
		}
		var value json.RawMessage
		if !c.any(&value) {
			return false
		}
		quoted, _ := json.Marshal(key) // a string always encodes
		rest = fmt.Appendf(rest, "%s:%s,", quoted, value)
		return true
	})
	return append(bytes.TrimSuffix(rest, []byte{','}), '}'), ok && c.done()
}

// row reads one with read, or else as any other JSON.
func row[T any](c *cursor, rows *[]T, read func(*cursor, *T) bool) bool {
	from := c.at
	*rows = append(*rows, *new(T))
	into := &(*rows)[len(*rows)-1]
	if read(c, into) {
		return true
	}
	c.at = from
	*into = *new(T)
	return c.any(into)
}

func readPerson(c *cursor, p *core.ManagedPerson) bool {
	return c.object(func(name []byte) bool {
		switch string(name) {
		case "okta_id":
			return text(c, &p.OktaID)
		case "attio_id":
			return text(c, &p.AttioID)
		case "kind":
			return word(c, &p.Kind, core.Membership, core.Invite)
		case "email":
			return text(c, &p.Email)
		case "applied":
			return c.object(func(name []byte) bool { return readApplied(c, name, &p.Applied) })
		case "role_seen":
			return c.truth(&p.RoleSeen)
		case "role_from":
			return word(c, &p.RoleFrom, "attribute", "group")
		case "adopted":
			return c.truth(&p.Adopted)
		case "managed_since":
			return c.moment(&p.ManagedSince)
		case "invited_at":
			return c.moment(&p.InvitedAt)
		}
		return false
	})
}

func readApplied(c *cursor, name []byte, a *core.Applied) bool {
	switch string(name) {
	case "role":
		return word(c, &a.Role, attio.RoleMember, attio.RoleAdmin)
	case "given_name":
		return text(c, &a.GivenName)
	case "family_name":
		return text(c, &a.FamilyName)
	case "active":
		return c.truth(&a.Active)
	}
	return false
}

func readTeam(c *cursor, t *core.ManagedTeam) bool {
	return c.object(func(name []byte) bool {
		switch string(name) {
		case "group_id":
			return text(c, &t.GroupID)
		case "team_id":
			return text(c, &t.TeamID)
		case "created":
			return c.truth(&t.Created)
		case "applied":
			return c.object(func(name []byte) bool {
				switch string(name) {
				case "name":
					return text(c, &t.Applied.Name)
				case "members":
					return text(c, &t.Applied.Members)
				}
				return false
			})
		}
		return false
	})
}
