package okta

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"scim-sync/idp"
	"scim-sync/internal/transport"
)

const (
	witnessPage  = 1000 // as many as Okta gives
	witnessPages = 2
	// witnessFew are named in the query; of more, all events of the types are read.
	witnessFew = 25
	// witnessPatience is how long a removal may wait for its witness.
	witnessPatience = 3 * time.Second
)

// witnessTypes are the events that take something away, or give it back: without
// the latter the former would be told of who was removed twice.
func witnessTypes() []string {
	return strings.Fields(`
		application.user_membership.remove application.user_membership.revoke application.user_membership.update
		application.user_membership.add application.user_membership.restore application.user_membership.approve
		group.user_membership.remove group.user_membership.add
		group.application_assignment.remove group.application_assignment.add group.lifecycle.delete
		user.lifecycle.deactivate user.lifecycle.suspend user.lifecycle.delete.initiated user.lifecycle.delete.completed
		user.lifecycle.activate user.lifecycle.reactivate user.lifecycle.unsuspend`)
}

// witnessFilter asks for events of the types, about these alone where they are few.
func witnessFilter(about []string) string {
	oneOf := func(attribute string, values []string) string {
		parts := make([]string, len(values))
		for i, v := range values {
			parts[i] = attribute + ` eq "` + v + `"`
		}
		return "(" + strings.Join(parts, " or ") + ")"
	}
	filter := oneOf("eventType", witnessTypes())
	for _, id := range about {
		if !isID(id) {
			return filter
		}
	}
	if len(about) > 0 && len(about) <= witnessFew {
		filter += " and " + oneOf("target.id", about)
	}
	return filter
}

// TakenAway implements [idp.Witness] by a bounded request, which is ordered by
// when things happened, and ends
// (https://developer.okta.com/docs/reference/system-log-query/). A credential
// without the right is not tried twice.
func (s *Source) TakenAway(ctx context.Context, since time.Time, about []string) (events []idp.Event, err error) {
	if s.stats.noWitness.Load() {
		return nil, errors.New("the log may not be read")
	}
	ctx, cancel := context.WithTimeout(ctx, witnessPatience)
	defer cancel()
	events, err = s.takenAway(ctx, since, about)
	if err != nil && idp.KindOf(err) == idp.Credential {
		s.stats.noWitness.Store(true)
	}
	if err != nil {
		s.log.DebugContext(ctx, "who took something away is not known", "error", err)
	}
	return events, err
}

func (s *Source) takenAway(ctx context.Context, since time.Time, about []string) (events []idp.Event, err error) {
	t := task{op: "ask the System Log who took something away", path: logPath, need: logNeed}
	ctx = transport.WithCallOptions(ctx, transport.CallOptions{Attempts: 1, Patience: time.Second})
	until := time.Now()
	if now, ok := s.ServiceTime(); ok {
		until = now
	}
	query := url.Values{"since": {since.UTC().Format(time.RFC3339)}, "until": {until.Add(time.Minute).UTC().Format(time.RFC3339)},
		"sortOrder": {"DESCENDING"}, "filter": {witnessFilter(about)}, "limit": {strconv.Itoa(witnessPage)}}
	for range witnessPages {
		var page []wireEvent
		got, err := s.get(shaped(ctx, shape{keep: wireEvent{}.kept(), entries: witnessPage, entry: wireEvent{}.most()}), logPath+"?"+query.Encode(), &page)
		if err != nil {
			return nil, s.fail(ctx, t, err)
		}
		for _, e := range page {
			if e.took() {
				events = append(events, e.event(s.appID))
			}
		}
		if len(page) < witnessPage || got.next == "" {
			break
		}
		next, err := s.followLog(got.next)
		if err != nil {
			return nil, s.fail(ctx, t, err)
		}
		if query, err = url.ParseQuery(next); err != nil {
			return nil, s.fail(ctx, t, err)
		}
	}
	return events, nil
}

// took says whether what the event tells of came about.
func (e wireEvent) took() bool {
	return e.Outcome.Result == "" || strings.EqualFold(string(e.Outcome.Result), "SUCCESS")
}
