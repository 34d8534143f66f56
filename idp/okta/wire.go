package okta

import (
	"encoding/json"
	"strings"
	"time"
)

// The types of this file are Okta's answers cut down to what is used. The
// SDK's own types would hold some ten times as much for each person, and a
// single malformed time that nobody looks at would lose a whole page.

// wireApp is an app (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Application/).
type wireApp struct {
	ID     string `json:"id"`
	Label  string `json:"label"`
	Status string `json:"status"`
}

// wireAppUser is one entry of the app's assignment list.
type wireAppUser struct {
	ID          string `json:"id"`
	Status      string `json:"status"`
	Scope       string `json:"scope"`
	Credentials struct {
		UserName string `json:"userName"`
	} `json:"credentials"`
	Profile  json.RawMessage `json:"profile"`
	Embedded struct {
		User *wireUser `json:"user"` // with expand=user
	} `json:"_embedded"`
	Links struct {
		Group json.RawMessage `json:"group"` // the group that the assignment came from
	} `json:"_links"`
}

// most: a profile holds whatever attributes an org has made up.
func (wireAppUser) most() int { return 1 << 20 }

func (wireAppUser) kept() fields {
	return append(whole("id", "status", "scope", "profile"),
		field{"credentials", whole("userName")},
		field{"_embedded", fields{{"user", whole("id", "status", "profile")}}},
		field{"_links", whole("group")})
}

// whole: it holds the Okta user.
func (u wireAppUser) whole() bool { return u.Embedded.User != nil }

func (u wireAppUser) flaw() string {
	if why := badID(u.ID); why != "" {
		return why
	}
	if e := u.Embedded.User; e != nil && e.ID != u.ID {
		return "the person embedded in it is another one"
	}
	return ""
}

// lent is the app user with its texts as bytes.
func (u wireAppUser) lent() lentUser {
	out := lentUser{
		id: []byte(u.ID), status: []byte(u.Status), scope: []byte(u.Scope),
		userName: []byte(u.Credentials.UserName), profile: u.Profile, group: u.Links.Group,
	}
	if e := u.Embedded.User; e != nil {
		out.whole, out.userID, out.userStatus, out.userProfile = true, []byte(e.ID), []byte(e.Status), e.Profile
	}
	return out
}

type wireUser struct {
	ID      string          `json:"id"`
	Status  string          `json:"status"`
	Profile json.RawMessage `json:"profile"`
}

// wireMember is one member of a group.
type wireMember struct {
	ID string `json:"id"`
}

func (wireMember) most() int { return 1 << 10 }

func (wireMember) kept() fields { return whole("id") }

func (m wireMember) flaw() string { return badID(m.ID) }

type wireGroup struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Updated moment `json:"lastUpdated"`
	Members moment `json:"lastMembershipUpdated"`
	Profile struct {
		Name string `json:"name"`
	} `json:"profile"`
}

func (wireGroup) most() int { return 16 << 10 }

func (wireGroup) kept() fields {
	return append(whole("id", "type", "lastUpdated", "lastMembershipUpdated"), field{"profile", whole("name")})
}

// moment is a time of Okta's; one that cannot be read is none.
type moment struct{ time.Time }

// UnmarshalJSON never fails.
func (m *moment) UnmarshalJSON(b []byte) error {
	*m = moment{}
	if at, err := time.Parse(time.RFC3339, textOf(b)); err == nil {
		m.Time = at.UTC()
	}
	return nil
}

func (g wireGroup) flaw() string {
	if why := badID(g.ID); why != "" {
		return why
	}
	if strings.TrimSpace(g.Profile.Name) == "" {
		return "the group has no name"
	}
	return ""
}

// wireAssignment is a group assigned to the app.
type wireAssignment struct {
	ID       string `json:"id"`
	Embedded struct {
		Group *wireGroup `json:"group"` // with expand=group
	} `json:"_embedded"`
}

func (wireAssignment) most() int { return 16 << 10 }

func (wireAssignment) kept() fields {
	return append(whole("id"), field{"_embedded", fields{{"group", wireGroup{}.kept()}}})
}

func (a wireAssignment) flaw() string {
	if g := a.Embedded.Group; g != nil && g.ID != a.ID {
		return "the group embedded in it is another one"
	}
	return badID(a.ID)
}

// wireMapping is a group that Okta pushes to the app
// (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/GroupPushMapping/).
type wireMapping struct {
	ID           string `json:"id"`
	SourceGroup  string `json:"sourceGroupId"`
	Status       string `json:"status"`
	ErrorSummary string `json:"errorSummary"`
}

func (wireMapping) most() int { return 16 << 10 }

func (wireMapping) kept() fields {
	return whole("id", "sourceGroupId", "status", "errorSummary")
}

func (m wireMapping) flaw() string {
	if why := badID(m.ID); why != "" {
		return why
	}
	return badID(m.SourceGroup)
}

// wireSchema is the app's profile schema.
type wireSchema struct {
	Definitions struct {
		Base   schemaPart `json:"base"`
		Custom schemaPart `json:"custom"`
	} `json:"definitions"`
}

type schemaPart struct {
	Properties map[string]json.RawMessage `json:"properties"`
}

func badID(id string) string {
	switch {
	case id == "":
		return "it has no id"
	case !isID(id):
		return "its id holds characters that no id has"
	}
	return ""
}

// groupLink is a link to a group, given alone or in a list.
type groupLink struct{ Name, Href string }

// linkOf takes what it can; a link of another shape is no link.
func linkOf(raw []byte) groupLink {
	var one groupLink
	if json.Unmarshal(raw, &one) == nil {
		return one
	}
	var many []groupLink
	if json.Unmarshal(raw, &many) == nil && len(many) > 0 {
		return many[0]
	}
	return groupLink{}
}

// id is the last part of the link's address, if it can be one.
func (l groupLink) id() string {
	id := l.Href[strings.LastIndexByte(l.Href, '/')+1:]
	if !isID(id) {
		return ""
	}
	return id
}

// mostValues is how many an attribute may hold; nobody has so many roles.
const mostValues = 1000

// values reads an attribute as the texts it holds: a text, a number or a
// boolean is one, a list may hold several, and nothing or blanks are none. A
// text is never taken apart. It stops behind mostValues.
func values(raw []byte) []string {
	raw = blank(raw)
	var out []string
	add := func(value []byte) bool {
		if v := scalar(value); v != "" {
			out = append(out, v)
		}
		return len(out) <= mostValues
	}
	if len(raw) == 0 || raw[0] != '[' {
		add(raw)
		return out
	}
	eachElement(raw, add)
	return out
}

func scalar(raw []byte) string {
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return ""
	case raw[0] == '"':
		return strings.TrimSpace(textOf(raw))
	}
	return string(raw)
}
