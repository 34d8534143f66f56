package okta

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"

	"scim-sync/internal/transport"
)

// rejection is an answer of status 400 or above, as Okta words it. The codes
// are listed at https://developer.okta.com/docs/reference/error-codes/.
type rejection struct {
	status    int
	header    http.Header
	code      string // E0000007, or OAuth's invalid_token; empty when the answer is not Okta's
	summary   string
	causes    []string
	at        time.Time
	requestID string
}

func (e *rejection) Error() string {
	text := strings.TrimSpace(strings.TrimSuffix(e.code+": "+e.summary, ": "))
	if e.code == "" {
		text = e.summary
	}
	for _, c := range e.causes {
		text += " (" + c + ")"
	}
	if text == "" {
		text = http.StatusText(e.status)
	}
	return text
}

// ofOkta says that Okta itself answered, not a proxy before it.
func (e *rejection) ofOkta() bool { return e.code != "" }

func readRejection(status int, h http.Header, body []byte) *rejection {
	e := &rejection{status: status, header: h, at: dateOf(h), requestID: requestIDOf(h)}
	var said struct {
		Code    string `json:"errorCode"`
		Summary string `json:"errorSummary"`
		Causes  []struct {
			Summary string `json:"errorSummary"`
		} `json:"errorCauses"`
		OAuth       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &said) == nil {
		e.code, e.summary = said.Code, said.Summary
		for _, c := range said.Causes {
			e.causes = append(e.causes, c.Summary)
		}
		if e.code == "" {
			e.code, e.summary = said.OAuth, said.Description
		}
	}
	// A token that lacks a scope, or is refused, is told in a header alone.
	if asked := h.Get("WWW-Authenticate"); e.code == "" && asked != "" {
		e.code, e.summary = challenge(asked, "error"), challenge(asked, "error_description")
	}
	return e
}

// challenge is one parameter of a WWW-Authenticate header (RFC 6750, 3).
func challenge(header, name string) string {
	for _, m := range challengePart.FindAllStringSubmatch(header, -1) {
		if m[1] == name {
			return m[2]
		}
	}
	return ""
}

var (
	challengePart = regexp.MustCompile(`([a-z_]+)="([^"]*)"`)
	notFound      = regexp.MustCompile(`Resource not found: (\S+) \((\w+)\)`)
)

// missing is the id and the kind of thing that Okta does not have, from a
// 404 E0000007 ("Not found: Resource not found: 00g... (UserGroup)"). Both are
// empty for any other answer.
func (e *rejection) missing() (id, kind string) {
	if e.status != http.StatusNotFound || e.code != "E0000007" {
		return "", ""
	}
	if m := notFound.FindStringSubmatch(e.summary); m != nil {
		return m[1], m[2]
	}
	return "", ""
}

// lacks: the answer says that there is no thing of that id other than the app
// itself. The word for an assignment is not documented; recorded answers say
// UserGroup for a group and User for a person.
func (e *rejection) lacks(id string) bool {
	missing, kind := e.missing()
	return missing == id && kind != "AppInstance"
}

func (e *rejection) lacksApp(id string) bool {
	missing, kind := e.missing()
	return missing == id && kind == "AppInstance"
}

// rejectionOf is the answer behind a transport's failure, nil if there was none.
func rejectionOf(e *transport.Error) *rejection {
	if e.Status == 0 {
		return nil
	}
	return readRejection(e.Status, e.Header, e.Body)
}
