package run

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"time"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/internal/metrics"
	"scim-sync/cmd/internal/notify"
	"scim-sync/cmd/view"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// monitor tells the outside how runs end: web hooks, a heartbeat, metrics. What goes
// wrong with that is warned of and ends no run.
type monitor struct {
	*cli.Program
	command string
	file    string // of metrics; empty: what the settings say
	figures *metrics.Figures
	told    hooks
	said    memory // of what runs have printed
	odd     string // about the state, as was told
	good    goodRuns

	// Of a watch alone.
	server metrics.Watched // nil: nobody asks
	heard  time.Time       // the first change in the log that no run has taken in

	done  bool            // this run's end was told
	wrong map[string]bool // what was warned of and goes wrong still
}

func newMonitor(p *cli.Program, o applyOptions) (*monitor, error) {
	if o.metricsFile != "" {
		if err := metrics.CheckPath(inDir(p.Dir, o.metricsFile)); err != nil {
			return nil, &cli.UsageError{Text: err.Error(), Advice: "Name it so: --metrics-file scim-sync.prom"}
		}
	}
	return &monitor{Program: p, command: o.command(), file: o.metricsFile, figures: metrics.New(o.service), told: hooks{Program: p, quiet: quietText(p, o)}, good: goodRuns{began: p.Now()}, wrong: map[string]bool{}}, nil
}

// begin is the beginning of a run.
func (m *monitor) begin() { m.done, m.told.deliveries = false, deliveries{} }

// outlast is long enough for two tries of everything, whatever has ended the run.
func outlast(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
}

// hooks tells web hooks what is new of a run that holds the lock, and notes in the
// state what was told.
func (m *monitor) hooks(ctx context.Context, r *course, s *cli.Session, err error) {
	m.told.begin(s.Settings)
	if _, paused := errors.AsType[*cli.PausedError](err); paused || len(s.Settings.Notify) == 0 {
		return
	}
	ctx, stop := outlast(ctx)
	defer stop()
	code, now := r.sum.ExitCode, s.Time().UTC()
	managed := r.journal.Managed()
	was := m.told.was(managed.Notified)
	troubles := troublesOf(r.draft(), r.did, err, code)
	was = byJournal(ctx, s.Store, managed, was, troubles)
	troubles = append(troubles, m.good.stalled(ctx, s.Store, r.journal.Info(), was, code, now)...)
	news, told := tidings(was, troubles, r.reach(), now)
	var more []notify.Event
	if applied, ok := notify.Applied(r.did); ok {
		more = append(more, applied)
	}
	message := m.message(s.Settings, r.id, code, now)
	if !m.told.send(ctx, s.Settings, s.Store, message, news, more) {
		return
	}
	m.told.note(told, managed, func(c core.Change) error { return r.journal.Learn(ctx, nil, c) })
}

// hooksOutside tells web hooks of a run that ended before it held the lock: of what
// ended it, and that no run has ended well for long. Without an error another run
// holds the lock, which is told where it lasts for so long.
func (m *monitor) hooksOutside(ctx context.Context, settings *cli.Settings, at looked, failed error, code int, now time.Time) {
	if m.told.begin(settings); len(settings.Notify) == 0 {
		return
	}
	was := m.told.was(at.managed.Notified)
	var troubles []core.Trouble
	if failed != nil {
		troubles = append(troubles, failedRun(failed, code))
	}
	troubles = append(troubles, m.good.stalled(ctx, at.store, at.info, was, code, now)...)
	news, told := tidings(was, troubles, beforePlan, now)
	if !news.Some() || !m.told.send(ctx, settings, at.store, m.message(settings, "", code, now), news, nil) {
		return
	}
	if at.store == nil || failed == nil {
		m.told.keep(told, at.managed.Notified)
		return
	}
	m.told.note(told, at.managed, func(c core.Change) error { return noteOutside(ctx, m.Program, m.command, at.store, failed, code, c) })
}

// message is one of a run; its id is empty where the journal does not know it.
func (m *monitor) message(s *cli.Settings, id string, code int, now time.Time) notify.Message {
	return notify.Message{Version: m.Version, Workspace: cli.WorkspaceOf(m.Program, s), RunID: id, Command: m.command, ExitCode: code, Outcome: cli.Outcome(code), At: now}
}

// ended takes in a run that held the lock, once it has given it up.
func (m *monitor) ended(ctx context.Context, r *course, s *cli.Session, code int) {
	m.done = true
	ctx, stop := outlast(ctx)
	defer stop()
	now, footer := s.Time().UTC(), s.Footer(m.Now())
	if code == cli.ExitOK {
		m.good.wentWell(now)
	}
	x := metrics.Run{ExitCode: code, Ended: now, Took: footer.Took, LastGood: m.good.whenLast(ctx, s.Store, r.journal.Info()), Managed: managedCounts(r.journal.Managed(), now)}
	x.Count(r.did.Results)
	x.Refusals = map[core.Code]int{}
	for _, c := range r.sum.Refusals {
		x.Refusals[core.Code(c)]++
	}
	m.good.own = r.id
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
// another run that is at it, is no failure. open is the session that goes on; nil: none.
func (m *monitor) outside(ctx context.Context, settings *cli.Settings, open *cli.Session, failed error) {
	code := cli.Code(ctx, failed)
	_, declined := errors.AsType[*cli.DeclinedError](failed)
	if failed == nil || m.done || declined || code == cli.ExitInterrupted || m.Flags.Sandbox {
		return
	}
	ctx, stop := outlast(ctx)
	defer stop()
	if code == cli.ExitLocked {
		m.locked(ctx, settings, open)
		return
	}
	if settings == nil {
		var err error
		if settings, err = cli.SettingsAgain(m.Program); err != nil {
			return // nobody knows whom to tell
		}
		defer settings.Close()
	}
	now := m.Now().UTC()
	x := metrics.Run{ExitCode: code, Ended: now}
	at := m.look(ctx, settings, open)
	if at.store != nil {
		x.Managed, x.LastGood = managedCounts(at.managed, now), m.good.whenLast(ctx, at.store, at.info)
	}
	if _, paused := errors.AsType[*cli.PausedError](failed); !paused {
		m.hooksOutside(ctx, settings, at, failed, code, now)
	}
	m.observe(ctx, settings, x)
}

// looked is what the state holds for whoever looks without the lock. Without a store
// it is not known.
type looked struct {
	store   *state.Store
	managed core.Managed
	info    state.Info
}

// look reads the state by the session's store, where there is one: another would stay
// open beside it.
func (m *monitor) look(ctx context.Context, settings *cli.Settings, open *cli.Session) (at looked) {
	var store *state.Store
	var err error
	if open != nil {
		store = open.Store
	} else if store, err = cli.StateUnasked(ctx, m.Program, settings); err != nil || store == nil {
		return looked{}
	}
	if at.managed, _, at.info, err = store.Read(ctx); err != nil {
		return looked{}
	}
	at.store = store
	return at
}

// observe shows the figures of a run, and calls the heartbeat after a good one.
func (m *monitor) observe(ctx context.Context, s *cli.Settings, x metrics.Run) {
	x.Workspace = cli.WorkspaceOf(m.Program, s)
	m.figures.Observe(x)
	if m.server != nil {
		m.server.Ready(readBoth(x.ExitCode))
	}
	m.writeFigures(s)
	if x.ExitCode == cli.ExitOK && s.HeartbeatURL.Given() {
		m.warnOnce("heartbeat_url could not be called: ", m.Sender(s).Beat(ctx, s.HeartbeatURL))
	}
}

func (m *monitor) writeFigures(s *cli.Settings) {
	if path := cmp.Or(m.file, s.MetricsFile); path != "" {
		m.warnOnce("The metrics were not written: ", m.figures.WriteFile(inDir(m.Dir, path)))
	}
}

// warnOnce warns of what goes wrong with each run of a watch, once until it went well.
func (m *monitor) warnOnce(words string, err error) {
	if err != nil && !m.wrong[words] {
		m.Warn(words + err.Error())
	}
	m.wrong[words] = err != nil
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

// spared takes in that another process has made the run that was due.
func (m *monitor) spared(s *cli.Settings, last state.RunRecord) {
	m.good.wentWell(cli.EndOf(last))
	if last.Info.Began.After(m.heard) {
		m.heard = time.Time{}
	}
	m.figures.Good(cli.WorkspaceOf(m.Program, s), m.good.last)
	m.writeFigures(s)
}

// locked takes in that another run holds the lock: for so long that no run has ended
// well, which is told.
func (m *monitor) locked(ctx context.Context, settings *cli.Settings, open *cli.Session) {
	now := m.Now().UTC()
	if m.good.stale == 0 || settings == nil || now.Sub(m.good.last) < m.good.stale || now.Sub(m.good.began) < m.good.stale {
		return
	}
	m.hooksOutside(ctx, settings, m.look(ctx, settings, open), nil, cli.ExitLocked, now)
}

// hear notes when the first change happened that a run is to take in.
func (m *monitor) hear(at time.Time) {
	if m.heard.IsZero() || at.Before(m.heard) {
		m.heard = at
	}
}
