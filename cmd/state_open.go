package cmd

import (
	"context"

	"scim-sync/attio/scim"
	"scim-sync/config"
	"scim-sync/sync/state"
)

// openStore finds the state alone, for commands that only look at it: Okta is
// not asked, and Attio only for the workspace's id where neither the setting
// state.url nor a sign-in says where the state is.
func (a *app) openStore(ctx context.Context) (*session, error) {
	s := &session{began: a.Now()}
	if err := a.load(ctx, s); err != nil {
		return nil, err
	}
	if s.store != nil { // a sandbox's
		return s, nil
	}
	if err := a.findStore(ctx, s); err != nil {
		return nil, s.closeAfter(err)
	}
	return s, nil
}

func (a *app) findStore(ctx context.Context, s *session) (err error) {
	if s.settings.State.URL.Given() {
		s.store, err = a.openState(ctx, s)
		return err
	}
	if s.from, err = a.credentialFor(s.settings); err != nil {
		return err
	}
	if l := s.from.login; l != nil && l.WorkspaceID != "" {
		s.identity.WorkspaceID = l.WorkspaceID
	} else if err = a.whichWorkspace(ctx, s); err != nil {
		return err
	}
	s.store, err = a.openState(ctx, s)
	return err
}

// whichWorkspace asks Attio which workspace the token is for.
func (a *app) whichWorkspace(ctx context.Context, s *session) (err error) {
	if err = s.settings.Need(config.NeedAttio); err != nil {
		return err
	}
	s.attio, s.scim = a.connectAttio(s.settings, s.from.token)
	if s.reader, err = scim.NewReader(s.scim); err != nil {
		return err
	}
	if s.identity, err = s.reader.Identity(ctx); err != nil {
		return err
	}
	return s.from.want.right(s.identity)
}

// readState reads what is managed and tells what is odd about the state.
func (a *app) readState(ctx context.Context, store *state.Store) (stateRead, error) {
	m, unfinished, info, err := store.Read(ctx)
	if err != nil {
		return stateRead{}, err
	}
	a.warn(info)
	return stateRead{m, unfinished, info}, nil
}
