package cli

import (
	"cmp"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"scim-sync/attio"
	"scim-sync/cmd/view"
	"scim-sync/config"
	"scim-sync/idp"
	"scim-sync/internal/transport"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// Session is both sides, connected and ready to be read, and the place of the
// state.
type Session struct {
	Settings *Settings
	Policy   core.Policy
	Okta     *OktaSide
	Attio    *AttioSide
	Store    *state.Store
	*clock
	// Writes says that the token has to be able to write.
	Writes bool

	place          string      // the id of the workspace by which the state was found; empty: by none
	confirmed      atomic.Bool // the token is the right one
	began          time.Time
	before         [2]transport.Counts // of requests made before this run began
	lent           bool                // the settings are the caller's to close
	workspaceReads int                 // how many requests it took to read Attio
}

// Open loads the settings, signs in on both sides and finds the state.
func Open(ctx context.Context, p *Program) (*Session, error) {
	s, err := Begin(ctx, p)
	if err != nil {
		return nil, err
	}
	if err := s.SignedIn(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Begin is [Open] without waiting for what Attio says the token is, where the
// state is found without: other questions may go beside that one. Nothing of
// theirs is to be shown, and nothing to be written, before [Session.SignedIn].
func Begin(ctx context.Context, p *Program) (*Session, error) {
	settings, err := NewSettings(ctx, p)
	if err != nil {
		return nil, err
	}
	s, err := BeginWith(ctx, p, settings)
	if err != nil {
		settings.Close()
		return nil, err
	}
	s.lent = false
	return s, nil
}

// BeginWith is [Begin] with settings that are loaded, and that the caller closes
// after the session.
func BeginWith(ctx context.Context, p *Program, settings *Settings) (*Session, error) {
	s := &Session{Settings: settings, began: p.Now(), lent: true}
	if err := s.connect(ctx, p); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close gives back the store's connections, and ends a sandbox unless the settings
// are lent.
func (s *Session) Close() {
	if s.lent {
		s.Settings.closeStores()
		return
	}
	s.Settings.Close()
}

func (s *Session) connect(ctx context.Context, p *Program) error {
	if err := s.Settings.Need(config.NeedOkta | config.NeedAttio); err != nil {
		return err
	}
	s.Policy = s.Settings.Policy
	var err error
	if s.Store, err = NewState(ctx, p, s.Settings, ""); err != nil { // a wrong one is told before anybody is asked
		return err
	}
	if s.Okta, err = NewOktaSide(ctx, p, s.Settings); err != nil {
		return err
	}
	c, err := NewCredential(p, s.Settings)
	if err != nil {
		return err
	}
	if s.Attio, err = beginSignIn(ctx, p, s.Settings, c); err != nil {
		return err
	}
	s.clock = s.newClock(p.Now)
	if s.Store == nil {
		if c.Login != nil {
			s.place = c.Login.WorkspaceID
		}
		if s.place == "" {
			if err := s.SignedIn(); err != nil {
				return err
			}
			s.place = s.Attio.Identity.WorkspaceID
		}
		if s.Store, err = NewState(ctx, p, s.Settings, s.place); err != nil {
			return err
		}
	}
	s.Okta.recallGroups(s.Store)
	return nil
}

// newClock is the clock of a session.
func (s *Session) newClock(now func() time.Time) *clock {
	c := &clock{now: now}
	if s.Settings.Sandbox != nil {
		return c
	}
	if okta, ok := s.Okta.Source.(idp.Dated); ok {
		c.services = append(c.services, service{"Okta", okta})
	}
	c.services = append(c.services, service{"Attio", s.Attio.transport})
	return c
}

// SignedIn waits until Attio has said what the token is, and refuses one that lacks
// a scope or is for another workspace than is meant.
func (s *Session) SignedIn() error {
	if err := s.Attio.signedIn(); err != nil {
		return err
	}
	id := s.Attio.Identity
	switch {
	case !id.CanRead():
		return NeedsScope("sign in to Attio", id, "the token lacks the scope "+attio.ScopeRead)
	case s.Writes && !id.CanWrite():
		return NeedsScope("apply to", id, "the token lacks the scope "+attio.ScopeWrite)
	case s.place != "" && s.place != id.WorkspaceID:
		return &RailError{core.Refusal{Code: core.WrongWorkspace, Subject: id.WorkspaceSlug,
			Detail: fmt.Sprintf("the stored sign-in is to the workspace %s, its token for %s (%s)", s.place, id.WorkspaceID, id.WorkspaceSlug),
			Remedy: "Sign in anew: scim-sync login. " + nothingDone}}
	}
	s.confirmed.Store(true)
	return nil
}

// Confirmed says whether [Session.SignedIn] has found the token to be the right one.
func (s *Session) Confirmed() bool { return s.confirmed.Load() }

// Sooner is why the token is not the right one, else the error: what Attio says of
// the token goes before whatever was asked for beside it.
func (s *Session) Sooner(err error) error { return cmp.Or(s.SignedIn(), err) }

// RightSource refuses a state that belongs elsewhere.
func (s *Session) RightSource(r StateRead) error {
	return r.RightSource(s.Attio.Identity, s.Settings)
}

// Restart begins the count of what a run costs anew.
func (s *Session) Restart(now time.Time) {
	s.workspaceReads = 0
	s.before, s.began = [2]transport.Counts{s.Okta.counts(), s.Attio.transport.Counts()}, now
}

// WasRead notes that both sides were read: what Attio was asked until now is
// what that takes.
func (s *Session) WasRead() {
	if s.workspaceReads > 0 {
		return // it was read before, and takes as many each time
	}
	n, before := s.Attio.transport.Counts(), s.before[1]
	s.workspaceReads = n.Requests - n.Retries - before.Requests + before.Retries
}

// Footer counts what the run has cost so far.
func (s *Session) Footer(now time.Time) view.Footer {
	took := now.Sub(s.began)
	side := func(name string, c, before transport.Counts) view.Side {
		return view.Side{Name: name, Requests: c.Requests - before.Requests, Writes: c.Writes - before.Writes,
			Retries: c.Retries - before.Retries, Waited: min(c.Waited-before.Waited, took)}
	}
	f := view.Footer{
		Sides: []view.Side{side("okta", s.Okta.counts(), s.before[0]), side("attio", s.Attio.transport.Counts(), s.before[1])},
		Took:  took,
	}
	if n := s.Okta.fullRead(); n > 0 {
		f.FullCycle = n + s.workspaceReads
	}
	return f
}
