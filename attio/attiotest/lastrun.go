package attiotest

import (
	"encoding/json"
	"net/http"
	"strings"
)

// lastRun gives whom and what the last run that wrote anything has written: SCIM ids,
// folded addresses of people and names of teams. A run begins by asking what its
// token is.
func lastRun(requests []Request) map[string]bool {
	last := -1
	for i, r := range requests {
		if r.Write && r.Status < http.StatusMultipleChoices {
			last = i
		}
	}
	first := last
	for first > 0 && requests[first].Path != "/v2/self" {
		first--
	}
	written := map[string]bool{}
	for _, r := range requests[max(0, first) : last+1] {
		if !r.Write || r.Status >= http.StatusMultipleChoices {
			continue
		}
		if rest, ok := strings.CutPrefix(r.Path, "/scim/v2/"); ok {
			if _, id, ok := strings.Cut(rest, "/"); ok && id != "" {
				written[id] = true
			} else if name := namedIn(r.Body); name != "" {
				written[name] = true
			}
		}
	}
	return written
}

// namedIn is whom or which team a request makes.
func namedIn(body string) string {
	var made struct{ UserName, DisplayName string }
	if json.Unmarshal([]byte(body), &made) != nil {
		return ""
	}
	if made.UserName != "" {
		return strings.ToLower(made.UserName)
	}
	return made.DisplayName
}
