package okta

import (
	"bytes"
	"fmt"
	"strings"

	"scim-sync/idp"
	"scim-sync/internal/idset"
)

// userDecoder makes a neutral person of an app user. One is made a reading; it is
// not safe for concurrent use.
type userDecoder struct {
	role, email string
	statuses    statusTable
	texts       *idset.Dictionary
	hasRole     bool // the role attribute was in some profile, set or not
	hasEmail    bool // likewise that of the address
	unknown     map[string][]string
	whole       bool   // some entry held its Okta user
	crowded     string // the id of an entry whose role attribute holds too many values
	alone       bool   // an entry without its Okta user is judged by its own status

	roles  map[string][]string     // by the attribute as it stands
	vias   map[string]idp.GroupRef // by the link as it stands
	proofs map[string]*idp.Proof   // of the answer that is read, by the word that decided
	room   []byte                  // for the texts of one person
}

func (s *Source) newUserDecoder(texts *idset.Dictionary) *userDecoder {
	return &userDecoder{role: s.role, email: s.email, statuses: newStatusTable(), texts: texts, unknown: map[string][]string{},
		roles: map[string][]string{}, vias: map[string]idp.GroupRef{}, proofs: map[string]*idp.Proof{}}
}

// profile is what is used of an app user's profile and the Okta user's. All but
// the roles is lent.
type profile struct {
	email, userEmail []byte
	given, family    []byte
	userGiven        []byte
	userFamily       []byte
	roles            []string
}

func (e *userDecoder) readProfile(u lentUser) profile {
	var p profile
	eachField(u.profile, func(name, value []byte) {
		if string(name) == e.email {
			e.hasEmail = true
			p.email = lentText(value)
		}
		if string(name) == e.role && e.role != "" {
			e.hasRole = true
			if p.roles = e.rolesOf(value); len(p.roles) > mostValues && e.crowded == "" {
				e.crowded = string(u.id)
			}
		}
		switch string(name) {
		case "given_name", "givenName", "firstName":
			p.given = either(p.given, lentText(value))
		case "family_name", "familyName", "lastName":
			p.family = either(p.family, lentText(value))
		}
	})
	eachField(u.userProfile, func(name, value []byte) {
		switch string(name) {
		case "email":
			p.userEmail = lentText(value)
		case "firstName":
			p.userGiven = lentText(value)
		case "lastName":
			p.userFamily = lentText(value)
		}
	})
	return p
}

// Most people have one of a few roles, and come from one of a few groups: what was
// made of so many values is made once.
const (
	mostSame      = 1000
	mostSameBytes = 512
)

// rolesOf are the values of the role attribute. The list may be shared.
func (e *userDecoder) rolesOf(value []byte) []string {
	roles, known := e.roles[string(value)]
	if known {
		return roles
	}
	roles = values(value)
	for i := range roles {
		roles[i] = e.texts.Keep(roles[i])
	}
	if len(value) <= mostSameBytes && len(e.roles) < mostSame {
		e.roles[string(value)] = roles
	}
	return roles
}

// via is the group that an assignment came from.
func (e *userDecoder) via(link []byte) idp.GroupRef {
	via, known := e.vias[string(link)]
	if known {
		return via
	}
	l := linkOf(link)
	via = idp.GroupRef{ID: e.texts.Keep(l.id()), Name: e.texts.Keep(l.Name)}
	if len(link) <= mostSameBytes && len(e.vias) < mostSame {
		e.vias[string(link)] = via
	}
	return via
}

// proof is one for all of whom an answer says the same.
func (e *userDecoder) proof(says string) *idp.Proof {
	p := e.proofs[says]
	if p == nil {
		p = &idp.Proof{Says: says}
		e.proofs[says] = p
	}
	return p
}

// readBy says which request the people were read by since it was last called.
func (e *userDecoder) readBy(request string, got reply) {
	for says, p := range e.proofs {
		*p = idp.Proof{Request: request, Status: got.status, Says: says, At: got.at, RequestID: got.requestID}
	}
	clear(e.proofs)
}

// person makes a neutral person of an app user, of which it keeps nothing. readBy
// completes their proof.
func (e *userDecoder) person(u lentUser) idp.Person {
	p := e.readProfile(u)
	var userStatus *string
	switch {
	case u.whole:
		userStatus, e.whole = new(e.statuses.word(u.userStatus)), true
	case !e.alone:
		userStatus = new("")
	}
	id := e.texts.KeepOf(u.id)
	v := e.statuses.judge(e.statuses.word(u.status), userStatus)
	if v.unknown != "" {
		e.unknown[v.unknown] = append(e.unknown[v.unknown], id)
	}
	out := idp.Person{
		ID:         id,
		Roles:      p.roles,
		HasRole:    len(p.roles) > 0,
		Access:     v.access,
		AppStatus:  v.app,
		UserStatus: v.user,
		Direct:     string(u.scope) == "USER",
		Proof:      e.proof(v.says),
	}
	email, from := p.address(u.userName)
	out.EmailFrom = from
	e.together([...][]byte{u.userName, email, either(p.given, p.userGiven), either(p.family, p.userFamily)},
		[...]*string{&out.UserName, &out.Email, &out.GivenName, &out.FamilyName})
	if !out.Direct {
		out.Via = e.via(u.group)
	}
	return out
}

// together copies texts of one person, who is kept or dropped as a whole, in one
// piece; one that is equal to the one before it is the same.
func (e *userDecoder) together(texts [4][]byte, to [4]*string) {
	room := e.room[:0]
	var ends [4]int
	for i, t := range texts {
		if i == 0 || !bytes.Equal(t, texts[i-1]) {
			room = append(room, t...)
		}
		ends[i] = len(room)
	}
	all := string(room)
	e.room = room
	for i, t := range texts {
		*to[i] = all[ends[i]-len(t) : ends[i]]
	}
}

func (e *userDecoder) tooMany(status int) error {
	return &refusal{status: status, why: fmt.Sprintf("the role attribute of %s holds more than %d values", e.crowded, mostValues)}
}

// address is the one that counts, and where it was found.
func (p profile) address(userName []byte) ([]byte, idp.EmailOrigin) {
	switch {
	case !isBlank(p.email):
		return p.email, idp.EmailAttribute
	case !isBlank(p.userEmail):
		return p.userEmail, idp.EmailAccount
	case !isBlank(userName):
		return userName, idp.EmailUserName
	}
	return nil, 0
}

// notes tell of statuses that nobody knows, one for each word.
func (e *userDecoder) notes() []idp.Note {
	var notes []idp.Note
	for word, ids := range e.unknown {
		notes = append(notes, idp.Note{
			Code: "unknown-status", Subject: word,
			Detail: fmt.Sprintf("Okta gave a status that is not known here for %d people (%s and so on); they are left as they are", len(ids), ids[0]),
		})
	}
	return notes
}

// either is the first of two texts that is not blank.
func either[T string | []byte](a, b T) T {
	if !isBlank(a) {
		return a
	}
	return b
}

func isBlank[T string | []byte](s T) bool { return strings.TrimSpace(string(s)) == "" }
