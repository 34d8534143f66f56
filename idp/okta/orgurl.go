package okta

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"scim-sync/idp"
)

// NormalOrgURL checks an org's address and writes it in one way: scheme, lower
// case host, no default port, no slash at the end. The SDK would keep a slash
// and ask for //api/v1. The error is an *idp.Error of the kind idp.Setting.
func NormalOrgURL(raw string) (string, error) {
	bad := func(why, hint string) (string, error) {
		return "", &idp.Error{
			Kind: idp.Setting, Op: "check the settings", Subject: "okta.org_url", Detail: why, Hint: hint,
		}
	}
	const example = "Set it to the address people sign in at, as https://acme.okta.com."
	text := strings.TrimSpace(raw)
	shown, _, _ := strings.Cut(text, "?") // a query may hold a token
	shown = plain(shown)
	if text == "" {
		return bad("it is missing", example)
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Hostname() == "" {
		return bad(fmt.Sprintf("%q is not an address", shown), example)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return bad("it holds more than scheme and host", example)
	}
	host := strings.ToLower(u.Host)
	name := strings.ToLower(u.Hostname())
	scheme := strings.ToLower(u.Scheme)
	if scheme != "https" && (scheme != "http" || !loopback(name)) {
		return bad(fmt.Sprintf("%q is not https", shown), "Write https://"+plain(host)+".")
	}
	if first, rest, ok := strings.Cut(name, "."); ok && strings.HasSuffix(first, "-admin") && strings.Contains(rest, "okta") {
		org := strings.TrimSuffix(first, "-admin") + "." + rest
		return bad(fmt.Sprintf("%q is the admin console's address", shown), "Write https://"+plain(org)+".")
	}
	if strings.HasSuffix(name, ".com.com") || strings.Contains(name, "youroktadomain") {
		return bad(fmt.Sprintf("%q looks like a slip", shown), example)
	}
	if scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	}
	return scheme + "://" + host, nil
}

func loopback(name string) bool {
	if name == "localhost" {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback()
}
