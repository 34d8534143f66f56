package state

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

var day0 = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// clock gives a new second with each reading.
func clock() func() time.Time {
	var n atomic.Int64
	return func() time.Time { return day0.Add(time.Duration(n.Add(1)) * time.Second) }
}

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func runInfo(id string) RunInfo {
	return RunInfo{RunID: id, PlanID: "sha256:" + id, Operator: "ann", Command: "apply", Reason: "tuesday",
		ToolVersion: "test", SettingsDigest: "d1", Now: clock()}
}

func begin(t *testing.T, s *Store, id string) *Run {
	t.Helper()
	return beginAt(t, s, runInfo(id))
}

func beginAt(t *testing.T, s *Store, info RunInfo) *Run {
	t.Helper()
	r, err := s.Begin(t.Context(), info)
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func person(n int) core.ManagedPerson {
	return core.ManagedPerson{OktaID: fmt.Sprintf("00u%04d", n), AttioID: fmt.Sprintf("m-%d", n), Kind: core.Membership,
		Email: fmt.Sprintf("p%d@acme.com", n), Applied: core.Applied{Role: attio.RoleMember, Profile: attio.Profile{GivenName: "Zoë \"Z\" <b>"}, Active: true},
		ManagedSince: day0}
}

func provision(n int) core.Intent {
	p := person(n)
	return core.Intent{Step: core.Step{N: n, Action: core.Provision, Person: &core.PersonRef{OktaID: p.OktaID, Email: p.Email},
		After: core.Values{Role: attio.RoleMember}, Cause: core.CauseOkta, Reason: "assigned"}}
}

func suspend(n int) core.Intent {
	i := provision(n)
	i.Step.Action, i.Step.AttioID = core.Suspend, person(n).AttioID
	i.Step.Before = core.Values{Role: attio.RoleAdmin, Status: attio.Active}
	i.Proof = &idp.Proof{Request: "GET /api/v1/apps/0oa/users/" + person(n).OktaID, Status: 404, At: day0, RequestID: "okta-req"}
	return i
}

func provisioned(n int) core.Outcome {
	p := person(n)
	return core.Outcome{Status: 201, RequestID: fmt.Sprintf("req-%d", n), Took: 40 * time.Millisecond, Change: core.Change{Person: &p}}
}

// write makes one announced and completed write.
func write(t *testing.T, r *Run, i core.Intent, o core.Outcome) uint64 {
	t.Helper()
	ticket, err := r.Announce(t.Context(), i)
	if err == nil {
		err = r.Complete(t.Context(), ticket, o)
	}
	if err != nil {
		t.Fatalf("write: %v", err)
	}
	return ticket
}

func bind(t *testing.T, r *Run) {
	t.Helper()
	if err := r.Bind(t.Context(), "ws-1", "https://acme.okta.com", "0oa1"); err != nil {
		t.Fatal(err)
	}
}

func finish(t *testing.T, r *Run, code int) {
	t.Helper()
	if err := r.Finish(t.Context(), Summary{ExitCode: code, Counts: map[string]int{"done": 1}}); err != nil {
		t.Fatalf("finish: %v", err)
	}
}

func read(t *testing.T, s *Store) (core.Managed, []core.Unfinished, Info) {
	t.Helper()
	m, u, info, err := s.Read(t.Context())
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return m, u, info
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// verified fails unless the whole journal is intact.
func verified(t *testing.T, s *Store) Verdict {
	t.Helper()
	v, err := s.Verify(t.Context())
	if err != nil || v.Bad != nil || v.TornBytes != 0 {
		t.Fatalf("verify: %v, %+v", err, v)
	}
	return v
}

func kinds(t *testing.T, s *Store, f Filter) []LineKind {
	t.Helper()
	var out []LineKind
	for e, err := range s.History(t.Context(), f) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e.Kind)
	}
	return out
}

// files gives a file store in a new folder and the folder.
func files(t *testing.T) (*Store, string) {
	t.Helper()
	dir := t.TempDir()
	return openAt(t, filepath.Join(dir, "ws-1.json")), dir
}

func openAt(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Location{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	s.interval = time.Hour // no snapshot in between, however slow the disk is
	return s
}

// tree gives all files under a folder with mode and content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.Walk(dir, func(path string, st os.FileInfo, err error) error {
		if err != nil || st.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[rel] = fmt.Sprintf("%v %s", st.Mode().Perm(), raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// watched is a backend whose writer counts durable writes, and can be made to
// fail, or to lose its lock.
type watched struct {
	Backend
	appends, swaps atomic.Int64
	failAppend     atomic.Bool
	swapped        func()
	swapping       func(Next)
	appending      func()
	lost           chan struct{}
}

type watchedWriter struct {
	BackendWriter
	w *watched
}

var errDisk = errors.New("no space left on device")

func (w *watched) Lock(ctx context.Context, h Holder) (BackendWriter, error) {
	d, err := w.Backend.Lock(ctx, h)
	if err != nil {
		return nil, err
	}
	return &watchedWriter{d, w}, nil
}

func (d *watchedWriter) Lost() <-chan struct{} {
	if d.w.lost != nil {
		return d.w.lost
	}
	return d.BackendWriter.Lost()
}

func (d *watchedWriter) Append(ctx context.Context, after Position, lines []byte) error {
	if d.w.failAppend.Load() {
		return errDisk
	}
	d.w.appends.Add(1)
	if d.w.appending != nil {
		d.w.appending()
	}
	return d.BackendWriter.Append(ctx, after, lines)
}

func (d *watchedWriter) Swap(ctx context.Context, next Next) error {
	d.w.swaps.Add(1)
	if d.w.swapped != nil {
		d.w.swapped()
	}
	if d.w.swapping != nil {
		d.w.swapping(next)
	}
	return d.BackendWriter.Swap(ctx, next)
}
