package okta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"scim-sync/idp"
	"scim-sync/internal/idset"
)

// The largest pages that Okta gives of each list.
const (
	appUserPage    = 500
	assignmentPage = 200
	groupPage      = 200
	memberPage     = 1000
	mappingPage    = 1000
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
}

func (s *Source) newUserDecoder(texts *idset.Dictionary) *userDecoder {
	return &userDecoder{role: s.role, email: s.email, statuses: newStatusTable(), texts: texts, unknown: map[string][]string{}}
}

// profile is what is used of an app user's profile and the Okta user's.
type profile struct {
	email, userEmail string
	given, family    string
	userGiven        string
	userFamily       string
	roles            []string
}

func (e *userDecoder) readProfile(u wireAppUser) profile {
	var p profile
	eachField(u.Profile, func(name string, value []byte) {
		if name == e.email {
			e.hasEmail = true
			p.email = textOf(value)
		}
		if name == e.role && e.role != "" {
			e.hasRole = true
			if p.roles = values(value); len(p.roles) > mostValues {
				e.crowded = u.ID
			}
		}
		switch name {
		case "given_name", "givenName", "firstName":
			p.given = either(p.given, textOf(value))
		case "family_name", "familyName", "lastName":
			p.family = either(p.family, textOf(value))
		}
	})
	if u.Embedded.User != nil {
		eachField(u.Embedded.User.Profile, func(name string, value []byte) {
			switch name {
			case "email":
				p.userEmail = textOf(value)
			case "firstName":
				p.userGiven = textOf(value)
			case "lastName":
				p.userFamily = textOf(value)
			}
		})
	}
	return p
}

// person makes a neutral person of an app user. proof is the reading, without
// the word that decided.
func (e *userDecoder) person(u wireAppUser, proof idp.Proof) idp.Person {
	p := e.readProfile(u)
	var userStatus *string
	switch {
	case u.Embedded.User != nil:
		userStatus, e.whole = &u.Embedded.User.Status, true
	case !e.alone:
		userStatus = new("")
	}
	v := e.statuses.judge(u.Status, userStatus)
	if v.unknown != "" {
		e.unknown[v.unknown] = append(e.unknown[v.unknown], u.ID)
	}
	for i := range p.roles {
		p.roles[i] = e.texts.Keep(p.roles[i])
	}
	proof.Says = e.texts.Keep(v.says)
	out := idp.Person{
		ID:         e.texts.Keep(u.ID),
		UserName:   u.Credentials.UserName,
		GivenName:  either(p.given, p.userGiven),
		FamilyName: either(p.family, p.userFamily),
		Roles:      p.roles,
		HasRole:    len(p.roles) > 0,
		Access:     v.access,
		AppStatus:  e.texts.Keep(v.app),
		UserStatus: e.texts.Keep(v.user),
		Direct:     u.Scope == "USER",
		Proof:      proof,
	}
	out.Email, out.EmailFrom = p.address(u.Credentials.UserName)
	if !out.Direct {
		out.Via = idp.GroupRef{ID: e.texts.Keep(u.Links.Group.id()), Name: e.texts.Keep(u.Links.Group.Name)}
	}
	return out
}

func (e *userDecoder) tooMany(status int) error {
	return &refusal{status: status, why: fmt.Sprintf("the role attribute of %s holds more than %d values", e.crowded, mostValues)}
}

// address is the one that counts, and where it was found.
func (p profile) address(userName string) (string, idp.EmailOrigin) {
	switch {
	case strings.TrimSpace(p.email) != "":
		return p.email, idp.EmailAttribute
	case strings.TrimSpace(p.userEmail) != "":
		return p.userEmail, idp.EmailAccount
	case strings.TrimSpace(userName) != "":
		return userName, idp.EmailUserName
	}
	return "", 0
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
func either(a, b string) string {
	if strings.TrimSpace(a) != "" {
		return a
	}
	return b
}

// listPeople reads the whole assignment list, each person with their own
// status (expand=user): a suspended person is still assigned.
func (s *Source) listPeople(ctx context.Context, e *userDecoder, progress func(string, int)) ([]idp.Person, error) {
	var people []idp.Person
	place := map[string]int{} // where each id is in people
	var unsure []string       // ids of which two entries say different things
	l := listing{
		op: "list app users", path: s.appPath() + "/users",
		query: url.Values{"expand": {"user"}}, limit: appUserPage, need: appsNeed,
	}
	err := eachPage(ctx, s, l, func(page []wireAppUser, got reply) error {
		proof := idp.Proof{Request: "GET " + l.path, Status: got.status, At: got.at, RequestID: got.requestID}
		for _, u := range page {
			p := e.person(u, proof)
			if e.crowded != "" {
				return e.tooMany(got.status)
			}
			at, again := place[p.ID]
			switch {
			case !again:
				place[p.ID] = len(people)
				people = append(people, p)
			case !sameEntry(people[at], p) && !slices.Contains(unsure, p.ID):
				if unsure = append(unsure, p.ID); len(unsure) > mostUnsure {
					return &refusal{status: got.status, why: fmt.Sprintf("it holds more than %d people twice, with different words", mostUnsure)}
				}
			}
		}
		progress("app users", len(people))
		return nil
	})
	if err == nil && len(people) > 0 && !e.whole {
		err = s.fail(ctx, task{op: l.op, path: l.path, need: l.need}, noUsers())
	}
	if err != nil || len(unsure) == 0 {
		return people, err
	}
	return s.settleDoubles(ctx, e, people, unsure)
}

// noUsers is the failure of a list that leaves out what was asked for.
func noUsers() error {
	return &refusal{status: http.StatusOK, why: "no entry holds the Okta user that was asked for (expand=user), so nobody's own status is known"}
}

// Person implements [idp.Source]: GET /api/v1/apps/{app}/users/{id}. Only
// Okta's own word that the app has no such person counts as absence.
func (s *Source) Person(ctx context.Context, id string) (idp.Standing, error) {
	e := s.newUserDecoder(idset.NewDictionary())
	e.alone = true // nobody gets access by this answer: it may only keep somebody
	return s.person(ctx, e, id)
}

// People implements [idp.Lister].
func (s *Source) People(ctx context.Context) ([]idp.Person, error) {
	return s.listPeople(ctx, s.newUserDecoder(idset.NewDictionary()), func(string, int) {})
}

func (s *Source) person(ctx context.Context, e *userDecoder, id string) (idp.Standing, error) {
	t := task{op: "read app user", path: s.appPath() + "/users/" + id, need: appsNeed}
	if badID(id) != "" {
		return idp.Standing{}, notAnID(t.op, id)
	}
	var u wireAppUser
	got, err := s.get(ctx, t.path+"?expand=user", &u)
	if proof, gone := absence(t, id, err); gone {
		return idp.Standing{Access: idp.Revoked, Proof: proof}, nil
	}
	var answer *rejection
	if errors.As(err, &answer) && answer.status == http.StatusNotFound {
		// The app was there a moment ago: nothing may follow from this.
		err = &refusal{status: answer.status, why: "it does not say that the person is missing: " + answer.Error()}
	}
	if err == nil {
		err = sameThing(u.flaw(), u.ID, id, got)
	}
	if err != nil {
		return idp.Standing{}, s.fail(ctx, t, err)
	}
	p := e.person(u, idp.Proof{Request: "GET " + t.path, Status: got.status, At: got.at, RequestID: got.requestID})
	if e.crowded != "" {
		return idp.Standing{}, s.fail(ctx, t, e.tooMany(got.status))
	}
	return idp.Standing{Access: p.Access, Listed: true, Person: p, Proof: p.Proof}, nil
}

// absence reads an error as Okta's word that there is no thing of that id.
func absence(t task, id string, err error) (idp.Proof, bool) {
	var answer *rejection
	if !errors.As(err, &answer) || !answer.lacks(id) {
		return idp.Proof{}, false
	}
	return idp.Proof{
		Request: "GET " + t.path, Status: answer.status, Says: answer.code, At: answer.at, RequestID: answer.requestID,
	}, true
}

func sameThing(flaw, got, asked string, r reply) error {
	if flaw != "" {
		return &refusal{status: r.status, why: flaw}
	}
	if got != asked {
		return &refusal{status: r.status, why: "it is about another id than the one asked for"}
	}
	return nil
}

func notAnID(op, id string) error {
	return &idp.Error{
		Kind: idp.Setting, Op: op, Subject: plain(id), Detail: "that is not an Okta id", Hint: "Ids are letters and digits only.",
	}
}

func (s *Source) appPath() string { return "/api/v1/apps/" + s.appID }
