package transport

import (
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	firstPause = 250 * time.Millisecond
	longPause  = 10 * time.Second
)

// passing says whether an answer's status is one that passes: try again later.
func passing(status int) bool {
	switch status {
	case http.StatusLocked, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	// Cloudflare's own: the service behind it did not answer.
	// https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
	return status >= 520 && status <= 524
}

// mayRepeat says whether another attempt is allowed and counts the failure.
func (c *call) mayRepeat(o *outcome) bool {
	if o.resp != nil && o.code == http.StatusTooManyRequests {
		c.limits++
		return true // both services say that it was not processed
	}
	c.limits = 0
	c.failures++
	if o.slow || o.code == http.StatusInternalServerError || o.code == http.StatusGatewayTimeout {
		c.slow++
	}
	return !o.final && c.failures < c.most && c.slow < c.mostSlow && (c.again || o.unsent)
}

// delay is how long to wait before the next attempt.
func (c *call) delay(o *outcome) time.Duration {
	switch {
	case o.resp == nil:
	case o.code == http.StatusTooManyRequests:
		return limitedDelay(o.resp, c.limits)
	case o.code == http.StatusServiceUnavailable, o.code == http.StatusLocked:
		if d, ok := retryAfter(o.header); ok && d > 0 {
			return d
		}
	}
	return rand.N(ceiling(c.failures)) + 1
}

// limitedDelay is the wait after the n-th 429 in a row: what the service says,
// else a growing one that is never short.
func limitedDelay(resp *http.Response, n int) time.Duration {
	if d, ok := told(resp.Header); ok && d > 0 {
		return d
	}
	top := ceiling(n + 1)
	return top/2 + rand.N(top/2)
}

// ceiling is the longest pause after the n-th failure in a row.
func ceiling(n int) time.Duration {
	return min(firstPause<<min(max(n-1, 0), 16), longPause)
}

// told is how long a 429 asks to wait: Retry-After, else Okta's
// X-Rate-Limit-Reset against the answer's own Date, a second added as both are
// whole seconds. https://developer.okta.com/docs/reference/rl-best-practices/
//
// Okta's concurrency limit answers with a limit of 0 and a reset that is only
// an estimate, so that one tells nothing.
// https://developer.okta.com/docs/reference/rl2-concurrency/
func told(h http.Header) (time.Duration, bool) {
	if d, ok := retryAfter(h); ok {
		return d, true
	}
	l, ok := limitsIn(h)
	if !ok || l.limit == 0 {
		return 0, false
	}
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0, false
	}
	return max(time.Unix(l.reset, 0).Sub(date)+time.Second, 0), true
}

// retryAfter reads Retry-After as seconds, as an HTTP date (RFC 9110, section
// 10.2.3) or as ISO 8601, against the server's clock where it sent a Date.
func retryAfter(h http.Header) (time.Duration, bool) {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0, false
	}
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		if !(s >= 0) {
			return 0, false
		}
		const year = 365 * 24 * 3600
		return time.Duration(min(s, year) * float64(time.Second)), true
	}
	at, ok := instant(v)
	if !ok {
		return 0, false
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(at.Sub(now), 0), true
}

func instant(v string) (time.Time, bool) {
	if t, err := http.ParseTime(v); err == nil {
		return t, true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00"} {
		if t, err := time.Parse(layout, v); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// limits are Okta's rate limit headers of one answer.
// https://developer.okta.com/docs/reference/rl-best-practices/
type limits struct {
	limit, remaining int
	reset            int64 // s since 1970
}

// limitsIn reads them, each however often it came: what is between us and Okta
// may fold the headers of several answers into one line. Of different numbers
// the more careful one counts.
func limitsIn(h http.Header) (limits, bool) {
	limit, ok1 := number(h, "X-Rate-Limit-Limit", least)
	remaining, ok2 := number(h, "X-Rate-Limit-Remaining", least)
	reset, ok3 := number(h, "X-Rate-Limit-Reset", most)
	ok := ok1 && ok2 && ok3 && limit >= 0 && reset > 0
	return limits{int(limit), int(remaining), reset}, ok
}

func least(a, b int64) int64 { return min(a, b) }
func most(a, b int64) int64  { return max(a, b) }

// number is the one number of a header, of several the one that is chosen.
func number(h http.Header, name string, choose func(a, b int64) int64) (n int64, ok bool) {
	for _, line := range h.Values(name) {
		for text := range strings.SplitSeq(line, ",") {
			f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err != nil || !(math.Abs(f) < 1<<40) {
				return 0, false
			}
			if v := int64(f); ok {
				n = choose(n, v)
			} else {
				n, ok = v, true
			}
		}
	}
	return n, ok
}
