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
	Options  scim.Options // with which it was made
	Identity attio.Identity

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
	if err := s.Need(config.NeedAttio); err != nil {
		return nil, err
	}
	side, err := NewAttioSide(p, s, c.Token)
	if err != nil {
		return nil, err
	}
	if side.Identity, err = side.Reader.Identity(ctx); err != nil {
		return nil, err
	}
	return side, c.Want.Right(side.Identity)
}

// ScopeAdvice says how a token gets a scope that it lacks.
const ScopeAdvice = "Tick User Management in the app's Scopes tab at build.attio.com and sign in again, or edit the token under Workspace settings > Developers in Attio."

// NeedsScope says that a token lacks a scope.
func NeedsScope(op string, id attio.Identity, detail string) error {
	return &attio.Error{Kind: attio.MissingScope, Op: op, Subject: id.WorkspaceSlug, Detail: detail, Hint: ScopeAdvice}
}
