package run

import (
	"context"
	"errors"
	"slices"

	"scim-sync/cmd/internal/cli"
	core "scim-sync/sync"
)

// quietText says whether nothing but what is new of troubles is told.
func quietText(p *cli.Program, o applyOptions) bool {
	return (p.Flags.Quiet || o.service) && o.format == "text"
}

// tellQuietly tells what is new of the troubles, in place of all else, and leaves of
// the run's error its code.
func (r *run) tellQuietly(ctx context.Context, s *cli.Session, err error) error {
	if _, paused := errors.AsType[*cli.PausedError](err); paused {
		return err
	}
	if late := r.tellTroubles(ctx, s, troublesOf(r.draft(), r.did, err, r.sum.ExitCode)); late != nil {
		return lateError(err, late)
	}
	if r.sum.ExitCode == cli.ExitInterrupted {
		return err
	}
	return cli.Exit(r.sum.ExitCode)
}

// tellTroubles tells what is new of the troubles of this run, and notes in the
// state what was told. It is the last thing that a quiet run writes.
func (r *run) tellTroubles(ctx context.Context, s *cli.Session, now []core.Trouble) error {
	ctx = context.WithoutCancel(ctx)
	m := r.journal.Managed()
	was := m.Told
	news, told := tidings(was, now, r.reach(), s.Time().UTC())
	if err := tell(ctx, r.Program, s.Store, news); err != nil {
		return err
	}
	if slices.Equal(was, told) || m.WorkspaceID == "" { // to note something would make a state where there is none
		return nil
	}
	return r.journal.Learn(ctx, nil, core.Change{Told: &core.ToldList{List: told}})
}
