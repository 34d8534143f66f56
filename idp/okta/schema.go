package okta

import (
	"context"
	"errors"
	"net/http"

	"scim-sync/idp"
)

// attributes says whether the app's profiles have the attributes that the
// settings name. The profile schema is asked for what no profile had. Without
// the right to read it nothing is known.
func (s *Source) attributes(ctx context.Context, e *userDecoder) (role, email idp.Tristate, err error) {
	if e.hasRole {
		role = idp.Yes
	}
	if e.hasEmail {
		email = idp.Yes
	}
	if (e.hasRole || s.role == "") && e.hasEmail {
		return role, email, nil
	}
	schema, err := s.schema(ctx)
	if err != nil {
		return role, email, err
	}
	if role == idp.Unknown && s.role != "" {
		role = schema.has(s.role)
	}
	if email == idp.Unknown {
		email = schema.has(s.email)
	}
	return role, email, nil
}

// schema reads the app's profile schema; one that may not be read is empty.
func (s *Source) schema(ctx context.Context) (schema wireSchema, err error) {
	t := task{op: "read the app's profile schema", path: s.schemaPath(), need: appsNeed}
	_, err = s.get(ctx, t.path, &schema)
	var answer *rejection
	if errors.As(err, &answer) && (answer.status == http.StatusForbidden || answer.status == http.StatusNotFound) {
		return wireSchema{}, nil
	}
	if err != nil {
		return wireSchema{}, s.fail(ctx, t, err)
	}
	return schema, nil
}

func (s *Source) schemaPath() string { return "/api/v1/meta/schemas/apps/" + s.appID + "/default" }

// has says whether the schema holds an attribute; an empty schema says nothing.
func (w wireSchema) has(attribute string) idp.Tristate {
	base, custom := w.Definitions.Base.Properties, w.Definitions.Custom.Properties
	if base == nil && custom == nil {
		return idp.Unknown
	}
	if _, ok := base[attribute]; ok {
		return idp.Yes
	}
	if _, ok := custom[attribute]; ok {
		return idp.Yes
	}
	return idp.No
}
