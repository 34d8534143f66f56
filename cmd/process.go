package cmd

import (
	"context"
	"os"
	"os/signal"
	"os/user"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/term"
)

// Process runs the command line that this process was started with, and gives
// the code to exit with: its streams, environment and signals are the
// command's. defaultWorld is what --sandbox serves.
func Process(version string, defaultWorld []byte) int {
	// A second signal ends the program at once: the first lets writes finish.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
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
		Stdout:       os.Stdout,
		Stderr:       os.Stderr,
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

// userName is who runs this, for the journal.
func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return os.Getenv("USER")
}
