package manage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

type backupOptions struct{ force, moved bool }

func newStateBackup(p *cli.Program) *cobra.Command {
	var o backupOptions
	c := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write state and journal into one file",
		Long: `backup writes the state and its whole journal into one file, which only you may
read, and reads it back. It takes no lock: runs go on beside it. The cache of
what Okta said is not in it. Bring it back with: scim-sync state restore FILE`,
		Example: `  scim-sync state backup acme-$(date +%F).backup
  scim-sync state backup --force acme.backup      over an older one`,
		Annotations: cli.EndsAfterReading(),
		Args:        cobra.ExactArgs(1),
		RunE:        func(c *cobra.Command, args []string) error { return backupState(c.Context(), p, args[0], o) },
	}
	f := c.Flags()
	f.BoolVar(&o.force, "force", false, "overwrite FILE")
	f.BoolVar(&o.moved, "moved", false, "of a state that was moved away, as it was then (when the new place is lost)")
	return c
}

func backupState(ctx context.Context, p *cli.Program, path string, o backupOptions) error {
	if err := cli.CanHold("the backup", path); err != nil {
		return err
	}
	store, err := cli.OpenState(ctx, p)
	if err != nil {
		return err
	}
	defer store.Close()
	head, err := store.Backup(ctx, path, cli.RunInfoAlone(p, store.Settings, "state backup", ""), o.force, o.moved)
	if errors.Is(err, fs.ErrExist) {
		return &cli.UsageError{Text: core.Quote(path) + " is there already; it was left as it is", Advice: "Name another file, or overwrite it: scim-sync state backup --force FILE"}
	}
	if err != nil {
		return err
	}
	return p.Tell(core.Quote(path) + " holds " + headWords(head) + ".")
}

// headWords say what a backup holds.
func headWords(h state.BackupHead) string {
	return fmt.Sprintf("the state of the workspace %s at %s: %s, serial %d, journal line %d",
		h.WorkspaceID, h.Made.UTC().Format(time.RFC3339), countWords(h.People, h.Teams), h.Serial, h.Seq)
}
