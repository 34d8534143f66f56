package okta

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"scim-sync/idp"
	"scim-sync/internal/transport"
)

const (
	logPath = "/api/v1/logs"
	logPage = 200
	// logPages is how much of the log one look reads; what is behind them waits
	// for the next.
	logPages = 5
	// logOverlap is how far before a reading its log is begun: the log is about as
	// late as Okta's lists are.
	logOverlap = lag
	// logPatience: a log that says no is asked again by the next look, and keeps
	// nobody from their work meanwhile.
	logPatience = 5 * time.Second
)

//nolint:gochecknoglobals // words, never changed
var logNeed = need{"okta.logs.read", "an admin role that may see the System Log (Read-only or Report Administrator)"}

// logTypes are the events that may change what is read. An unknown name matches
// nothing, without an error
// (https://developer.okta.com/docs/reference/api/event-types/).
func logTypes() []string {
	family := func(of string, names ...string) (all []string) {
		for _, n := range names {
			all = append(all, of+"."+n)
		}
		return all
	}
	var all []string
	for _, some := range [][]string{
		family("application.user_membership", "add", "remove", "update", "change_username", "restore", "approve", "revoke"),
		family("group.application_assignment", "add", "remove", "update"),
		family("user.lifecycle", "create", "activate", "deactivate", "suspend", "unsuspend", "reactivate", "delete.initiated", "delete.completed"),
		family("user.account", "update_profile", "update_primary_email"),
		family("group.user_membership", "add", "remove"),
		family("group.lifecycle", "create", "delete"),
		family("group.profile", "update"),
		family("system.identity_sources", "bulk_group_membership_upsert", "bulk_group_membership_delete"),
		family("application.lifecycle", "activate", "deactivate", "delete", "update"),
	} {
		all = append(all, some...)
	}
	return all
}

// logFilter asks for events of these types.
func logFilter() string {
	types := logTypes()
	for i, t := range types {
		types[i] = `eventType eq "` + t + `"`
	}
	return strings.Join(types, " or ")
}

// logPlace is where in the log a source is. It is kept with the cache, after the
// run that the events of it caused: what that run did not come to the end of is told
// again.
type logPlace struct {
	next  string    // query of the next page, as Okta gave it; empty: to begin
	since time.Time // where to begin, by Okta's clock
}

// Events implements [idp.LogReader], by polling requests: ascending, without an
// end, in the order in which events could first be read
// (https://developer.okta.com/docs/reference/system-log-query/). Okta's own links
// carry the cursor, which is not made up. One that is refused, as after a long time,
// begins anew.
func (s *Source) Events(ctx context.Context) (idp.Events, error) {
	at := s.logPlace()
	events, at, err := s.pollLog(ctx, at)
	if statusOf(err) == http.StatusBadRequest && at.next != "" {
		at.next = ""
		if events, at, err = s.pollLog(ctx, at); err == nil {
			events.Anew = true
		}
	}
	if err == nil {
		s.stats.mu.Lock()
		s.stats.log, s.stats.logNews = at, s.stats.logNews || len(events.List) > 0
		s.stats.mu.Unlock()
	}
	return events, err
}

// usable drops a link whose filter is of another version of this program.
func (p logPlace) usable() logPlace {
	if query, err := url.ParseQuery(p.next); err != nil || query.Get("filter") != logFilter() {
		p.next = ""
	}
	return p
}

// logPlace is where the last look ended, else where the last reading began.
func (s *Source) logPlace() logPlace {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	at := s.stats.log
	if at.next == "" && at.since.IsZero() {
		at.since = s.stats.readAt
	}
	return at
}

// pollLog reads on from a place. With an error the place is the one that was asked.
func (s *Source) pollLog(ctx context.Context, at logPlace) (events idp.Events, next logPlace, err error) {
	t := task{op: "look into the System Log", path: logPath, need: logNeed}
	ctx = transport.WithCallOptions(ctx, transport.CallOptions{Attempts: 2, Patience: logPatience})
	seen := map[loose]bool{}
	next = at
	for range logPages {
		query, err := url.ParseQuery(next.next)
		if err != nil || next.next == "" {
			query = url.Values{"since": {s.logSince(at).Format("2006-01-02T15:04:05.000Z")}, "sortOrder": {"ASCENDING"}, "filter": {logFilter()}}
		}
		var page []wireEvent
		query.Set("limit", "200")
		got, err := s.get(shaped(ctx, shape{keep: wireEvent{}.kept(), entries: logPage, entry: wireEvent{}.most()}), logPath+"?"+query.Encode(), &page)
		if err != nil {
			return idp.Events{}, at, s.fail(ctx, t, err)
		}
		for _, e := range page {
			if !seen[e.UUID] || e.UUID == "" {
				seen[e.UUID] = true
				events.List = append(events.List, e.event(s.appID))
				next.since = later(next.since, e.Published.Time)
			}
		}
		before := next.next
		if next.next, err = s.followLog(got.next); err != nil {
			return idp.Events{}, at, s.fail(ctx, t, err)
		}
		if len(page) < logPage || next.next == before {
			return events, next, nil
		}
	}
	events.More = true
	return events, next, nil
}

// logSince is from when on a log is begun.
func (s *Source) logSince(at logPlace) time.Time {
	since := at.since
	if since.IsZero() {
		since = time.Now()
		if now, ok := s.ServiceTime(); ok {
			since = now
		}
	}
	return since.Add(-logOverlap).UTC()
}

// followLog gives the query of the next link, once it is sure that it is one of
// the log's.
func (s *Source) followLog(next string) (string, error) {
	u, err := url.Parse(next)
	switch {
	case err != nil || next == "":
		return "", &refusal{why: "the log does not say how to go on"}
	case u.Path != logPath || u.Query().Get("after") == "":
		return "", &refusal{why: "the link to the log's next page leads elsewhere"}
	}
	return u.RawQuery, nil
}

// wireEvent is an entry of the System Log. Everything in it may be missing or null.
type wireEvent struct {
	UUID      loose  `json:"uuid"`
	Published moment `json:"published"`
	Type      loose  `json:"eventType"`
	Message   loose  `json:"displayMessage"`
	Actor     struct {
		AlternateID loose `json:"alternateId"`
		DisplayName loose `json:"displayName"`
	} `json:"actor"`
	Outcome struct {
		Result loose `json:"result"`
	} `json:"outcome"`
	Transaction struct {
		ID loose `json:"id"`
	} `json:"transaction"`
	Target []struct {
		ID   loose `json:"id"`
		Type loose `json:"type"`
	} `json:"target"`
}

// loose is a text, or nothing where it is none.
type loose string

// UnmarshalJSON never fails.
func (l *loose) UnmarshalJSON(b []byte) error {
	*l = loose(textOf(b))
	return nil
}

func (wireEvent) most() int { return 64 << 10 }

func (wireEvent) kept() fields {
	return append(whole("uuid", "published", "eventType", "displayMessage"), field{"actor", whole("alternateId", "displayName")},
		field{"outcome", whole("result")}, field{"transaction", whole("id")}, field{"target", whole("id", "type")})
}

// event takes targets by their type, as they come in any order, and the app by its
// id alone: its name may be the type of the app.
func (e wireEvent) event(appID string) idp.Event {
	x := idp.Event{ID: plain(string(e.UUID)), At: e.Published.Time, Type: plain(string(e.Type)), Text: plain(string(e.Message)),
		By: plain(cmp.Or(known(string(e.Actor.AlternateID)), string(e.Actor.DisplayName))), RequestID: plain(string(e.Transaction.ID))}
	for _, t := range e.Target {
		id := string(t.ID)
		switch {
		case t.Type == "AppInstance" && id == appID:
			x.App = true
		case t.Type == "AppInstance":
			x.OtherApp = true
		case t.Type == "User" && isID(id):
			x.People = append(x.People, id)
		case t.Type == "UserGroup" && isID(id):
			x.Groups = append(x.Groups, id)
		}
	}
	x.OtherApp = x.OtherApp && !x.App
	return x
}

// known leaves out the word that Okta has for nothing.
func known(name string) string {
	if strings.EqualFold(name, "unknown") {
		return ""
	}
	return name
}
