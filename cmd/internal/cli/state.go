package cli

import (
	"context"
	"fmt"
	"time"

	"scim-sync/attio"
	"scim-sync/cmd/view"
	"scim-sync/config"
	core "scim-sync/sync"
	"scim-sync/sync/state"
	"scim-sync/sync/state/stores"
)

// NewState finds the state: the setting, else a file of the workspace's own;
// nil while that is not known. A sandbox's is in memory. It is closed with the
// settings.
func NewState(ctx context.Context, p *Program, s *Settings, workspaceID string) (*state.Store, error) {
	at := location(p, s)
	switch url := s.State.URL; {
	case s.Sandbox != nil && s.Sandbox.HasState:
		return state.Memory(s.Sandbox.Managed), nil
	case s.Sandbox != nil:
		return state.Memory(core.Managed{}), nil
	case url.Given():
		return openStore(ctx, s, url, s.State.PasswordFile, at)
	case workspaceID == "":
		return nil, nil //nolint:nilnil // not known is an answer here
	}
	folder, err := config.StateDir(config.EnvMap(p.Environ))
	if err != nil {
		return nil, &UsageError{err.Error(), "Name a place for the state: state.url: file:///path/of/state.json"}
	}
	at.Path = state.DefaultPath(folder, workspaceID)
	return opened(s)(stores.Open(ctx, at))
}

// StoreAt finds a state at another place than that of the settings, which it is
// closed with. passwordFile is for an address without a password.
func StoreAt(ctx context.Context, p *Program, s *Settings, url config.StateURL, passwordFile string) (*state.Store, error) {
	p.Secret(url.Secrets()...)
	return openStore(ctx, s, url, passwordFile, location(p, s))
}

func openStore(ctx context.Context, s *Settings, url config.StateURL, passwordFile string, at state.Location) (*state.Store, error) {
	at.URL, at.Shown, at.PasswordFile = url.Reveal(), url.String(), passwordFile
	return opened(s)(stores.Open(ctx, at))
}

// opened notes what is to be closed.
func opened(s *Settings) func(*state.Store, error) (*state.Store, error) {
	return func(store *state.Store, err error) (*state.Store, error) {
		if err == nil {
			s.stores = append(s.stores, store)
		}
		return store, err
	}
}

// location is all of a place but the place.
func location(p *Program, s *Settings) state.Location {
	return state.Location{Environ: p.Environ, Learn: p.Secret, Elapsed: p.Elapsed, Lease: p.Lease, Log: p.Log,
		Options: state.Options{Keep: s.Journal.Keep, Scrub: p.Scrub, Patience: state.Patience{For: p.LockTimeout, Waits: p.waitsForLock}}}
}

// OpenedState is the state alone, and the settings that say where it is.
type OpenedState struct {
	*state.Store
	Settings *Settings
}

// Close gives back what the store holds, and ends a sandbox.
func (o *OpenedState) Close() { o.Settings.Close() }

// OpenState finds the state alone, for commands that have to do with nothing else:
// Okta is not asked, and Attio only for the workspace's id where neither the setting
// state.url nor a sign-in says where the state is.
func OpenState(ctx context.Context, p *Program) (*OpenedState, error) {
	s, err := NewSettings(ctx, p)
	if err != nil {
		return nil, err
	}
	store, err := findState(ctx, p, s)
	if err != nil {
		s.Close()
		return nil, err
	}
	return &OpenedState{store, s}, nil
}

// OpenStateUnasked is [OpenState] without any request: nil where the state's place is
// not known without.
func OpenStateUnasked(ctx context.Context, p *Program) (*OpenedState, error) {
	s, err := NewSettings(ctx, p)
	if err != nil {
		return nil, err
	}
	store, err := placedState(ctx, p, s)
	if err != nil || store == nil {
		s.Close()
		return nil, err
	}
	return &OpenedState{store, s}, nil
}

// placedState finds the state where its place is known; nil elsewhere.
func placedState(ctx context.Context, p *Program, s *Settings) (*state.Store, error) {
	if store, err := NewState(ctx, p, s, ""); store != nil || err != nil {
		return store, err
	}
	c, err := NewCredential(p, s)
	if err != nil || c.Login == nil || c.Login.WorkspaceID == "" {
		return nil, err
	}
	return NewState(ctx, p, s, c.Login.WorkspaceID)
}

func findState(ctx context.Context, p *Program, s *Settings) (*state.Store, error) {
	if store, err := placedState(ctx, p, s); store != nil || err != nil {
		return store, err
	}
	c, err := NewCredential(p, s)
	if err != nil {
		return nil, err
	}
	side, err := signIn(ctx, p, s, c)
	if err != nil {
		return nil, err
	}
	return NewState(ctx, p, s, side.Identity.WorkspaceID)
}

// StateRead is one reading of the state.
type StateRead struct {
	Managed    core.Managed
	Unfinished []core.Unfinished
	Info       state.Info
}

// LookAtState reads what is managed.
func LookAtState(ctx context.Context, store *state.Store) (StateRead, error) {
	m, unfinished, info, err := store.Read(ctx)
	return StateRead{m, unfinished, info}, err
}

// PausedError says that nothing is to be done for a while. It is no failure.
type PausedError struct{ core.Pause }

func (e *PausedError) Error() string {
	return fmt.Sprintf("%s paused scim-sync until %s (%s): nothing is done", e.By, view.When(e.Until), e.Reason)
}

// ExitCode is that of a run that had nothing to do.
func (e *PausedError) ExitCode() int { return ExitOK }

// Paused gives a *PausedError while a pause holds.
func (r StateRead) Paused(now time.Time) error {
	if pause, on := r.Managed.Paused(now); on {
		return &PausedError{pause}
	}
	return nil
}

// Tell warns of what is odd about the state.
func (r StateRead) Tell(p *Program) {
	p.Warn(r.Info.Warnings...)
	if paused := r.Paused(p.Now()); paused != nil {
		p.Warn(paused.Error() + "; scim-sync resume ends that")
	}
}

// ReadState reads what is managed and tells what is odd about the state.
func ReadState(ctx context.Context, p *Program, store *state.Store) (StateRead, error) {
	r, err := LookAtState(ctx, store)
	if err == nil {
		r.Tell(p)
	}
	return r, err
}

// Same says whether nothing was written to the state between two readings.
func (r StateRead) Same(s StateRead) bool {
	return r.Info.Exists == s.Info.Exists && r.Info.Serial == s.Info.Serial && r.Info.Seq == s.Info.Seq
}

// StateOf is what a run that holds the lock has read.
func StateOf(run *state.Run) StateRead {
	return StateRead{run.Managed(), run.Unfinished(), run.Info()}
}

// RightSource refuses a state that was made with another workspace, org or app.
func (r StateRead) RightSource(id attio.Identity, s *Settings) error {
	m := r.Managed
	switch {
	case !r.Info.Exists || m.WorkspaceID == "":
		return nil
	case m.WorkspaceID != id.WorkspaceID:
		return &RailError{core.Refusal{Code: "wrong-workspace", Subject: id.WorkspaceSlug,
			Detail: fmt.Sprintf("the state belongs to the workspace %s, the token to %s (%s)", m.WorkspaceID, id.WorkspaceID, id.WorkspaceSlug),
			Remedy: "Use the state of this workspace (state.url), or sign in to the other one."}}
	case m.OrgURL != s.Okta.OrgURL || m.AppID != s.Okta.AppID:
		return &RailError{core.Refusal{Code: "wrong-source", Subject: s.Okta.AppID,
			Detail: fmt.Sprintf("the state was made with the app %s of %s, the settings name %s of %s", m.AppID, m.OrgURL, s.Okta.AppID, s.Okta.OrgURL),
			Remedy: "Correct okta.org_url and okta.app_id; or, if people have really moved there: scim-sync state rebind"}}
	}
	return nil
}
