package oktatest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// logGrammar is what the log's filter takes: no time, and any of several targets.
func logGrammar() grammar {
	g := grammar{attributes: map[string]bool{}, operators: []string{"eq", "co", "sw", "ne"}}
	for _, name := range []string{"uuid", "eventType", "severity", "actor.id", "actor.type", "actor.alternateId", "outcome.result", "transaction.id", "transaction.type",
		"target.id", "target.type", "target.alternateId", "target.displayName", "debugContext.debugData.requestUri"} {
		g.attributes[name] = false
	}
	return g
}

func (e *event) attribute(name string) (value, bool) {
	field, of := strings.CutPrefix(name, "target.")
	if of {
		var all []string
		for _, t := range e.targets {
			all = append(all, map[string]string{"id": t.id, "type": t.kind, "alternateId": t.alternate, "displayName": t.display}[field])
		}
		return value{several: all}, true
	}
	transaction := "WEB"
	if e.job {
		transaction = "JOB"
	}
	v, known := map[string]string{"eventType": e.kind, "severity": "INFO", "actor.id": adminID, "actor.type": "User", "actor.alternateId": "admin@example.com",
		"outcome.result": "SUCCESS", "transaction.type": transaction, "transaction.id": e.by.requestID, "debugContext.debugData.requestUri": e.by.path}[name]
	return value{text: v}, known
}

// logQuery is what a request asks of the log.
type logQuery struct {
	since, until time.Time // until zero: a polling request
	descending   bool
	limit        int
	want         condition
	cursor       *logCursor
}

// polling requests go on for ever, in the order in which events could first be
// read; all others are about a stretch of time and end.
func (q logQuery) polling() bool { return q.until.IsZero() && !q.descending }

// logCursor is behind which event a page begins: "<ms since 1970>_<n>".
type logCursor struct {
	ms int64
	n  int
}

func (c logCursor) String() string { return fmt.Sprintf("%d_%d", c.ms, c.n) }

// listLog serves GET /api/v1/logs
// (https://developer.okta.com/docs/reference/system-log-query/).
func (s *Server) listLog(r *http.Request) (reply, error) {
	now := s.clock().UTC()
	q, err := readLogQuery(r, now)
	if err != nil {
		return reply{}, err
	}
	at := func(e *event) logCursor { return logCursor{e.persisted.UnixMilli(), e.n} }
	events := slices.Clone(s.dir.log.all)
	if !q.polling() {
		at = func(e *event) logCursor { return logCursor{e.published.UnixMilli(), e.n} }
		slices.SortFunc(events, byPublished)
		if q.descending {
			slices.Reverse(events)
		}
	}
	body, taken, more := []byte{'['}, 0, false
	last := logCursor{q.since.UnixMilli(), 0}
	if q.cursor != nil {
		last = *q.cursor
	}
	for _, e := range events {
		if !q.takes(e, at(e), now) {
			continue
		}
		if taken == q.limit {
			more = true
			break
		}
		if taken++; taken > 1 {
			body = append(body, ',')
		}
		body, last = e.show(body), at(e)
	}
	links := []string{logLink(r, q, r.URL.Query().Get("after"), "self")}
	if more || q.polling() {
		links = append(links, logLink(r, q, last.String(), "next"))
	}
	return reply{status: http.StatusOK, body: append(body, ']'), links: links}, nil
}

// takes says whether an event belongs to the answer. since is about when it
// happened, for a polling request about when it could first be read.
func (q logQuery) takes(e *event, at logCursor, now time.Time) bool {
	from := e.published
	if q.polling() {
		from = e.persisted
	}
	switch {
	case e.persisted.After(now) || now.Sub(e.published) > kept, q.want != nil && !q.want.holds(e.attribute), !q.until.IsZero() && !e.published.Before(q.until):
		return false
	case q.cursor == nil:
		return !from.Before(q.since)
	case q.descending:
		return !from.Before(q.since) && (at.ms < q.cursor.ms || at.ms == q.cursor.ms && at.n < q.cursor.n)
	}
	return at.ms > q.cursor.ms || at.ms == q.cursor.ms && at.n > q.cursor.n
}

func readLogQuery(r *http.Request, now time.Time) (q logQuery, err error) {
	p := r.URL.Query()
	q = logQuery{since: now.Add(-7 * 24 * time.Hour), limit: 100}
	for name, to := range map[string]*time.Time{"since": &q.since, "until": &q.until} {
		if v := p.Get(name); v != "" {
			if *to, err = time.Parse(time.RFC3339, v); err != nil {
				return q, invalid(name, name+": The date format in your query is not recognized.")
			}
		}
	}
	if now.Sub(q.since) > 180*24*time.Hour {
		return q, badLogFilter("since: The date is more than 180 days ago.")
	}
	if v := p.Get("limit"); v != "" {
		if q.limit, err = strconv.Atoi(v); err != nil || q.limit < 0 || q.limit > 1000 {
			return q, invalid("limit", "limit: The limit must be between 0 and 1000.")
		}
	}
	switch v := p.Get("sortOrder"); v {
	case "", "ASCENDING":
	case "DESCENDING":
		q.descending = true
	default:
		return q, invalid("sortOrder", "sortOrder: The value is neither ASCENDING nor DESCENDING.")
	}
	if v := p.Get("filter"); v != "" {
		var good bool
		if q.want, good = parseFilter(v, logGrammar()); !good {
			return q, badLogFilter("filter: The filter is not valid.")
		}
	}
	if v := p.Get("after"); v != "" {
		q.cursor = new(logCursor)
		if _, err := fmt.Sscanf(v, "%d_%d", &q.cursor.ms, &q.cursor.n); err != nil || q.cursor.String() != v {
			return q, invalidCursor()
		}
	}
	return q, nil
}

func badLogFilter(cause string) *refusal {
	return &refusal{http.StatusBadRequest, "E0000053", "Invalid filter: " + cause, nil}
}

// logLink is one Link header: a polling one carries limit, filter and after, a
// bounded one its times as well.
func logLink(r *http.Request, q logQuery, after, rel string) string {
	p := r.URL.Query()
	p.Set("limit", strconv.Itoa(q.limit))
	if q.polling() && rel == "next" {
		p.Del("since")
	}
	if p.Del("after"); after != "" {
		p.Set("after", after)
	}
	return "<" + baseURL(r) + r.URL.Path + "?" + p.Encode() + `>; rel="` + rel + `"`
}
