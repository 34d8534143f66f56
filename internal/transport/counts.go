package transport

import (
	"net/http"
	"sync"
	"time"
)

// Counts are what a Transport did so far.
type Counts struct {
	Requests int           `json:"requests"` // attempts that left
	Reads    int           `json:"reads"`    // of them GET, HEAD and OPTIONS
	Writes   int           `json:"writes"`   // of them all others
	Retries  int           `json:"retries"`  // attempts after a request's first
	Limited  int           `json:"limited"`  // answers 429
	Received int64         `json:"received_bytes"`
	Sent     int64         `json:"sent_bytes"`
	Waited   time.Duration `json:"waited_ns"` // by backoff and pacing, summed over requests
	Peak     int           `json:"peak"`      // most requests in flight
}

type counter struct {
	mu     sync.Mutex
	c      Counts
	flying int
}

func (k *counter) read() Counts {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.c
}

func (k *counter) leave() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.flying++
	k.c.Peak = max(k.c.Peak, k.flying)
}

// arrive counts an attempt that is over.
func (k *counter) arrive(r *http.Request, o outcome, attempt int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.flying--
	if attempt > 1 {
		k.c.Retries++
	}
	if o.unsent {
		return
	}
	k.c.Requests++
	if reads(r) {
		k.c.Reads++
	} else {
		k.c.Writes++
	}
	if o.status() == http.StatusTooManyRequests {
		k.c.Limited++
	}
	k.c.Received += int64(len(o.body))
	k.c.Sent += max(r.ContentLength, 0)
}

func (k *counter) waited(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.c.Waited += d
}

func reads(r *http.Request) bool {
	switch r.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	return false
}
