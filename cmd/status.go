package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"scim-sync/attio"
	"scim-sync/attio/scim"
	"scim-sync/config"
	"scim-sync/idp"
	"scim-sync/idp/okta"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// statusVersion is the version of the document that status --format json
// writes. It only grows.
const statusVersion = 1

func newStatus(a *app) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "status",
		Short: "Who is signed in to which workspace, the last run, and what is managed",
		Long: `status says who is signed in to which workspace and with what rights, where the
token is kept, how the last run ended and how old the last good one is, what a
refusal holds back, and how many people and teams are managed. It changes
nothing. It exits with 6 when nobody is signed in.`,
		Example: "  scim-sync status\n  scim-sync status --format json | jq .last_good_run",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.status(c.Context(), format) },
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

// standing is what status has to say.
type standing struct {
	FormatVersion int `json:"format_version"`
	// SignedIn is nil when Attio could not be asked.
	SignedIn     *bool          `json:"signed_in"`
	Problem      string         `json:"problem,omitempty"` // why not, or why it is not known
	Workspace    *workspaceRef  `json:"workspace,omitempty"`
	ClientID     string         `json:"client_id,omitempty"` // of the app; empty for a developer token
	Token        *tokenStanding `json:"token,omitempty"`
	AuthorizedBy *authorFacts   `json:"authorized_by,omitempty"`
	Warnings     []string       `json:"warnings"`
	State        *stateStanding `json:"state,omitempty"`
	LastRun      *runStanding   `json:"last_run,omitempty"`
	LastGoodRun  *runStanding   `json:"last_good_run,omitempty"`
	// Held is the refusal that holds removals back until it is settled.
	Held *core.Latch `json:"held,omitempty"`
}

// workspaceRef names a workspace.
type workspaceRef struct {
	ID   string `json:"id"`
	Slug string `json:"slug"`
	Name string `json:"name"`
}

type tokenStanding struct {
	From       string     `json:"from"`           // attio.token (...), keyring of this system, file /path
	Kept       string     `json:"kept,omitempty"` // keyring, file; empty: in the settings
	Scopes     []string   `json:"scopes"`
	ExpiresAt  *time.Time `json:"expires_at,omitempty"`
	SignedInAt *time.Time `json:"signed_in_at,omitempty"`
}

type authorFacts struct {
	Email    string       `json:"email"`
	Role     attio.Role   `json:"role,omitempty"`
	Status   attio.Status `json:"status"`
	Assigned string       `json:"in_okta"`                   // assigned, suspended, not assigned any more, unknown
	Unknown  string       `json:"in_okta_unknown,omitempty"` // why that is unknown
}

type stateStanding struct {
	Place      string       `json:"place"`
	Problem    string       `json:"problem,omitempty"` // why it cannot be read; the rest is not known then
	Exists     bool         `json:"exists"`
	People     peopleCounts `json:"people"`
	Teams      int          `json:"teams"`
	Unfinished int          `json:"unfinished_writes"`
}

// peopleCounts counts managed people by how they were left; Released ones are
// managed no longer.
type peopleCounts struct {
	Active    int `json:"active"`
	Invited   int `json:"invited"` // of the active ones
	Suspended int `json:"suspended"`
	Released  int `json:"released"`
}

type runStanding struct {
	RunID      string         `json:"run_id"`
	Command    string         `json:"command,omitempty"`
	Operator   string         `json:"operator,omitempty"`
	Began      time.Time      `json:"began"`
	Ended      *time.Time     `json:"ended,omitempty"`
	AgeSeconds int64          `json:"age_seconds"`
	ExitCode   *int           `json:"exit_code,omitempty"` // absent: cut off, or not ended yet
	Outcome    string         `json:"outcome"`
	Steps      map[string]int `json:"steps,omitempty"` // by outcome
	Refusals   []string       `json:"refusals,omitempty"`
	Error      string         `json:"error,omitempty"`
}

func (a *app) status(ctx context.Context, format string) error {
	if format != "text" && format != "json" {
		return usagef("--format %q: use text or json", format)
	}
	s := &session{began: a.Now()}
	if err := a.load(ctx, s); err != nil {
		return err
	}
	defer s.close()
	st := standing{FormatVersion: statusVersion, Warnings: []string{}}
	author, signIn := a.statusOfToken(ctx, s, &st)
	if signIn != nil {
		st.Problem = signIn.Error()
	}
	if st.SignedIn == nil && codeOf(signIn) != ExitUnavailable {
		st.SignedIn = new(false)
	}
	unread := a.statusOfState(ctx, s, &st, author)
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	show := a.statusText
	if format == "json" {
		show = a.statusJSON
	}
	return firstOf(show(st), signIn, unread)
}

// statusOfToken asks Attio who the token is. The error is why nobody is
// signed in, or why that cannot be said; what is known is in st all the same.
func (a *app) statusOfToken(ctx context.Context, s *session, st *standing) (attio.Member, error) {
	if err := s.settings.Need(config.NeedAttio); err != nil {
		return attio.Member{}, err
	}
	var err error
	if s.from, err = a.credentialFor(s.settings); err != nil {
		return attio.Member{}, err
	}
	st.Token = &tokenStanding{From: s.from.from, Scopes: []string{}}
	if l := s.from.login; l != nil {
		st.Token.Kept, st.Token.SignedInAt = string(l.Kept), &l.SignedInAt
		st.Workspace, st.ClientID = &workspaceRef{l.WorkspaceID, l.WorkspaceSlug, l.WorkspaceName}, l.ClientID
		for _, x := range a.exposed(*l) {
			st.Warnings = append(st.Warnings, x.What+". "+x.Remedy)
		}
	}
	s.attio, s.scim = a.connectAttio(s.settings, s.from.token)
	if s.reader, err = scim.NewReader(s.scim); err != nil {
		return attio.Member{}, err
	}
	if s.identity, err = briefly(ctx, s.reader.Identity); err != nil {
		return attio.Member{}, err
	}
	id := s.identity
	st.SignedIn, st.ClientID = new(true), id.ClientID
	st.Workspace = &workspaceRef{id.WorkspaceID, id.WorkspaceSlug, id.WorkspaceName}
	if id.Scopes != nil {
		st.Token.Scopes = id.Scopes
	}
	if !id.Expires.IsZero() {
		st.Token.ExpiresAt = &id.Expires
	}
	if err := s.from.want.right(id); err != nil {
		st.SignedIn = new(false)
		return attio.Member{}, err
	}
	if !id.CanWrite() {
		st.Warnings = append(st.Warnings, "the token lacks "+attio.ScopeWrite+": plan works, apply does not. "+scopeHint)
	}
	joined, err := briefly(ctx, s.reader.Joined)
	if err != nil {
		st.Warnings = append(st.Warnings, "who authorised the token could not be found out: "+err.Error())
		return attio.Member{}, nil //nolint:nilerr // it is told as a warning
	}
	author, _ := authorOf(id, joined)
	return author, nil
}

// statusOfState reads the state, as far as its place is known, and looks who
// authorised the token. The error is why the state cannot be read; what is
// known all the same is in st.
func (a *app) statusOfState(ctx context.Context, s *session, st *standing, author attio.Member) error {
	m, unread := a.readStanding(ctx, s, st)
	if author.Email != "" {
		in, why := a.assignmentOf(ctx, s, m, author)
		st.AuthorizedBy = &authorFacts{Email: author.Email, Role: author.Role, Status: author.Status, Assigned: in.String(), Unknown: why}
		if why := authorTrouble(author, in); why != "" {
			st.Warnings = append(st.Warnings, why+". "+authorMend)
		}
	}
	return unread
}

// readStanding reads the state and the last runs.
func (a *app) readStanding(ctx context.Context, s *session, st *standing) (core.Managed, error) {
	if s.store == nil {
		if s.identity.WorkspaceID == "" && st.Workspace != nil {
			s.identity.WorkspaceID = st.Workspace.ID
		}
		if s.identity.WorkspaceID == "" && !s.settings.State.URL.Given() {
			return core.Managed{}, nil
		}
		var err error
		if s.store, err = a.openState(ctx, s); err != nil {
			st.State = &stateStanding{Problem: err.Error()}
			return core.Managed{}, err
		}
	}
	m, unfinished, info, err := s.store.Read(ctx)
	if err != nil {
		st.State = &stateStanding{Place: s.store.Places().Snapshot, Problem: err.Error()}
		return core.Managed{}, err
	}
	people, teams := managedCounts(m)
	st.State = &stateStanding{Place: cmp.Or(info.Places.Snapshot, "memory"), Exists: info.Exists, People: people, Teams: teams, Unfinished: len(unfinished)}
	st.Held = m.Latched
	st.Warnings = append(st.Warnings, info.Warnings...)
	return m, a.lastRuns(ctx, s.store, info, st)
}

// lastRuns finds the last run, and the last one that ended well.
func (a *app) lastRuns(ctx context.Context, store *state.Store, info state.Info, st *standing) error {
	if info.LastRun == nil {
		return nil
	}
	st.LastRun = a.runOf(*info.LastRun)
	if good(*info.LastRun) {
		st.LastGoodRun = st.LastRun
		return nil
	}
	runs, err := store.Runs(ctx)
	if err != nil {
		return err
	}
	for _, r := range slices.Backward(runs) {
		if good(r) {
			st.LastGoodRun = a.runOf(r)
			break
		}
	}
	return nil
}

// good: the run did all that there was to do.
func good(r state.RunRecord) bool { return r.Summary != nil && r.Summary.ExitCode == ExitOK }

func (a *app) runOf(r state.RunRecord) *runStanding {
	out := &runStanding{RunID: r.Info.RunID, Command: r.Info.Command, Operator: r.Info.Operator, Began: r.Info.Began, Outcome: "cut off, or not ended yet"}
	last := r.Info.Began
	if !r.Ended.IsZero() {
		out.Ended, last = &r.Ended, r.Ended
	}
	out.AgeSeconds = int64(max(a.Now().Sub(last), 0) / time.Second)
	if sum := r.Summary; sum != nil {
		out.ExitCode, out.Outcome = &sum.ExitCode, outcomeOf(sum.ExitCode)
		out.Steps, out.Refusals, out.Error = sum.Counts, sum.Refusals, sum.Error
	}
	return out
}

// managedCounts counts what is managed.
func managedCounts(m core.Managed) (people peopleCounts, teams int) {
	for _, p := range m.People {
		switch {
		case p.Released:
			people.Released++
		case !p.Applied.Active:
			people.Suspended++
		default:
			people.Active++
			if p.Kind == core.Invite {
				people.Invited++
			}
		}
	}
	for _, t := range m.Teams {
		if !t.Unlinked && !t.OutOfScope {
			teams++
		}
	}
	return people, teams
}

// assignmentOf asks Okta for the one person who authorised the token, if that
// is a managed one and Okta can be asked. why says what is in the way.
func (a *app) assignmentOf(ctx context.Context, s *session, m core.Managed, author attio.Member) (in assignment, why string) {
	p, ok := managedAs(m, author)
	if !ok {
		return unknownAssignment, ""
	}
	if err := s.settings.Need(config.NeedOkta); err != nil {
		return unknownAssignment, "its settings are not complete"
	}
	if err := a.connectOkta(ctx, s); err != nil {
		return unknownAssignment, err.Error()
	}
	now, err := briefly(ctx, func(ctx context.Context) (idp.Standing, error) { return s.source.Person(ctx, p.OktaID) })
	switch {
	case err != nil:
		return unknownAssignment, whyUnknown(err)
	case now.Listed:
		return s.assignmentSaid(now.Access), ""
	}
	return unassigned, ""
}

// whyUnknown says in short why Okta did not tell.
func whyUnknown(err error) string {
	if words, limited := okta.UsedUp(err); limited {
		return words
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer within " + briefDeadline.String()
	}
	return err.Error()
}

func (a *app) statusJSON(st standing) error {
	enc := json.NewEncoder(a.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(st)
}
