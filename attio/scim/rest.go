package scim

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"scim-sync/attio"
)

// Identity implements attio.Reader with GET /v2/self
// (https://docs.attio.com/docs/oauth/introspect): a revoked token is answered
// 200 with active false, a malformed one 400.
func (r *Reader) Identity(ctx context.Context) (attio.Identity, error) {
	c := call{op: "identify the token", root: r.client.api, path: "/v2/self"}
	a, err := r.get(ctx, c)
	var refused *attio.Error
	if errors.As(err, &refused) && refused.Status == http.StatusBadRequest {
		e := *refused
		e.Kind, e.Hint = attio.NotSignedIn, hint(attio.NotSignedIn)
		return attio.Identity{}, &e
	}
	if errors.As(err, &refused) && refused.Kind == attio.Gone {
		e := *refused
		e.Kind, e.Hint = attio.Misplaced, "Nothing answers there: check attio.api_url (https://api.attio.com)."
		return attio.Identity{}, &e
	}
	if err != nil {
		return attio.Identity{}, err
	}
	var self struct {
		Active       *flag           `json:"active"`
		Scope        json.RawMessage `json:"scope"`
		ClientID     string          `json:"client_id"`
		Exp          json.RawMessage `json:"exp"`
		AuthorizedBy string          `json:"authorized_by_workspace_member_id"`
		ID           string          `json:"workspace_id"`
		Name         string          `json:"workspace_name"`
		Slug         string          `json:"workspace_slug"`
	}
	if err := a.decode(&self); err != nil {
		return attio.Identity{}, err
	}
	switch {
	case self.Active == nil:
		return attio.Identity{}, a.untrusted("it does not say whether the token is active")
	case !bool(*self.Active):
		return attio.Identity{}, &attio.Error{Kind: attio.NotSignedIn, Op: c.op, Status: a.status, RequestID: a.requestID,
			Detail: "the token is not active: it was revoked or has expired", Hint: hint(attio.NotSignedIn)}
	case self.ID == "":
		return attio.Identity{}, a.untrusted("it names no workspace")
	}
	expires, err := expiry(self.Exp)
	if err != nil {
		return attio.Identity{}, a.untrusted("its exp is neither null nor a number of seconds")
	}
	id := attio.Identity{WorkspaceID: self.ID, WorkspaceSlug: self.Slug, WorkspaceName: self.Name, Scopes: scopes(self.Scope),
		ClientID: self.ClientID, AuthorizedBy: self.AuthorizedBy, Expires: expires}
	r.cache.keepIdentity(id, time.Now())
	return id, nil
}

// scopes reads names with spaces between, or a list of them.
func scopes(raw json.RawMessage) []string {
	var list []string
	if len(raw) > 0 && raw[0] == '[' && json.Unmarshal(raw, &list) == nil {
		return list
	}
	return strings.Fields(text(raw))
}

// expiry reads seconds since 1970; null, absent and 0 are no end.
func expiry(raw json.RawMessage) (time.Time, error) {
	s := strings.Trim(string(raw), `"`)
	if s == "" || s == "null" {
		return time.Time{}, nil
	}
	var seconds float64
	if err := json.Unmarshal([]byte(s), &seconds); err != nil || seconds == 0 {
		return time.Time{}, err
	}
	return time.Unix(int64(seconds), 0).UTC(), nil
}

// Joined implements attio.Reader with GET /v2/workspace_members
// (https://docs.attio.com/rest-api/endpoint-reference/workspace-members/get-a-workspace-member):
// suspended people stay listed, invites are not.
func (r *Reader) Joined(ctx context.Context) ([]attio.Member, error) {
	a, err := r.get(ctx, call{op: "list workspace members", root: r.client.api, path: "/v2/workspace_members"})
	if err != nil {
		return nil, unlisted(err, r.client.api)
	}
	var body struct {
		Data *[]restMember `json:"data"`
		goesOn
	}
	if err := a.decode(&body); err != nil {
		return nil, err
	}
	if body.Data == nil {
		return nil, a.untrusted("it is no list: data is missing")
	}
	if body.further() {
		return nil, a.untrusted("it says that it goes on, and how is not known")
	}
	seen := make(map[string]struct{}, len(*body.Data))
	joined := make([]attio.Member, 0, len(*body.Data))
	for _, w := range *body.Data {
		switch _, twice := seen[w.ID.Member]; {
		case w.ID.Member == "":
			return nil, a.untrusted("a workspace member has no id")
		case strings.TrimSpace(w.Email) == "":
			return nil, a.untrusted("workspace member " + plain(w.ID.Member, 64) + " has no address")
		case w.Access == "":
			return nil, a.untrusted("workspace member " + plain(w.ID.Member, 64) + " has no access level")
		case twice:
			continue
		}
		seen[w.ID.Member] = struct{}{}
		joined = append(joined, w.member())
	}
	return joined, nil
}

// goesOn are the ways in which a list that is documented to have no pages could
// say that it has some after all.
type goesOn struct {
	Next       json.RawMessage `json:"next"`
	NextPage   json.RawMessage `json:"next_page"`
	NextCursor json.RawMessage `json:"next_cursor"`
	HasMore    json.RawMessage `json:"has_more"`
	Pagination json.RawMessage `json:"pagination"`
}

func (g goesOn) further() bool {
	var within goesOn
	nested := json.Unmarshal(g.Pagination, &within) == nil && within.further()
	return nested || slices.ContainsFunc([]json.RawMessage{g.Next, g.NextPage, g.NextCursor, g.HasMore}, func(raw json.RawMessage) bool {
		said := strings.TrimSpace(string(raw))
		return said != "" && said != "null" && said != "false" && said != `""`
	})
}

type restMember struct {
	ID struct {
		Member string `json:"workspace_member_id"`
	} `json:"id"`
	First  string `json:"first_name"`
	Last   string `json:"last_name"`
	Email  string `json:"email_address"`
	Access string `json:"access_level"`
}

// member turns it into a member without a SCIM id. A level that is not known
// is someone active whose role is not known.
func (w restMember) member() attio.Member {
	m := attio.Member{RestID: w.ID.Member, Email: strings.TrimSpace(w.Email),
		Profile: attio.Profile{GivenName: w.First, FamilyName: w.Last},
		Status:  attio.Active, Role: roleNamed(w.Access)}
	if strings.EqualFold(strings.TrimSpace(w.Access), "suspended") {
		m.Status = attio.Suspended
	}
	return m
}
