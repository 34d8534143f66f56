package manage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/sync/state"
)

type unlockOptions struct {
	yes    bool
	reason string
}

func newStateUnlock(p *cli.Program) *cobra.Command {
	var o unlockOptions
	c := &cobra.Command{
		Use:   "unlock",
		Short: "Free the lock of a run that is gone",
		Long: `unlock shows who holds the lock and when they last renewed it, and frees it
after asking, when its holder does not renew it any more. A lock that is
renewed is never broken, nor is that of a living process on files.

It is rarely needed: the lock of a run that was killed is free by itself, at
once on files, and when its time is over in a shared store.`,
		Example: `  scim-sync state unlock
  scim-sync state unlock --yes --reason 'the runner is gone'`,
		Annotations: cli.EndsAfterWriting(),
		Args:        cobra.NoArgs,
		RunE:        func(c *cobra.Command, _ []string) error { return unlockState(c.Context(), p, o) },
	}
	f := c.Flags()
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	cli.Reason(c, &o.reason)
	return c
}

// aliveError is a *state.LockedError with what can be done about it by hand.
type aliveError struct {
	locked *state.LockedError
	own    bool // a process's own lock, which ends with it
}

func (e *aliveError) Error() string {
	if e.own {
		return "the lock was not broken: it is held by " + cli.HolderWords(e.locked.Holder) + ", and that process lives"
	}
	return "the lock was not broken: " + cli.HolderWords(e.locked.Holder) + " still renews it"
}

// Hint says how to stop the holder.
func (e *aliveError) Hint() string {
	if e.locked.Holder.PID == 0 {
		return "Wait until that run has finished."
	}
	return fmt.Sprintf("Wait until that run has finished, or stop it on %s: kill %d. It gives the lock back then, and the next run looks after what it left.",
		e.locked.Holder.Host, e.locked.Holder.PID)
}

// ExitCode is that of a lock that is held.
func (e *aliveError) ExitCode() int { return cli.ExitLocked }

func unlockState(ctx context.Context, p *cli.Program, o unlockOptions) error {
	store, err := cli.OpenState(ctx, p)
	if err != nil {
		return err
	}
	defer store.Close()
	at, err := store.Standing(ctx)
	if err != nil {
		return err
	}
	if at == nil {
		return p.Tell("The lock is free.")
	}
	if err := p.Tell(standingWords(*at)...); err != nil {
		return err
	}
	if at.Every > 0 {
		p.Say("Looking for " + (at.Every + at.Every/4 + time.Second).Round(time.Second).String() + " whether it is renewed.")
	}
	now, err := store.Abandoned(ctx, *at)
	if locked, ok := errors.AsType[*state.LockedError](err); ok {
		return &aliveError{locked, at.Every == 0}
	}
	if err != nil {
		return err
	}
	if now == nil {
		return p.Tell("The lock is free by now.")
	}
	return breakLock(ctx, p, store, *now, o)
}

func breakLock(ctx context.Context, p *cli.Program, store *cli.OpenedState, at state.Standing, o unlockOptions) error {
	if !o.yes && !p.Interactive {
		return &cli.UsageError{Text: "unlock asks before it frees the lock, and there is no terminal to ask on", Advice: "scim-sync state unlock --yes"}
	}
	if !o.yes {
		if err := p.Confirm(ctx, "It is not renewed any more. Make sure that this process is gone. Free the lock? Only \"yes\" does: ", cli.Declined); err != nil {
			return err
		}
	}
	err := store.Break(ctx, at)
	if locked, ok := errors.AsType[*state.LockedError](err); ok {
		return &aliveError{locked, false}
	}
	if err != nil {
		return err
	}
	reason := "the lock of " + cli.HolderWords(at.Holder) + ", run " + at.Holder.RunID
	if o.reason != "" {
		reason += ": " + o.reason
	}
	info := cli.RunInfoAlone(p, store.Settings, "state unlock", reason)
	if err := store.WriteThrough(ctx, info, codeIn(ctx), func(*state.Run) error { return nil }); err != nil {
		p.Warn("the lock was freed, but not noted in the journal: " + err.Error())
	}
	return p.Tell("The lock is free. The next run looks after what that one left.")
}

// standingWords say who holds the lock, and how long it lasts.
func standingWords(s state.Standing) []string {
	words := []string{"The lock is held by " + cli.HolderWords(s.Holder) + ", run " + s.Holder.RunID + "."}
	if lease := cli.LeaseWords(s); lease != "" {
		words = append(words, "It "+lease+".")
	}
	return words
}
