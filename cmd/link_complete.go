package cmd

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"scim-sync/attio"
	"scim-sync/cmd/view"
	core "scim-sync/sync"
)

// completionTime is how long somebody who presses Tab is kept waiting.
const completionTime = 1500 * time.Millisecond

// names gives what an argument may be, given those before it.
type names func(ctx context.Context, s *session, args []string) ([]string, error)

// complete makes a shell completion of names. It writes nothing, neither state
// nor to a stream; what cannot be had in time is no suggestion.
func (a *app) complete(of names) cobra.CompletionFunc { return a.completing(a.open, of) }

// completeFromStore is a completion that needs the state alone.
func (a *app) completeFromStore(of names) cobra.CompletionFunc { return a.completing(a.openStore, of) }

func (a *app) completing(open func(context.Context) (*session, error), of names) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		const directive = cobra.ShellCompDirectiveNoFileComp
		parent := c.Context()
		if parent == nil {
			parent = context.Background()
		}
		ctx, cancel := context.WithTimeout(parent, completionTime)
		defer cancel()
		a.global.quiet, a.log = true, slog.New(slog.DiscardHandler)
		s, err := open(ctx)
		if err != nil {
			return nil, directive
		}
		defer s.close()
		list, err := of(ctx, s, args)
		if err != nil {
			return nil, directive
		}
		return suggestions(list, typed), directive
	}
}

// suggestions are the names that go on from what is typed, each once. One that
// a shell's line cannot hold is left out.
func suggestions(list []string, typed string) []string {
	var fit []string
	for _, name := range list {
		if name != "" && view.Clean(name) == name && strings.HasPrefix(strings.ToLower(name), strings.ToLower(typed)) {
			fit = append(fit, name)
		}
	}
	slices.Sort(fit)
	return slices.Compact(fit)
}

func (a *app) completeLink(ctx context.Context, s *session, args []string) ([]string, error) {
	switch len(args) {
	case 0:
		return groupNames(ctx, s)
	case 1:
		return teamNames(ctx, s)
	}
	return nil, nil
}

func (a *app) completeUnlink(ctx context.Context, s *session, args []string) ([]string, error) {
	if len(args) > 0 {
		return nil, nil
	}
	return groupNames(ctx, s)
}

func (a *app) completeRelease(ctx context.Context, s *session, args []string) ([]string, error) {
	if len(args) > 0 {
		return nil, nil
	}
	m, _, _, err := s.store.Read(ctx)
	return addresses(m), err
}

func (a *app) completeExplain(ctx context.Context, s *session, args []string) ([]string, error) {
	if len(args) > 0 {
		return nil, nil
	}
	m, _, _, err := s.store.Read(ctx)
	if err != nil {
		return nil, err
	}
	teams, err := teamNames(ctx, s)
	if err != nil {
		teams = nil // addresses are worth showing all the same
	}
	return append(addresses(m), teams...), nil
}

func addresses(m core.Managed) []string {
	var list []string
	for _, e := range m.People {
		list = append(list, e.Email)
	}
	return list
}

func groupNames(ctx context.Context, s *session) ([]string, error) {
	lister, ok := s.source.(teamLister)
	if !ok {
		return nil, nil
	}
	groups, _, err := lister.TeamGroups(ctx, s.policy.Query())
	list := make([]string, len(groups))
	for i, g := range groups {
		list[i] = g.Name
	}
	return list, err
}

func teamNames(ctx context.Context, s *session) ([]string, error) {
	teams, err := s.reader.Teams(ctx)
	return namesOf(teams), err
}

func namesOf(teams []attio.Team) []string {
	list := make([]string, len(teams))
	for i, t := range teams {
		list[i] = t.Name
	}
	return list
}
