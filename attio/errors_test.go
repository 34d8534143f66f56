package attio

import (
	"errors"
	"testing"
)

// TestErrorReads: what Attio answered comes first; without an answer the words
// read as a sentence does.
func TestErrorReads(t *testing.T) {
	for _, c := range []struct {
		err  Error
		want string
	}{
		{Error{Kind: Conflict, Op: "provision", Subject: "ada@acme.example", Status: 409, Detail: "taken", RequestID: "r1"}, "provision ada@acme.example: HTTP 409 (conflict): taken [request r1]"},
		{Error{Kind: NotSignedIn, Op: "sign in to Attio", Detail: "no sign-in is stored"}, "sign in to Attio: not signed in: no sign-in is stored"},
		{Error{Kind: Unavailable, Op: "list users", Err: errors.New("connection refused")}, "list users: unavailable: connection refused"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
