package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// watchOptions are those of the runs, and how often they are made.
type watchOptions struct {
	applyOptions
	watchPace
	once bool
	// listen is where figures are served; empty: nowhere. listenAny: at an address
	// that other machines reach.
	listen    string
	listenAny bool
}

func newWatch(p *cli.Program) *cobra.Command {
	o := watchOptions{applyOptions: applyOptions{yes: true, service: true}}
	c := &cobra.Command{
		Use:        "watch",
		SuggestFor: []string{"serve", "daemon"},
		Short:      "Apply as a service: at once when Okta's log hints, and every so often",
		Long: `watch makes the runs that "apply --yes" makes from cron: one every --every, with
the same rails, state, lock and journal. Between them it looks into Okta's System
Log every --poll, and when something there concerns the app, a person or a group,
makes a run at once, and again 20 s and 2 min later, as Okta's lists trail its log.
The log is a hint and nothing is done for what it says; without the right to read
it (okta.logs.read) the timed runs go on.

A refusal or a failure ends nothing: what is wrong is said once when it begins and
once when it ends. SIGTERM lets the run that is under way finish what it has begun;
SIGHUP reads the settings anew. Several watchers may share one state: the lock is
taken for each run, and whoever sees that another has just made it waits.`,
		Example: `  scim-sync watch                         each 15 minutes, and after a change
  scim-sync watch --every 1h --poll 0s    by time alone
  scim-sync watch --once                  one run, as apply --yes
  scim-sync watch --listen 127.0.0.1:9464`,
		Annotations: cli.EndsAfterWriting(cli.ExitStepFailed),
		Args:        cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			if o.once {
				o.service = false
				return runApply(c.Context(), p, o.applyOptions)
			}
			return watch(c.Context(), p, o)
		},
	}
	f := c.Flags()
	cli.Duration(c, &o.every, "every", 15*time.Minute, "time between two runs")
	cli.Duration(c, &o.poll, "poll", 20*time.Second, "time between two looks into Okta's System Log; 0s: never")
	cli.Duration(c, &o.fullEvery, "full-every", 24*time.Hour, "time between two runs that read everything; 0s: when the cache says so")
	f.BoolVar(&o.once, "once", false, "make one run and end with its code")
	eventFormat(c, &o.format)
	f.BoolVar(&o.firstRun, "first-run", false, "there is no state yet, and that is right")
	f.BoolVar(&o.noRemovals, "no-removals", false, "hold back everything that takes something away")
	cli.Reason(c, &o.reason)
	cli.Text(c, &o.listen, "listen", "serve /metrics, /healthz and /readyz at this `ADDRESS` of the machine, as 127.0.0.1:9464", nil)
	f.BoolVar(&o.listenAny, "listen-any", false, "let --listen take an address that other machines reach")
	metricsFlag(c, &o.applyOptions)
	return c
}

// check refuses a pace that would bother people or services.
func (o *watchOptions) check() error {
	switch {
	case o.every < time.Minute:
		return &cli.UsageError{Text: fmt.Sprintf("--every %s: a full cycle more than once a minute bothers Okta and Attio", o.every), Advice: "Use --poll for quick reactions: it costs one request a look."}
	case o.poll != 0 && o.poll < 5*time.Second:
		return &cli.UsageError{Text: fmt.Sprintf("--poll %s: Okta allows few looks into its log", o.poll), Advice: "Use 5s or more, 20s as a rule, or 0s for none."}
	case o.fullEvery != 0 && o.fullEvery < o.every:
		return &cli.UsageError{Text: fmt.Sprintf("--full-every %s is less than --every %s", o.fullEvery, o.every), Advice: "A full reading is for once a day; 0s leaves it to the cache."}
	}
	return nil
}

// watcher makes the runs of a watch, on one session for as long as all goes well.
type watcher struct {
	*cli.Program
	o        watchOptions
	monitor  *monitor
	settings *cli.Settings
	session  *cli.Session
	known    known
	failure  string // that was told last; empty: all is well
	life     life
}

func watch(ctx context.Context, p *cli.Program, o watchOptions) error {
	w := &watcher{Program: p, o: o, life: life{elapsed: p.Elapsed}}
	w.life.within(longestStart)
	var err error
	if w.monitor, err = newMonitor(p, o.applyOptions); err != nil {
		return err
	}
	if w.settings, err = cli.NewSettings(ctx, p); err != nil {
		return err
	}
	w.monitor.good.stale = max(time.Hour, 4*o.every)
	unserve, err := w.monitor.listen(ctx, o.listen, o.listenAny, w.life.late)
	if err != nil {
		return err
	}
	defer unserve()
	defer func() { w.settings.Close() }()
	defer w.leave()
	if err = w.open(ctx); err == nil {
		err = w.session.SignedIn()
	}
	if err != nil {
		return err // what is wrong from the start is told at once
	}
	loop := watchLoop{watchPace: o.watchPace, watchPorts: watchPorts{
		run: w.run, already: w.already, events: w.events, concerns: func(e idp.Event) bool { return w.known.concerns(e) },
		paused: w.paused, reload: w.reload, reloads: p.Reload(), say: w.note, alive: w.life.within,
	}}
	w.note(fmt.Sprintf("Watching %s and %s: a run every %s, %s.", w.session.Okta.Name(), w.session.Attio.Identity.WorkspaceName, o.every, looks(o.poll)))
	p.Manager.Tell(serviceReady)
	beat, stop := context.WithCancel(context.WithoutCancel(ctx)) // also while the last run ends
	defer stop()
	go pulse(beat, p.Manager, &w.life)
	context.AfterFunc(ctx, func() { p.Manager.Tell(serviceStopping) })
	return cli.Exit(loop.keep(ctx))
}

func looks(poll time.Duration) string {
	if poll == 0 {
		return "without a look into Okta's log"
	}
	return "a look into Okta's log every " + poll.String()
}

// note says something about the watch itself, with the time.
func (w *watcher) note(text string) { w.Say(w.Now().UTC().Format(time.RFC3339) + " " + text) }

// leave ends the session; the next run opens another.
func (w *watcher) leave() {
	if w.session != nil {
		w.session.Close()
		w.session = nil
	}
}

// run makes one run. After one that failed, the next signs in anew: a credential
// may have been replaced, an address corrected.
func (w *watcher) run(ctx context.Context, c cycle) cycleEnd {
	began := w.Elapsed()
	if c.reason != "" {
		w.note(c.reason + ": making a run.")
	}
	w.monitor.begin()
	err := w.apply(ctx, c)
	code := cli.Code(ctx, err)
	w.monitor.outside(ctx, w.settings, w.session, err)
	w.tellOf(ctx, err, code)
	w.Manager.Tell(serviceStatus + "last run: " + cli.Outcome(code) + " at " + w.Now().UTC().Format(time.TimeOnly) + " UTC")
	switch code {
	case cli.ExitOK, cli.ExitRefused, cli.ExitStepFailed, cli.ExitLocked:
	default:
		w.leave()
	}
	_, paused := errors.AsType[*cli.PausedError](err)
	return cycleEnd{code: code, took: w.Elapsed() - began, paused: paused}
}

// open begins a session.
func (w *watcher) open(ctx context.Context) (err error) {
	if w.session, err = cli.BeginWith(ctx, w.Program, w.settings); err != nil {
		return err
	}
	w.session.Writes = true
	return cli.Decides(w.session.Okta.Source, "watch")
}

func (w *watcher) apply(ctx context.Context, c cycle) (err error) {
	if w.session == nil {
		if err := w.open(ctx); err != nil {
			return err
		}
	} else {
		w.session.Restart(w.Now())
	}
	o := w.o.applyOptions
	o.full = c.full
	out := newOutput(w.Program, o)
	if text, ok := out.(*textOutput); ok {
		out = watchOutput{text}
	}
	r := &run{Program: w.Program, course: course{o: o}, out: out, monitor: w.monitor}
	err = r.settle(ctx, w.session)
	if r.sight != nil {
		w.known = knownFrom(r.sight)
	}
	return err
}

// tellOf tells what ended a run before it had the state, once for as long as it is
// the same.
func (w *watcher) tellOf(ctx context.Context, err error, code int) {
	paused, _ := errors.AsType[*cli.PausedError](err)
	switch {
	case err == nil || cli.Told(err):
		w.failure = ""
	case paused != nil && w.failure == paused.Error():
	case paused != nil:
		w.failure = paused.Error()
		w.note(w.failure + ".")
	case code == cli.ExitInterrupted, code == cli.ExitLocked:
	case tellOutside(ctx, w.Program, w.monitor.command, w.monitor.told.deliveries, err, code):
	case err.Error() != w.failure:
		w.failure = err.Error()
		_ = view.Error(w.Err, err)
	}
}

// events looks into the source's log, where it has one.
func (w *watcher) events(ctx context.Context) (idp.Events, error) {
	if w.session == nil {
		return idp.Events{}, &idp.Error{Kind: idp.Unavailable, Op: "look into the log", Detail: "the last run failed, and the next one begins anew"}
	}
	log, ok := w.session.Okta.Source.(idp.LogReader)
	if !ok {
		return idp.Events{}, &idp.Error{Kind: idp.Credential, Op: "look into the log", Detail: w.session.Okta.Name() + " has none"}
	}
	found, err := log.Events(ctx)
	for _, e := range found.List {
		if w.known.concerns(e) {
			w.monitor.hear(e.At)
		}
	}
	return found, err
}

// paused says whether runs are paused now. What cannot be read is left to a run.
func (w *watcher) paused(ctx context.Context) bool {
	if w.session == nil {
		return false
	}
	m, _, _, err := w.session.Store.Read(ctx)
	if err != nil {
		return false
	}
	_, on := m.Paused(w.session.Time())
	return on
}

// already says whether a run of another process began since then and came to its
// end: several watch one state.
func (w *watcher) already(ctx context.Context, since time.Duration) bool {
	if w.session == nil {
		return false
	}
	_, _, info, err := w.session.Store.Read(ctx)
	last := info.LastRun
	if err != nil || last == nil || !cli.GoodRun(*last) || !last.Info.Began.After(w.session.Time().Add(-since)) {
		return false
	}
	w.monitor.spared(w.settings, *last)
	return true
}

// reload reads the settings anew. Those that are wrong change nothing.
func (w *watcher) reload(ctx context.Context) (watchPace, bool) {
	settings, err := cli.NewSettings(ctx, w.Program)
	if err != nil {
		w.note("The settings were read anew and are wrong; the ones before stay in force.")
		_ = view.Error(w.Err, err)
		return w.o.watchPace, false
	}
	w.leave()
	w.settings.Close()
	w.settings = settings
	w.note("The settings were read anew.")
	return w.o.watchPace, true
}

// known are the people and groups that matter.
type known struct {
	people, groups map[string]bool
}

// knownFrom are those that are managed, and those that the last reading saw.
func knownFrom(s *sight) known {
	k := known{people: map[string]bool{}, groups: map[string]bool{}}
	for id := range s.state.Managed.People {
		k.people[id] = true
	}
	for id := range s.state.Managed.Teams {
		k.groups[id] = true
	}
	if s.proposal != nil {
		dir := s.proposal.Directory()
		for i := range dir.People {
			k.people[dir.People[i].ID] = true
		}
		for i := range dir.Groups {
			k.groups[dir.Groups[i].ID] = true
		}
	}
	return k
}

// concerns says whether an entry of the log may change what a run would do. One
// that names nobody might; so does anything about groups that are made or renamed,
// for settings may name them.
func (k known) concerns(e idp.Event) bool {
	switch {
	case e.App:
		return true
	case e.OtherApp:
		return false
	case len(e.People) == 0 && len(e.Groups) == 0, len(e.People) == 0 && e.Type != "group.application_assignment.remove":
		return true
	}
	for _, id := range e.Groups {
		if k.groups[id] {
			return true
		}
	}
	if len(e.Groups) > 0 {
		return false // somebody in a group that is none of ours
	}
	for _, id := range e.People {
		if k.people[id] {
			return true
		}
	}
	return false
}

// watchOutput tells each step when it is done, and nothing else: what is wrong is
// told where it begins and ends (troubles.go).
type watchOutput struct{ *textOutput }

func (watchOutput) plan(core.Plan, view.Footer) error                { return nil }
func (watchOutput) report(core.Report, core.Plan, view.Footer) error { return nil }
