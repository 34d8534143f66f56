package attiotest

import (
	"encoding/json"
	"strings"
)

// filter is attribute, operator, value: what Attio documents. There is no and,
// or, not (https://docs.attio.com/rest-api/scim/list-users).
type filter struct {
	attribute string // lower case
	op        string // eq, ne, co, sw, ew
	text      string
	truth     *bool // the value was true or false
}

// parseFilter reads RFC 7644 section 3.4.2.2 as far as Attio takes it: names
// and operators without regard to case, text in JSON's quotes.
func parseFilter(s string) (filter, error) {
	attr, rest, ok := strings.Cut(strings.TrimLeft(s, " "), " ")
	op, value, ok2 := strings.Cut(strings.TrimLeft(rest, " "), " ")
	f := filter{attribute: strings.ToLower(attr), op: strings.ToLower(op)}
	if !ok || !ok2 {
		return f, badFilter("The filter has to read: attribute operator value.")
	}
	switch f.op {
	case "eq", "ne", "co", "sw", "ew":
	default:
		return f, badFilter("The operator has to be eq, ne, co, sw or ew.")
	}
	var v any
	if err := json.Unmarshal([]byte(strings.Trim(value, " ")), &v); err != nil {
		return f, badFilter("The filter's value has to be one text in double quotes, or true or false; filters cannot be joined.")
	}
	switch v := v.(type) {
	case string:
		f.text = v
	case bool:
		f.truth = &v
	default:
		return f, badFilter("The filter's value has to be a text, or true or false.")
	}
	return f, nil
}

func (f filter) textMatches(have string, caseExact bool) bool {
	want := f.text
	if !caseExact {
		have, want = strings.ToLower(have), strings.ToLower(want)
	}
	switch f.op {
	case "eq":
		return have == want
	case "ne":
		return have != want
	case "co":
		return strings.Contains(have, want)
	case "sw":
		return strings.HasPrefix(have, want)
	}
	return strings.HasSuffix(have, want)
}

// memberPath reads members[value eq "id"], which names one person of a team.
func memberPath(path string) (id string, ok bool) {
	inner, found := cutPrefixFold(path, "members[")
	if !found || !strings.HasSuffix(inner, "]") {
		return "", false
	}
	f, err := parseFilter(strings.TrimSuffix(inner, "]"))
	if err != nil || f.attribute != "value" || f.op != "eq" || f.truth != nil {
		return "", false
	}
	return f.text, true
}

func cutPrefixFold(s, prefix string) (after string, found bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
