package cmd

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"scim-sync/cmd/view"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// tieOptions are the flags of the commands that say what is managed.
type tieOptions struct {
	dryRun bool
	undo   bool
	reason string
}

func (o *tieOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&o.dryRun, "dry-run", false, "say what would change, and write nothing")
	f.BoolVar(&o.undo, "undo", false, "take it back")
	f.StringVar(&o.reason, "reason", "", "why, kept in the journal")
	_ = c.RegisterFlagCompletionFunc("reason", cobra.NoFileCompletions) // fails only for a flag that is not there
}

// openManaged connects both sides and reads what is managed, if that belongs
// to the source of the settings.
func (a *app) openManaged(ctx context.Context) (*session, core.Managed, error) {
	s, err := a.open(ctx)
	if err != nil {
		return nil, core.Managed{}, err
	}
	m, _, info, err := s.store.Read(ctx)
	if err == nil {
		err = rightSource(m, info.Exists, s)
	}
	if err != nil {
		return nil, core.Managed{}, s.closeAfter(err)
	}
	return s, m, nil
}

// command is how the journal names what was asked for.
func (o tieOptions) command(name string) string {
	if o.undo {
		return name + " --undo"
	}
	return name
}

// tie changes what is managed, as a run of its own: under the lock, in state
// and journal, and nowhere else. decide is asked about what is managed at that
// moment; what it says is shown.
func (a *app) tie(ctx context.Context, s *session, name string, o tieOptions, decide func(core.Managed) (core.Tie, error)) error {
	if o.dryRun {
		return a.tieDry(ctx, s, decide)
	}
	info := a.runInfo(s, applyOptions{reason: o.reason})
	info.Command = o.command(name)
	var t core.Tie
	err := s.store.WriteThrough(ctx, info, codeOf, func(run *state.Run) (err error) {
		a.warn(run.Info())
		t, err = a.tieIn(ctx, s, run, decide)
		return err
	})
	if err != nil {
		return err
	}
	return a.tell(t.Said)
}

func (a *app) tieIn(ctx context.Context, s *session, run *state.Run, decide func(core.Managed) (core.Tie, error)) (core.Tie, error) {
	m := run.Managed()
	if err := rightSource(m, run.Info().Exists, s); err != nil {
		return core.Tie{}, err
	}
	t, err := decide(m)
	if err != nil || len(t.Changes) == 0 {
		return t, usage(err)
	}
	if err := run.Bind(ctx, s.identity.WorkspaceID, s.settings.Okta.OrgURL, s.settings.Okta.AppID); err != nil {
		return t, err
	}
	for _, c := range t.Changes {
		if err := run.Learn(ctx, t.Step, c); err != nil {
			return t, err
		}
	}
	return t, nil
}

// tieDry shows what would change. It takes no lock and holds no run.
func (a *app) tieDry(ctx context.Context, s *session, decide func(core.Managed) (core.Tie, error)) error {
	m, _, info, err := s.store.Read(ctx)
	if err != nil {
		return err
	}
	a.warn(info)
	if err := rightSource(m, info.Exists, s); err != nil {
		return err
	}
	t, err := decide(m)
	if err != nil {
		return usage(err)
	}
	if len(t.Changes) > 0 {
		t.Said = append([]string{"A dry run: nothing is written. Without --dry-run:"}, t.Said...)
	}
	return a.tell(t.Said)
}

// usage makes the exit code of a tie that cannot be 5.
func usage(err error) error {
	if t, ok := errors.AsType[*core.TieError](err); ok {
		return &usageError{text: t.Text, hint: t.Mend}
	}
	return err
}

func (a *app) warn(info state.Info) {
	for _, w := range info.Warnings {
		a.say("Warning: " + view.Clean(w))
	}
}

// tell writes sentences to standard output, one a line.
func (a *app) tell(sentences []string) error {
	for _, text := range sentences {
		if err := view.Line(a.out, view.Clean(text)); err != nil {
			return err
		}
	}
	return nil
}
