package scim

import (
	"net/url"
	"time"

	"scim-sync/attio"
)

// call is one request: what it is for, where it goes, what it carries.
type call struct {
	op      string // for errors: "provision", "list users, page 2"
	subject string // an address, a team name, an id; may be empty
	method  string
	root    *url.URL
	path    string // begins with a slash, escaped
	query   url.Values
	body    any // sent as JSON when not nil
}

// answer is a whole answer of status 2xx.
type answer struct {
	call
	status    int
	body      []byte
	requestID string
	took      time.Duration
}

// untrusted makes the error of an answer that cannot be believed.
func (a answer) untrusted(detail string) *attio.Error {
	return &attio.Error{Kind: attio.Untrusted, Op: a.op, Subject: a.subject, Status: a.status,
		RequestID: a.requestID, Detail: detail, Hint: hint(attio.Untrusted)}
}
