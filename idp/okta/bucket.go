package okta

import (
	"net/http"
	"strings"
)

// Bucket names the rate limit of Okta that a request counts against. Okta
// counts by path, the longest match wins, and a single app or group has a
// limit of its own beside everything else below /apps and /groups
// (https://developer.okta.com/docs/reference/rl-global-mgmt/). The names are
// ours: "apps", "apps/{id}", "groups", "groups/{id}", "users", "users/{id}",
// "logs", "token", and "other".
func Bucket(r *http.Request) string {
	path := strings.Trim(r.URL.Path, "/")
	if path == "oauth2/v1/token" {
		return "token"
	}
	rest, ok := strings.CutPrefix(path, "api/v1/")
	if !ok {
		return "other"
	}
	parts := strings.Split(rest, "/")
	switch parts[0] {
	case "apps", "groups", "users":
		// /groups/rules and the like are lists, not a group.
		if len(parts) == 2 && isID(parts[1]) && parts[1] != "rules" {
			return parts[0] + "/{id}"
		}
		return parts[0]
	case "logs":
		return "logs"
	}
	return "other"
}
