package run

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"time"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/internal/metrics"
	"scim-sync/cmd/internal/notify"
	"scim-sync/cmd/view"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
	"scim-sync/sync/state"
)

// monitor tells the outside how runs end: web hooks, a heartbeat, metrics. What goes
// wrong with that is warned of and ends no run.
type monitor struct {
	*cli.Program
	command string
	file    string // of metrics; empty: what the settings say
	figures *metrics.Figures

	// Of a watch alone.
	server   metrics.Watched // nil: nobody asks
	stale    time.Duration   // how long without a good run is told of; 0: never
	heard    time.Time       // the first change in the log that no run has taken in
	lastGood time.Time

	done bool // this run's end was told
}

func newMonitor(p *cli.Program, o applyOptions) (*monitor, error) {
	if o.metricsFile != "" {
		if err := metrics.CheckPath(o.metricsFile); err != nil {
			return nil, &cli.UsageError{Text: err.Error(), Advice: "Name it so: --metrics-file scim-sync.prom"}
		}
	}
	return &monitor{Program: p, command: o.command(), file: o.metricsFile, figures: metrics.New(o.service)}, nil
}

// outlast is long enough for two tries of everything, whatever has ended the run.
func outlast(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
}

// hooks tells web hooks what is new of a run that holds the lock, and notes in the
// state what was told.
func (m *monitor) hooks(ctx context.Context, r *run, s *cli.Session, err error) {
	if _, paused := errors.AsType[*cli.PausedError](err); paused || len(s.Settings.Notify) == 0 {
		return
	}
	ctx, stop := outlast(ctx)
	defer stop()
	var plan *planner.Draft
	if r.sight != nil {
		plan = r.proposal
	}
	code, now := r.sum.ExitCode, s.Time().UTC()
	troubles := append(troublesOf(plan, r.did, err, code), m.staleSince(ctx, s.Store, r.journal.Info(), code, now)...)
	managed := r.journal.Managed()
	news, told := tidings(managed.Notified, troubles, r.reach(), now)
	var more []notify.Event
	if applied, ok := notify.Applied(r.did); ok {
		more = append(more, applied)
	}
	message := notify.Message{Version: m.Version, Workspace: cli.WorkspaceOf(m.Program, s.Settings), RunID: r.id, Command: m.command, ExitCode: code, Outcome: cli.Outcome(code), At: now}
	if !m.send(ctx, s.Settings, s.Store, message, news, more) || slices.Equal(managed.Notified, told) || managed.WorkspaceID == "" {
		return
	}
	m.complain(r.journal.Learn(ctx, nil, core.Change{Notified: &core.ToldList{List: told}}))
}

// send tells hooks, and says whether all that wanted to hear of it may count as told:
// where nobody could be reached, the next run tries again.
func (m *monitor) send(ctx context.Context, s *cli.Settings, store *state.Store, message notify.Message, news core.Tidings, more []notify.Event) bool {
	runs := map[string]int{}
	if store != nil && news.Some() {
		var err error
		if runs, err = runsOf(ctx, store, news); err != nil {
			m.complain(err)
		}
	}
	message.Events = append(notify.Troubles(news, runs), more...)
	results := m.Sender(s).Send(ctx, message)
	failed := 0
	for _, x := range results {
		if x.Err != nil {
			failed++
			m.Warn(x.Name + " was not told: " + x.Err.Error())
		}
	}
	return failed == 0 || failed < len(results)
}

func (m *monitor) complain(err error) {
	if err != nil {
		m.Warn("What web hooks were told could not be noted: " + err.Error())
	}
}

// staleSince is the trouble that no run has ended well for long.
func (m *monitor) staleSince(ctx context.Context, store *state.Store, info state.Info, code int, now time.Time) []core.Trouble {
	if m.stale == 0 || code == cli.ExitOK {
		return nil
	}
	good := m.goodRun(ctx, store, info)
	if good.IsZero() || now.Sub(good) < m.stale {
		return nil
	}
	return []core.Trouble{{Key: key(notify.Stale), Lead: notify.Stale, Text: "no run has ended well since " + view.When(good), Remedy: "See why: scim-sync status, scim-sync history"}}
}

// goodRun is when a run ended well last; zero: not known.
func (m *monitor) goodRun(ctx context.Context, store *state.Store, info state.Info) time.Time {
	if !m.lastGood.IsZero() || store == nil {
		return m.lastGood
	}
	good, err := cli.LastGood(ctx, store, info.LastRun)
	if err == nil && good != nil {
		m.lastGood = cli.EndOf(*good)
	}
	return m.lastGood
}

// ended takes in a run that held the lock, once it has given it up.
func (m *monitor) ended(ctx context.Context, r *run, s *cli.Session, code int) {
	m.done = true
	ctx, stop := outlast(ctx)
	defer stop()
	now, footer := s.Time().UTC(), s.Footer(r.Now())
	if code == cli.ExitOK {
		m.lastGood = now
	}
	x := metrics.Run{ExitCode: code, Ended: now, Took: footer.Took, LastGood: m.goodRun(ctx, s.Store, r.journal.Info()), Managed: managedCounts(r.journal.Managed(), now)}
	x.Count(r.did.Results)
	x.Refusals = map[core.Code]int{}
	for _, c := range r.sum.Refusals {
		x.Refusals[core.Code(c)]++
	}
	for _, f := range footer.Sides {
		x.Sides = append(x.Sides, metrics.Side{Name: f.Name, Requests: f.Requests, Writes: f.Writes, Retries: f.Retries, Waited: f.Waited})
	}
	if readBoth(code) && !m.heard.IsZero() {
		x.Lag, m.heard = max(0, now.Sub(m.heard)), time.Time{}
	}
	m.observe(ctx, s.Settings, x)
}

// readBoth says whether a run that ended so has read both sides.
func readBoth(code int) bool {
	return code == cli.ExitOK || code == cli.ExitRefused || code == cli.ExitStepFailed
}

func managedCounts(m core.Managed, now time.Time) *metrics.Managed {
	people, teams := view.CountManaged(m)
	_, paused := m.Paused(now)
	return &metrics.Managed{Active: people.Active - people.Invited, Invited: people.Invited, Suspended: people.Suspended, Released: people.Released, Teams: teams, Paused: paused}
}

// outside takes in a run that ended before it held the lock. Somebody who said no, or
// another run that is at it, is no failure.
func (m *monitor) outside(ctx context.Context, settings *cli.Settings, failed error) {
	code := cli.Code(ctx, failed)
	_, declined := errors.AsType[*cli.DeclinedError](failed)
	if failed == nil || m.done || declined || code == cli.ExitLocked || code == cli.ExitInterrupted || m.Flags.Sandbox {
		return
	}
	ctx, stop := outlast(ctx)
	defer stop()
	if settings == nil {
		var err error
		if settings, err = cli.SettingsAgain(m.Program); err != nil {
			return // nobody knows whom to tell
		}
		defer settings.Close()
	}
	now := m.Now().UTC()
	x := metrics.Run{ExitCode: code, Ended: now}
	store, err := cli.StateUnasked(ctx, m.Program, settings)
	var managed core.Managed
	var info state.Info
	if err == nil && store != nil {
		if managed, _, info, err = store.Read(ctx); err != nil {
			store = nil
		} else {
			x.Managed, x.LastGood = managedCounts(managed, now), m.goodRun(ctx, store, info)
		}
	}
	if _, paused := errors.AsType[*cli.PausedError](failed); !paused {
		m.hooksOutside(ctx, settings, store, managed, info, failed, code, now)
	}
	m.observe(ctx, settings, x)
}

// hooksOutside tells web hooks of a failure. Where there is no state to note that in,
// they are told each time.
func (m *monitor) hooksOutside(ctx context.Context, settings *cli.Settings, store *state.Store, managed core.Managed, info state.Info, failed error, code int, now time.Time) {
	if len(settings.Notify) == 0 {
		return
	}
	troubles := append([]core.Trouble{failedRun(failed, code)}, m.staleSince(ctx, store, info, code, now)...)
	news, told := tidings(managed.Notified, troubles, beforePlan, now)
	message := notify.Message{Version: m.Version, Workspace: cli.WorkspaceOf(m.Program, settings), Command: m.command, ExitCode: code, Outcome: cli.Outcome(code), At: now}
	if !news.Some() || !m.send(ctx, settings, store, message, news, nil) || store == nil || managed.WorkspaceID == "" {
		return
	}
	m.complain(noteOutside(ctx, m.Program, store, failed, code, core.Change{Notified: &core.ToldList{List: told}}))
}

// observe shows the figures of a run, and calls the heartbeat after a good one.
func (m *monitor) observe(ctx context.Context, s *cli.Settings, x metrics.Run) {
	x.Workspace = cli.WorkspaceOf(m.Program, s)
	m.figures.Observe(x)
	if m.server != nil {
		m.server.Ready(readBoth(x.ExitCode))
	}
	if path := cmp.Or(m.file, s.MetricsFile); path != "" {
		if err := m.figures.WriteFile(inDir(m.Dir, path)); err != nil {
			m.Warn("The metrics were not written: " + err.Error())
		}
	}
	if x.ExitCode == cli.ExitOK && s.HeartbeatURL.Given() {
		if err := m.Sender(s).Beat(ctx, s.HeartbeatURL); err != nil {
			m.Warn("heartbeat_url could not be called: " + err.Error())
		}
	}
}

func inDir(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// listen serves the figures of a watch; address empty: it does not.
func (m *monitor) listen(ctx context.Context, address string, anywhere bool, late func() time.Duration) (end func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	server, err := metrics.Listen(ctx, address, anywhere, m.figures, late)
	if err != nil {
		return nil, err
	}
	m.server = server
	m.Say("Serving /metrics, /healthz and /readyz at http://" + server.Addr())
	return server.Close, nil
}

// hear notes when the first change happened that a run is to take in.
func (m *monitor) hear(at time.Time) {
	if m.heard.IsZero() || at.Before(m.heard) {
		m.heard = at
	}
}
