package check

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// shared is a store as one that several machines reach says what it is.
type shared struct {
	state.Backend
	probe    state.Probe
	standing *state.Standing
}

func (s shared) Probe(context.Context) state.Probe { return s.probe }

func (s shared) Standing(context.Context) (*state.Standing, error) { return s.standing, nil }

func (shared) Snapshot(context.Context) ([]byte, error) { return nil, nil }

func (shared) Parts(context.Context) ([]state.Part, error) { return nil, nil }

func (shared) Paths() state.Paths { return state.Paths{Kind: "S3", Snapshot: "s3://b/p/state.json"} }

func lookedAt(t *testing.T, s shared) (*checkup, map[string]view.Check) {
	t.Helper()
	u := &checkup{Program: &cli.Program{}}
	u.lookAtStore(t.Context(), state.New(s, state.Options{}))
	byCode := map[string]view.Check{}
	for _, c := range u.all {
		byCode[c.Code+" "+c.Detail] = c
	}
	return u, byCode
}

// TestDoctorTellsWhatIsOddAboutAStore: each thing is a line to look at and stops
// nothing.
func TestDoctorTellsWhatIsOddAboutAStore(t *testing.T) {
	notes := []string{"a pooler stands in front.", "the clock is 20 s off."}
	u, checks := lookedAt(t, shared{probe: state.Probe{Place: "s3://b/p", Notes: notes}})
	for _, note := range notes {
		if c := checks["state-store "+note]; c.Status != view.CheckOdd || c.Fix == "" {
			t.Errorf("%q: %+v", note, c)
		}
	}
	if u.result(t.Context()) != nil || len(checks) != 5 {
		t.Errorf("%+v", u.all)
	}
}

// TestDoctorTellsOfAStoreWhoseClockIsFarOff: either way; a second does not matter.
func TestDoctorTellsOfAStoreWhoseClockIsFarOff(t *testing.T) {
	for ahead, want := range map[time.Duration]string{
		90 * time.Second: "its clock is 1m30s ahead of this machine's", -time.Hour: "its clock is 1h0m0s behind this machine's",
		time.Second: "", -20 * time.Second: "",
	} {
		_, checks := lookedAt(t, shared{probe: state.Probe{Place: "s3://b/p", Server: "Box 7", Ahead: ahead}})
		c, told := checks["state-store "+want]
		if told != (want != "") || told && (c.Status != view.CheckOdd || !strings.Contains(c.Fix, "NTP")) || len(checks) != 3+len(want)/max(1, len(want)) {
			t.Errorf("%s: %+v", ahead, checks)
		}
		if _, ok := checks["state-writable s3://b/p (Box 7)"]; !ok {
			t.Errorf("the server is not named: %+v", checks)
		}
	}
}

// TestDoctorSaysWhenALeaseEnds: who holds the lock, when they last renewed it, and
// when it is free by itself.
func TestDoctorSaysWhenALeaseEnds(t *testing.T) {
	at := time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC)
	holder := state.Holder{PID: 7, Host: "runner", Command: "apply", Since: at}
	u, _ := lookedAt(t, shared{probe: state.Probe{Place: "s3://b/p", Lock: &state.LockedError{Holder: holder}},
		standing: &state.Standing{Holder: holder, Renewed: at, Until: at.Add(90 * time.Second), Every: 30 * time.Second}})
	for _, c := range u.all {
		if c.Code == "state-lock" && (c.Status != view.CheckBad || !strings.Contains(c.Detail, "was renewed at 2026-11-30T10:00:00Z, and is free at 2026-11-30T10:01:30Z")) {
			t.Errorf("%+v", c)
		}
	}
	if cli.Code(t.Context(), u.result(t.Context())) != cli.ExitLocked {
		t.Errorf("it ends with %v", u.result(t.Context()))
	}
}

// TestDoctorEndsWithTheCodeOfTheStore: 75 for one that cannot be asked, 5 for one
// that refuses; what needs it is skipped.
func TestDoctorEndsWithTheCodeOfTheStore(t *testing.T) {
	for code, err := range map[int]error{
		cli.ExitUnavailable: &state.UnreachableError{Place: "s3://b", Why: "no answer", Err: errors.New("dial")},
		cli.ExitUsage:       &state.RefusedError{Place: "s3://b", Why: "the key is wrong"},
	} {
		u, _ := lookedAt(t, shared{probe: state.Probe{Place: "s3://b", Reach: err}})
		if got := cli.Code(t.Context(), u.result(t.Context())); got != code || len(u.all) != 3 {
			t.Errorf("%v: exit %d, %+v", err, got, u.all)
		}
	}
}

// TestDoctorCountsPeopleAsStatusDoes: in the same words.
func TestDoctorCountsPeopleAsStatusDoes(t *testing.T) {
	r := cli.StateRead{Info: state.Info{Exists: true, Paths: state.Paths{Snapshot: "/s.json"}}}
	r.Managed.People = map[string]core.ManagedPerson{"1": {AttioID: "a", Applied: core.Applied{Active: true}}, "2": {AttioID: "b"}}
	people, teams := view.CountManaged(r.Managed)
	if got := stateWords(r); got != view.ManagedWords(people, teams)+" (/s.json)" || !strings.HasPrefix(got, "2 people: 1 active, 1 suspended; 0 teams") {
		t.Errorf("%q", got)
	}
}
