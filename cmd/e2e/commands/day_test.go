package commands

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/attio/attiotest"
	"scim-sync/cmd"
	"scim-sync/cmd/sandbox"
	"scim-sync/idp/okta/oktatest"
)

// day is a place whose clock is that of a bubble of testing/synctest: hours pass there
// as soon as nobody has anything to do. The services are outside of it. They close each
// connection after its answer, for time stands still where somebody waits for a network.
type day struct {
	*place
	okta    *oktatest.Server
	attio   *attiotest.Server
	hookURL string
	heard   hooked       // what came to that web hook
	clock   atomic.Int64 // nanoseconds since 1970, as the services have it
	between atomic.Pointer[func(side string, w http.ResponseWriter, r *http.Request) (answered bool)]
	began   time.Time
}

// newDay serves a world for a day, whose requests pass between.
func newDay(t *testing.T) *day {
	t.Helper()
	w, err := sandbox.ParseWorld([]byte(world))
	must(t, err)
	d := &day{}
	d.clock.Store(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()) // when each bubble begins
	now := func() time.Time { return time.Unix(0, d.clock.Load()).UTC() }
	box, err := sandbox.Start(t.Context(), w, sandbox.Options{Now: now}) // gives ids, which are the same each time
	must(t, err)
	box.Close()
	d.place = &place{t: t, env: map[string]string{"HOME": t.TempDir()}, home: t.TempDir(), now: time.Now}
	for _, v := range box.Environment() {
		d.env[v.Name] = v.Value
	}
	d.okta, err = oktatest.New(w.Okta, oktatest.WithClock(now))
	must(t, err)
	d.attio, err = attiotest.New(w.Attio, attiotest.WithClock(now), attiotest.WithRateLimits(0, 0))
	must(t, err)
	d.hookURL = d.serve("hook", &d.heard) + "/hook"
	okta, attio := d.serve("okta", d.okta), d.serve("attio", d.attio)
	d.env["SCIM_SYNC_OKTA_ORG_URL"], d.env["SCIM_SYNC_ATTIO_API_URL"], d.env["SCIM_SYNC_ATTIO_SCIM_URL"] = okta, attio, attio+"/scim/v2"
	d.env["SCIM_SYNC_ATTIO_READS_PER_SECOND"], d.env["SCIM_SYNC_ATTIO_WRITES_PER_SECOND"] = "1000", "1000"
	d.env["SCIM_SYNC_STATE_URL"] = "file://" + d.home + "/state.json"
	return d
}

func (d *day) serve(side string, next http.Handler) string {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Unix(0, d.clock.Load()).UTC().Format(http.TimeFormat))
		if between := d.between.Load(); between == nil || !(*between)(side, w, r) {
			next.ServeHTTP(w, r)
		}
	}))
	srv.Config.SetKeepAlivesEnabled(false)
	srv.Start()
	d.t.Cleanup(srv.Close)
	return srv.URL
}

// meet has every request from now on pass f, which may answer it.
func (d *day) meet(f func(side string, w http.ResponseWriter, r *http.Request) (answered bool)) {
	d.between.Store(&f)
}

// goes lets the services' clock go on with the bubble's, until the test ends.
func (d *day) goes(ctx context.Context) {
	d.began = time.Now()
	go func() {
		for tick := time.NewTicker(time.Second); ; {
			d.clock.Store(time.Now().UnixNano())
			select {
			case <-tick.C:
			case <-ctx.Done():
				tick.Stop()
				return
			}
		}
	}()
}

// at waits until so long after the beginning.
func (d *day) at(after time.Duration) { time.Sleep(after - time.Since(d.began)) }

// watching is a watch that goes on.
type watching struct {
	end   context.CancelFunc
	ended chan int
	errs  syncBuffer
}

// watch begins a watch.
func (d *day) watch(ctx context.Context, args ...string) *watching {
	w := &watching{ended: make(chan int, 1)}
	ctx, w.end = context.WithCancel(ctx)
	sys := d.system(append([]string{"watch"}, args...), strings.NewReader(""), &w.errs, &w.errs)
	sys.Elapsed = func() time.Duration { return time.Since(d.began) }
	go func() { w.ended <- cmd.Execute(ctx, sys) }()
	return w
}

// stop ends it and gives what it said.
func (w *watching) stop(t *testing.T) string {
	t.Helper()
	w.end()
	if code := <-w.ended; code != 0 && code != 130 {
		t.Errorf("ended with %d", code)
	}
	return w.errs.String()
}

// bubbled is set in a process that plays one test alone.
const bubbled = "E2E_BUBBLED"

// inBubble plays a test in a process of its own, where no memory is collected: Okta's
// library has a timer that goes on until it is, and a bubble cannot end before that.
func inBubble(t *testing.T, play func(*testing.T, *day)) {
	t.Helper()
	if os.Getenv(bubbled) == "" {
		t.Parallel()
		program, err := os.Executable()
		must(t, err)
		c := exec.CommandContext(t.Context(), program, "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=1m")
		c.Env = append(os.Environ(), bubbled+"=1", "GOGC=off")
		if said, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, said)
		}
		return
	}
	d := newDay(t)
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			if t.Failed() {
				os.Exit(1)
			}
			syscall.Exit(0) // testing takes os.Exit(0) for a test that left
		}()
		d.t = t
		d.goes(t.Context())
		play(t, d)
	})
}
