package scim

import (
	"fmt"
	"strings"

	"scim-sync/attio"
)

// mostUnread entries of one list may be unreadable, and no more than half of
// them: one odd entry says nothing of the others, many say that the list is
// none.
const mostUnread = 5

// fewUnread is an error where too many entries of a list cannot be read.
func fewUnread(unread []attio.Unread, of int) error {
	if n := len(unread); n <= mostUnread && 2*n <= of {
		return nil
	}
	u := unread[0]
	return &attio.Error{Kind: attio.Untrusted, Op: "read the workspace", Hint: hint(attio.Untrusted),
		Detail: fmt.Sprintf("%d of %d entries of a list cannot be read; the first: %s %s %s", len(unread), of, u.List, plain(u.ID, 64), u.Reason)}
}

// readable parts the users of a list from those that have no address.
func readable(users []attio.Member) (good []attio.Member, unread []attio.Unread, err error) {
	good = users[:0]
	for _, u := range users {
		if u.Email == "" {
			unread = append(unread, attio.Unread{List: attio.ListUsers, ID: u.ID, Reason: noAddress})
			continue
		}
		good = append(good, u)
	}
	return good, unread, fewUnread(unread, len(users))
}

// named parts the teams of a list from those that have no name.
func named(listed []listedTeam) (good []listedTeam, unread []attio.Unread, err error) {
	good = listed[:0]
	for _, t := range listed {
		if strings.TrimSpace(t.Name) == "" {
			unread = append(unread, attio.Unread{List: attio.ListGroups, ID: t.ID, Reason: noName})
			continue
		}
		good = append(good, t)
	}
	return good, unread, fewUnread(unread, len(listed))
}
