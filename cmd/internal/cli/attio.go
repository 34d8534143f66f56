package cli

import (
	"context"

	"scim-sync/attio"
	"scim-sync/attio/scim"
	"scim-sync/config"
	"scim-sync/internal/transport"
)

// AttioSide is the workspace as it is read, and what asking costs. It holds no
// writer: what only looks cannot change anything.
type AttioSide struct {
	Reader   *scim.Reader
	Options  scim.Options   // with which it was made
	Identity attio.Identity // once signedIn has found it to be the right one

	want      ExpectedWorkspace
	asked     func() (attio.Identity, error) // waits for what the token is
	transport *transport.Transport
}

// NewAttioSide makes the reader. It makes no request yet: who the token is for
// is not known.
func NewAttioSide(p *Program, s *Settings, token scim.TokenSource) (*AttioSide, error) {
	t := transport.New(transport.Options{
		Side: "attio", Hosts: hosts(s.Attio.APIURL, s.Attio.SCIMURL), UserAgent: p.userAgent(), Log: p.Log, Waits: p.waiting, Secrets: &p.secrets, Elapsed: p.Elapsed,
		Pacer: transport.NewRatePacer(float64(s.Attio.ReadsPerSecond), float64(s.Attio.WritesPerSecond)),
	})
	side := &AttioSide{Options: scim.Options{APIURL: s.Attio.APIURL, SCIMURL: s.Attio.SCIMURL, Transport: t, Token: token}, transport: t}
	var err error
	side.Reader, err = scim.NewReader(side.Options)
	return side, err
}

// signIn makes the reader of the one workspace that is meant.
func signIn(ctx context.Context, p *Program, s *Settings, c Credential) (*AttioSide, error) {
	side, err := beginSignIn(ctx, p, s, c)
	if err != nil {
		return nil, err
	}
	return side, side.signedIn()
}

// beginSignIn makes the reader, and begins to ask what the token is.
func beginSignIn(ctx context.Context, p *Program, s *Settings, c Credential) (*AttioSide, error) {
	if err := s.Need(config.NeedAttio); err != nil {
		return nil, err
	}
	side, err := NewAttioSide(p, s, c.Token)
	if err != nil {
		return nil, err
	}
	side.want, side.asked = c.Want, side.Reader.AskIdentity(ctx)
	return side, nil
}

// signedIn waits for what the token is, and refuses any workspace but the right one.
func (a *AttioSide) signedIn() (err error) {
	if a.Identity, err = a.asked(); err != nil {
		return err
	}
	return a.want.Right(a.Identity)
}

// ScopeAdvice says how a token gets a scope that it lacks.
const ScopeAdvice = "Tick User Management in the app's Scopes tab at build.attio.com and sign in again, or edit the token under Workspace settings > Developers in Attio."

// NeedsScope says that a token lacks a scope.
func NeedsScope(op string, id attio.Identity, detail string) error {
	return &attio.Error{Kind: attio.MissingScope, Op: op, Subject: id.WorkspaceSlug, Detail: detail, Hint: ScopeAdvice}
}
