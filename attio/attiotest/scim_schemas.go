package attiotest

import "net/http"

type scimAttribute struct {
	Name            string          `json:"name"`
	Type            string          `json:"type"`
	MultiValued     bool            `json:"multiValued"`
	Required        bool            `json:"required"`
	CaseExact       bool            `json:"caseExact"`
	Mutability      string          `json:"mutability"`
	Returned        string          `json:"returned"`
	Uniqueness      string          `json:"uniqueness"`
	CanonicalValues []string        `json:"canonicalValues,omitempty"`
	ReferenceTypes  []string        `json:"referenceTypes,omitempty"`
	SubAttributes   []scimAttribute `json:"subAttributes,omitempty"`
}

type scimSchema struct {
	Schemas     []string        `json:"schemas"`
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Attributes  []scimAttribute `json:"attributes"`
}

func attribute(name, kind string) scimAttribute {
	return scimAttribute{Name: name, Type: kind, Mutability: "readWrite", Returned: "default", Uniqueness: "none"}
}

// listSchemas describes the two resources
// (https://docs.attio.com/rest-api/scim/list-schemas).
func (s *Server) listSchemas(c call) error {
	userName, role := attribute("userName", "string"), attribute("appRole", "string")
	userName.Required, userName.Uniqueness = true, "server"
	role.CanonicalValues = []string{string(RoleAdmin), string(RoleMember)}
	name, emails := attribute("name", "complex"), attribute("emails", "complex")
	name.SubAttributes = []scimAttribute{attribute("givenName", "string"), attribute("familyName", "string")}
	emails.MultiValued, emails.Mutability = true, "readOnly"
	emails.SubAttributes = []scimAttribute{attribute("value", "string"), attribute("primary", "boolean"), attribute("type", "string")}
	displayName, members := attribute("displayName", "string"), attribute("members", "complex")
	displayName.Required, displayName.Uniqueness = true, "server"
	members.MultiValued = true
	ref := attribute("$ref", "reference")
	ref.ReferenceTypes = []string{"User"} // RFC 7643 section 7: a reference names what it may lead to
	members.SubAttributes = []scimAttribute{attribute("value", "string"), ref}
	writeJSON(c.w, http.StatusOK, listResponse[scimSchema]{
		Schemas: []string{schemaList}, TotalResults: 2, StartIndex: 1, ItemsPerPage: 2,
		Resources: []scimSchema{
			{
				Schemas: []string{schemaMeta}, ID: schemaUser, Name: "User", Description: "A member of the workspace, or a pending invite",
				Attributes: []scimAttribute{userName, name, emails, attribute("active", "boolean"), role},
			},
			{
				Schemas: []string{schemaMeta}, ID: schemaGroup, Name: "Group", Description: "A team of the workspace",
				Attributes: []scimAttribute{displayName, members},
			},
		},
	})
	return nil
}
