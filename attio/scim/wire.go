package scim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"scim-sync/attio"
	"scim-sync/internal/idset"
)

// The URNs of RFC 7643 and RFC 7644 that requests carry.
const (
	schemaUser  = "urn:ietf:params:scim:schemas:core:2.0:User"
	schemaGroup = "urn:ietf:params:scim:schemas:core:2.0:Group"
	schemaPatch = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
)

// wireUser is a user as SCIM answers show it
// (https://docs.attio.com/rest-api/scim/get-user-by-id). Unknown fields are
// ignored, names of fields are taken in any case.
type wireUser struct {
	id, userName, appRole string
	name                  attio.Profile
	inactive              bool
	emails, roles         []byte // as they stand in the answer
}

// maxEntry is the most bytes of one person.
const maxEntry = 1 << 20

// noAddress and noName are what entries lack that cannot be members or teams.
const (
	noAddress = "has no address"
	noName    = "has no name"
	noAccess  = "has no access level"
)

// readMember reads a user, whose address may be missing.
func readMember(raw []byte) (attio.Member, error) {
	var u wireUser
	if len(raw) > maxEntry {
		return attio.Member{}, errors.New("it shows somebody in more than 1 MiB")
	}
	if err := valid(raw); err != nil {
		return attio.Member{}, err
	}
	if !isNull(raw) {
		if err := walkObject(raw, u.take); err != nil {
			return attio.Member{}, err
		}
	}
	return u.member()
}

// take takes one member of a user.
func (u *wireUser) take(key name, value []byte) (err error) {
	switch {
	case key.is("id"):
		u.id, err = textOf(value)
	case key.is("userName"):
		u.userName, err = textOf(value)
	case key.is("appRole"):
		u.appRole, err = textOf(value)
	case key.is("name") && !isNull(value):
		err = walkObject(value, u.takeName)
	case key.is("active"):
		active := flag(true)
		err = active.UnmarshalJSON(value)
		u.inactive = !bool(active)
	case key.is("emails"):
		u.emails = value
	case key.is("roles"):
		u.roles = value
	}
	return inField(key, err)
}

// takeName takes one part of a user's name.
func (u *wireUser) takeName(key name, value []byte) (err error) {
	switch {
	case key.is("givenName"):
		u.name.GivenName, err = textOf(value)
	case key.is("familyName"):
		u.name.FamilyName, err = textOf(value)
	}
	return inField(key, err)
}

// member turns the user into a member: a usable id is demanded, and the address
// is for the caller to look at. SCIM alone cannot tell an invite from an active
// member.
func (u *wireUser) member() (attio.Member, error) {
	if err := usableID(u.id); err != nil {
		return attio.Member{}, fmt.Errorf("a user %w", err)
	}
	m := attio.Member{ID: u.id, Email: u.address(), Profile: u.name, Status: attio.Active, Role: u.role()}
	if u.inactive {
		m.Status = attio.Suspended
	}
	return m, nil
}

// address is the userName, else the primary address, else the first.
func (u *wireUser) address() string {
	if strings.TrimSpace(u.userName) != "" || len(u.emails) == 0 {
		return strings.TrimSpace(u.userName)
	}
	var emails []struct {
		Value   string `json:"value"`
		Primary flag   `json:"primary"`
	}
	if json.Unmarshal(u.emails, &emails) != nil || len(emails) == 0 {
		return ""
	}
	for _, e := range emails {
		if e.Primary {
			return strings.TrimSpace(e.Value)
		}
	}
	return strings.TrimSpace(emails[0].Value)
}

// role is appRole, else what roles says, admin winning: that was the attribute
// before appRole, and Attio's pages on identity providers still name it.
func (u *wireUser) role() attio.Role {
	if u.appRole != "" {
		return roleNamed(u.appRole)
	}
	if len(u.roles) == 0 {
		return ""
	}
	var found attio.Role
	for _, name := range roleNames(u.roles) {
		switch roleNamed(name) {
		case attio.RoleAdmin:
			return attio.RoleAdmin
		case attio.RoleMember:
			found = attio.RoleMember
		}
	}
	return found
}

func roleNamed(name string) attio.Role {
	switch r := attio.Role(strings.ToLower(strings.TrimSpace(name))); r {
	case attio.RoleAdmin, attio.RoleMember:
		return r
	}
	return ""
}

// roleNames reads a list of names or of objects with a value, or one name.
func roleNames(raw []byte) []string {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	var names []string
	for _, item := range list {
		var object struct {
			Value string `json:"value"`
		}
		if json.Unmarshal(item, &one) == nil {
			names = append(names, one)
		} else if json.Unmarshal(item, &object) == nil {
			names = append(names, object.Value)
		}
	}
	return names
}

// budget is how many memberships one answer may still show.
type budget int

// fullBudget: a membership with its $ref has some 110 bytes, so that an answer of
// 64 MiB holds no more than these; what holds more means something else.
const fullBudget budget = 600_000

// readTeam reads a group as SCIM answers show it
// (https://docs.attio.com/rest-api/scim/get-group-by-id); whole is false when it
// leaves the members out. The name may be missing.
func readTeam(raw []byte, in *idset.Dictionary, left *budget) (t attio.Team, whole bool, err error) {
	if err := valid(raw); err != nil {
		return attio.Team{}, false, err
	}
	if in == nil {
		in = idset.NewDictionary()
	}
	var numbers []uint32
	member := func(ref []byte) error {
		id, err := refID(ref)
		switch {
		case err != nil:
			return err
		case id == "":
			return fmt.Errorf("group %s has a member without an id", plain(t.ID, 64))
		case *left == 0:
			return fmt.Errorf("it has more than %d memberships", fullBudget)
		}
		*left--
		numbers = append(numbers, in.Number(id))
		return nil
	}
	if !isNull(raw) {
		err = walkObject(raw, func(key name, value []byte) (err error) {
			switch {
			case key.is("id"):
				t.ID, err = textOf(value)
			case key.is("displayName"):
				t.Name, err = textOf(value)
			case key.is("members") && !isNull(value):
				whole, numbers = true, numbers[:0]
				err = walkList(value, member)
			}
			return inField(key, err)
		})
	}
	if err != nil {
		return attio.Team{}, false, err
	}
	if err := usableID(t.ID); err != nil {
		return attio.Team{}, false, fmt.Errorf("a group %w", err)
	}
	if whole {
		t.Members = in.Set(numbers)
	}
	return t, whole, nil
}

// refID is the value of a member of a group, empty without one.
func refID(ref []byte) (id string, err error) {
	if isNull(ref) {
		return "", nil
	}
	err = walkObject(ref, func(key name, value []byte) (err error) {
		if key.is("value") {
			id, err = textOf(value)
			err = inField(key, err)
		}
		return err
	})
	return id, err
}

// usableID refuses what cannot stand in a path: browsers and proxies read dots
// as directions even when they are escaped.
func usableID(id string) error {
	switch id {
	case "":
		return errors.New("has no id")
	case ".", "..":
		return errors.New("has an id that no address can hold")
	}
	return nil
}

// flag is a JSON boolean, or its text as some identity tools write it.
type flag bool

// UnmarshalJSON takes true, "True", "false"; null changes nothing.
func (f *flag) UnmarshalJSON(b []byte) error {
	switch strings.ToLower(strings.Trim(string(b), `"`)) {
	case "true":
		*f = true
	case "false":
		*f = false
	case "null":
	default:
		return fmt.Errorf("%s is neither true nor false", plain(string(b), 40))
	}
	return nil
}

// count is a number of results: an integer of any size, or its text.
type count int

// UnmarshalJSON refuses what is negative or no number; what does not fit is
// the largest number.
func (c *count) UnmarshalJSON(b []byte) error {
	s := string(bytes.Trim(b, `"`))
	n, err := strconv.ParseInt(s, 10, 0)
	if err != nil {
		f, ferr := strconv.ParseFloat(s, 64)
		if ferr != nil && !errors.Is(ferr, strconv.ErrRange) || math.IsNaN(f) {
			return fmt.Errorf("%s is no number of results", plain(s, 40))
		}
		n = math.MaxInt
		if f < math.MaxInt32 {
			n = int64(f)
		}
	}
	if n < 0 {
		return fmt.Errorf("%s is no number of results", plain(s, 40))
	}
	*c = count(n)
	return nil
}
