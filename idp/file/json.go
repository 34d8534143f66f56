package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"scim-sync/idp"
)

// parseJSON reads the document. Its keys may come in any order, but for
// complete, which is the last.
func parseJSON(name string, data []byte) (*Source, error) {
	r := &reader{name: name, data: data, b: newBuilder(name), seen: map[string]bool{}}
	if err := r.head(); err != nil {
		return nil, err
	}
	r.dec = json.NewDecoder(bytes.NewReader(data))
	r.dec.DisallowUnknownFields()
	if err := r.keys(); err != nil {
		return nil, err
	}
	for _, key := range []string{"people", "groups", "complete"} {
		if !r.seen[key] {
			return nil, r.wrong(0, "%q is missing", key)
		}
	}
	s, at, wrong := r.b.finish(r.complete)
	switch {
	case wrong != "" && at >= 0:
		return nil, r.wrong(at, "%s", wrong)
	case wrong != "":
		return nil, wrongAt(name, 0, wrong)
	}
	return s, nil
}

// reader reads a document an entry at a time.
type reader struct {
	name     string
	data     []byte
	dec      *json.Decoder
	b        *builder
	seen     map[string]bool
	complete completeDoc
}

// wrong is an error at an offset.
func (r *reader) wrong(at int64, text string, args ...any) error {
	return wrongAt(r.name, 1+bytes.Count(r.data[:min(at, int64(len(r.data)))], []byte("\n")), fmt.Sprintf(text, args...))
}

// head reads what has to be known before the rest, and whether the whole is
// JSON at all.
func (r *reader) head() error {
	var head struct {
		Format        string    `json:"format"`
		FormatVersion int       `json:"format_version"`
		At            string    `json:"at"`
		Origin        originDoc `json:"origin"`
		RoleAttribute string    `json:"role_attribute"`
		Email         string    `json:"email_attribute"`
		Sight         sightDoc  `json:"sight"`
	}
	if !utf8.Valid(r.data) {
		return wrongAt(r.name, 0, "it is no UTF-8 text")
	}
	err := json.Unmarshal(r.data, &head)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		if syntax.Offset >= int64(len(r.data)) {
			return r.wrong(int64(len(r.data)), "it ends in the middle: the file was cut short")
		}
		return r.wrong(syntax.Offset, "it is no JSON: %v", syntax)
	}
	switch {
	case head.Format != format:
		return notOurs(r.name, fmt.Sprintf("it is no directory of scim-sync: \"format\" must be %q", format))
	case head.FormatVersion != formatVersion:
		return notOurs(r.name, fmt.Sprintf("it has the format version %d; this scim-sync reads %d", head.FormatVersion, formatVersion))
	case err != nil:
		return wrongAt(r.name, 0, wrongType(err))
	}
	var wrong [5]string
	r.b.s.at, wrong[0] = timeOf(head.At)
	r.b.s.origin, wrong[1] = originFrom(head.Origin)
	r.b.s.roleAttribute, wrong[2] = tristateOf("role_attribute", head.RoleAttribute)
	r.b.s.emailAttribute, wrong[3] = tristateOf("email_attribute", head.Email)
	r.b.s.sight.Everyone, wrong[4] = tristateOf("sight.everyone", head.Sight.Everyone)
	if g := head.Sight.Shown; g != nil {
		r.b.s.sight.Shown = g.ref()
	}
	for _, g := range head.Sight.Hidden {
		r.b.s.sight.Hidden = append(r.b.s.sight.Hidden, g.ref())
	}
	for _, w := range wrong {
		if w != "" {
			return wrongAt(r.name, 0, w)
		}
	}
	return nil
}

// keys reads the document key by key.
func (r *reader) keys() error {
	if _, err := r.dec.Token(); err != nil {
		return r.broken(err)
	}
	for r.dec.More() {
		at := r.next()
		token, err := r.dec.Token()
		if err != nil {
			return r.broken(err)
		}
		key, _ := token.(string)
		switch {
		case r.seen[key]:
			return r.wrong(at, "the key %q is there twice", key)
		case r.seen["complete"]:
			return r.wrong(at, "%q comes after \"complete\", which must be the last", key)
		}
		r.seen[key] = true
		if err := r.key(at, key); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) key(at int64, key string) error {
	switch key {
	case "format", "at", "role_attribute", "email_attribute":
		return decode(r, new(string))
	case "sight":
		return decode(r, new(sightDoc))
	case "format_version":
		return decode(r, new(int))
	case "origin":
		return decode(r, new(originDoc))
	case "people":
		return each(r, func(_ int64, d personDoc) string { return r.b.addPerson(d) })
	case "unassigned":
		return each(r, func(_ int64, id string) string {
			r.b.unassigned[id] = true
			return badID(id)
		})
	case "groups":
		return each(r, func(at int64, d groupDoc) string {
			return r.b.addGroup(idp.Group{GroupRef: d.ref(), Team: d.Team == nil || *d.Team, Unsure: d.Unsure}, memberList{d.Members, at})
		})
	case "notes":
		return each(r, func(_ int64, d noteDoc) string {
			r.b.s.notes = append(r.b.s.notes, idp.Note(d))
			return ""
		})
	case "asked_people":
		r.b.s.saved = true
		return each(r, func(_ int64, d askedDoc) string { return r.b.askedPerson(d) })
	case "asked_groups":
		r.b.s.saved = true
		return each(r, func(_ int64, d askedDoc) string { return r.b.askedGroup(d) })
	case "complete":
		return decode(r, &r.complete)
	}
	return r.wrong(at, "the key %q is not known", key)
}

// next is where the next value begins.
func (r *reader) next() int64 {
	at := r.dec.InputOffset()
	for at < int64(len(r.data)) && strings.IndexByte(" \t\r\n,:", r.data[at]) >= 0 {
		at++
	}
	return at
}

// decode reads the next value.
func decode[T any](r *reader, to *T) error {
	at := r.next()
	if err := r.dec.Decode(to); err != nil {
		return r.wrong(at, "%s", wrongType(err))
	}
	return nil
}

// each reads a list; take says what is wrong with an entry.
func each[T any](r *reader, take func(at int64, entry T) (wrong string)) error {
	at := r.next()
	token, err := r.dec.Token()
	if err != nil {
		return r.broken(err)
	}
	if token != json.Delim('[') {
		return r.wrong(at, "a list must be here")
	}
	for r.dec.More() {
		at := r.next()
		var entry T
		if err := decode(r, &entry); err != nil {
			return err
		}
		if wrong := take(at, entry); wrong != "" {
			return r.wrong(at, "%s", wrong)
		}
	}
	_, err = r.dec.Token()
	return r.broken(err)
}

// broken is what cannot be any more, once the whole was found to be JSON.
func (r *reader) broken(err error) error {
	if err == nil {
		return nil
	}
	return r.wrong(r.dec.InputOffset(), "it is no JSON: %v", err)
}

// wrongType says which value is of a wrong type, or which key is not known.
func wrongType(err error) string {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%s is a %s, which it cannot be", strings.TrimPrefix(e.Field, "refDoc."), e.Value)
	}
	if key, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return "the key " + key + " is not known"
	}
	return err.Error()
}

func (b *builder) askedPerson(d askedDoc) string {
	access, wrong := accessOf(d.Access)
	if wrong == "" {
		wrong = badID(d.ID)
	}
	st := idp.Standing{Access: access, Listed: d.Person != nil, Proof: d.Proof}
	if d.Person != nil && wrong == "" {
		st.Person, wrong = d.Person.person(d.Proof)
	}
	if b.s.askedPeople == nil {
		b.s.askedPeople = map[string]idp.Standing{}
	}
	b.s.askedPeople[d.ID] = st
	return wrong
}

func (b *builder) askedGroup(d askedDoc) string {
	st := idp.GroupStanding{Exists: d.Group != nil, Proof: d.Proof}
	if d.Group != nil {
		st.Group = d.Group.ref()
	}
	if b.s.askedGroups == nil {
		b.s.askedGroups = map[string]idp.GroupStanding{}
	}
	b.s.askedGroups[d.ID] = st
	return badID(d.ID)
}

func tristateOf(key, word string) (idp.Tristate, string) {
	switch word {
	case "yes":
		return idp.Yes, ""
	case "no":
		return idp.No, ""
	case "", "unknown":
		return idp.Unknown, ""
	}
	return idp.Unknown, fmt.Sprintf("%s is %q; it must be yes, no or unknown", key, word)
}

func tristateWord(t idp.Tristate) string {
	switch t {
	case idp.Yes:
		return "yes"
	case idp.No:
		return "no"
	}
	return "unknown"
}
