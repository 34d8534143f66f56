package transport

import (
	"net/http"
	"sync"
	"time"
)

// Counts are what a Transport did so far.
type Counts struct {
	Requests int   `json:"requests"` // attempts that left, each
	Reads    int   `json:"reads"`    // of them GET, HEAD and OPTIONS
	Writes   int   `json:"writes"`   // of them all others
	Retries  int   `json:"retries"`  // of them those after a request's first, but for challenges met
	Limited  int   `json:"limited"`  // answers 429
	Received int64 `json:"received_bytes"`
	Sent     int64 `json:"sent_bytes"`
	// Waited is the time during which requests waited, for a limit or between
	// attempts, and none was under way: what the limits cost.
	Waited time.Duration `json:"waited_ns"`
	Peak   int           `json:"peak"` // most requests in flight
}

type counter struct {
	mu      sync.Mutex
	c       Counts
	flying  int
	waiting int
	at      time.Time // up to which Waited is right
}

// lock brings Waited up to date: before anything changes.
func (k *counter) lock() {
	k.mu.Lock()
	now := time.Now()
	if k.waiting > 0 && k.flying == 0 {
		k.c.Waited += now.Sub(k.at)
	}
	k.at = now
}

func (k *counter) read() Counts {
	k.lock()
	defer k.mu.Unlock()
	return k.c
}

// rest counts a request that begins to wait, goOn one that waits no more.
func (k *counter) rest() {
	k.lock()
	defer k.mu.Unlock()
	k.waiting++
}

func (k *counter) goOn() {
	k.lock()
	defer k.mu.Unlock()
	k.waiting--
}

func (k *counter) leave() {
	k.lock()
	defer k.mu.Unlock()
	k.flying++
	k.c.Peak = max(k.c.Peak, k.flying)
}

// arrive counts an attempt that is over.
func (k *counter) arrive(r *http.Request, o outcome, retry bool) {
	k.lock()
	defer k.mu.Unlock()
	k.flying--
	if o.unsent {
		return
	}
	k.c.Requests++
	if retry {
		k.c.Retries++
	}
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

func reads(r *http.Request) bool {
	switch r.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	return false
}
