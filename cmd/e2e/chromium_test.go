package e2e

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scim-sync/internal/freeport"
	"scim-sync/internal/sample"
)

// TestSignInWithChromium signs in the way people do: in a real browser, on the
// consent page, through every redirect and content security policy.
//
// It needs Chromium and chromedriver and is left out where they are not,
// unless SCIM_SYNC_REQUIRE_CHROMIUM is set. With SCIM_SYNC_SCREENSHOTS=docs it
// writes what the pages look like into that folder.
func TestSignInWithChromium(t *testing.T) {
	sample.Long(t)
	b := newBrowser(t)
	s := newSignInStage(t)

	t.Run("confirm", func(t *testing.T) {
		login := s.start(t, "login", "--no-browser")
		b.open(t, login.line(t))
		b.wait(t, "h1", "Sign in to continue to scim-sync")
		b.fill(t, "input[name=email]", "ada@acme.example")
		b.click(t, "button.main")
		b.wait(t, "h1", "scim-sync asks for access")
		b.click(t, "fieldset label:nth-of-type(2)") // another one, and back
		b.click(t, "fieldset label:nth-of-type(1)")
		b.shoot(t, "consent")
		b.click(t, "button[value=confirm]")
		b.wait(t, "h1", "Signed in to Acme")
		b.wait(t, "dl", "ada@acme.example")
		b.shoot(t, "signed-in")
		if code, out := login.end(t); code != 0 || !strings.Contains(out, "Signed in to Acme (acme), authorised by ada@acme.example.") {
			t.Fatalf("login ended with %d: %s", code, out)
		}
		if code, out := s.start(t, "plan").end(t); code != 0 || !strings.Contains(out, "adopt") {
			t.Errorf("plan ended with %d: %s", code, out)
		}
	})

	t.Run("cancel", func(t *testing.T) {
		login := s.start(t, "login", "--no-browser")
		b.open(t, login.line(t))
		b.wait(t, "h1", "scim-sync asks for access") // signed in already
		b.click(t, "button[value=cancel]")
		b.wait(t, "h1", "Not signed in")
		if code, out := login.end(t); code != 6 || !strings.Contains(out, "refused in the browser") {
			t.Errorf("login ended with %d: %s", code, out)
		}
	})

	t.Run("another workspace", func(t *testing.T) {
		login := s.start(t, "login", "--no-browser")
		b.open(t, login.line(t))
		b.wait(t, "h1", "scim-sync asks for access")
		b.click(t, "fieldset label:nth-of-type(2)")
		b.click(t, "button[value=confirm]")
		b.wait(t, "h1", "Another workspace")
		if code, out := login.end(t); code != 3 || !strings.Contains(out, "globex") || !strings.Contains(out, "acme") {
			t.Errorf("login ended with %d: %s", code, out)
		}
	})
}

// signInStage is a sandbox being served, and the environment that points at it.
type signInStage struct{ env []string }

const signInWorld = `
okta:
  users: [{login: ada@acme.example, first_name: Ada, last_name: Arden}]
  assignments: [{user: ada@acme.example, profile: {roles: [admin]}}]
attio:
  workspace: {slug: acme, name: Acme, verified_domains: [acme.example]}
  other_workspaces: [{slug: globex, name: Globex, members: [ada@acme.example]}]
  members: [{email: ada@acme.example, given_name: Ada, family_name: Arden, role: admin}]
`

func newSignInStage(t *testing.T) *signInStage {
	t.Helper()
	s := newStage(t, signInWorld)
	s.env = slices.DeleteFunc(s.env, func(v string) bool { return strings.HasPrefix(v, "SCIM_SYNC_ATTIO_TOKEN=") }) // the one that login gets is to be used
	return s
}

// newStage serves a world, with more flags of sandbox.
func newStage(t *testing.T, text string, flags ...string) *signInStage {
	t.Helper()
	dir := t.TempDir()
	world, env := filepath.Join(dir, "world.yaml"), filepath.Join(dir, "sandbox.env")
	if err := os.WriteFile(world, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	redirect, err := freeport.Callback()
	if err != nil {
		t.Fatal(err)
	}
	s := &signInStage{env: []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "NO_COLOR=1", "GORACE=" + noSleep}}
	box := s.start(t, append([]string{"sandbox", "--world", world, "--env-file", env, "--redirect-url", redirect}, flags...)...)
	box.line(t) // says that the file is written
	variables, err := os.ReadFile(env)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(variables)) {
		name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		if ok {
			s.env = append(s.env, name+"="+strings.Trim(value, "'"))
		}
	}
	return s
}

// value is that of a variable of the sandbox.
func (s *signInStage) value(name string) string {
	for _, v := range s.env {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

// running is the program in a process of its own.
type running struct {
	cmd *exec.Cmd
	out *bufio.Reader
	err bytes.Buffer
}

func (s *signInStage) start(t *testing.T, args ...string) *running {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &running{cmd: exec.CommandContext(t.Context(), program)}
	r.cmd.Args = append([]string{"scim-sync"}, args...)
	r.cmd.Env, r.cmd.Stderr = s.env, &r.err
	out, err := r.cmd.StdoutPipe()
	if err == nil {
		err = r.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.cmd.Process.Kill(); _ = r.cmd.Wait() })
	r.out = bufio.NewReader(out)
	return r
}

func (r *running) line(t *testing.T) string {
	t.Helper()
	line, err := r.out.ReadString('\n')
	if err != nil {
		_ = r.cmd.Wait()
		t.Fatalf("%v: %s%s", err, line, r.err.String())
	}
	return strings.TrimSpace(line)
}

// end waits for the program and gives its code and all it wrote.
func (r *running) end(t *testing.T) (int, string) {
	t.Helper()
	late := time.AfterFunc(time.Minute, func() { _ = r.cmd.Process.Kill() })
	defer late.Stop()
	rest, _ := io.ReadAll(r.out)
	_ = r.cmd.Wait() // the code says it
	return r.cmd.ProcessState.ExitCode(), string(rest) + r.err.String()
}

// screenshots is the folder that pictures are asked for in, seen from the project's;
// empty: nobody asks.
func screenshots() string {
	folder := os.Getenv("SCIM_SYNC_SCREENSHOTS")
	if folder == "" || filepath.IsAbs(folder) {
		return folder
	}
	return filepath.Join(root, folder)
}

// shoot writes what the page looks like, in light and in dark.
func (b *browser) shoot(t *testing.T, name string) {
	t.Helper()
	folder := screenshots()
	if folder == "" {
		return
	}
	for _, scheme := range []string{"light", "dark"} {
		b.devtools(t, "Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}})
		var text string
		b.ask(t, "GET", "/screenshot", nil, &text)
		png, err := base64.StdEncoding.DecodeString(text)
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name+"-"+scheme+".png"), png, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
