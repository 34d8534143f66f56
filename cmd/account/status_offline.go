package account

import (
	"cmp"
	"context"
	"time"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
)

// staleError is a last good run that is too old.
type staleError struct{ text string }

func (e *staleError) Error() string { return e.text }

// Hint says where to look.
func (e *staleError) Hint() string { return "See why: scim-sync status, scim-sync history" }

// ExitCode is that of a failure.
func (e *staleError) ExitCode() int { return cli.ExitFailed }

// offline tells what the state says, without any request.
func offline(ctx context.Context, p *cli.Program, o statusOptions) error {
	s, err := cli.NewSettings(ctx, p)
	if err != nil {
		return err
	}
	defer s.Close()
	r := &standing{Program: p, s: s}
	r.st.Offline = true
	store, err := cli.StateUnasked(ctx, p, s)
	if err != nil {
		return err
	}
	if store == nil {
		return &cli.UsageError{Text: "where the state is kept is not known without asking Attio", Advice: "Set state.url, or sign in once: scim-sync login"}
	}
	_, unread := r.read(ctx, store)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var late error
	if unread == nil && o.limited {
		late = r.late(o.maxAge)
	}
	if p.Flags.Quiet && o.format == "text" {
		return cmp.Or(unread, late)
	}
	return cmp.Or(r.show(o), unread, late)
}

// late says that the last good run is older than that.
func (r *standing) late(most time.Duration) error {
	good := r.st.LastGoodRun
	if good == nil {
		return &staleError{"the journal holds no run that ended well"}
	}
	if age := time.Duration(good.AgeSeconds) * time.Second; age > most {
		at := good.Began
		if good.Ended != nil {
			at = *good.Ended
		}
		return &staleError{"the last run that ended well is " + age.String() + " old (" + view.When(at) + "), more than " + most.String()}
	}
	return nil
}
