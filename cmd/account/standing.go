package account

import (
	"cmp"
	"context"
	"errors"
	"time"

	"scim-sync/attio"
	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/config"
	"scim-sync/idp"
	"scim-sync/idp/okta"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

type statusOptions struct {
	format  string
	offline bool
	limited bool // maxAge is given
	maxAge  time.Duration
}

// standing finds out how things stand.
type standing struct {
	*cli.Program
	s  *cli.Settings
	st view.Status
}

func (r *standing) show(o statusOptions) error {
	if o.format == "json" {
		return view.StatusJSON(r.Stdout, r.st)
	}
	return view.StatusText(r.Out, r.st, r.Now())
}

func (r *standing) warn(text string) { r.st.Warnings = append(r.st.Warnings, text) }

// token asks Attio who the token is, and gives its owner. The error is why
// nobody is signed in, or why that cannot be said; what is known is told all the
// same.
func (r *standing) token(ctx context.Context) (attio.Member, error) {
	nobody := attio.Member{}
	if err := r.s.Need(config.NeedAttio); err != nil {
		return nobody, err
	}
	c, err := cli.NewCredential(r.Program, r.s)
	if err != nil {
		return nobody, err
	}
	r.st.Token = &view.TokenStatus{From: c.From, Scopes: []string{}}
	if l := c.Login; l != nil {
		r.st.Token.Kept, r.st.Token.SignedInAt = string(l.Kept), &l.SignedInAt
		r.st.Workspace, r.st.ClientID = &view.WorkspaceStatus{ID: l.WorkspaceID, Slug: l.WorkspaceSlug, Name: l.WorkspaceName}, l.ClientID
	}
	for _, x := range c.Exposed {
		r.warn(x.What + ". " + x.Remedy)
	}
	side, err := cli.NewAttioSide(r.Program, r.s, c.Token)
	if err != nil {
		return nobody, err
	}
	id, err := cli.Probe(ctx, side.Reader.Identity)
	if err != nil {
		return nobody, err
	}
	r.identity(id)
	if err := c.Want.Right(id); err != nil {
		r.st.SignedIn = new(false)
		return nobody, err
	}
	if !id.CanWrite() {
		r.warn("the token lacks " + attio.ScopeWrite + ": plan works, apply does not. " + cli.ScopeAdvice)
	}
	joined, err := cli.Probe(ctx, side.Reader.Joined)
	if err != nil {
		r.warn("who authorised the token could not be found out: " + err.Error())
	}
	owner, _ := cli.TokenOwner(id, joined)
	return owner, nil
}

func (r *standing) identity(id attio.Identity) {
	r.st.SignedIn, r.st.ClientID = new(true), id.ClientID
	r.st.Workspace = &view.WorkspaceStatus{ID: id.WorkspaceID, Slug: id.WorkspaceSlug, Name: id.WorkspaceName}
	if id.Scopes != nil {
		r.st.Token.Scopes = id.Scopes
	}
	if !id.Expires.IsZero() {
		r.st.Token.ExpiresAt = &id.Expires
	}
}

// state reads the state, as far as its place is known, and looks whether the
// token's owner is still assigned. The error is why the state cannot be read;
// what is known all the same is told.
func (r *standing) state(ctx context.Context, owner attio.Member) error {
	m, unread := r.managed(ctx)
	if owner.Email != "" {
		in, why := r.assignmentOf(ctx, m, owner)
		r.st.AuthorizedBy = &view.OwnerStatus{Email: owner.Email, Role: owner.Role, Status: owner.Status, Assigned: in.String(), Unknown: why}
		if why := cli.OwnerTrouble(owner, in); why != "" {
			r.warn(why + ". " + cli.OwnerAdvice)
		}
	}
	return unread
}

// managed reads the state and the last runs.
func (r *standing) managed(ctx context.Context) (core.Managed, error) {
	workspace := ""
	if r.st.Workspace != nil {
		workspace = r.st.Workspace.ID
	}
	store, err := cli.NewState(ctx, r.Program, r.s, workspace)
	if err != nil {
		r.st.State = &view.StateStatus{Problem: err.Error()}
	}
	if store == nil {
		return core.Managed{}, err
	}
	return r.read(ctx, store)
}

// read reads a state that was found.
func (r *standing) read(ctx context.Context, store *state.Store) (core.Managed, error) {
	m, unfinished, info, err := store.Read(ctx)
	if err != nil {
		r.st.State = &view.StateStatus{Place: store.Paths().Snapshot, Problem: err.Error()}
		return core.Managed{}, err
	}
	people, teams := view.CountManaged(m)
	r.st.State = &view.StateStatus{Place: cmp.Or(info.Paths.Snapshot, "memory"), Exists: info.Exists, People: people, Teams: teams, Unfinished: len(unfinished)}
	r.st.Held = m.Latched
	if pause, on := m.Paused(r.Now()); on {
		r.st.Pause = &pause
	}
	r.st.Contested = view.ContestsOf(m, r.Now(), r.s.Policy.Protect.RemovalsWindow)
	r.st.Warnings = append(r.st.Warnings, info.Warnings...)
	return m, r.lastRuns(ctx, store, info)
}

// lastRuns finds the last run, and the last one that ended well.
func (r *standing) lastRuns(ctx context.Context, store *state.Store, info state.Info) error {
	if info.LastRun == nil {
		return nil
	}
	r.st.LastRun = runStatus(*info.LastRun, r.Now())
	good, err := cli.LastGood(ctx, store, info.LastRun)
	switch {
	case err != nil:
		return err
	case good == info.LastRun:
		r.st.LastGoodRun = r.st.LastRun
	case good != nil:
		r.st.LastGoodRun = runStatus(*good, r.Now())
	}
	return nil
}

func runStatus(r state.RunRecord, now time.Time) *view.RunStatus {
	out := &view.RunStatus{RunID: r.Info.RunID, Number: r.Info.Number, Command: r.Info.Command, Operator: r.Info.Operator, Began: r.Info.Began, Outcome: "cut off, or not ended yet"}
	last := r.Info.Began
	if !r.Ended.IsZero() {
		out.Ended, last = &r.Ended, r.Ended
	}
	out.AgeSeconds = int64(max(now.Sub(last), 0) / time.Second)
	if sum := r.Summary; sum != nil {
		out.ExitCode, out.Outcome = &sum.ExitCode, cli.Outcome(sum.ExitCode)
		out.Steps, out.Refusals, out.Error = sum.Counts, sum.Refusals, sum.Error
	}
	return out
}

// assignmentOf asks Okta for the one person who authorised the token, if that
// is a managed one and Okta can be asked. why says what is in the way.
func (r *standing) assignmentOf(ctx context.Context, m core.Managed, owner attio.Member) (in cli.AssignmentStatus, why string) {
	p, ok := cli.ManagedAs(m, owner)
	if !ok {
		return cli.AssignmentUnknown, ""
	}
	if r.s.Need(config.NeedOkta) != nil {
		return cli.AssignmentUnknown, "its settings are not complete"
	}
	side, err := cli.NewOktaSide(ctx, r.Program, r.s)
	if err != nil {
		return cli.AssignmentUnknown, err.Error()
	}
	now, err := cli.Probe(ctx, func(ctx context.Context) (idp.Standing, error) { return side.Source.Person(ctx, p.OktaID) })
	switch {
	case err != nil:
		return cli.AssignmentUnknown, whyUnknown(err)
	case now.Listed:
		return r.s.AssignmentOf(now.Access), ""
	}
	return cli.Unassigned, ""
}

// whyUnknown says in short why Okta did not tell.
func whyUnknown(err error) string {
	if words, limited := okta.UsedUp(err); limited {
		return words
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer within " + cli.ProbeTime.String()
	}
	return err.Error()
}
