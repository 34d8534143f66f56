package scim

import "scim-sync/attio"

// patch is a PatchOp (RFC 7644 section 3.5.2). Every operation has a path:
// servers read those without one in different ways.
type patch struct {
	Schemas    []string    `json:"schemas"`
	Operations []operation `json:"Operations"`
}

type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

func patchOf(ops ...operation) patch {
	return patch{Schemas: []string{schemaPatch}, Operations: ops}
}

func replace(path string, value any) operation {
	return operation{Op: "replace", Path: path, Value: value}
}

// addMembers adds people to a team.
func addMembers(ids []string) operation {
	return operation{Op: "add", Path: "members", Value: refs(ids)}
}

// removeMember takes one person out of a team: the only form of removal that
// no server is known to take for "everybody".
func removeMember(id string) operation {
	return operation{Op: "remove", Path: "members[value eq " + quoted(id) + "]"}
}

func refs(ids []string) []reference {
	list := make([]reference, 0, len(ids))
	for _, id := range ids {
		list = append(list, reference{Value: id})
	}
	return list
}

type reference struct {
	Value string `json:"value"`
}

// userBody is what POST and PUT of a user carry: the documented fields and no
// other (https://docs.attio.com/rest-api/scim/create-user).
type userBody struct {
	Schemas  []string   `json:"schemas"`
	UserName string     `json:"userName"`
	Name     *nameBody  `json:"name,omitempty"`
	Active   bool       `json:"active"`
	AppRole  attio.Role `json:"appRole,omitempty"`
}

type nameBody struct {
	GivenName  string `json:"givenName,omitempty"`
	FamilyName string `json:"familyName,omitempty"`
}

// nameOf is what POST and PUT say of a profile; nil: nothing.
func nameOf(p attio.Profile) *nameBody {
	if p.GivenName == "" && p.FamilyName == "" {
		return nil
	}
	return &nameBody{GivenName: p.GivenName, FamilyName: p.FamilyName}
}

// replaceProfile is what a PATCH says of a profile: an operation for each field
// that is not empty.
func replaceProfile(p attio.Profile) (ops []operation) {
	for _, f := range []struct{ path, value string }{
		{"name.givenName", p.GivenName}, {"name.familyName", p.FamilyName},
	} {
		if f.value != "" {
			ops = append(ops, replace(f.path, f.value))
		}
	}
	return ops
}

// teamBody is what POST of a group carries
// (https://docs.attio.com/rest-api/scim/create-group).
type teamBody struct {
	Schemas     []string    `json:"schemas"`
	DisplayName string      `json:"displayName"`
	Members     []reference `json:"members,omitempty"`
}
