package cli

import (
	"context"
	"time"

	"scim-sync/attio"
	"scim-sync/cmd/view"
	"scim-sync/config"
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

	began          time.Time
	before         [2]transport.Counts // of requests made before this run began
	lent           bool                // the settings are the caller's to close
	workspaceReads int                 // how many requests it took to read Attio
}

// Open loads the settings, signs in on both sides and finds the state.
func Open(ctx context.Context, p *Program) (*Session, error) {
	settings, err := NewSettings(ctx, p)
	if err != nil {
		return nil, err
	}
	s, err := OpenWith(ctx, p, settings)
	if err != nil {
		settings.Close()
		return nil, err
	}
	s.lent = false
	return s, nil
}

// OpenWith is [Open] with settings that are loaded, and that the caller closes after
// the session.
func OpenWith(ctx context.Context, p *Program, settings *Settings) (*Session, error) {
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
	if s.Attio, err = signIn(ctx, p, s.Settings, c); err != nil {
		return err
	}
	s.clock = s.newClock(p.Now)
	id := s.Attio.Identity
	if !id.CanRead() {
		return NeedsScope("sign in to Attio", id, "the token lacks the scope "+attio.ScopeRead)
	}
	if s.Store == nil {
		if s.Store, err = NewState(ctx, p, s.Settings, id.WorkspaceID); err != nil {
			return err
		}
	}
	s.Okta.recallGroups(s.Store)
	return nil
}

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
