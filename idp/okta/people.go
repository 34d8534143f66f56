package okta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

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

// listPeople reads the whole assignment list, each person with their own
// status (expand=user): a suspended person is still assigned.
func (s *Source) listPeople(ctx context.Context, e *userDecoder, progress func(string, int)) ([]idp.Person, error) {
	var people assigned
	l := listing{
		op: "list app users", path: s.appPath() + "/users",
		query: url.Values{"expand": {"user"}}, limit: appUserPage, need: appsNeed,
	}
	read := func(cut []byte) (p idp.Person, flaw string, err error) {
		u, flaw, err := readLent(cut)
		if flaw == "" && err == nil {
			p = e.person(u)
		}
		return p, flaw, err
	}
	err := eachRead[wireAppUser](ctx, s, l, read, func(page []idp.Person, got reply) error {
		if e.crowded != "" {
			return e.tooMany(got.status)
		}
		e.readBy("GET "+l.path, got)
		if people.add(page, e.texts) > mostUnsure {
			return &refusal{status: got.status, why: fmt.Sprintf("it holds more than %d people twice, with different words", mostUnsure)}
		}
		progress("app users", people.n)
		return nil
	})
	if err == nil && people.n > 0 && !e.whole {
		err = s.fail(ctx, task{op: l.op, path: l.path, need: l.need}, noUsers())
	}
	if err != nil || len(people.unsure) == 0 {
		return people.all(), err
	}
	return s.settleDoubles(ctx, e, people.all(), people.unsure)
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
	p := e.person(u.lent())
	e.readBy("GET "+t.path, got)
	if e.crowded != "" {
		return idp.Standing{}, s.fail(ctx, t, e.tooMany(got.status))
	}
	return idp.Standing{Access: p.Access, Listed: true, Person: p, Proof: *p.Proof}, nil
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
