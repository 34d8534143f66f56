package cmd

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"scim-sync/attio"
	"scim-sync/attio/auth"
	"scim-sync/attio/scim"
	"scim-sync/cmd/sandbox"
	"scim-sync/cmd/view"
	"scim-sync/config"
	"scim-sync/idp"
	"scim-sync/idp/okta"
	"scim-sync/internal/transport"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// session is both sides, connected and ready to be read, and the place of the
// state. It holds no writer: what only looks cannot change anything.
type session struct {
	settings *config.Settings
	policy   core.Policy
	source   idp.Source
	reader   *scim.Reader
	scim     scim.Options
	identity attio.Identity
	from     credential
	warned   bool // of a token that may end with its author
	store    *state.Store
	sandbox  *sandbox.Sandbox // nil against the real services
	redirect string           // where a sign-in of a sandbox is to come back to

	okta, attio *transport.Transport
	serviceApp  *okta.ServiceApp // nil with an API token
	// workspaceReads is how many requests it took to read Attio.
	workspaceReads int
	before         [2]transport.Counts // of requests made before this run began
	began          time.Time
}

// open loads the settings, signs in on both sides and finds the state.
func (a *app) open(ctx context.Context) (*session, error) {
	s := &session{began: a.Now()}
	if err := a.load(ctx, s); err != nil {
		return nil, err
	}
	if err := a.connect(ctx, s); err != nil {
		return nil, s.closeAfter(err)
	}
	return s, nil
}

// close ends a sandbox; against real services there is nothing to close.
func (s *session) close() {
	if s.sandbox != nil {
		s.sandbox.Close()
	}
}

func (s *session) closeAfter(err error) error {
	s.close()
	return err
}

// load reads the settings, or makes a sandbox and takes those of its world.
func (a *app) load(ctx context.Context, s *session) error {
	if a.global.sandbox {
		return a.loadSandbox(ctx, s)
	}
	settings, err := a.settings()
	if err != nil {
		return err
	}
	s.settings = settings
	return nil
}

func (a *app) connect(ctx context.Context, s *session) error {
	if err := s.settings.Need(config.NeedOkta | config.NeedAttio); err != nil {
		return err
	}
	s.policy = policyOf(s.settings)
	var err error
	if s.store == nil && s.settings.State.URL.Given() { // a wrong one is told before anybody is asked
		if s.store, err = a.openState(ctx, s); err != nil {
			return err
		}
	}
	if s.settings.Okta.OrgURL, err = okta.NormalOrgURL(s.settings.Okta.OrgURL); err != nil {
		return err
	}
	if err = a.connectOkta(ctx, s); err != nil {
		return err
	}
	if s.from, err = a.credentialFor(s.settings); err != nil {
		return err
	}
	s.attio, s.scim = a.connectAttio(s.settings, s.from.token)
	if s.reader, err = scim.NewReader(s.scim); err != nil {
		return err
	}
	if s.identity, err = s.reader.Identity(ctx); err != nil {
		return err
	}
	if err := s.from.want.right(s.identity); err != nil {
		return err
	}
	if !s.identity.CanRead() {
		return &attio.Error{Kind: attio.MissingScope, Op: "sign in to Attio", Subject: s.identity.WorkspaceSlug,
			Detail: "the token lacks the scope " + attio.ScopeRead, Hint: scopeHint}
	}
	if s.store == nil {
		if s.store, err = a.openState(ctx, s); err != nil {
			return err
		}
	}
	s.recallGroups()
	return nil
}

const scopeHint = "Tick User Management in the app's Scopes tab at build.attio.com and sign in again, or edit the token under Workspace settings > Developers in Attio."

// connectAttio makes the options of Attio's client and the transport that
// counts its requests.
func (a *app) connectAttio(c *config.Settings, token scim.TokenSource) (*transport.Transport, scim.Options) {
	t := transport.New(transport.Options{
		Side: "attio", Hosts: hosts(c.Attio.APIURL, c.Attio.SCIMURL), UserAgent: a.userAgent(), Log: a.log, Waits: a.waiting,
		Pacer: transport.NewRatePacer(float64(c.Attio.ReadsPerSecond), float64(c.Attio.WritesPerSecond)),
	})
	return t, scim.Options{APIURL: c.Attio.APIURL, SCIMURL: c.Attio.SCIMURL, Transport: t, Token: token}
}

func (a *app) userAgent() string {
	return "scim-sync/" + a.Version
}

// hosts gives the hosts of addresses that were checked when they were loaded.
func hosts(addresses ...string) []string {
	var list []string
	for _, s := range addresses {
		if u, err := url.Parse(s); err == nil {
			list = append(list, u.Host)
		}
	}
	return list
}

// meant is the one workspace that may be read and changed.
type meant struct {
	workspace string // slug or id; empty: nobody has said
	says      string // where that comes from, as a clause
	mend      string // how to have it otherwise
}

// meantIn is the workspace that a setting or flag names.
func meantIn(name, workspace string) meant {
	return meant{workspace, name + " is " + workspace, "correct " + name}
}

// meantBy is the workspace of a stored sign-in, where nothing else names one.
func meantBy(l auth.Login) meant {
	return meant{l.WorkspaceID, "the stored sign-in is to " + l.WorkspaceSlug, "end that one: scim-sync logout"}
}

// right refuses any workspace but the one that is meant.
func (w meant) right(id attio.Identity) error {
	if w.workspace == "" {
		return &usageError{text: fmt.Sprintf("attio.workspace is not set; the token is for %s (%s)", id.WorkspaceSlug, id.WorkspaceName),
			hint: "Say which workspace is meant, so that no other is ever changed: attio.workspace: " + id.WorkspaceSlug}
	}
	if id.Is(w.workspace) {
		return nil
	}
	return &railError{core.Refusal{Code: "wrong-workspace", Subject: id.WorkspaceSlug,
		Detail: fmt.Sprintf("the token is for the workspace %s (%s), but %s", id.WorkspaceSlug, id.WorkspaceName, w.says),
		Remedy: "Sign in to the right workspace, or " + w.mend + ". Nothing was read or written."}}
}

// rightSource refuses a state that was made with another org or app.
func rightSource(m core.Managed, exists bool, s *session) error {
	if !exists || m.WorkspaceID == "" {
		return nil
	}
	if m.WorkspaceID != s.identity.WorkspaceID {
		return &railError{core.Refusal{Code: "wrong-workspace", Subject: s.identity.WorkspaceSlug,
			Detail: fmt.Sprintf("the state belongs to the workspace %s, the token to %s (%s)", m.WorkspaceID, s.identity.WorkspaceID, s.identity.WorkspaceSlug),
			Remedy: "Use the state of this workspace (state.url), or sign in to the other one."}}
	}
	if m.OrgURL == s.settings.Okta.OrgURL && m.AppID == s.settings.Okta.AppID {
		return nil
	}
	return &railError{core.Refusal{Code: "wrong-source", Subject: s.settings.Okta.AppID,
		Detail: fmt.Sprintf("the state was made with the app %s of %s, the settings name %s of %s", m.AppID, m.OrgURL, s.settings.Okta.AppID, s.settings.Okta.OrgURL),
		Remedy: "Correct okta.org_url and okta.app_id; or, if people have really moved there: scim-sync state rebind"}}
}

// openState finds the state: the setting, else a file of the workspace's own.
func (a *app) openState(ctx context.Context, s *session) (*state.Store, error) {
	kept := state.Options{Scrub: func(text string) string { return string(a.hush.clean([]byte(text))) }}
	if s.settings.State.URL.Given() {
		return state.Open(ctx, state.Location{URL: s.settings.State.URL.Reveal(), Shown: s.settings.State.URL.String(), Options: kept})
	}
	folder, err := config.StateDir(config.EnvMap(a.Environ))
	if err != nil {
		return nil, &usageError{text: err.Error(), hint: "Name a place for the state: state.url: file:///path/of/state.json"}
	}
	return state.Open(ctx, state.Location{Path: state.DefaultPath(folder, s.identity.WorkspaceID), Options: kept})
}

// restart begins the count of what a run costs anew.
func (s *session) restart(now time.Time) {
	s.before, s.began = [2]transport.Counts{s.oktaCounts(), s.attio.Counts()}, now
}

// footer counts what the run has cost so far.
func (s *session) footer(now time.Time) view.Footer {
	took := now.Sub(s.began)
	side := func(name string, c, before transport.Counts) view.Side {
		return view.Side{Name: name, Requests: c.Requests - before.Requests, Writes: c.Writes - before.Writes,
			Retries: c.Retries - before.Retries, Waited: min(c.Waited-before.Waited, took)}
	}
	return view.Footer{
		FullCycle: s.fullCycle(),
		Sides:     []view.Side{side("okta", s.oktaCounts(), s.before[0]), side("attio", s.attio.Counts(), s.before[1])},
		Took:      took,
	}
}
