package scim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"scim-sync/attio"
	"scim-sync/internal/idset"
)

// json is the body of an answer that can be JSON; an empty one, null and a web
// page are errors of kind Untrusted.
func (a answer) json() ([]byte, error) {
	body := bytes.TrimSpace(a.body)
	switch {
	case len(body) == 0:
		return nil, a.untrusted("the answer is empty")
	case isNull(body):
		return nil, a.untrusted("the answer is null")
	case body[0] == '<':
		return nil, a.untrusted("the answer is a web page, not JSON")
	}
	return body, nil
}

// decode reads a small answer into v; cut-off or wrongly typed JSON is an error of
// kind Untrusted.
func (a answer) decode(v any) error {
	body, err := a.json()
	if err != nil {
		return err
	}
	if len(body) > maxEntry {
		return a.untrusted("the answer is larger than 1 MiB")
	}
	if err := json.Unmarshal(body, v); err != nil {
		return a.untrusted(badJSON(err))
	}
	return nil
}

// walk goes through the members of the answer, which may be large. Every error is
// of kind Untrusted.
func (a answer) walk(each func(key name, value []byte) error) error {
	body, err := a.json()
	if err != nil {
		return err
	}
	if err := walkObject(body, each); err != nil {
		return a.untrusted(badJSON(err))
	}
	return nil
}

// valid gives the error of a value that is no JSON.
func valid(value []byte) error {
	if json.Valid(value) {
		return nil
	}
	return json.Unmarshal(value, new(struct{})) // says what is wrong
}

// badJSON words what is wrong with a body without showing any of it.
func badJSON(err error) string {
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		where := "the answer"
		if t.Field != "" {
			where = plain(t.Field, 60) + " in the answer"
		}
		return where + " is " + t.Value + ", which it must not be"
	}
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("the answer is no JSON: %s after %d bytes", s, s.Offset)
	}
	if errors.Is(err, errCut) || errors.Is(err, errNoValue) {
		return "the answer is no JSON: " + err.Error()
	}
	return plain(err.Error(), 200)
}

// member reads the answer as the member with the given id ("": any).
func (a answer) member(id string) (attio.Member, error) {
	body, err := a.json()
	if err != nil {
		return attio.Member{}, err
	}
	m, err := readMember(body)
	switch {
	case err != nil:
		return attio.Member{}, a.untrusted(badJSON(err))
	case m.Email == "":
		return attio.Member{}, a.untrusted("user " + plain(m.ID, 64) + " " + noAddress)
	case id != "" && !strings.EqualFold(m.ID, id):
		return attio.Member{}, a.untrusted(fmt.Sprintf("it shows %s, which was not asked for", plain(m.ID, 64)))
	}
	return m, nil
}

// team reads the answer as the team with the given id ("": any); whole is
// false when it leaves the members out.
func (a answer) team(id string, in *idset.Dictionary) (t attio.Team, whole bool, err error) {
	body, err := a.json()
	if err != nil {
		return attio.Team{}, false, err
	}
	left := fullBudget
	if t, whole, err = readTeam(body, in, &left); err != nil {
		return attio.Team{}, false, a.untrusted(badJSON(err))
	}
	if strings.TrimSpace(t.Name) == "" {
		return attio.Team{}, false, a.untrusted("group " + plain(t.ID, 64) + " " + noName)
	}
	if id != "" && !strings.EqualFold(t.ID, id) {
		return attio.Team{}, false, a.untrusted(fmt.Sprintf("it shows %s, which was not asked for", plain(t.ID, 64)))
	}
	return t, whole, nil
}
