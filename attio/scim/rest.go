package scim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
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
	if errors.As(err, &refused) && (refused.Status == http.StatusNotFound || refused.Status == http.StatusGone) {
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
	joined, _, err := r.listJoined(ctx)
	return joined, err
}

// listJoined gives those who have joined, and the entries that cannot be read.
func (r *Reader) listJoined(ctx context.Context) ([]attio.Member, []attio.Unread, error) {
	a, err := r.getPlain(ctx, call{op: "list workspace members", root: r.client.api, path: "/v2/workspace_members"})
	if err != nil {
		return nil, nil, unlisted(err, r.client.api)
	}
	defer a.done()
	return a.joined()
}

// joined reads the answer as the list of those who have joined, and those
// entries of it that cannot be read.
func (a answer) joined() ([]attio.Member, []attio.Unread, error) {
	var (
		some   = min(len(a.body)/300, maxJoined) // an entry has some 400 bytes
		joined = make([]attio.Member, 0, some)
		seen   = make(map[string]struct{}, some)
		unread []attio.Unread
		listed bool
	)
	entry := func(raw []byte) error {
		w, err := readRestMember(raw)
		if err != nil {
			return err
		}
		if _, twice := seen[w.ID.Member]; twice {
			return nil
		}
		if len(joined) == maxJoined {
			return fmt.Errorf("it has more than %d workspace members", maxJoined)
		}
		seen[w.ID.Member] = struct{}{}
		if lacks := w.lacks(); lacks != "" {
			unread = append(unread, attio.Unread{List: attio.ListJoined, ID: w.ID.Member, Email: strings.TrimSpace(w.Email), Reason: lacks})
			return nil
		}
		joined = append(joined, w.member())
		return nil
	}
	err := a.walk(func(key name, value []byte) error {
		switch {
		case key.is("data") && !isNull(value):
			listed = true
			return inField(key, walkList(value, entry))
		case goesOn(key, value):
			return errors.New("it says that it goes on, and how is not known")
		}
		return valid(value)
	})
	switch {
	case err != nil:
		return nil, nil, err
	case !listed:
		return nil, nil, a.untrusted("it is no list: data is missing")
	}
	return joined, unread, fewUnread(unread, len(joined)+len(unread))
}

// maxJoined is the most people of a workspace; at what Attio says of each, an
// answer of 64 MiB holds no more.
const maxJoined = 200_000

// goesOn says whether a member of a list that is documented to have no pages says
// that it has some after all.
func goesOn(key name, value []byte) bool {
	switch strings.ToLower(string(key)) {
	case "next", "next_page", "next_cursor", "has_more":
		said := string(value)
		return said != "null" && said != "false" && said != `""`
	case "pagination":
		further := false
		_ = walkObject(value, func(key name, value []byte) error { // what is no object says nothing
			further = further || goesOn(key, value)
			return nil
		})
		return further
	}
	return false
}

// readRestMember reads an entry of the list; its id is demanded.
func readRestMember(raw []byte) (w restMember, err error) {
	if w, ok := quickJoined(raw); ok {
		return w, nil
	}
	return readRestSlowly(raw)
}

// readRestSlowly reads what is not as Attio writes it.
func readRestSlowly(raw []byte) (w restMember, err error) {
	if len(raw) > maxEntry {
		return w, errors.New("it shows somebody in more than 1 MiB")
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return w, err
	}
	if w.ID.Member == "" {
		return w, errors.New("a workspace member has no id")
	}
	return w, nil
}

// lacks says what an entry lacks that a member cannot do without.
func (w restMember) lacks() string {
	switch {
	case strings.TrimSpace(w.Email) == "":
		return noAddress
	case w.Access == "":
		return noAccess
	}
	return ""
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
