package world

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"scim-sync/config"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio/attiotest"
	"scim-sync/cmd/sandbox"
	"scim-sync/internal/faults"
	"scim-sync/internal/sample"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
)

// monday is the time at which the default world is told.
var monday = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func defaultWorld(observer func(attiotest.Snapshot), behaviour *attiotest.Behaviour) (*world, error) {
	b, err := os.ReadFile("../../../testdata/worlds/default.yaml")
	if err != nil {
		return nil, err
	}
	w, err := sandbox.ParseWorld(b)
	if err != nil {
		return nil, err
	}
	policy := config.Default().Policy
	policy.VerifiedDomains = []string{"fernwood.example"}
	policy.Teams.Groups = []core.TeamMapping{{Group: "Marketing", Team: "Growth"}}
	return newWorld(w, worldOptions{observer: observer, behaviour: behaviour, policy: policy, start: monday})
}

// careless is an Attio that lets a workspace be without an admin: that one
// remains is then for scim-sync alone to see to.
func careless() *attiotest.Behaviour {
	b := attiotest.DefaultBehaviour()
	b.LastAdminMayGo = true
	return &b
}

// calm is how the default world ends when nothing goes wrong.
type calm struct {
	sight    []string
	mails    map[string]int
	requests map[string]int  // of the run, by side
	stay     map[string]bool // who is active from the beginning to the end
}

func calmRun(t *testing.T) calm {
	t.Helper()
	w, err := defaultWorld(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	before := w.site.Snapshot()
	out := w.apply(t.Context(), planner.Options{})
	if out.err != nil || out.report.Err != nil || len(out.failed()) > 0 {
		t.Fatalf("without any trouble: %v %v %v", out.err, out.report.Err, out.failed())
	}
	c := calm{requests: map[string]int{}, stay: map[string]bool{}}
	for side, n := range w.counts {
		c.requests[side] = int(n.Load())
	}
	if again, err := w.plan(t.Context()); err != nil || len(again.Steps) > 0 {
		t.Fatalf("a second plan: %v %s", err, strings.Join(toldAll(again.Steps), "\n"))
	}
	after := w.site.Snapshot()
	c.sight, c.mails = sight(after), mails(after)
	for _, m := range before.Members {
		if now, ok := byID(after, m.ID); ok && m.Status == attiotest.Active && now.Status == attiotest.Active {
			c.stay[m.ID] = true
		}
	}
	return c
}

func byID(s attiotest.Snapshot, id string) (attiotest.MemberState, bool) {
	for _, m := range s.Members {
		if m.ID == id {
			return m, true
		}
	}
	return attiotest.MemberState{}, false
}

// mishap is one case: the n-th request of a side goes wrong in one way, or all
// from the n-th on.
type mishap struct {
	side string
	n    int
	on   bool
	kind faults.Kind
}

// interrupted is no trouble of a side: the run itself is stopped (Ctrl-C) when
// the request arrives.
const interrupted = faults.Kind(-1)

func (m mishap) String() string {
	kind := m.kind.String()
	if m.kind == refused {
		kind = "connection refused"
	}
	switch {
	case m.kind == interrupted:
		return fmt.Sprintf("%s, request %d: the run is interrupted", m.side, m.n)
	case m.on:
		return fmt.Sprintf("%s, request %d and all after it: %s", m.side, m.n, kind)
	}
	return fmt.Sprintf("%s, request %d: %s", m.side, m.n, kind)
}

// befallsA is befalls for a run that interrupt stops.
func (m mishap) befallsA(interrupt func()) func(string, int, *http.Request) faults.Kind {
	return func(side string, n int, r *http.Request) faults.Kind {
		kind := m.befalls(side, n, r)
		if kind == interrupted {
			interrupt()
			return faults.None
		}
		return kind
	}
}

func (m mishap) befalls(side string, n int, _ *http.Request) faults.Kind {
	if side == m.side && (n == m.n || m.on && n > m.n) {
		return m.kind
	}
	return faults.None
}

// lasting are the kinds that a side which is down, or behind a bad proxy,
// shows for longer than one request.
func lasting() []faults.Kind {
	return []faults.Kind{refused, faults.Closed, faults.AnswerLost, faults.Unavailable, faults.HTML, faults.EmptyBody, faults.NullBody}
}

// TestFaultMatrix lets every request of a run go wrong in every way, and holds
// that whatever happens, nothing is taken from anybody because of it, an admin
// remains after every request, nobody is mailed twice, no run hangs, and the
// runs after it come to the same end as if nothing had happened.
func TestFaultMatrix(t *testing.T) {
	c := calmRun(t)
	var all []mishap
	for _, side := range []string{"okta", "attio"} {
		for n := 1; n <= c.requests[side]; n++ {
			for _, kind := range append(faults.Kinds(), refused) {
				all = append(all, mishap{side: side, n: n, kind: kind})
			}
			for _, kind := range lasting() {
				all = append(all, mishap{side: side, n: n, on: true, kind: kind})
			}
			all = append(all, mishap{side: side, n: n, kind: interrupted})
		}
	}
	cases := sample.Of(all, 43) // shares no divisor with the cases of one request: all kinds have their turn
	several(cases, func(m mishap) {
		if err := c.survives(t.Context(), m); err != nil {
			t.Errorf("%s: %v", m, err)
		}
	})
	t.Logf("%d of %d cases: %d requests to Okta and %d to Attio, %d kinds of trouble for one request, %d that last, and an interruption", len(cases), len(all), c.requests["okta"], c.requests["attio"], len(faults.Kinds())+1, len(lasting()))
}

// several plays some cases at once: most of each is waiting.
func several[T any](cases []T, play func(T)) {
	slots := make(chan struct{}, 12)
	var wg sync.WaitGroup
	for _, m := range cases {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			play(m)
		})
	}
	wg.Wait()
}

// survives plays one case to its end.
func (c calm) survives(ctx context.Context, m mishap) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	watch := &watch{stay: c.stay}
	w, err := defaultWorld(watch.see, careless())
	if err != nil {
		return err
	}
	defer w.close()
	run, interrupt := context.WithCancel(ctx)
	defer interrupt()
	w.upset(m.befallsA(interrupt))
	if m.kind == faults.Hang {
		w.timeout = 300 * time.Millisecond
	}
	out := w.apply(run, planner.Options{})
	w.timeout = time.Minute
	if out.plan.ID == "" && len(w.site.Writes()) > 0 {
		return fmt.Errorf("the run stopped before a plan (%w) and wrote all the same", out.err)
	}
	w.upset(nil)
	if ctx.Err() != nil {
		return errors.New("the run hangs")
	}
	if err := w.settleDown(ctx); err != nil {
		return fmt.Errorf("%w\nfirst run: %v %v", err, out.err, out.failed())
	}
	end := w.site.Snapshot()
	if d := cmp.Diff(c.sight, sight(end)); d != "" {
		return fmt.Errorf("another end (-calm +trouble):\n%s\nfirst run: %v %v", d, out.err, out.failed())
	}
	if d := cmp.Diff(c.mails, mails(end)); d != "" {
		return fmt.Errorf("other emails (-calm +trouble):\n%s", d)
	}
	return watch.err()
}

// settleDown runs until there is nothing left to do: twice at most.
func (t *world) settleDown(ctx context.Context) error {
	var last core.Plan
	for range 2 {
		out := t.apply(ctx, planner.Options{})
		switch {
		case out.err != nil:
			return fmt.Errorf("a run after the trouble: %w", out.err)
		case out.blocked || len(out.plan.Refusals) > 0:
			return fmt.Errorf("a run after the trouble is refused: %+v", out.plan.Refusals)
		case len(out.failed()) > 0:
			return fmt.Errorf("a run after the trouble fails: %v", out.failed())
		}
		var err error
		if last, err = t.plan(ctx); err != nil {
			return err
		}
		if len(last.Steps) == 0 {
			return nil
		}
	}
	return fmt.Errorf("no end after two runs; still to do:\n%s", strings.Join(toldAll(last.Steps), "\n"))
}

// watch sees what every request leaves behind.
type watch struct {
	stay map[string]bool // ids of those who have to be active all the time
	mu   sync.Mutex
	bad  []string
}

func (w *watch) see(s attiotest.Snapshot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.Workspace.ActiveAdmins == 0 {
		w.bad = append(w.bad, fmt.Sprintf("no active admin after %s %s", s.Request.Method, s.Request.Path))
	}
	for id := range w.stay {
		if m, ok := byID(s, id); !ok || m.Status != attiotest.Active {
			w.bad = append(w.bad, fmt.Sprintf("%s is %s after %s %s", m.Email, m.Status, s.Request.Method, s.Request.Path))
		}
	}
}

func (w *watch) err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.bad) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(w.bad, "\n"))
}
