package manage

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	core "scim-sync/sync"
	"scim-sync/sync/manage"
	"scim-sync/sync/state"
)

// tieOptions are the flags of the commands that say what is managed.
type tieOptions struct {
	dryRun bool
	undo   bool
	reason string
}

func (o *tieOptions) flags(p *cli.Program, c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&o.dryRun, "dry-run", false, "say what would change, and write nothing")
	f.BoolVar(&o.undo, "undo", false, "take it back")
	cli.Reason(c, &o.reason)
	cli.LockTimeout(p, c)
}

// openManaged connects both sides and reads what is managed, if that belongs
// to the source of the settings.
func openManaged(ctx context.Context, p *cli.Program) (*cli.Session, core.Managed, error) {
	s, err := cli.Open(ctx, p)
	if err != nil {
		return nil, core.Managed{}, err
	}
	m, _, info, err := s.Store.Read(ctx)
	if err == nil {
		err = s.RightSource(cli.StateRead{Managed: m, Info: info})
	}
	if err != nil {
		s.Close()
	}
	return s, m, err
}

// command is how the journal names what was asked for.
func (o tieOptions) command(name string) string {
	if o.undo {
		return name + " --undo"
	}
	return name
}

// decision is what a command makes of what is managed at that moment.
type decision func(core.Managed) (manage.Tie, error)

// tie changes what is managed, as a run of its own: under the lock, in state
// and journal, and nowhere else. What is decided is shown.
func tie(ctx context.Context, p *cli.Program, s *cli.Session, name string, o tieOptions, decide decision) error {
	if o.dryRun {
		return tieDry(ctx, p, s, decide)
	}
	var t manage.Tie
	err := journalled(ctx, p, s, o.command(name), o.reason, func(run *state.Run) (err error) {
		read := cli.StateOf(run)
		p.Warn(read.Info.Warnings...)
		if err := s.RightSource(read); err != nil {
			return err
		}
		if t, err = decide(read.Managed); err != nil || len(t.Changes) == 0 {
			return usage(err)
		}
		return record(ctx, s, run, t.Step, t.Changes)
	})
	if err != nil {
		return err
	}
	return p.Tell(t.Said...)
}

// journalled is a run under the lock, with its end in the journal.
func journalled(ctx context.Context, p *cli.Program, s *cli.Session, command, reason string, do func(*state.Run) error) error {
	if _, err := s.CompareClocks(); err != nil {
		return err
	}
	code := func(err error) int { return cli.Code(ctx, err) }
	return s.Store.WriteThrough(ctx, cli.RunInfo(p, s, command, reason), code, do)
}

// record ties the state to the settings' source and takes changes in.
func record(ctx context.Context, s *cli.Session, run *state.Run, step *core.Step, changes []core.Change) error {
	if err := run.Bind(ctx, s.Attio.Identity.WorkspaceID, s.Settings.Okta.OrgURL, s.Settings.Okta.AppID); err != nil {
		return err
	}
	for _, c := range changes {
		if err := run.Learn(ctx, step, c); err != nil {
			return err
		}
	}
	return nil
}

// tieDry shows what would change. It takes no lock and holds no run.
func tieDry(ctx context.Context, p *cli.Program, s *cli.Session, decide decision) error {
	read, err := cli.ReadState(ctx, p, s.Store)
	if err != nil {
		return err
	}
	if err := s.RightSource(read); err != nil {
		return err
	}
	t, err := decide(read.Managed)
	if err != nil {
		return usage(err)
	}
	if len(t.Changes) > 0 {
		t.Said = append([]string{"A dry run: nothing is written. Without --dry-run:"}, t.Said...)
	}
	return p.Tell(t.Said...)
}

// usage makes the exit code of a tie that cannot be 5.
func usage(err error) error {
	if t, ok := errors.AsType[*manage.TieError](err); ok {
		return &cli.UsageError{Text: t.Text, Advice: t.Hint()}
	}
	return err
}
