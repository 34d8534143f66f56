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

var errMalformedLink = errors.New("a Link header is malformed")

// splitLinks takes one header value apart (RFC 8288, appendix B.2). Links of
// another context than the page are left out.
func splitLinks(h string) ([]link, error) {
	var links []link
	for h = strings.TrimLeft(h, " \t,"); h != ""; h = strings.TrimLeft(h, " \t,") {
		target, rest, closed := strings.Cut(h[1:], ">")
		if h[0] != '<' || !closed {
			return nil, errMalformedLink
		}
		parameters, rest, err := linkParameters(rest)
		if err != nil {
			return nil, err
		}
		if _, elsewhere := parameters["anchor"]; !elsewhere {
			links = append(links, link{strings.TrimSpace(target), parameters["rel"]})
		}
		h = rest
	}
	return links, nil
}

// linkParameters reads the parameters of one link (RFC 8288, appendix B.3) by
// their names in lower case; of two of one name the first counts.
func linkParameters(s string) (parameters map[string]string, rest string, err error) {
	parameters = map[string]string{}
	for {
		s = strings.TrimLeft(s, " \t")
		if s == "" || s[0] == ',' {
			return parameters, s, nil
		}
		if s[0] != ';' {
			return nil, "", errMalformedLink
		}
		s = strings.TrimLeft(s[1:], " \t")
		end := strings.IndexAny(s+",", " \t=;,")
		name, value := strings.ToLower(s[:end]), ""
		s = strings.TrimLeft(s[end:], " \t")
		if after, has := strings.CutPrefix(s, "="); has {
			if value, s, err = linkValue(strings.TrimLeft(after, " \t")); err != nil {
				return nil, "", err
			}
		}
		if _, again := parameters[name]; !again {
			parameters[name] = value
		}
	}
}

// linkValue reads the value of a parameter; in quotes, a backslash makes the next
// character stand for itself (RFC 8288, appendix B.4).
func linkValue(s string) (value, rest string, err error) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s+",", ";,")
		return strings.TrimSpace(s[:end]), s[end:], nil
	}
	var text []byte
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return string(text), s[i+1:], nil
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		text = append(text, s[i])
	}
	return "", "", errors.New("a Link header has quotes that are never closed")
}
