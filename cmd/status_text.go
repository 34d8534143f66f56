package cmd

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"scim-sync/cmd/view"
)

// statusText shows where things stand, for people.
func (a *app) statusText(st standing) error {
	facts := signInFacts(st)
	if s := st.State; s != nil {
		facts = append(facts, stateFacts(*s)...)
	}
	now := a.Now()
	if r := st.LastRun; r != nil {
		facts = append(facts, view.Fact{Name: "last run", Value: runWords(*r, now)})
	} else if st.State != nil && st.State.Problem == "" {
		facts = append(facts, view.Fact{Name: "last run", Value: "none yet"})
	}
	switch r := st.LastGoodRun; {
	case r != nil && r != st.LastRun:
		facts = append(facts, view.Fact{Name: "last good run", Value: ago(now, endOf(*r))})
	case r == nil && st.LastRun != nil:
		facts = append(facts, view.Fact{Name: "last good run", Value: "none in the journal"})
	}
	if h := st.Held; h != nil {
		facts = append(facts, view.Fact{Name: "held back", Value: "removals, since " + h.Code + " refused (" + ago(now, h.At) +
			"), until they are within the floor again or allowed: scim-sync plan says how many"})
	}
	for _, w := range st.Warnings {
		facts = append(facts, view.Fact{Name: "warning", Value: w})
	}
	return view.Facts(a.out, facts)
}

func signInFacts(st standing) []view.Fact {
	var facts []view.Fact
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, view.Fact{Name: name, Value: value})
		}
	}
	signedIn := st.SignedIn != nil && *st.SignedIn
	switch {
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

func stateFacts(s stateStanding) []view.Fact {
	if s.Problem != "" {
		return []view.Fact{{Name: "state", Value: cmp.Or(s.Place, "not known") + " (cannot be read)"}}
	}
	place := s.Place
	if !s.Exists {
		place += " (none yet)"
	}
	people := view.Count(s.People.Active, "person", "people")
	var more []string
	for _, x := range []struct {
		n    int
		word string
	}{{s.People.Invited, "of them invited"}, {s.People.Suspended, "suspended besides"}, {s.People.Released, "released"}} {
		if x.n > 0 {
			more = append(more, fmt.Sprintf("%d %s", x.n, x.word))
		}
	}
	if len(more) > 0 {
		people += " (" + strings.Join(more, ", ") + ")"
	}
	facts := []view.Fact{{Name: "state", Value: place}, {Name: "managed", Value: people + " and " + view.Count(s.Teams, "team", "teams")}}
	if s.Unfinished > 0 {
		facts = append(facts, view.Fact{Name: "unfinished", Value: view.Count(s.Unfinished, "write of a run that was cut off; the next run looks after it", "writes of a run that was cut off; the next run looks after them")})
	}
	return facts
}

func runWords(r runStanding, now time.Time) string {
	text := ago(now, endOf(r)) + ": " + r.Outcome
	if r.ExitCode != nil && *r.ExitCode != ExitOK {
		text += fmt.Sprintf(" (exit %d)", *r.ExitCode)
	}
	if len(r.Refusals) > 0 {
		text += "; refused: " + strings.Join(r.Refusals, ", ")
	}
	if r.Error != "" {
		text += "; " + r.Error
	}
	if r.Operator != "" {
		text += "; by " + r.Operator
	}
	return text
}

func endOf(r runStanding) time.Time {
	if r.Ended != nil {
		return *r.Ended
	}
	return r.Began
}

// outcomeOf puts an exit code into words.
func outcomeOf(code int) string {
	words := map[int]string{
		ExitOK: "done", ExitFailed: "failed", ExitRefused: "a safety rail refused something", ExitStepFailed: "a step failed",
		ExitUsage: "the settings were wrong", ExitCredential: "a credential was missing or lacked a right", ExitStalePlan: "the saved plan was stale",
		ExitInternal: "an internal error", ExitUnavailable: "a service was unavailable or not to be trusted", ExitInterrupted: "interrupted",
	}
	if w := words[code]; w != "" {
		return w
	}
	return "ended"
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
