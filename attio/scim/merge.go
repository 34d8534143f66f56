package scim

import (
	"fmt"

	"scim-sync/attio"
)

// agree refuses two lists of which one is empty while the other knows active
// people: an invite comes from a member, and a member stands in both.
func agree(users, joined []attio.Member) error {
	active := 0
	for _, m := range joined {
		if m.Status == attio.Active {
			active++
		}
	}
	e := &attio.Error{Kind: attio.Untrusted, Op: "read the workspace", Hint: hint(attio.Untrusted)}
	switch {
	case len(users) == 0 && active > 0:
		e.Detail = fmt.Sprintf("SCIM lists nobody, though the workspace has %d active members", active)
		return e
	case len(joined) == 0 && len(users) > 0:
		e.Detail = fmt.Sprintf("the list of workspace members is empty, though SCIM lists %d people", len(users))
		return e
	}
	return nil
}

// merge puts together what SCIM and REST say of each person, by address.
// SCIM has the ids that writes need; only REST tells an invite from a member.
// Several SCIM entries for one address are all kept.
func merge(users, joined []attio.Member) []attio.Member {
	people := make(map[string]*sameAddress, len(joined))
	at := func(email string) *sameAddress {
		key := attio.FoldEmail(email)
		p := people[key]
		if p == nil {
			p = &sameAddress{}
			people[key] = p
		}
		return p
	}
	for i := range joined {
		at(joined[i].Email).joined(&joined[i])
	}
	members := make([]attio.Member, 0, len(users))
	for _, u := range users {
		p := at(u.Email)
		p.listed = true
		p.inactive = p.inactive || u.Status == attio.Suspended
	}
	for _, u := range users {
		members = append(members, at(u.Email).complete(u))
	}
	for _, j := range joined {
		if !at(j.Email).listed {
			members = append(members, j)
		}
	}
	return members
}

// sameAddress is what is known of one folded address.
type sameAddress struct {
	active    *attio.Member // in REST
	suspended *attio.Member // in REST
	listed    bool          // in SCIM
	inactive  bool          // in SCIM with active false
}

func (p *sameAddress) joined(m *attio.Member) {
	if m.Status == attio.Suspended {
		p.suspended = m
	} else {
		p.active = m
	}
}

// complete gives the SCIM entry its status, REST id and role. A suspended
// membership in REST belongs to the SCIM entry that is inactive, if there is
// one: an active entry beside it is then an invite.
func (p *sameAddress) complete(u attio.Member) attio.Member {
	rest := p.active
	switch {
	case u.Status == attio.Suspended:
		if p.suspended != nil {
			rest = p.suspended
		}
	case rest == nil && p.suspended != nil && !p.inactive:
		rest = p.suspended
		u.Status = attio.Suspended
	case rest == nil:
		u.Status = attio.Invited
	}
	if rest != nil {
		u.RestID = rest.RestID
		if u.Role == "" && u.Status == attio.Active {
			u.Role = rest.Role
		}
	}
	return u
}
