package commands

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"scim-sync/cmd"
	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/sandbox"
	"scim-sync/internal/freeport"
	"scim-sync/internal/sample"
)

// TestMain keeps the tests away from the keyring of whoever runs them.
func TestMain(m *testing.M) {
	sample.AtOnce(6)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // hundreds of small worlds follow each other
	}
	keyring.MockInit()
	m.Run()
}

// world is a small company of which one admin has signed in.
const world = `
okta:
  app: {label: Attio}
  users:
    - {login: ada@acme.example, first_name: Ada, last_name: Arden}
    - {login: bo@acme.example, first_name: Bo, last_name: Berg}
  groups:
    - {name: Everyone, type: BUILT_IN}
    - {name: Sales, members: [bo@acme.example]}
  assigned_groups:
    - {group: Sales, priority: 1, profile: {roles: [member]}}
  assignments:
    - {user: ada@acme.example, profile: {roles: [admin]}}
attio:
  workspace: {slug: acme, name: Acme, verified_domains: [acme.example]}
  other_workspaces:
    - {slug: globex, name: Globex, members: [ada@acme.example]}
  members:
    - {email: ada@acme.example, given_name: Ada, family_name: Arden, role: admin}
    - {email: eve@acme.example, given_name: Eve, family_name: East, role: admin}
`

// place is a sandbox and the environment that points at it.
type place struct {
	t    *testing.T
	box  *sandbox.Sandbox
	env  map[string]string
	home string
	now  func() time.Time
}

// serve starts a world, changed by change, and gives the environment to it: a
// home of its own, and nothing of the machine.
func serve(t *testing.T, change func(*sandbox.World)) *place {
	t.Helper()
	w, err := sandbox.ParseWorld([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(w)
	}
	box, err := sandbox.Start(t.Context(), w, sandbox.Options{Now: time.Now, RedirectURI: freeRedirect(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Close)
	p := &place{t: t, box: box, env: map[string]string{}, home: t.TempDir(), now: time.Now}
	for _, v := range box.Environment() {
		p.env[v.Name] = v.Value
	}
	p.env["HOME"] = p.home
	return p
}

func freeRedirect(t *testing.T) string {
	t.Helper()
	redirect, err := freeport.Callback()
	if err != nil {
		t.Fatal(err)
	}
	return redirect
}

// result is what a command came to.
type result struct {
	code        int
	out, errors string
}

// run runs a command line in process, without a terminal.
func (p *place) run(args ...string) result {
	p.t.Helper()
	var out, errs bytes.Buffer
	code := cmd.Execute(p.t.Context(), p.system(args, strings.NewReader(""), &out, &errs))
	codes := func(x cli.ExitCode) bool { return x.Code == code }
	if c, _, err := cmd.Tree("test").Find(args); err == nil && !slices.ContainsFunc(cli.ExitCodesOf(c), codes) {
		p.t.Errorf("%v ended with %d, of which the help of %s says nothing", args, code, c.CommandPath())
	}
	return result{code, out.String(), errs.String()}
}

func (p *place) system(args []string, in io.Reader, out, errs io.Writer) cmd.System {
	environ := make([]string, 0, len(p.env))
	for k, v := range p.env {
		environ = append(environ, k+"="+v)
	}
	return cmd.System{
		Args: args, Stdin: in, Stdout: out, Stderr: errs, Environ: environ, Dir: p.home, Host: "host", User: "user", Now: p.now, Version: "test",
		DefaultWorld: []byte(world),
	}
}

// start runs a command line that somebody talks to.
func (p *place) start(ctx context.Context, interactive bool, args ...string) *talk {
	in, write := io.Pipe()
	read, out := io.Pipe()
	k := &talk{in: write, out: read, done: make(chan int, 1)}
	sys := p.system(args, in, out, &k.errors)
	sys.Interactive = interactive
	go func() {
		code := cmd.Execute(ctx, sys)
		_ = out.Close()
		k.done <- code
	}()
	return k
}

type talk struct {
	in     io.WriteCloser
	out    io.Reader
	errors syncBuffer
	done   chan int
}

// line reads one line of standard output.
func (k *talk) line(t *testing.T) string {
	t.Helper()
	var line []byte
	for b := make([]byte, 1); ; {
		n, err := k.out.Read(b)
		if n == 1 && b[0] == '\n' {
			return string(line)
		}
		line = append(line, b[:n]...)
		if err != nil {
			t.Fatalf("standard output ended: %q; %s", line, k.errors.String())
		}
	}
}

// end waits for the command and gives the rest of its output.
func (k *talk) end() result {
	rest, _ := io.ReadAll(k.out)
	return result{<-k.done, string(rest), k.errors.String()}
}

// files reads every file below a folder.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(root, path)
		all[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// syncBuffer may be written and read at the same time.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// awaitFile reads a file that another process is about to write.
func awaitFile(t *testing.T, path string) string {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for {
		if text, err := os.ReadFile(path); err == nil {
			return string(text)
		}
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("%s was never written", path)
		}
	}
}
