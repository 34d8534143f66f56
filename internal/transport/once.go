package transport

import (
	"io"
	"net/http"
	"sync"
)

// old remembers which hosts answer by HTTP/1.
//
// Over HTTP/1, net/http sends a GET once more by itself when a connection that
// was used before is closed without an answer: again and again as long as it
// has such connections, unpaced and uncounted. It does not when the request has
// a body that cannot be had twice, if only an empty one, of which nothing is
// seen on the wire. Over HTTP/2 it repeats what was certainly not processed
// alone, and an empty body would be seen.
type old struct {
	mu    sync.Mutex
	hosts map[string]bool
}

// learn takes in which version a host answered by.
func (o *old) learn(host string, resp *http.Response) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.hosts == nil {
		o.hosts = map[string]bool{}
	}
	o.hosts[host] = resp.ProtoMajor == 1
}

// once keeps net/http from sending r, which is the caller's own copy, twice.
func (o *old) once(r *http.Request) {
	if r.Body != nil || !reads(r) {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.hosts[r.URL.Host] {
		r.Body, r.GetBody = nothing{}, nil
	}
}

// nothing is a body of no bytes that net/http does not know for one.
type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, io.EOF }
func (nothing) Close() error             { return nil }
