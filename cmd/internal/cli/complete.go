package cli

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

// Names gives what an argument may be, given those before it.
type Names func(ctx context.Context, args []string) ([]string, error)

// Complete makes a shell completion of names. It writes nothing, neither state
// nor to a stream; what cannot be had in time is no suggestion.
func Complete(p *Program, names Names) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		const directive = cobra.ShellCompDirectiveNoFileComp
		parent := c.Context()
		if parent == nil {
			parent = context.Background()
		}
		ctx, cancel := context.WithTimeout(parent, completionTime)
		defer cancel()
		p.Flags.Quiet, p.Log = true, slog.New(slog.DiscardHandler)
		list, err := names(ctx, args)
		if err != nil {
			return nil, directive
		}
		return suggestions(list, typed), directive
	}
}

// CompleteOpen is [Complete] with names that need both sides or the state. what
// gives those of each argument in turn.
func CompleteOpen(p *Program, what ...func(context.Context, *Session) ([]string, error)) cobra.CompletionFunc {
	return Complete(p, func(ctx context.Context, args []string) ([]string, error) {
		if len(args) >= len(what) {
			return nil, nil
		}
		s, err := Open(ctx, p)
		if err != nil {
			return nil, err
		}
		defer s.Close()
		return what[len(args)](ctx, s)
	})
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

// ManagedAddresses are the names of people whom the state knows.
func ManagedAddresses(ctx context.Context, s *Session) ([]string, error) {
	m, _, _, err := s.Store.Read(ctx)
	return KnownPeople(m), err
}

// TeamNames are the names of Attio's teams.
func TeamNames(ctx context.Context, s *Session) ([]string, error) {
	teams, err := s.Attio.Reader.Teams(ctx)
	return NamesOf(teams, func(t attio.Team) string { return t.Name }), err
}

// Known is [Complete] with names that the state holds: neither side is asked.
func Known(p *Program, of ...func(core.Managed) []string) cobra.CompletionFunc {
	return Complete(p, func(ctx context.Context, _ []string) ([]string, error) {
		store, err := OpenStateUnasked(ctx, p)
		if err != nil || store == nil {
			return nil, err
		}
		defer store.Close()
		m, _, _, err := store.Read(ctx)
		var all []string
		for _, names := range of {
			all = append(all, names(m)...)
		}
		return all, err
	})
}

// KnownPeople are the addresses of people.
func KnownPeople(m core.Managed) []string {
	return NamesOf(m.SortedPeople(), func(e core.ManagedPerson) string { return e.Email })
}

// KnownTeams are the names of teams.
func KnownTeams(m core.Managed) []string {
	return NamesOf(m.SortedTeams(), func(t core.ManagedTeam) string { return t.Applied.Name })
}

// NamesOf gives the name of each.
func NamesOf[T any](list []T, name func(T) string) []string {
	names := make([]string, len(list))
	for i, x := range list {
		names[i] = name(x)
	}
	return names
}
