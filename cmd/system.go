package cmd

import (
	"context"
	"io"
	"log/slog"
	"time"

	"scim-sync/cmd/view"
)

// System is the outside world as the commands see it. Nothing but [Process]
// reads the process's own streams, environment or clock.
type System struct {
	Args   []string // without the program's name
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// LookupEnv and Environ are the environment.
	LookupEnv func(name string) (string, bool)
	Environ   []string
	Dir       string // working directory
	Host      string // name of this machine, for the journal
	User      string // who runs this, for the journal
	Now       func() time.Time
	Version   string
	// DefaultWorld is the world file that --sandbox serves.
	DefaultWorld []byte
	// Interactive says whether questions can be asked: standard input and
	// standard error are a terminal.
	Interactive bool
}

// app is one run of the program: the system, the global flags, and the
// streams made from both.
type app struct {
	System
	global globalFlags
	out    view.Stream // what was asked for
	err    view.Stream // everything else
	log    *slog.Logger
	hush   *hush
	waits  waits
	// plain is standard output itself, for the one command that prints a secret.
	plain io.Writer
}

// globalFlags are the flags that every command has.
type globalFlags struct {
	config    string
	sandbox   bool
	noColor   bool
	quiet     bool
	logLevel  string
	logFormat string
}

// prepare makes streams and log once the flags are known.
func (a *app) prepare() error {
	a.Stdout, a.Stderr = a.hush.over(a.Stdout), a.hush.over(a.Stderr)
	a.out = view.Probe(a.Stdout, a.global.noColor, a.LookupEnv)
	a.err = view.Probe(a.Stderr, a.global.noColor, a.LookupEnv)
	var level slog.Level
	if err := level.UnmarshalText([]byte(a.global.logLevel)); err != nil {
		return usagef("--log-level %q: use debug, info, warn or error", a.global.logLevel)
	}
	options := &slog.HandlerOptions{Level: level}
	switch a.global.logFormat {
	case "text":
		a.log = slog.New(slog.NewTextHandler(a.Stderr, options))
	case "json":
		a.log = slog.New(slog.NewJSONHandler(a.Stderr, options))
	default:
		return usagef("--log-format %q: use text or json", a.global.logFormat)
	}
	return nil
}

// say writes a line for people to standard error, unless quiet.
func (a *app) say(text string) {
	if !a.global.quiet {
		_ = view.Line(a.err, text)
	}
}

// interrupted says whether the run was asked to stop.
func interrupted(ctx context.Context) bool { return ctx.Err() != nil }
