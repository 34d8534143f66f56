package run

import (
	"context"
	"errors"
	"slices"

	"scim-sync/cmd/internal/cli"
	core "scim-sync/sync"
)

// tellQuietly tells what is new of the troubles, in place of all else, and leaves of
// the run's error its code.
func (r *run) tellQuietly(ctx context.Context, s *cli.Session, said *memory, d deliveries, err error) error {
	if _, paused := errors.AsType[*cli.PausedError](err); paused {
		return err
	}
	if late := r.tellTroubles(ctx, s, said, d, troublesOf(r.draft(), r.did, err, r.sum.ExitCode)); late != nil {
		return lateError(err, late)
	}
	if r.sum.ExitCode == cli.ExitInterrupted {
		return err
	}
	return cli.Exit(r.sum.ExitCode)
}

// tellTroubles tells what is new of the troubles of this run, and notes in the
// state what was told. It is the last thing that a quiet run writes.
func (r *run) tellTroubles(ctx context.Context, s *cli.Session, said *memory, d deliveries, now []core.Trouble) error {
	ctx = context.WithoutCancel(ctx)
	m := r.journal.Managed()
	was := byJournal(ctx, s.Store, m, said.was(m.Told), now)
	news, told := allTidings(was, now, r.reach(), d, s.Time().UTC())
	if err := tell(ctx, r.Program, s.Store, news); err != nil {
		return err
	}
	if said.keep(told, m.Told); slices.Equal(m.Told, told) || m.WorkspaceID == "" { // to note something would make a state where there is none
		return nil
	}
	err := r.journal.Learn(ctx, nil, core.Change{Told: &core.ToldList{List: told}})
	if err == nil {
		*said = memory{}
	}
	return err
}
