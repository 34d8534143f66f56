package sync

import (
	"encoding/json"
	"strconv"
)

// appendStep writes a step exactly as encoding/json does, some five times as
// fast: the id of a plan of 100,000 steps is over every byte of them.
func appendStep(b []byte, s *Step) []byte {
	b = strconv.AppendInt(append(b, `{"n":`...), int64(s.N), 10)
	b = appendText(append(b, `,"action":`...), string(s.Action))
	if p := s.Person; p != nil {
		b = appendText(append(b, `,"person":{"okta_id":`...), p.OktaID)
		b = appendText(append(b, `,"email":`...), p.Email)
		b = append(b, '}')
	}
	if t := s.Team; t != nil {
		b = appendTeam(append(b, `,"team":`...), t)
	}
	b = appendText(append(b, `,"attio_id":`...), s.AttioID)
	b = appendValues(append(b, `,"before":`...), &s.Before)
	b = appendValues(append(b, `,"after":`...), &s.After)
	for i, m := range s.People {
		if b = append(b, ','); i == 0 {
			b = append(b, `"people":[`...)
		}
		b = appendText(append(b, `{"okta_id":`...), m.OktaID)
		b = appendText(append(b, `,"email":`...), m.Email)
		b = appendText(append(b, `,"attio_id":`...), m.AttioID)
		b = append(b, '}')
	}
	if len(s.People) > 0 {
		b = append(b, ']')
	}
	b = appendText(append(b, `,"cause":`...), string(s.Cause))
	b = appendText(append(b, `,"reason":`...), s.Reason)
	return append(b, '}')
}

func appendTeam(b []byte, t *TeamRef) []byte {
	b = appendText(append(b, `{"okta_id":`...), t.OktaID)
	b = appendText(append(b, `,"attio_id":`...), t.AttioID)
	b = appendText(append(b, `,"name":`...), t.Name)
	for i, g := range t.Groups {
		if b = append(b, ','); i == 0 {
			b = append(b, `"groups":[`...)
		}
		b = appendText(b, g)
	}
	if len(t.Groups) > 0 {
		b = append(b, ']')
	}
	return append(b, '}')
}

func appendValues(b []byte, v *Values) []byte {
	b = append(b, '{')
	empty := len(b)
	for _, f := range [...]struct{ name, value string }{
		{`"email":`, v.Email}, {`"role":`, string(v.Role)}, {`"status":`, string(v.Status)}, {`"given_name":`, v.GivenName},
		{`"family_name":`, v.FamilyName}, {`"name":`, v.Name}, {`"kind":`, v.Kind},
	} {
		if f.value == "" {
			continue
		}
		if len(b) > empty {
			b = append(b, ',')
		}
		b = appendText(append(b, f.name...), f.value)
	}
	return append(b, '}')
}

// appendText writes a text as encoding/json does. What that would write
// otherwise than it stands, it writes itself.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			text, err := json.Marshal(s)
			if err != nil {
				panic(err) // a text always encodes
			}
			return append(b, text...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
