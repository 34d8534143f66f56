package scim

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"scim-sync/attio"
	"scim-sync/internal/idset"
	"scim-sync/internal/jsonscan"
)

// Entries that are written as Attio writes them are read in one pass. What is
// odd in any way, if only a name in another case or a text with an escape, is left
// to the readers in wire.go and rest.go, which also say what is wrong with it.

// quick goes through one entry.
type quick struct{ jsonscan.Scanner }

func quickly(raw []byte) *quick { return &quick{jsonscan.Scanner{In: raw}} }

// whole says whether f goes through all of the entry.
func (q *quick) whole(f func() bool) bool { return f() && q.At == len(q.In) }

// object calls each at the value of every member of an object. It is false for what
// is none, and where a name is neither among the known, in this very spelling and
// once, nor different from them all in any case.
func (q *quick) object(depth int, known []string, each func(i int) bool) bool {
	if q.Peek() != '{' {
		return false
	}
	var seen uint
	return q.Members(depth, func(name []byte) bool {
		name = name[1 : len(name)-1]
		for i, k := range known {
			if string(name) == k {
				again := seen&(1<<i) != 0
				seen |= 1 << i
				return !again && each(i)
			}
		}
		return !oddName(name, known) && q.Skip(depth+1)
	})
}

// oddName says whether encoding/json may take a name for one of the known.
func oddName(name []byte, known []string) bool {
	for _, c := range name {
		if c == '\\' || c >= utf8.RuneSelf {
			return true
		}
	}
	for _, k := range known {
		if len(k) == len(name) && strings.EqualFold(k, string(name)) {
			return true
		}
	}
	return false
}

// text takes a text that reads as it stands there; null is empty.
func (q *quick) text(to *[]byte) bool {
	from := q.At
	if !q.Skip(jsonscan.Deepest) {
		return false
	}
	value := q.In[from:q.At]
	if isNull(value) {
		*to = nil
		return true
	}
	if value[0] != '"' || bytes.IndexByte(value, '\\') >= 0 || !utf8.Valid(value) {
		return false
	}
	*to = value[1 : len(value)-1]
	return true
}

// quickTeam reads a group as readTeam does. An id of nobody, and more memberships
// than are left, are not for it.
func quickTeam(raw []byte, in *idset.Dictionary, left *budget) (t attio.Team, whole, ok bool) {
	q := quickly(raw)
	var id, name []byte
	var numbers []uint32
	most := int(*left)
	member := func() bool {
		var ref []byte
		if !q.object(2, []string{"value"}, func(int) bool { return q.text(&ref) }) || len(ref) == 0 || len(numbers) == most {
			return false
		}
		numbers = append(numbers, in.NumberOf(ref))
		return true
	}
	ok = q.whole(func() bool {
		return q.object(0, []string{"id", "displayName", "members"}, func(i int) bool {
			switch i {
			case 0:
				return q.text(&id)
			case 1:
				return q.text(&name)
			}
			whole = true
			return q.Peek() == '[' && q.Elements(1, member)
		})
	})
	if !ok || usableID(string(id)) != nil {
		return attio.Team{}, false, false
	}
	t.ID, t.Name = string(id), string(name)
	if whole {
		t.Members = in.Set(numbers)
	}
	*left -= budget(len(numbers))
	return t, whole, true
}

// quickMember reads a user as readMember does, but for one whose address or role
// is to be looked for in lists.
func quickMember(raw []byte, in *idset.Dictionary) (attio.Member, bool) {
	q := quickly(raw)
	var id, userName, appRole, given, family []byte
	active := []byte("true")
	ok := len(raw) <= maxEntry && q.whole(func() bool {
		return q.object(0, []string{"id", "userName", "appRole", "name", "active", "emails", "roles"}, func(i int) bool {
			switch i {
			case 0:
				return q.text(&id)
			case 1:
				return q.text(&userName)
			case 2:
				return q.text(&appRole)
			case 3:
				return q.object(1, []string{"givenName", "familyName"}, func(i int) bool {
					if i == 0 {
						return q.text(&given)
					}
					return q.text(&family)
				})
			case 4:
				from := q.At
				there := q.Skip(1)
				active = q.In[from:q.At]
				return there
			}
			return q.Skip(1)
		})
	})
	if !ok || usableID(string(id)) != nil || len(appRole) == 0 {
		return attio.Member{}, false
	}
	m := attio.Member{ID: in.KeepOf(id), Role: roleNamed(string(appRole)), Status: attio.Active}
	switch string(active) {
	case "true":
	case "false":
		m.Status = attio.Suspended
	default:
		return attio.Member{}, false
	}
	email, first, last := together(userName, given, family)
	if email = strings.TrimSpace(email); email == "" {
		return attio.Member{}, false
	}
	m.Email, m.Profile = email, attio.Profile{GivenName: first, FamilyName: last}
	return m, true
}

// quickJoined reads an entry of those who have joined as readRestMember does.
func quickJoined(raw []byte) (w restMember, ok bool) {
	q := quickly(raw)
	var id, first, last, email, access []byte
	ok = len(raw) <= maxEntry && q.whole(func() bool {
		return q.object(0, []string{"id", "first_name", "last_name", "email_address", "access_level"}, func(i int) bool {
			switch i {
			case 0:
				return q.object(1, []string{"workspace_member_id"}, func(int) bool { return q.text(&id) })
			case 1:
				return q.text(&first)
			case 2:
				return q.text(&last)
			case 3:
				return q.text(&email)
			}
			return q.text(&access)
		})
	})
	if !ok || len(id) == 0 {
		return restMember{}, false
	}
	w.ID.Member = string(id)
	w.Email, w.First, w.Last = together(email, first, last)
	w.Access = known(access)
	return w, true
}

// known is a text that needs no copy where it is one of the usual words.
func known(access []byte) string {
	for _, word := range []string{"admin", "member", "suspended"} {
		if string(access) == word {
			return word
		}
	}
	return string(access)
}

// together copies the texts of one person, who is kept as a whole, in one piece.
func together(a, b, c []byte) (x, y, z string) {
	var room [256]byte
	all := string(append(append(append(room[:0], a...), b...), c...))
	return all[:len(a)], all[len(a) : len(a)+len(b)], all[len(a)+len(b):]
}
