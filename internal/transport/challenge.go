package transport

import "net/http"

// Challenge is an error of a Base for an answer that asked for what the Base
// has by now: another nonce, another token. The Transport sends the request
// again, at once and as an attempt of its own, so that it is paced and counted
// like any other. Each Key is met once in a request; after that, Answer is the
// answer.
type Challenge struct {
	Answer *http.Response
	Key    any // comparable
	// Met runs before the request is sent again; nil: nothing does.
	Met func()
}

func (*Challenge) Error() string { return "another attempt was asked for" }

// meets says whether the last answer is to be met with another attempt.
func (c *call) meets(o *outcome) bool {
	if o.asked == nil || c.met[o.asked.Key] {
		return false
	}
	if c.met == nil {
		c.met = map[any]bool{}
	}
	c.met[o.asked.Key] = true
	if o.asked.Met != nil {
		o.asked.Met()
	}
	return true
}
