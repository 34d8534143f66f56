package scim

import (
	"io"
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
	lent      io.Closer // lends the body; nil: it is the answer's own
}

// done gives back what the body stands in, which makes room for the next answer.
// Nothing may be left that looks at it. An answer that is not given back is kept
// for as long as somebody has it.
func (a answer) done() {
	if a.lent != nil {
		_ = a.lent.Close() // it is in memory
	}
}

// untrusted makes the error of an answer that cannot be believed.
func (a answer) untrusted(detail string) *attio.Error {
	return &attio.Error{Kind: attio.Untrusted, Op: a.op, Subject: a.subject, Status: a.status,
		RequestID: a.requestID, Detail: detail, Hint: hint(attio.Untrusted)}
}
