package okta

import (
	"context"
	"net/http"
	"net/url"

	"scim-sync/idp"
)

// builtIn is the filter for the group that every org has, Everyone. It is hidden
// from admins of some groups only
// (https://help.okta.com/en-us/content/topics/security/administrators-group-admin.htm).
const builtIn = `type eq "BUILT_IN"`

// Sight implements [idp.SightChecker]: one request. That it is refused, though the
// reading before was told, is an error: the credential has just lost its rights.
func (s *Source) Sight(ctx context.Context) (idp.Sight, error) {
	s.stats.mu.Lock()
	before := s.stats.everyone
	s.stats.mu.Unlock()
	everyone, err := s.everyone(ctx)
	if err != nil && (before.ID != "" || !untold(err)) {
		return idp.Sight{}, err
	}
	return sightOf(everyone, err == nil, before), nil
}

// untold says whether an error means that the credential may not list groups at
// all, or that Okta did not take the question.
func untold(err error) bool {
	status := statusOf(err)
	return status >= 400 && status < 500 && status != http.StatusUnauthorized && status != http.StatusTooManyRequests
}

// everyone looks for the group Everyone.
func (s *Source) everyone(ctx context.Context) (idp.GroupRef, error) {
	var groups []found
	l := listing{op: "look for the group Everyone", path: "/api/v1/groups", query: url.Values{"filter": {builtIn}}, limit: groupPage, need: groupsNeed}
	err := eachPage(ctx, s, l, func(page []wireGroup, _ reply) error {
		for _, g := range page {
			groups = append(groups, g.found())
		}
		return nil
	})
	return everyoneOf(groups), err
}

func everyoneOf(groups []found) idp.GroupRef {
	for _, g := range groups {
		if g.BuiltIn {
			return g.GroupRef
		}
	}
	return idp.GroupRef{}
}

// sightOf compares what is seen with what was seen before. A question that is not
// answered any more is less sight, too.
func sightOf(everyone idp.GroupRef, told bool, before idp.GroupRef) idp.Sight {
	switch {
	case everyone.ID != "":
		return idp.Sight{Everyone: idp.Yes, Shown: everyone}
	case before.ID != "":
		return idp.Sight{Everyone: idp.No, Hidden: []idp.GroupRef{before}}
	case !told:
		return idp.Sight{}
	}
	return idp.Sight{Everyone: idp.No}
}
