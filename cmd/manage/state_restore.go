package manage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

type restoreOptions struct {
	yes    bool
	reason string
}

func newStateRestore(p *cli.Program) *cobra.Command {
	var o restoreOptions
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Bring back the state that a backup holds",
		Long: `restore puts the state of a backup in the place of the present one, after
showing both and asking. The present one is kept as a backup beside FILE.
Nothing in Attio is written; look at "scim-sync plan" before the next apply.

The journal goes on: history shows that a restore happened, and by whom, and no
serial or line number goes back. Removals and invites that count against caps
go on counting, and a saved plan that was applied is not applied again.`,
		Example: `  scim-sync state restore acme.backup
  scim-sync state restore --yes --reason 'ticket 4711' acme.backup`,
		Annotations: cli.EndsAfterWriting(),
		Args:        cobra.ExactArgs(1),
		RunE:        func(c *cobra.Command, args []string) error { return restoreState(c.Context(), p, args[0], o) },
	}
	f := c.Flags()
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask; also another workspace's backup, or over a state that was moved")
	cli.Reason(c, &o.reason)
	cli.LockTimeout(p, c)
	return c
}

func restoreState(ctx context.Context, p *cli.Program, path string, o restoreOptions) error {
	if !o.yes && !p.Interactive {
		return &cli.UsageError{Text: "restore asks before it writes, and there is no terminal to ask on", Advice: "scim-sync state restore --yes FILE"}
	}
	b, err := state.OpenBackup(path)
	if _, unread := errors.AsType[*fs.PathError](err); unread {
		return cli.Unreadable("the backup", path, err)
	}
	if err != nil {
		return err
	}
	defer b.Close()
	store, err := cli.OpenState(ctx, p)
	if err != nil {
		return err
	}
	defer store.Close()
	words, doubt, err := present(ctx, store.Store, b.Head)
	if err != nil {
		return err
	}
	if err := p.Tell(append(words, "The backup holds "+headWords(b.Head)+".")...); err != nil {
		return err
	}
	if doubt != "" {
		if !o.yes {
			return &cli.UsageError{Text: doubt + "; nothing was written", Advice: "Where that is meant: scim-sync state restore --yes FILE"}
		}
		p.Warn(doubt + ".")
	}
	if !o.yes {
		if err := p.Confirm(ctx, "Put the backup in its place? Only \"yes\" does: ", cli.Declined); err != nil {
			return err
		}
	}
	info := cli.RunInfoAlone(p, store.Settings, "state restore", o.reason)
	aside := filepath.Join(filepath.Dir(path), "before-restore-"+info.RunID+".backup")
	kept, err := store.Restore(ctx, b, aside, info, codeIn(ctx))
	if kept {
		p.Say("What was there is kept in " + core.Quote(aside) + ".")
	}
	if err != nil {
		return err
	}
	return p.Tell("The state is restored. Look before the next run: scim-sync plan")
}

// present shows what is there, and says what speaks against putting the backup in
// its place; empty: nothing.
func present(ctx context.Context, store *state.Store, h state.BackupHead) (words []string, doubt string, err error) {
	m, _, info, err := store.Read(ctx)
	place := store.Paths().Snapshot
	if moved, ok := errors.AsType[*state.MovedError](err); ok {
		return nil, moved.Error() + ". Restoring the backup makes this the place of the state again; nothing may go on at another one", nil
	}
	if corrupt, ok := errors.AsType[*state.CorruptError](err); ok {
		return []string{"The present state cannot be read: " + corrupt.Error() + "."}, "", nil
	}
	switch {
	case err != nil:
		return nil, "", err
	case !info.Exists:
		return []string{"There is no state at " + place + " yet."}, "", nil
	}
	last := ""
	if info.LastRun != nil {
		last = ", last run " + info.LastRun.Info.Began.UTC().Format(time.RFC3339)
	}
	words = []string{fmt.Sprintf("At %s is the state of the workspace %s: %s, serial %d, journal line %d%s.", place, m.WorkspaceID, countWords(len(m.People), len(m.Teams)), info.Serial, info.Seq, last)}
	if m.WorkspaceID != h.WorkspaceID {
		doubt = fmt.Sprintf("the backup belongs to another workspace, %s, and the present state to %s", h.WorkspaceID, m.WorkspaceID)
	}
	return words, doubt, nil
}
