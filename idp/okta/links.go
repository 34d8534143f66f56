package okta

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// normalLinks reads Link headers (RFC 8288) however they are folded, and
// writes the links self and next as the SDK reads them: one a line, nothing
// in the address that it would cut at. A link that is no address, or a second
// next, is an error.
func normalLinks(headers []string) ([]string, error) {
	var lines []string
	nexts := 0
	for _, h := range headers {
		links, err := splitLinks(h)
		if err != nil {
			return nil, err
		}
		for _, l := range links {
			address, err := normalTarget(l.target)
			if err != nil {
				return nil, err
			}
			for rel := range strings.FieldsSeq(strings.ToLower(l.rel)) {
				switch rel {
				case "next":
					nexts++
				case "self":
				default:
					continue
				}
				lines = append(lines, fmt.Sprintf(`<%s>; rel="%s"`, address, rel))
			}
		}
	}
	if nexts > 1 {
		return nil, errors.New("the Link header names two next pages")
	}
	return lines, nil
}

// normalTarget writes an address without anything that ends it early.
func normalTarget(target string) (string, error) {
	u, err := url.Parse(target)
	if err != nil || u.Path == "" || strings.ContainsAny(u.Path, `;"<>`) {
		return "", errors.New("a Link header holds something that is no address")
	}
	values, err := url.ParseQuery(strings.ReplaceAll(u.RawQuery, ";", "%3B"))
	if err != nil {
		return "", errors.New("a Link header holds something that is no address")
	}
	u.RawQuery, u.Fragment, u.RawFragment = values.Encode(), "", ""
	return u.String(), nil
}

type link struct{ target, rel string }

// splitLinks takes one header value apart: <address>; name="value", <...
func splitLinks(h string) ([]link, error) {
	var links []link
	rest := strings.TrimLeft(h, " \t,")
	for rest != "" {
		if rest[0] != '<' {
			return nil, errors.New("a Link header is malformed")
		}
		end := strings.IndexByte(rest, '>')
		if end < 0 {
			return nil, errors.New("a Link header is malformed")
		}
		l := link{target: strings.TrimSpace(rest[1:end])}
		var params string
		params, rest = cutOutsideQuotes(rest[end+1:], ',')
		for params != "" {
			var p string
			p, params = cutOutsideQuotes(params, ';')
			name, value, _ := strings.Cut(p, "=")
			if strings.EqualFold(strings.TrimSpace(name), "rel") && l.rel == "" {
				l.rel = strings.Trim(strings.TrimSpace(value), `"`)
			}
		}
		links = append(links, l)
		rest = strings.TrimLeft(rest, " \t,")
	}
	return links, nil
}

// cutOutsideQuotes cuts s at the first sep that is not within quotes.
func cutOutsideQuotes(s string, sep byte) (before, after string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}
