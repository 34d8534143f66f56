package okta

import (
	"bytes"
	"unicode/utf8"
)

// lentUser is one entry of the app's assignment list, all of it lent. The profiles
// and the link to the group are JSON.
type lentUser struct {
	id, status, scope []byte
	userName          []byte
	profile, group    []byte

	whole                           bool // it holds the Okta user
	userID, userStatus, userProfile []byte
}

// readLent reads an entry that was cut down. What is written as Okta writes it is
// read where it stands; all else is for encoding/json.
func readLent(cut []byte) (u lentUser, flaw string, err error) {
	if u.read(cut) && isID(u.id) && (!u.whole || bytes.Equal(u.userID, u.id)) {
		return u, "", nil
	}
	w, flaw, err := decoded[wireAppUser](cut)
	return w.lent(), flaw, err
}

// read says whether all of the entry is as it is known.
func (u *lentUser) read(cut []byte) bool {
	return onceEach(cut, func(name, value []byte) bool {
		switch string(name) {
		case "id":
			return asItStands(value, &u.id)
		case "status":
			return asItStands(value, &u.status)
		case "scope":
			return asItStands(value, &u.scope)
		case "profile":
			u.profile = value
			return true
		case "credentials":
			return onceEach(value, func(name, value []byte) bool {
				return string(name) == "userName" && asItStands(value, &u.userName)
			})
		case "_embedded":
			return onceEach(value, func(name, value []byte) bool {
				u.whole = true
				return string(name) == "user" && u.readUser(value)
			})
		case "_links":
			return onceEach(value, func(name, value []byte) bool {
				u.group = value
				return string(name) == "group"
			})
		}
		return false
	})
}

func (u *lentUser) readUser(object []byte) bool {
	return onceEach(object, func(name, value []byte) bool {
		switch string(name) {
		case "id":
			return asItStands(value, &u.userID)
		case "status":
			return asItStands(value, &u.userStatus)
		case "profile":
			u.userProfile = value
			return true
		}
		return false
	})
}

// mostNames is how many names any object has of which fields are kept.
const mostNames = 8

// onceEach calls f for the members of an object, as long as it says to go on. It is
// false for what is no object, or has a name twice: of which one counts encoding/json
// is asked.
func onceEach(object []byte, f func(name, value []byte) bool) bool {
	if len(object) == 0 || object[0] != '{' {
		return false
	}
	var seen [mostNames][]byte
	n, good := 0, true
	eachField(object, func(name, value []byte) {
		for _, s := range seen[:n] {
			good = good && !bytes.Equal(s, name)
		}
		if good = good && n < mostNames; good {
			seen[n] = name
			n++
			good = f(name, value)
		}
	})
	return good
}

// asItStands takes the text of a JSON value that reads as it stands there.
func asItStands(value []byte, to *[]byte) bool {
	if len(value) < 2 || value[0] != '"' || bytes.IndexByte(value, '\\') >= 0 || !utf8.Valid(value) {
		return false
	}
	*to = value[1 : len(value)-1]
	return true
}
