package attiotest

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// alteration is what a PATCH or PUT asks of a person; nil and noRole leave
// something as it is.
type alteration struct {
	email         *string
	given, family *string
	active        *bool
	role          Role
}

// alter makes all of it, or nothing. gone: an invite was cancelled.
func (w *world) alter(ws *workspace, p *person, a alteration) (gone bool, err error) {
	if p.status == Invited {
		return w.alterInvite(ws, p, a)
	}
	if a.email != nil {
		if err := w.mayReaddress(ws, p, *a.email); err != nil {
			return false, err
		}
	}
	if err := w.alterStanding(ws, p, a); err != nil {
		return false, err
	}
	if a.email != nil {
		if err := w.readdress(ws, p, *a.email); err != nil {
			return false, err
		}
	}
	if !w.b.NamesIgnored {
		w.rename(ws, p, or(a.given, p.given), or(a.family, p.family))
	}
	return false, nil
}

// alterStanding changes status and role together: a role sent with
// active:true is the role someone comes back in.
func (w *world) alterStanding(ws *workspace, p *person, a alteration) error {
	if w.b.RolesIgnored {
		a.role = noRole
		if p.status == Suspended {
			a.role = p.role
		}
	}
	switch {
	case a.active != nil && *a.active && p.status == Suspended:
		return w.reactivate(ws, p, a.role)
	case a.active != nil && !*a.active && p.status == Active:
		if err := w.suspend(ws, p); err != nil {
			return err
		}
	}
	if a.role == noRole {
		return nil
	}
	return w.setRole(ws, p, a.role)
}

func (w *world) alterInvite(ws *workspace, p *person, a alteration) (gone bool, err error) {
	if a.active != nil && !*a.active {
		w.endInvite(ws, p, "cancelled")
		return true, nil
	}
	if a.email != nil && strings.TrimSpace(*a.email) != p.email {
		if !w.b.InviteAddressChanges {
			return false, invalid("mutability", "validation_type", "The address of a pending invite cannot be changed.")
		}
		if err := w.readdress(ws, p, *a.email); err != nil {
			return false, err
		}
		ws.invites[p.link].email = p.email
		w.mailInvite(ws, p)
	}
	if a.role != noRole && !w.b.RoleOnInviteIgnored {
		if err := w.setRole(ws, p, a.role); err != nil {
			return false, err
		}
	}
	if !w.b.NamesOnInviteIgnored {
		w.rename(ws, p, or(a.given, p.given), or(a.family, p.family))
	}
	return false, nil
}

// putUser replaces a user; what is left out returns to its default, or stays
// (Behaviour.PutOmittedClears).
func (s *Server) putUser(c call) error {
	p, err := s.find(c)
	if err != nil {
		return err
	}
	b, role, err := s.userBody(c)
	if err != nil {
		return err
	}
	a := alteration{active: b.Active, role: role}
	if s.world.b.PutChangesUserName {
		a.email = &b.UserName
	}
	if b.Name != nil {
		a.given, a.family = b.Name.GivenName, b.Name.FamilyName
	}
	if s.world.b.PutOmittedClears {
		yes, none := true, ""
		if a.active == nil {
			a.active = &yes
		}
		if a.role == noRole {
			a.role = RoleMember
		}
		if a.given == nil {
			a.given = &none
		}
		if a.family == nil {
			a.family = &none
		}
	}
	return s.altered(c, p, a, false)
}

// altered makes an alteration and answers with the user, or with 204 when an
// invite was cancelled (https://attio.mintlify.app/rest-api/scim/patch-user.md).
func (s *Server) altered(c call, p *person, a alteration, patch bool) error {
	b := s.world.b
	gone := false
	if !b.SilentNoop {
		var err error
		if gone, err = s.world.alter(c.ws, p, a); err != nil {
			return err
		}
	}
	off := a.active != nil && !*a.active
	if gone || patch && b.PatchAnswers204 || off && b.DeactivationAnswers204 {
		c.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	writeJSON(c.w, http.StatusOK, s.user(p))
	return nil
}

// patchBody is RFC 7644 section 3.5.2.
type patchBody struct {
	Schemas    []string  `json:"schemas"`
	Operations []patchOp `json:"Operations"`
}

type patchOp struct {
	Op    string          `json:"op"`
	Path  *string         `json:"path"`
	Value json.RawMessage `json:"value"`
}

func patchOf(r *http.Request) ([]patchOp, error) {
	var b patchBody
	if err := decode(r, &b); err != nil {
		return nil, err
	}
	if err := needSchema(b.Schemas, schemaPatch); err != nil {
		return nil, err
	}
	if len(b.Operations) == 0 {
		return nil, missing("Operations must not be empty.")
	}
	for i, op := range b.Operations {
		b.Operations[i].Op = strings.ToLower(op.Op)
		switch b.Operations[i].Op {
		case "add", "replace", "remove":
		default:
			return nil, badSyntax("op has to be add, replace or remove.")
		}
	}
	return b.Operations, nil
}

// keyed reads the value of an operation without a path.
func (op patchOp) keyed() (map[string]json.RawMessage, error) {
	var m map[string]json.RawMessage
	if op.Op == "remove" {
		return nil, invalid("noTarget", "validation_type", "remove needs a path.")
	}
	if err := json.Unmarshal(op.Value, &m); err != nil || m == nil {
		return nil, badValue("Without a path, value has to be an object of attributes.")
	}
	return m, nil
}

func (s *Server) patchUser(c call) error {
	p, err := s.find(c)
	if err != nil {
		return err
	}
	ops, err := patchOf(c.r)
	if err != nil {
		return err
	}
	var a alteration
	for _, op := range ops {
		before := a
		if err := s.userOp(&a, op); err != nil {
			if s.world.b.PatchKeepsGood && !s.world.b.SilentNoop {
				_, first := s.world.alter(c.ws, p, before)
				return errors.Join(first, err)
			}
			return err
		}
	}
	return s.altered(c, p, a, true)
}

// userOp adds one operation to an alteration.
func (s *Server) userOp(a *alteration, op patchOp) error {
	if op.Path != nil && *op.Path != "" {
		if op.Op == "remove" {
			return a.remove(*op.Path)
		}
		return s.setAttribute(a, *op.Path, op.Value)
	}
	m, err := op.keyed()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		value := m[name]
		switch strings.ToLower(name) {
		case "id", "schemas": // Okta repeats them
		case "name":
			var n scimName
			if err := decodeValue(value, &n); err != nil {
				return err
			}
			setIf(&a.given, n.GivenName)
			setIf(&a.family, n.FamilyName)
		default:
			if err := s.setAttribute(a, name, value); err != nil {
				return err
			}
		}
	}
	return nil
}

func setIf[T any](to **T, v *T) {
	if v != nil {
		*to = v
	}
}

func (a *alteration) remove(path string) error {
	none := ""
	switch strings.ToLower(path) {
	case "name.givenname":
		a.given = &none
	case "name.familyname":
		a.family = &none
	default:
		return badPath("Only name.givenName and name.familyName can be removed, not %s.", path)
	}
	return nil
}

func (s *Server) setAttribute(a *alteration, path string, value json.RawMessage) error {
	text := func(to **string) error {
		var v *string
		if err := json.Unmarshal(value, &v); err != nil || v == nil {
			return badValue("%s has to be a text.", path)
		}
		*to = v
		return nil
	}
	switch strings.ToLower(path) {
	case "name.givenname":
		return text(&a.given)
	case "name.familyname":
		return text(&a.family)
	case "active":
		var v *bool
		if err := json.Unmarshal(value, &v); err != nil || v == nil {
			return badValue("active has to be true or false.")
		}
		a.active = v
		return nil
	case "approle":
		var v *string
		if err := text(&v); err != nil {
			return err
		}
		role, err := s.world.role(*v)
		a.role = role
		return err
	case "roles":
		var v []scimRole
		if s.world.b.RolesList && json.Unmarshal(value, &v) == nil {
			a.role = rolesOf(v)
			return nil
		}
	}
	return badPath("There is no path %s; the paths are name.givenName, name.familyName, active and appRole.", path)
}

// noSeat recognises the refusal of world.noSeat.
func noSeat(err error) bool {
	var r *Refusal
	return errors.As(err, &r) && r.Code == "quota_exceeded"
}
