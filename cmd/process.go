package cmd

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"os/user"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/term"

	"scim-sync/cmd/internal/cli"
)

// Process runs the command line that this process was started with, and gives
// the code to exit with: its streams, environment and signals are the
// command's, as far as the changes leave it so. defaultWorld is what --sandbox
// serves.
func Process(version string, defaultWorld []byte, changes ...func(*System)) int {
	abortOnCrash()
	// A second signal ends the program at once: the first lets writes finish. One
	// that comes with the first is none: timeout(1) tells the process and its group.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, hangUp := context.WithCancel(ctx)
	defer hangUp()
	hangUps := heed(hangUp)
	context.AfterFunc(ctx, func() {
		time.AfterFunc(together, func() {
			stop()
			hangUps.end()
		})
	})
	// Whoever stops reading the output does not end a run in the middle: that no
	// signal does it shows as an error of the write.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	if os.Getenv("GOGC") == "" {
		collectLateAndOften()
	}
	dir, _ := os.Getwd()
	host, _ := os.Hostname()
	sys := System{
		Args:         os.Args[1:],
		Stdin:        os.Stdin,
		Stdout:       outlasting(os.Stdout),
		Stderr:       outlasting(os.Stderr),
		Environ:      os.Environ(),
		Dir:          dir,
		Host:         host,
		User:         userName(),
		Now:          time.Now,
		Version:      version,
		DefaultWorld: defaultWorld,
		Manager:      manager(hangUps),
		Interactive:  term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stderr.Fd())),
	}
	for _, change := range changes {
		change(&sys)
	}
	return untilDumped(func() int { return Execute(ctx, sys) }, os.Stderr)
}

// The collector's room, in percent of what is in use. Most of what a plan of a large
// company takes is in use to its end: little room saves a hundred megabytes there.
// At first there is room for 16 MiB (of the 4 that Go begins with), in which most runs
// end without any collection.
const (
	roomAtFirst = 400
	roomLater   = 50
)

// collectLateAndOften gives the collector its room; the first collection changes it.
func collectLateAndOften() {
	debug.SetGCPercent(roomAtFirst)
	type unused struct{ _ *int } // a pointer gives it a place of its own
	runtime.AddCleanup(new(unused), func(percent int) { debug.SetGCPercent(percent) }, roomLater)
}

// manager is the service manager that started this process, if one did, and whoever
// sends a SIGHUP.
func manager(h *hangUps) cli.Manager {
	interval, _ := daemon.SdWatchdogEnabled(false) // what cannot be read asks for nothing
	return cli.Manager{Watchdog: interval, Reloads: h.instead, Notify: func(state string) { _, _ = daemon.SdNotify(false, state) }}
}

// hangUps are what becomes of SIGHUP: of a terminal that was closed it lets a run
// finish what is under way, like the gentle signals, and below nohup(1) it is
// ignored; to a service it says, there as well, that the settings are to be read anew.
type hangUps struct {
	ignored bool
	taken   atomic.Bool
	heard   chan os.Signal
	reloads chan struct{}
}

// heed has SIGHUP end the program, until somebody asks for it instead.
func heed(end func()) *hangUps {
	h := &hangUps{ignored: signal.Ignored(syscall.SIGHUP), heard: make(chan os.Signal, 1), reloads: make(chan struct{}, 1)}
	if !h.ignored {
		signal.Notify(h.heard, syscall.SIGHUP)
	}
	go func() {
		for range h.heard {
			if !h.taken.Load() {
				end()
				continue
			}
			select {
			case h.reloads <- struct{}{}:
			default: // one is waiting already
			}
		}
	}()
	return h
}

// end lets the next SIGHUP end the program at once.
func (h *hangUps) end() {
	if !h.ignored {
		signal.Stop(h.heard)
	}
}

// instead gives a channel that hears of each SIGHUP from now on.
func (h *hangUps) instead() <-chan struct{} {
	h.taken.Store(true)
	signal.Notify(h.heard, syscall.SIGHUP)
	return h.reloads
}

// together is how long a signal after the first is taken for the same one.
const together = 200 * time.Millisecond

// outlastingWriter is a stream whose reader may leave, or whose terminal may be
// closed: what is written from then on goes nowhere, and the run comes to its own
// end, with its own code.
type outlastingWriter struct {
	file *os.File
	gone []error // of writes to nobody
}

func outlasting(file *os.File) outlastingWriter {
	if term.IsTerminal(int(file.Fd())) {
		return outlastingWriter{file, []error{syscall.EPIPE, syscall.EIO}}
	}
	return outlastingWriter{file, []error{syscall.EPIPE}}
}

// Fd is that of the stream itself: what a terminal is stays visible.
func (w outlastingWriter) Fd() uintptr { return w.file.Fd() }

func (w outlastingWriter) Write(text []byte) (int, error) {
	n, err := w.file.Write(text)
	if err != nil && slices.ContainsFunc(w.gone, func(gone error) bool { return errors.Is(err, gone) }) {
		return len(text), nil
	}
	return n, err
}

// userName is who runs this, for the journal.
func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	if name := os.Getenv("USER"); name != "" {
		return name
	}
	return strconv.Itoa(os.Getuid())
}
