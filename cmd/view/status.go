package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// Status is what the command status has to say. Its JSON form only grows.
type Status struct {
	FormatVersion int `json:"format_version"`
	// Offline: nobody was asked.
	Offline bool `json:"offline,omitempty"`
	// SignedIn is nil when Attio could not be asked.
	SignedIn     *bool            `json:"signed_in"`
	Problem      string           `json:"problem,omitempty"` // why not, or why it is not known
	Workspace    *WorkspaceStatus `json:"workspace,omitempty"`
	ClientID     string           `json:"client_id,omitempty"` // of the app; empty for a developer token
	Token        *TokenStatus     `json:"token,omitempty"`
	AuthorizedBy *OwnerStatus     `json:"authorized_by,omitempty"`
	Warnings     []string         `json:"warnings"`
	State        *StateStatus     `json:"state,omitempty"`
	LastRun      *RunStatus       `json:"last_run,omitempty"`
	LastGoodRun  *RunStatus       `json:"last_good_run,omitempty"`
	// Held is the refusal that holds removals back until it is settled.
	Held *core.Latch `json:"held,omitempty"`
	// Pause is a pause that holds now.
	Pause *core.Pause `json:"pause,omitempty"`
	// Contested are whom and what somebody else changes again and again: another
	// difference by hand is held back.
	Contested []ContestStatus `json:"contested,omitempty"`
}

// ContestStatus is a person or a team that is contested.
type ContestStatus struct {
	OktaID string `json:"okta_id"` // of a team: its group's
	Name   string `json:"name"`    // the address, or the team's name
	// Times is how many runs put it back within the window; Writes are what they
	// wrote, oldest first.
	Times  int           `json:"times"`
	Writes []core.Repair `json:"writes"`
}

// ContestsOf names what is contested.
func ContestsOf(m core.Managed, now time.Time, window time.Duration) (list []ContestStatus) {
	for _, c := range m.Contested(now, window) {
		name := cmp.Or(m.People[c.OktaID].Email, m.Teams[c.OktaID].Applied.Name, c.OktaID)
		list = append(list, ContestStatus{c.OktaID, name, c.Runs(), c.Repairs})
	}
	return list
}

// WorkspaceStatus names a workspace.
type WorkspaceStatus struct {
	ID   string `json:"id"`
	Slug string `json:"slug"`
	Name string `json:"name"`
}

// TokenStatus is the token: where it lies, and what it may do.
type TokenStatus struct {
	From       string     `json:"from"`           // attio.token (...), keyring of this system, file /path
	Kept       string     `json:"kept,omitempty"` // keyring, file; empty: in the settings
	Scopes     []string   `json:"scopes"`
	ExpiresAt  *time.Time `json:"expires_at,omitempty"`
	SignedInAt *time.Time `json:"signed_in_at,omitempty"`
}

// OwnerStatus is the person who authorised the token.
type OwnerStatus struct {
	Email    string       `json:"email"`
	Role     attio.Role   `json:"role,omitempty"`
	Status   attio.Status `json:"status"`
	Assigned string       `json:"in_okta"`                   // assigned, suspended, not assigned any more, unknown
	Unknown  string       `json:"in_okta_unknown,omitempty"` // why that is unknown
}

// StateStatus is how the state stands.
type StateStatus struct {
	Place      string       `json:"place"`
	Problem    string       `json:"problem,omitempty"` // why it cannot be read; the rest is not known then
	Exists     bool         `json:"exists"`
	People     PeopleCounts `json:"people"`
	Teams      int          `json:"teams"`
	Unfinished int          `json:"unfinished_writes"`
}

// RunStatus is a past run.
type RunStatus struct {
	RunID      string         `json:"run_id"`
	Number     uint64         `json:"number,omitempty"` // as history shows it
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

// StatusJSON writes where things stand, for programs.
func StatusJSON(w io.Writer, st Status) error {
	st.FormatVersion, st.Warnings = 1, orEmpty(st.Warnings)
	return writeJSON(w, st, "  ")
}

// StatusText shows where things stand, for people.
func StatusText(s Stream, st Status, now time.Time) error {
	facts := signInFacts(st)
	if st.State != nil {
		facts = append(facts, stateFacts(*st.State)...)
	}
	if r := st.LastRun; r != nil {
		facts = append(facts, Fact{Name: "last run", Value: runWords(*r, now)})
	} else if st.State != nil && st.State.Problem == "" {
		facts = append(facts, Fact{Name: "last run", Value: "none yet"})
	}
	switch r := st.LastGoodRun; {
	case r != nil && r != st.LastRun:
		facts = append(facts, Fact{Name: "last good run", Value: ago(now, endOf(*r))})
	case r == nil && st.LastRun != nil:
		facts = append(facts, Fact{Name: "last good run", Value: "none in the journal"})
	}
	if p := st.Pause; p != nil {
		facts = append(facts, Fact{Name: "paused", Value: "by " + p.By + " until " + when(p.Until) + " (" + p.Reason + "): no run does anything; scim-sync resume ends it"})
	}
	if h := st.Held; h != nil {
		facts = append(facts, Fact{Name: "held back", Value: "removals, since " + h.Code + " refused (" + ago(now, h.At) +
			"), until they are within the floor again or allowed: scim-sync plan says how many"})
	}
	for _, c := range st.Contested {
		facts = append(facts, Fact{Name: "contested", Value: fmt.Sprintf("%s, put back %s (%s): another difference by hand is held back while these count in protect.removals_window; scim-sync plan says what to do",
			c.Name, count(c.Times, "time", "times"), core.Contest{Repairs: c.Writes}.Writes())})
	}
	for _, w := range st.Warnings {
		facts = append(facts, Fact{Name: "warning", Value: w})
	}
	return Facts(s, facts)
}

func signInFacts(st Status) []Fact {
	var facts []Fact
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, Fact{Name: name, Value: value})
		}
	}
	signedIn := st.SignedIn != nil && *st.SignedIn
	switch {
	case st.Offline:
	case st.SignedIn == nil:
		add("signed in", "not known: Attio could not be asked")
	case !signedIn:
		add("signed in", "no")
	}
	if w := st.Workspace; w != nil {
		add("workspace", fmt.Sprintf("%s (%s, %s)", cmp.Or(w.Name, w.Slug), w.Slug, w.ID))
	}
	if signedIn {
		app := "a developer token"
		if st.ClientID != "" {
			app = "the app " + st.ClientID
		}
		add("signed in as", app)
	}
	if by := st.AuthorizedBy; by != nil {
		inOkta := by.Assigned
		if by.Unknown != "" {
			inOkta += ": " + by.Unknown
		}
		add("authorised by", fmt.Sprintf("%s (%s in Attio; Okta: %s)", by.Email, strings.TrimSpace(string(by.Status)+" "+string(by.Role)), inOkta))
	}
	if t := st.Token; t != nil {
		add("token", "from "+t.From)
		add("scopes", strings.Join(t.Scopes, " "))
		if t.ExpiresAt != nil {
			add("good until", t.ExpiresAt.UTC().Format("2 January 2006 15:04 UTC"))
		}
	}
	return facts
}

func stateFacts(s StateStatus) []Fact {
	if s.Problem != "" {
		return []Fact{{Name: "state", Value: cmp.Or(s.Place, "not known") + " (cannot be read)"}}
	}
	place := s.Place
	if !s.Exists {
		place += " (none yet)"
	}
	facts := []Fact{{Name: "state", Value: place}, {Name: "managed", Value: ManagedWords(s.People, s.Teams)}}
	if s.Unfinished > 0 {
		facts = append(facts, Fact{Name: "unfinished", Value: count(s.Unfinished, "write whose end is not known; the next run looks after it", "writes whose end is not known; the next run looks after them")})
	}
	return facts
}

func runWords(r RunStatus, now time.Time) string {
	what, refused := r.Outcome, "refused: "+strings.Join(r.Refusals, ", ")
	if r.ExitCode != nil && *r.ExitCode == exitRefused {
		what = strings.TrimSuffix(refused, ": ")
		if n := r.Steps[string(core.StepOK)]; n > 0 {
			what = thousands(n) + " done; " + what
		}
	}
	text := ago(now, endOf(r)) + ": " + what
	if r.ExitCode != nil && *r.ExitCode != 0 {
		text += fmt.Sprintf(" (exit %d)", *r.ExitCode)
	}
	if len(r.Refusals) > 0 && !strings.Contains(what, refused) {
		text += "; " + refused
	}
	if r.Error != "" {
		text += "; " + r.Error
	}
	if r.Operator != "" {
		text += "; by " + r.Operator
	}
	if r.Number > 0 {
		text += fmt.Sprintf("; run #%d", r.Number)
	}
	return text
}

func endOf(r RunStatus) time.Time {
	if r.Ended != nil {
		return *r.Ended
	}
	return r.Began
}

// ago says how long ago something was, and when.
func ago(now, then time.Time) string {
	at := " (" + then.UTC().Format("2006-01-02 15:04 UTC") + ")"
	switch d := now.Sub(then); {
	case d < time.Minute:
		return "just now" + at
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min ago", d/time.Minute) + at
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", d/time.Hour) + at
	default:
		return fmt.Sprintf("%d days ago", d/(24*time.Hour)) + at
	}
}
