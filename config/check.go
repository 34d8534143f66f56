package config

import (
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// word says whether s is made of ASCII letters, digits and the extra
// characters, does not start with one of those, and is at most longest long.
func word(s, extra string, longest int) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || strings.IndexByte(extra, c) < 0) {
			return false
		}
	}
	return s != "" && len(s) <= longest
}

// ident is what client ids look like: they go into addresses as they are.
func ident(s string) (string, string) {
	if !word(s, "._~-", 200) {
		return "", "must be an id: letters, digits and . _ ~ - only"
	}
	return s, ""
}

// keyID is the kid of a key: often a thumbprint, which may start with - or _.
func keyID(s string) (string, string) {
	if !word("x"+s, "._~-+/=:", 200) {
		return "", "must be the id of a key: letters, digits and . _ ~ - + / = : only"
	}
	return s, ""
}

// oktaID is the id of an object in Okta.
func oktaID(s string) (string, string) {
	if !word(s, "", 128) {
		return "", "must be the id of an Okta app: the part of its address in the admin console that starts with 0oa"
	}
	return s, ""
}

// workspace is a slug or an id.
func workspace(s string) (string, string) {
	if !word(s, "_-", 200) {
		return "", "must be the slug or id of a workspace alone, as acme in https://app.attio.com/acme"
	}
	return s, ""
}

// attribute is the name of an attribute of the app user profile.
func attribute(s string) (string, string) {
	if !word(strings.TrimLeft(s, "_"), "_-", 200) {
		return "", "must be the variable name of one attribute, as roles, without anything before it"
	}
	return s, ""
}

// name is one line of text without control characters.
func name(s string) (string, string) {
	if strings.TrimSpace(s) == "" || strings.ContainsFunc(s, unicode.IsControl) {
		return "", "must be a name on one line"
	}
	return s, ""
}

// outerName is a name without the blanks around it, which nobody means.
func outerName(s string) (string, string) {
	s, why := name(s)
	return strings.TrimSpace(s), why
}

// oneLine is like name, but may be blank.
func oneLine(s string) (string, string) {
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "", "must be on one line"
	}
	return s, ""
}

// filePath is anything that may name a file.
func filePath(s string) (string, string) {
	if strings.ContainsRune(s, 0) || strings.ContainsAny(s, "\r\n") {
		return "", "must be the path of a file"
	}
	return s, ""
}

// email is a bare address.
func email(s string) (string, string) {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || a.Name != "" {
		return "", "must be an email address, as ada@acme.com"
	}
	return s, ""
}

// domain is a domain name, given back in lower case. Letters of any script
// are taken.
func domain(s string) (string, string) {
	const wrong = "must be a domain, as acme.com"
	lower := strings.ToLower(s)
	labels := strings.Split(lower, ".")
	if len(labels) < 2 || len(lower) > 253 || !strings.ContainsFunc(labels[len(labels)-1], unicode.IsLetter) {
		return "", wrong
	}
	for _, label := range labels {
		odd := func(r rune) bool { return r != '-' && !unicode.In(r, unicode.L, unicode.N, unicode.M) }
		if label == "" || len(label) > 63 || strings.Trim(label, "-") != label || strings.ContainsFunc(label, odd) {
			return "", wrong
		}
	}
	return lower, ""
}

// token is a bearer token or a client secret: it goes into a header.
func token(s string) (string, string) {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return "", "holds a space, a line break or another character that no token has"
		}
	}
	return s, ""
}

// pemText is a key as PEM. Line breaks may be written \n, as they must be
// where a variable holds one line only.
func pemText(s string) (string, string) {
	if !strings.Contains(s, "\n") {
		s = strings.ReplaceAll(s, `\n`, "\n")
	}
	if !strings.Contains(s, "-----BEGIN ") || !strings.Contains(s, "-----END ") {
		return "", "must be a private key as PEM text, from -----BEGIN to -----END"
	}
	return s, ""
}

// orgURL is scheme and host of an Okta org.
func orgURL(s string) (string, string) {
	u, wrong := webAddress(s)
	if wrong != "" {
		return "", wrong
	}
	if strings.Trim(u.Path, "/") != "" {
		return "", "must be scheme and host alone, as https://acme.okta.com"
	}
	host := u.Hostname()
	if first, rest, ok := strings.Cut(host, "."); ok && strings.HasSuffix(first, "-admin") && strings.Contains(rest, "okta") {
		return "", "is the address of the admin console; write the org's own, without -admin"
	}
	if strings.HasSuffix(host, ".com.com") || strings.Contains(host, "youroktadomain") {
		return "", "looks like a slip; write the address people sign in at, as https://acme.okta.com"
	}
	return u.Scheme + "://" + u.Host, ""
}

// webRoot is an address that paths are added to.
func webRoot(s string) (string, string) {
	u, wrong := webAddress(s)
	if wrong != "" {
		return "", wrong
	}
	return u.Scheme + "://" + u.Host + strings.TrimRight(u.EscapedPath(), "/"), ""
}

// webPage is the address of one page.
func webPage(s string) (string, string) {
	u, wrong := webAddress(s)
	if wrong != "" {
		return "", wrong
	}
	if strings.Trim(u.Path, "/") == "" {
		return "", "lacks the path of the page"
	}
	return u.String(), ""
}

// redirectURL is kept letter by letter, since Attio compares it so.
func redirectURL(s string) (string, string) {
	u, wrong := webAddress(s)
	switch {
	case wrong != "":
		return "", wrong
	case u.Scheme == "http" && (u.Port() == "" || u.Port() == "0" || strings.Trim(u.Path, "/") == ""):
		return "", "must have a port and a path, as http://localhost:8910/callback"
	}
	return s, ""
}

// webAddress parses an https address, or an http one of this machine: tokens
// go there. The host comes back in lower case and without the default port.
func webAddress(s string) (*url.URL, string) {
	u, err := url.Parse(s)
	if err != nil || u.Opaque != "" || u.Scheme == "" || u.Hostname() == "" || strings.ContainsFunc(s, unicode.IsSpace) {
		return nil, "must be a web address, as https://acme.example"
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, "must hold no user, query or fragment"
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n > 65535 {
			return nil, "has a port that cannot be"
		}
	} else if strings.HasSuffix(u.Host, ":") {
		return nil, "lacks the port after the colon"
	}
	host := strings.ToLower(u.Host)
	switch {
	case u.Scheme == "https":
		u.Host = strings.TrimSuffix(host, ":443")
	case u.Scheme == "http" && loopback(strings.ToLower(u.Hostname())):
		u.Host = host
	case u.Scheme == "http":
		return nil, "must be https; plain http is taken for loopback addresses only"
	default:
		return nil, "must start with https://"
	}
	return u, ""
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// stateURL is an address of one of the state stores. Its messages repeat
// nothing: it may hold a password.
func stateURL(s string) (string, string) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" {
		return "", "must be an address, as file:///path/of/state.json or postgres://user@host/database"
	}
	switch u.Scheme {
	case "file":
		if u.Opaque != "" || u.Host != "" && u.Host != "localhost" || !strings.HasPrefix(u.Path, "/") || strings.HasSuffix(u.Path, "/") {
			return "", "must name a file by its full path, with three slashes: file:///var/lib/scim-sync/state.json"
		}
	case "postgres", "postgresql":
		if u.Opaque != "" || strings.Trim(u.Path, "/") == "" && u.Query().Get("dbname") == "" {
			return "", "must name a server and a database: postgres://user@host/database"
		}
	case "s3":
		if u.Opaque != "" || u.Host == "" || strings.Trim(u.Path, "/") == "" {
			return "", "must name a bucket and a prefix: s3://bucket/prefix?region=eu-central-1"
		}
		if u.User != nil {
			return "", "must hold no key: keys are taken from the environment (AWS_ACCESS_KEY_ID), a profile or the machine's role"
		}
	default:
		return "", "must start with file:, postgres: or s3:, as file:///path/of/state.json"
	}
	return s, ""
}
