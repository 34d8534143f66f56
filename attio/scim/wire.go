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
	ID       string `json:"id"`
	UserName string `json:"userName"`
	Name     struct {
		GivenName  string `json:"givenName"`
		FamilyName string `json:"familyName"`
	} `json:"name"`
	Emails  json.RawMessage `json:"emails"`
	Active  *flag           `json:"active"`
	AppRole string          `json:"appRole"`
	Roles   json.RawMessage `json:"roles"`
}

// member turns the user into a member: its address and a usable id are
// demanded. SCIM alone cannot tell an invite from an active member.
func (u wireUser) member() (attio.Member, error) {
	if err := usableID(u.ID); err != nil {
		return attio.Member{}, fmt.Errorf("a user %w", err)
	}
	m := attio.Member{ID: u.ID, Email: u.address(), GivenName: u.Name.GivenName, FamilyName: u.Name.FamilyName,
		Status: attio.Active, Role: u.role()}
	if m.Email == "" {
		return attio.Member{}, fmt.Errorf("user %s has no address", plain(u.ID, 64))
	}
	if u.Active != nil && !bool(*u.Active) {
		m.Status = attio.Suspended
	}
	return m, nil
}

// address is the userName, else the primary address, else the first.
func (u wireUser) address() string {
	if strings.TrimSpace(u.UserName) != "" || len(u.Emails) == 0 {
		return strings.TrimSpace(u.UserName)
	}
	var emails []struct {
		Value   string `json:"value"`
		Primary flag   `json:"primary"`
	}
	if json.Unmarshal(u.Emails, &emails) != nil || len(emails) == 0 {
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
func (u wireUser) role() attio.Role {
	if u.AppRole != "" {
		return roleNamed(u.AppRole)
	}
	if len(u.Roles) == 0 {
		return ""
	}
	var found attio.Role
	for _, name := range roleNames(u.Roles) {
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
func roleNames(raw json.RawMessage) []string {
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

// wireTeam is a group as SCIM answers show it
// (https://docs.attio.com/rest-api/scim/get-group-by-id).
type wireTeam struct {
	ID          string     `json:"id"`
	DisplayName string     `json:"displayName"`
	Members     *[]wireRef `json:"members"`
}

type wireRef struct {
	Value string `json:"value"`
}

// team turns the group into a team; whole is false when the answer left the
// members out.
func (g wireTeam) team(in *idset.Dictionary) (t attio.Team, whole bool, err error) {
	if err := usableID(g.ID); err != nil {
		return attio.Team{}, false, fmt.Errorf("a group %w", err)
	}
	t = attio.Team{ID: g.ID, Name: g.DisplayName}
	if strings.TrimSpace(g.DisplayName) == "" {
		return attio.Team{}, false, fmt.Errorf("group %s has no name", plain(g.ID, 64))
	}
	if g.Members == nil {
		return t, false, nil
	}
	if in == nil {
		in = idset.NewDictionary()
	}
	numbers := make([]uint32, 0, len(*g.Members))
	for _, ref := range *g.Members {
		if ref.Value == "" {
			return attio.Team{}, false, fmt.Errorf("group %s has a member without an id", plain(g.ID, 64))
		}
		numbers = append(numbers, in.Number(ref.Value))
	}
	t.Members = in.Set(numbers)
	return t, true, nil
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
