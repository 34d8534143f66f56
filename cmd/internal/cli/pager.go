package cli

import (
	"context"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"

	"scim-sync/cmd/view"
	"scim-sync/config"
)

// newPager is what reads standard output page by page; nil: nothing does.
func newPager(out io.Writer, environ []string, env view.Env) *pager {
	terminal, ok := out.(interface{ Fd() uintptr })
	command := pagerOf(env)
	if !ok || command == "" {
		return nil
	}
	return &pager{command: command, environ: pagerEnvironment(withoutSettings(environ), env), terminal: terminal, plain: out}
}

// pagerOf is the pager's command line; empty: there is none that could be started.
func pagerOf(env view.Env) string {
	if term, _ := env("TERM"); term == "dumb" || term == "" && runtime.GOOS != "windows" {
		return ""
	}
	command := "less"
	for _, name := range []string{"PAGER", config.PagerVariable} {
		if given, there := env(name); there {
			command = given
		}
	}
	words := strings.Fields(command)
	if len(words) == 0 || words[0] == "cat" {
		return ""
	}
	if _, err := exec.LookPath(words[0]); err != nil {
		return "" // what it was to show is not to be lost
	}
	return command
}

// pagerEnvironment lets less show colours, leave what fits on the screen there, and
// end at once then, unless somebody has said how they want it.
func pagerEnvironment(environ []string, env view.Env) []string {
	if _, given := env("LESS"); !given {
		environ = append(environ, "LESS=FRX")
	}
	if _, given := env("LV"); !given {
		environ = append(environ, "LV=-c")
	}
	return environ
}

// withoutSettings is the environment of a program that needs none of the settings,
// which may be secrets.
func withoutSettings(environ []string) (rest []string) {
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, "SCIM_SYNC_") && !strings.Contains(name, "TOKEN") && !strings.Contains(name, "SECRET") && !strings.Contains(name, "PASSWORD") {
			rest = append(rest, pair)
		}
	}
	return rest
}

// pager is a stream that is read page by page: the program that shows it starts with
// the first word. Where it cannot be started the terminal shows all.
type pager struct {
	command  string
	environ  []string
	terminal interface{ Fd() uintptr }
	plain    io.Writer

	mu    sync.Mutex
	begun bool
	in    io.WriteCloser // nil: there is none
	cmd   *exec.Cmd
	ends  context.CancelFunc
	// screen is kept, for a file that nobody has any more is closed: this one is
	// the terminal of others, too.
	screen *os.File
}

// Fd is that of the terminal: it stays one.
func (g *pager) Fd() uintptr { return g.terminal.Fd() }

func (g *pager) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.begun {
		g.begun = true
		g.start()
	}
	if g.in == nil {
		return g.plain.Write(b)
	}
	_, _ = g.in.Write(b) // whoever has seen enough leaves; the command comes to its own end
	return len(b), nil
}

func (g *pager) start() {
	ctx, ends := context.WithCancel(context.Background()) // an interrupt is the pager's own to heed
	argv := []string{"sh", "-c", g.command}
	if runtime.GOOS == "windows" {
		argv = strings.Fields(g.command)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = g.environ
	g.screen = os.NewFile(g.terminal.Fd(), "terminal")
	cmd.Stdout, cmd.Stderr = g.screen, g.screen
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		ends()
		return
	}
	g.in, g.cmd, g.ends = in, cmd, ends
}

func (g *pager) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.in == nil {
		return
	}
	_ = g.in.Close()
	_ = g.cmd.Wait() // how it ended is nobody's concern
	g.ends()
	g.in = nil
}
