package cmd

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"os/user"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/term"
)

// Process runs the command line that this process was started with, and gives
// the code to exit with: its streams, environment and signals are the
// command's. defaultWorld is what --sandbox serves.
func Process(version string, defaultWorld []byte) int {
	// A second signal ends the program at once: the first lets writes finish. One
	// that comes with the first is none: timeout(1) tells the process and its group.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() { time.AfterFunc(together, stop) })
	// Whoever stops reading the output does not end a run in the middle: that no
	// signal does it shows as an error of the write.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	if os.Getenv("GOGC") == "" {
		// Most of what a plan of a large company takes is in use to its end: less
		// room for the collector saves a hundred megabytes and costs little.
		debug.SetGCPercent(50)
	}
	dir, _ := os.Getwd()
	host, _ := os.Hostname()
	return Execute(ctx, System{
		Args:         os.Args[1:],
		Stdin:        os.Stdin,
		Stdout:       epipeWriter{os.Stdout},
		Stderr:       epipeWriter{os.Stderr},
		LookupEnv:    os.LookupEnv,
		Environ:      os.Environ(),
		Dir:          dir,
		Host:         host,
		User:         userName(),
		Now:          time.Now,
		Version:      version,
		DefaultWorld: defaultWorld,
		Interactive:  term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stderr.Fd())),
	})
}

// together is how long a signal after the first is taken for the same one.
const together = 200 * time.Millisecond

// epipeWriter is a stream whose reader may leave: what is written from then on goes
// nowhere, and the run comes to its own end, with its own code.
type epipeWriter struct{ file *os.File }

// Fd is that of the stream itself: what a terminal is stays visible.
func (w epipeWriter) Fd() uintptr { return w.file.Fd() }

func (w epipeWriter) Write(text []byte) (int, error) {
	n, err := w.file.Write(text)
	if errors.Is(err, syscall.EPIPE) {
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
