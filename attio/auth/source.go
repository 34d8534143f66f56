package auth

import (
	"context"
	"sync"
	"time"

	"scim-sync/attio"
)

// renewEarly is how long before its end a token is renewed.
const renewEarly = 2 * time.Minute

// Source gives the access token of a login, and renews it in time where Attio
// ever sends tokens with an end and a refresh token. It is safe for concurrent
// use.
type Source struct {
	store *CredentialStore
	login Login
	app   Client
	now   func() time.Time

	mu    sync.Mutex
	token Token
	early time.Duration // before its end, for the token at hand
}

// Source gives the source of a login. app is asked only for renewing; its
// zero value cannot renew.
func (v *CredentialStore) Source(l Login, app Client, now func() time.Time) *Source {
	return &Source{store: v, login: l, app: app, now: now, early: renewEarly}
}

// Access gives the access token. Errors: *attio.Error.
func (s *Source) Access(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token.Access() == "" {
		var err error
		if s.token, err = s.store.Token(s.login); err != nil {
			return "", err
		}
	}
	if !s.stale(s.token) {
		return s.token.Access(), nil
	}
	if err := s.renew(ctx); err != nil {
		return "", err
	}
	return s.token.Access(), nil
}

func (s *Source) stale(t Token) bool {
	return !t.Expires.IsZero() && !s.now().Before(t.Expires.Add(-s.early))
}

func (s *Source) over(t Token) bool { return !t.Expires.IsZero() && !s.now().Before(t.Expires) }

// renew gets a new token under the lock of the sign-ins, for a refresh token is good
// for one use: another process may have used it meanwhile, and then its token
// is the one.
func (s *Source) renew(ctx context.Context) error {
	if s.token.Refresh() == "" || s.app.ClientSecret == nil {
		if !s.over(s.token) {
			return nil // good for this one request yet
		}
		return notSignedIn("the token for "+s.login.WorkspaceSlug+" ended on "+s.token.Expires.Format(time.RFC1123), "Sign in again: scim-sync login")
	}
	unlock, err := s.store.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	kept, err := s.store.Find(s.login.WorkspaceID)
	if err != nil {
		return err
	}
	if t, err := s.store.Token(kept); err == nil {
		s.login, s.token = kept, t
	}
	if !s.stale(s.token) {
		return nil
	}
	fresh, err := s.app.Renew(ctx, s.token)
	if err != nil {
		if !s.over(s.token) && (attio.Is(err, attio.Unavailable) || attio.Is(err, attio.RateLimited)) {
			return nil
		}
		return err
	}
	s.token = fresh
	if !fresh.Expires.IsZero() { // one of a short life is not renewed at each use
		s.early = min(renewEarly, fresh.Expires.Sub(s.now())/5)
	}
	if s.login, _, err = s.store.keep(s.login, fresh); err != nil {
		return notSignedIn("the token was renewed and could not be stored ("+err.Error()+")", "Make room for it and sign in again: scim-sync login")
	}
	return nil
}
