package okta

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"scim-sync/internal/transport"
)

// limits tells of the tightest limit that an answer has shown.
func (c *checking) limits() {
	if c.lowest < 0 {
		c.skip("Okta's answers do not tell it", checkLimit)
		return
	}
	detail := fmt.Sprintf("%d of %d requests a minute are left for %s; scim-sync takes %d of them at most", c.left, c.limit, c.tight, max(1, int(float64(c.limit)*c.q.Share)))
	if c.lowest < 0.1 {
		c.add(checkLimit, Odd, detail,
			"Something else uses the limit up: see Reports > Rate Limits in Okta. scim-sync waits rather than take the last tenth, so runs will be slow.", nil)
		return
	}
	c.good(checkLimit, detail)
}

// mostSkew is how far apart the clocks may be: signed requests are valid for
// minutes, and what a journal says should be true to the minute.
const mostSkew = 60 * time.Second

// clock compares the two clocks.
func (c *checking) clock() {
	if !c.dated {
		c.skip("Okta's answers have no date", checkClock)
		return
	}
	if c.skew.Abs() <= mostSkew {
		c.good(checkClock, "within a minute of Okta's")
		return
	}
	way := "behind"
	if c.skew < 0 {
		way = "ahead of"
	}
	c.add(checkClock, Bad, fmt.Sprintf("it is %s %s Okta's", c.skew.Abs().Round(time.Second), way),
		"Set this machine's clock, best by NTP: signed requests and limits go by it.", nil)
}

// checkAttempts: a check is not worth waiting minutes for.
const checkAttempts = 2

// look makes one request, and notes what its headers say.
func (c *checking) look(ctx context.Context, t task, q url.Values, v any) error {
	target := t.path
	if len(q) > 0 {
		target += "?" + q.Encode()
	}
	ctx, cancel := context.WithTimeout(transport.WithAttempts(ctx, checkAttempts), c.s.deadline)
	defer cancel()
	err := contained(func() error {
		re := *c.s.executor
		req, err := re.NewRequest(http.MethodGet, target, nil)
		if err != nil {
			return fmt.Errorf("make the request: %w", err)
		}
		var raw json.RawMessage
		resp, err := re.Do(ctx, req, &raw)
		if err != nil {
			return err
		}
		c.note(resp.Header, target)
		return json.Unmarshal(raw, v)
	})
	if err != nil {
		return c.s.fail(ctx, t, err)
	}
	return nil
}

func (c *checking) note(h http.Header, target string) {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		c.skew, c.dated = at.Sub(c.q.Now()), true
	}
	var limit, left int
	if _, err := fmt.Sscan(h.Get("X-Rate-Limit-Limit"), &limit); err != nil || limit <= 0 {
		return
	}
	if _, err := fmt.Sscan(h.Get("X-Rate-Limit-Remaining"), &left); err != nil {
		return
	}
	if part := float64(left) / float64(limit); c.lowest < 0 || part < c.lowest {
		path, _, _ := strings.Cut(target, "?")
		c.lowest, c.left, c.limit, c.tight = part, left, limit, path
	}
}
