package world

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"scim-sync/attio/attiotest"
	"scim-sync/attio/scim"
	"scim-sync/cmd/sandbox"
	"scim-sync/idp/okta"
	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/faults"
	"scim-sync/internal/transport"
	core "scim-sync/sync"
	"scim-sync/sync/apply"
	"scim-sync/sync/planner"
	"scim-sync/sync/state"
)

// world is a world being served over HTTP, with a state and a clock of its own:
// what a test plays on, run after run. Requests may be made to go wrong.
type world struct {
	okta   *oktatest.Server
	site   *attiotest.Server
	policy core.Policy
	store  *state.Store
	made   *sandbox.World

	oktaURL, siteURL string
	clock            atomic.Int64 // nanoseconds since 1970
	slept            atomic.Int64 // nanoseconds by the clock that nobody sets
	// skew is how far the computer's own clock is from that of the services, by
	// which a plan counts.
	skew time.Duration
	runs int
	// trouble says what goes wrong with the n-th request of a side; nil: nothing.
	trouble atomic.Pointer[func(side string, n int, r *http.Request) faults.Kind]
	counts  map[string]*atomic.Int64 // requests of each side since trouble was set
	// answered hears of each answer, before anybody else does; nil: nobody hears.
	answered atomic.Pointer[func(side string, n int)]
	parallel int           // steps at once; 0: as many as usual
	timeout  time.Duration // of a request; long, for the machine may be busy
	closers  []func()
}

// worldOptions say how a world is served.
type worldOptions struct {
	observer func(attiotest.Snapshot)
	policy   core.Policy
	start    time.Time
	// behaviour of Attio; nil: the most plausible.
	behaviour *attiotest.Behaviour
	landing   func(n int, r *http.Request) *attiotest.Landing // nil: every request lands at once
}

func newWorld(w *sandbox.World, o worldOptions) (*world, error) {
	t := &world{policy: o.policy, made: w, timeout: time.Minute, counts: map[string]*atomic.Int64{"okta": {}, "attio": {}}}
	t.clock.Store(o.start.UnixNano())
	w.Fill(sandbox.Options{})
	var err error
	if t.okta, err = oktatest.New(w.Okta, oktatest.WithRateLimits(oktatest.NoLimits()), oktatest.WithConcurrency(0)); err != nil {
		return nil, err
	}
	more := []attiotest.Option{attiotest.WithClock(t.now), attiotest.WithRateLimits(0, 0)}
	if o.observer != nil {
		more = append(more, attiotest.WithObserver(o.observer))
	}
	if o.behaviour != nil {
		more = append(more, attiotest.WithBehaviour(*o.behaviour))
	}
	if o.landing != nil {
		more = append(more, attiotest.WithLanding(o.landing))
	}
	if t.site, err = attiotest.New(w.Attio, more...); err != nil {
		return nil, err
	}
	t.oktaURL, t.siteURL = t.serve("okta", t.okta), t.serve("attio", t.site)
	m, err := w.Resolve(t.okta, t.site, t.oktaURL, t.now())
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	if len(m.People)+len(m.Teams) == 0 {
		m = core.Managed{}
	}
	t.store = state.Memory(m)
	return t, nil
}

func (t *world) now() time.Time { return time.Unix(0, t.clock.Load()).UTC() }

// computer is what the clock of the computer says on which the program runs.
func (t *world) computer() time.Time { return t.now().Add(t.skew) }

func (t *world) wait(d time.Duration) { t.clock.Add(int64(d)) }

func (t *world) elapsed() time.Duration { return time.Duration(t.slept.Load()) }

// refused is the one trouble that no server can make: there is none.
const refused = faults.Kind(-2)

// troubleHeader tells a side's server what is to go wrong with a request.
const troubleHeader = "X-Test-Trouble"

// way is the way to one side: it counts requests, and says what goes wrong with
// each before it leaves.
type way struct {
	http.Transport
	world *world
	side  string
}

// RoundTrip implements http.RoundTripper.
func (w *way) RoundTrip(r *http.Request) (*http.Response, error) {
	n, kind := int(w.world.counts[w.side].Add(1)), faults.None
	if pick := w.world.trouble.Load(); pick != nil {
		kind = (*pick)(w.side, n, r)
	}
	if kind == refused {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	r = r.Clone(r.Context())
	r.Header.Set(troubleHeader, strconv.Itoa(int(kind)))
	resp, err := w.Transport.RoundTrip(r)
	if tell := w.world.answered.Load(); tell != nil {
		(*tell)(w.side, n)
	}
	return resp, err
}

// serve serves one side on the loopback interface, with its troubles.
func (t *world) serve(side string, h http.Handler) string {
	srv := httptest.NewServer(faults.Wrap(h, func(_ int, r *http.Request) faults.Kind {
		kind, _ := strconv.Atoi(r.Header.Get(troubleHeader))
		return faults.Kind(kind)
	}, faults.WithDelay(20*time.Millisecond)))
	t.closers = append(t.closers, srv.Close)
	return srv.URL
}

// upset sets what goes wrong from now on, and counts requests anew.
func (t *world) upset(pick func(side string, n int, r *http.Request) faults.Kind) {
	for _, c := range t.counts {
		c.Store(0)
	}
	if pick == nil {
		t.trouble.Store(nil)
		return
	}
	t.trouble.Store(&pick)
}

func (t *world) close() error {
	for _, c := range t.closers {
		c()
	}
	return nil
}

// attempts is how often a request is sent at most.
const attempts = 2

// sides are both, connected.
type sides struct {
	src     *okta.Source
	reader  *scim.Reader
	options scim.Options
}

// sides connects to both, as the commands do, with few attempts.
func (t *world) sides(ctx context.Context) (sides, func(), error) {
	pipe := func(side, at string) *transport.Transport {
		return transport.New(transport.Options{Side: side, Poison: true, Hosts: []string{strings.TrimPrefix(at, "http://")}, Timeout: t.timeout, Attempts: attempts,
			Base: &way{Transport: http.Transport{DialContext: (&net.Dialer{}).DialContext, MaxIdleConnsPerHost: 16}, world: t, side: side}})
	}
	toOkta, toSite := pipe("okta", t.oktaURL), pipe("attio", t.siteURL)
	done := func() { toOkta.CloseIdleConnections(); toSite.CloseIdleConnections() }
	src, err := okta.New(ctx, okta.Options{OrgURL: t.oktaURL, AppID: t.okta.AppID(), APIToken: func() (string, error) { return t.made.Okta.APIToken, nil },
		RoleAttribute: "roles", EmailAttribute: "email", Transport: toOkta})
	if err != nil {
		return sides{}, done, err
	}
	o := scim.Options{APIURL: t.siteURL, SCIMURL: t.siteURL + "/scim/v2", Transport: toSite, Settle: time.Millisecond,
		Token: func(context.Context) (string, error) { return t.made.Attio.Tokens[0].Token, nil }}
	r, err := scim.NewReader(o)
	return sides{src, r, o}, done, err
}

// outcome is what a run came to: the plan as it was made, and what was done.
type outcome struct {
	plan    core.Plan
	blocked bool
	report  core.Report
	err     error // what stopped it before a plan, or while it wrote the journal
}

// failed lists the steps that did not go well.
func (o outcome) failed() []string {
	var list []string
	for _, r := range o.report.Results {
		if r.Outcome != core.StepOK {
			list = append(list, fmt.Sprintf("%s %s: %s", r.Step.Key(), r.Outcome, r.Detail))
		}
	}
	return list
}

// apply is one run from the first look to the last line of the journal.
func (t *world) apply(ctx context.Context, o planner.Options) (out outcome) {
	t.runs++
	run, err := t.store.Begin(ctx, state.RunInfo{RunID: fmt.Sprintf("run-%d", t.runs), Command: "apply", Now: t.computer})
	if err != nil {
		return outcome{err: err}
	}
	defer func() { out.err = errors.Join(out.err, run.Finish(ctx, state.Summary{})) }()
	read := t.elapsed()
	p, at, done, err := t.propose(ctx, run.Managed(), run.Unfinished(), run.Info().Exists, o)
	defer done()
	if err != nil {
		return outcome{err: err}
	}
	out = outcome{plan: p.Plan, blocked: p.Blocked}
	if err := run.Bind(ctx, p.Plan.Workspace.ID, t.oktaURL, t.okta.AppID()); err != nil {
		out.err = err
		return out
	}
	settled := p.Whole()
	if p.Blocked || !p.Changes() {
		out.err = apply.Learn(ctx, &p.Planned, run)
	} else {
		at.options.Waits = ctx
		w, err := scim.NewWriter(at.reader, at.options)
		if err != nil {
			out.err = err
			return out
		}
		out.report = apply.Apply(ctx, &p.Planned, apply.Ports{Reader: at.reader, Writer: w, Journal: run, Now: t.computer, Parallel: t.parallel,
			Fresh: apply.Fresh{Source: at.src, Elapsed: t.elapsed, Read: read}})
		settled = out.report.LookedAfter(run.Unfinished())
	}
	if out.err == nil && settled {
		out.err = run.Settle(ctx)
	}
	return out
}

// plan makes a plan and writes nothing.
func (t *world) plan(ctx context.Context) (core.Plan, error) {
	m, unfinished, info, err := t.store.Read(ctx)
	if err != nil {
		return core.Plan{}, err
	}
	p, _, done, err := t.propose(ctx, m, unfinished, info.Exists, planner.Options{})
	defer done()
	if err != nil {
		return core.Plan{}, err
	}
	return p.Plan, nil
}

func (t *world) propose(ctx context.Context, m core.Managed, unfinished []core.Unfinished, exists bool, o planner.Options) (*planner.Draft, sides, func(), error) {
	at, done, err := t.sides(ctx)
	if err != nil {
		return nil, at, done, err
	}
	dir, ws, err := planner.Gather(ctx, at.src, at.reader, t.policy.Query(), func(string, string, int) {})
	if err != nil {
		return nil, at, done, err
	}
	p, err := planner.Prepare(ctx, at.src, at.reader, planner.Input{Directory: dir, Workspace: ws, Managed: m, FirstRun: m.FirstRun(exists), Unfinished: unfinished,
		Policy: t.policy, Options: o, Now: t.now(), Version: "test"})
	return p, at, done, err
}

// told is a step in short, for messages.
func told(s core.Step) string {
	who := ""
	if s.Person != nil {
		who = s.Person.Email
	}
	if s.Team != nil {
		who = s.Team.Name
		for _, m := range s.People {
			who += " " + m.Email
		}
	}
	return fmt.Sprintf("%s %s %+v → %+v (%s: %s)", s.Action, who, s.Before, s.After, s.Cause, s.Reason)
}

func toldAll(steps []core.Step) []string {
	list := make([]string, len(steps))
	for i, s := range steps {
		list[i] = told(s)
	}
	return list
}

// sight is what people see of a site: who is in it and how, and who is in
// which team; no ids and no times.
func sight(s attiotest.Snapshot) []string {
	var lines []string
	for _, m := range s.Members {
		role := m.Role
		if m.Status == attiotest.Suspended {
			role = ""
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %s %s", strings.ToLower(m.Email), m.Status, role, m.GivenName, m.FamilyName))
	}
	for _, t := range s.Teams {
		members := slices.Sorted(slices.Values(t.Members))
		lines = append(lines, "team "+t.Name+": "+strings.ToLower(strings.Join(members, " ")))
	}
	slices.Sort(lines)
	return lines
}

// mails counts the emails by address and kind.
func mails(s attiotest.Snapshot) map[string]int {
	n := map[string]int{}
	for _, m := range s.Outbox {
		n[string(m.Kind)+" to "+strings.ToLower(m.To)]++
	}
	return n
}
