package okta

import (
	"context"
	"net/url"

	"scim-sync/idp"
)

// builtIn is the filter for the group that every org has, Everyone. It is hidden
// from admins of some groups only
// (https://help.okta.com/en-us/content/topics/security/administrators-group-admin.htm).
const builtIn = `type eq "BUILT_IN"`

// Sight implements [idp.SightChecker]: one request.
func (s *Source) Sight(ctx context.Context) (idp.Sight, error) {
	everyone, told, err := s.everyone(ctx)
	if err != nil {
		return idp.Sight{}, err
	}
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	var before idp.GroupRef
	if s.stats.learned != nil {
		before = s.stats.learned.everyone
	}
	return sightOf(everyone, told, before), nil
}

// everyone looks for the group Everyone; not told: the credential may not list
// groups at all, or Okta did not take the question.
func (s *Source) everyone(ctx context.Context) (g idp.GroupRef, told bool, err error) {
	var groups []found
	l := listing{op: "look for the group Everyone", path: "/api/v1/groups", query: url.Values{"filter": {builtIn}}, limit: groupPage, need: groupsNeed}
	err = eachPage(ctx, s, l, func(page []wireGroup, _ reply) error {
		for _, g := range page {
			groups = append(groups, g.found())
		}
		return nil
	})
	if status := statusOf(err); status >= 400 && status < 500 && status != 401 && status != 429 {
		return idp.GroupRef{}, false, nil
	}
	return everyoneOf(groups), true, err
}

func everyoneOf(groups []found) idp.GroupRef {
	for _, g := range groups {
		if g.BuiltIn {
			return g.GroupRef
		}
	}
	return idp.GroupRef{}
}

// sightOf compares what is seen with what was seen before.
func sightOf(everyone idp.GroupRef, told bool, before idp.GroupRef) idp.Sight {
	switch {
	case !told:
		return idp.Sight{}
	case everyone.ID != "":
		return idp.Sight{Everyone: idp.Yes}
	case before.ID != "":
		return idp.Sight{Everyone: idp.No, Hidden: []idp.GroupRef{before}}
	}
	return idp.Sight{Everyone: idp.No}
}
