// Package cli is what every command needs: the program's streams and log with
// its secrets filtered out, exit codes, and the settings, both sides and the
// state, each from one constructor.
package cli

import (
	"cmp"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"scim-sync/cmd/view"
	"scim-sync/config"
	"scim-sync/internal/boottime"
	"scim-sync/internal/redact"
	"scim-sync/internal/transport"
	core "scim-sync/sync"
)

// System is the outside world as the commands see it. Nothing but [cmd.Process]
// reads the process's own streams, environment or clock.
type System struct {
	Args    []string // without the program's name
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Environ []string // variables as NAME=value
	Dir     string   // working directory
	Host    string   // name of this machine, for the journal
	User    string   // who runs this, for the journal
	Now     func() time.Time
	// Elapsed is a clock that nobody sets and that goes on while the machine
	// sleeps; nil: the machine's own.
	Elapsed func() time.Duration
	// Lease is how long a lock that runs out lasts without being renewed; 0: as
	// long as its store has it.
	Lease   time.Duration
	Version string
	// DefaultWorld is the world file that --sandbox serves.
	DefaultWorld []byte
	// Manager is whoever supervises the program as a service; the zero value:
	// nobody does.
	Manager Manager
	// Interactive says whether questions can be asked: standard input and
	// standard error are a terminal.
	Interactive bool
}

// LookupEnv gives a variable of the environment.
func (s *System) LookupEnv(name string) (value string, there bool) {
	for _, variable := range s.Environ {
		if value, there = strings.CutPrefix(variable, name+"="); there {
			return value, true
		}
	}
	return "", false
}

// Manager is a service manager as systemd is
// (https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html).
type Manager struct {
	// Notify tells it of a change; nil: there is nobody to tell.
	Notify func(state string)
	// Watchdog is how often it has to hear that the program is alive; 0: never.
	Watchdog time.Duration
	// Reloads gives a channel that hears of each wish to read the settings anew
	// (SIGHUP), which else ends the program; nil: nobody can wish it.
	Reloads func() <-chan struct{}
}

// Tell tells the manager of a change, where there is one.
func (m Manager) Tell(state string) {
	if m.Notify != nil {
		m.Notify(state)
	}
}

// Program is one run of the program: the system, the flags that every command
// has, and the streams made from both.
type Program struct {
	System
	Flags Flags
	Out   view.Stream // what was asked for
	Err   view.Stream // everything else
	Log   *slog.Logger
	// Plain is standard output itself, for the one command that prints a secret.
	Plain io.Writer
	// LockTimeout is how long to wait for a lock that another run holds.
	LockTimeout time.Duration
	// Lines gives those of standard input, the same channel each time.
	Lines func() <-chan string

	// Readings are shared with runs for other workspaces; nil: this is the only one.
	Readings *Readings

	whole bool   // is never read page by page
	pager *pager // of standard output; nil: there is none

	secrets redact.Secrets
	waits   waits
}

// Flags are the flags that every command has.
type Flags struct {
	Config    string
	Workspace string
	Sandbox   bool
	NoColor   bool
	Quiet     bool
	LogLevel  string
	LogFormat string
}

// New is a program whose flags are not known yet: it can only tell errors.
func New(sys System) *Program {
	if sys.Elapsed == nil {
		sys.Elapsed = boottime.Clock()
	}
	return &Program{System: sys, Plain: sys.Stdout, Lines: sync.OnceValue(func() <-chan string { return linesOf(sys.Stdin) }), Err: view.Probe(sys.Stderr, false, sys.LookupEnv)}
}

// WorkspaceName is what --workspace says, or else its variable; empty: neither does.
func (p *Program) WorkspaceName() string {
	name, _ := p.LookupEnv(config.WorkspaceVariable)
	return cmp.Or(p.Flags.Workspace, name)
}

// Page has what is written to standard output read page by page, where that is a
// terminal at which somebody sits: by $SCIM_SYNC_PAGER, else $PAGER, else less, as
// git and gh do it. "cat", or nothing, is no pager. It comes before [Program.Begin].
func (p *Program) Page() {
	if p.whole || !p.Interactive || !view.Probe(p.Stdout, true, p.LookupEnv).TTY {
		return
	}
	if p.pager = newPager(p.Stdout, p.Environ, p.LookupEnv); p.pager != nil {
		p.Stdout = p.pager
	}
}

// Whole lets nothing be read page by page.
func (p *Program) Whole() { p.whole = true }

// Turned waits until the last page was read.
func (p *Program) Turned() {
	if p.pager != nil {
		p.pager.close()
	}
}

// Begin makes streams and log once the flags are known.
func (p *Program) Begin() error {
	p.Stdout, p.Stderr = redacted(p.Stdout, &p.secrets), redacted(p.Stderr, &p.secrets)
	p.Out = view.Probe(p.Stdout, p.Flags.NoColor, p.LookupEnv)
	p.Err = view.Probe(p.Stderr, p.Flags.NoColor, p.LookupEnv)
	p.Out.Always, p.Err.Always = p.always(), p.always()
	p.Out.Technical = p.Flags.LogLevel == "info" || p.Flags.LogLevel == "debug"
	var level slog.Level
	if err := level.UnmarshalText([]byte(p.Flags.LogLevel)); err != nil {
		return Choose("--log-level", p.Flags.LogLevel, "debug", "info", "warn", "error")
	}
	options := &slog.HandlerOptions{Level: level}
	if p.Log = slog.New(slog.NewTextHandler(view.LogLines(p.Err, `\x23`), options)); p.Flags.LogFormat == "json" {
		p.Log = slog.New(slog.NewJSONHandler(view.LogLines(p.Err, `\u0023`), options))
	}
	return Choose("--log-format", p.Flags.LogFormat, "text", "json")
}

// always are the flags that every command to copy needs to mean the same.
func (p *Program) always() string {
	text := ""
	if p.Flags.Config != "" {
		text = " --config " + core.Quote(p.Flags.Config)
	}
	if p.Flags.Workspace != "" {
		text += " --workspace " + core.Quote(p.Flags.Workspace)
	}
	return text
}

// Say writes a line for people to standard error, unless quiet.
func (p *Program) Say(text string) {
	if !p.Flags.Quiet {
		_ = view.Line(p.Err, text)
	}
}

// Warn says what is odd.
func (p *Program) Warn(warnings ...string) {
	for _, w := range warnings {
		p.Say("Warning: " + view.Clean(w))
	}
}

// Tell writes sentences to standard output, one a line.
func (p *Program) Tell(sentences ...string) error {
	for _, text := range sentences {
		if err := view.Line(p.Out, view.Clean(text)); err != nil {
			return err
		}
	}
	return nil
}

// Secret makes texts secret: they are taken out of whatever is written.
func (p *Program) Secret(texts ...string) { p.secrets.Add(texts...) }

// Scrub takes the secrets of this run out of a text.
func (p *Program) Scrub(text string) string { return p.secrets.Clean(text) }

// DrawnBy makes d what is on the screen, until another is; nil: nothing is.
func (p *Program) DrawnBy(d Display) { p.waits.drawnBy(d) }

// waiting is for transport.Options.Waits. With --quiet nobody is told.
func (p *Program) waiting(w transport.Wait) {
	if !p.Flags.Quiet && !p.waits.drawn(w) {
		p.Say(view.Waiting(w.Side, w.For, w.Why))
	}
}

// Reload gives a channel that hears of each wish to read the settings anew. From
// then on the wish ends nothing.
func (p *Program) Reload() <-chan struct{} {
	if p.Manager.Reloads == nil {
		return nil
	}
	return p.Manager.Reloads()
}

// Live says whether progress is drawn.
func (p *Program) Live() bool { return view.UseProgress(p.Flags.Quiet, false, p.LookupEnv, p.Err.TTY) }

// Progress is how a long reading tells how far it is.
func (p *Program) Progress() view.ProgressMode {
	switch {
	case p.Flags.Quiet:
		return view.NoProgress
	case p.Live():
		return view.LiveProgress
	}
	return view.LoggedProgress
}

func (p *Program) userAgent() string { return "scim-sync/" + p.Version }
