package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/zalando/go-keyring"
	"go.yaml.in/yaml/v3"

	"scim-sync/attio/attiotest"
	"scim-sync/cmd"
	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/sandbox"
	"scim-sync/internal/sample"
)

// root is the project's folder, and defaultWorld what main.go embeds.
var root, defaultWorld = project()

func project() (string, []byte) {
	_, here, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(here), "..", "..")
	world, err := os.ReadFile(filepath.Join(root, "testdata", "worlds", "default.yaml"))
	if err != nil {
		panic(err)
	}
	return root, world
}

// wholeProgram is the program, as main.go starts it, unless a test asks for a
// shorter lease or another clock.
func wholeProgram() { os.Exit(cmd.Process("dev", defaultWorld, asked)) }

// What a test may ask a process for: how long its lock on a store lasts, how far
// its clock is off, and which world file --sandbox serves.
const (
	leaseVariable = "E2E_LEASE"
	clockVariable = "E2E_CLOCK_OFF" // off, in a process whose folder holds a file jumped
	worldVariable = "E2E_WORLD"
	jumped        = "jumped"
)

func asked(sys *cmd.System) {
	duration := func(name string) time.Duration {
		d, _ := time.ParseDuration(os.Getenv(name))
		return d
	}
	sys.Lease = duration(leaseVariable)
	if file := os.Getenv(worldVariable); file != "" {
		sys.DefaultWorld, _ = os.ReadFile(file) // an empty world is an error of its own
	}
	if off := duration(clockVariable); off != 0 {
		sys.Now = func() time.Time {
			if _, err := os.Stat(filepath.Join(sys.Dir, jumped)); err != nil {
				return time.Now()
			}
			return time.Now().Add(off)
		}
	}
}

// TestMain lets the test binary be the program itself, so that the scripts run
// the real command line in processes of its own.
// Nothing of it reaches the keyring of whoever runs the tests.
func TestMain(m *testing.M) {
	sample.AtOnce(6)
	keyring.MockInitWithError(errors.New("there is none in tests"))
	testscript.Main(withServers(m), map[string]func(){"scim-sync": wholeProgram, "scim-sync-measure": measuring, "browse": browse})
}

// TestScripts tells the stories in testdata/scripts: some of them, or all where all
// cases are asked for or -run names tests. Each starts with nothing: no settings, no
// state, no credentials of the machine.
//
// Beside testscript's own commands there are:
//
//	sandbox [WORLD]        serve a world (a file; default: the default one) and
//	                       set the variables that point scim-sync at it
//	sandbox WORLD BEHAVIOUR
//	                       the same, with an Attio that behaves as that file says
//	okta EVENT key=value…  change something by hand in Okta
//	push GROUP on|off|end  push a group of Okta to the app, or cease to
//	attio EVENT key=value… change something by hand in Attio
//	requests okta|attio    print what was asked since the last time, to stdout
//	exitcode N scim-sync … run the program, which has to end with that code
//	browse [--as EMAIL] [--workspace SLUG] [--cancel] [--forge] ADDRESS
//	                       be the browser of a sign-in: BROWSER='browse --as …'
//	members, teams, outbox print what Attio has, to stdout
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Files: scripts(t),
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("XDG_STATE_HOME", filepath.Join(e.WorkDir, "home", "state"))
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "home", "config"))
			e.Setenv("NO_COLOR", "1")
			e.Setenv("USER", "tester")
			e.Setenv("GORACE", noSleep)
			e.Vars = append(e.Vars, sample.LightProcess)
			return os.MkdirAll(filepath.Join(e.WorkDir, "home"), 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sandbox":  cmdSandbox,
			"exitcode": cmdExitCode,
			"okta": func(ts *testscript.TestScript, neg bool, args []string) {
				cmdHand(ts, neg, "SCIM_SYNC_OKTA_ORG_URL", args)
			},
			"attio": func(ts *testscript.TestScript, neg bool, args []string) {
				cmdHand(ts, neg, "SCIM_SYNC_ATTIO_API_URL", args)
			},
			"push":     cmdPush,
			"requests": cmdRequests,
			"members":  func(ts *testscript.TestScript, _ bool, _ []string) { show(ts, "members", memberLine) },
			"teams":    func(ts *testscript.TestScript, _ bool, _ []string) { show(ts, "teams", teamLine) },
			"outbox":   func(ts *testscript.TestScript, _ bool, _ []string) { show(ts, "outbox", mailLine) },
		},
		// Processes are many times slower under the race detector; stories of
		// commands that do one thing after the other are told without it alone.
		Condition: func(cond string) (bool, error) {
			if cond == "race" {
				return sample.Race, nil
			}
			return false, fmt.Errorf("there is no condition %q", cond)
		},
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
	})
}

// scripts are the stories that are told.
func scripts(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(root, "testdata", "scripts", "*.txtar"))
	if err != nil || len(all) == 0 {
		t.Fatalf("there are no stories: %v", err)
	}
	return sample.Stories(all, 8)
}

// cmdSandbox starts the real command and waits for its file of variables.
func cmdSandbox(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("sandbox cannot be negated")
	}
	ts.Setenv("SEEN_okta", "0")
	ts.Setenv("SEEN_attio", "0")
	if len(args) == 2 {
		serveHere(ts, args[0], args[1])
		return
	}
	file := ts.MkAbs("sandbox.env")
	line := []string{"sandbox", "--unlimited", "--env-file", file, "--redirect-url", freeRedirect(ts)}
	if len(args) > 0 {
		line = append(line, "--world", ts.MkAbs(args[0]))
	}
	program, err := os.Executable()
	ts.Check(err)
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program)
	cmd.Args = append([]string{"scim-sync"}, line...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), []string{"GORACE=" + noSleep, sample.LightProcess, "HOME=" + ts.Getenv("HOME"), "PATH=" + ts.Getenv("PATH")}
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	ts.Check(cmd.Start())
	ts.Defer(func() { stop(); _ = cmd.Wait() })
	// The first line comes when the file of variables is written.
	if _, err := io.ReadAtLeast(out, make([]byte, 1), 1); err != nil {
		ts.Fatalf("the sandbox did not start: %v: %s", err, complaints.String())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	b, err := os.ReadFile(file)
	ts.Check(err)
	for line := range strings.Lines(string(b)) {
		if name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "="); ok && strings.HasPrefix(line, "export ") {
			ts.Setenv(name, strings.Trim(value, "'"))
		}
	}
}

// serveHere serves a world from this process: the real command has no way to
// ask for another Attio than the most plausible one.
func serveHere(ts *testscript.TestScript, world, behaviour string) {
	w, err := sandbox.ParseWorld([]byte(ts.ReadFile(world)))
	ts.Check(err)
	b := attiotest.DefaultBehaviour()
	d := yaml.NewDecoder(strings.NewReader(ts.ReadFile(behaviour)))
	d.KnownFields(true)
	ts.Check(d.Decode(&b))
	box, err := sandbox.Start(context.Background(), w, sandbox.Options{Unlimited: true, Now: time.Now})
	ts.Check(err)
	ts.Defer(box.Close)
	box.Attio.SetBehaviour(b)
	if box.HasState {
		ts.Fatalf("%s: a world with an Attio of its own behaviour begins without state", world)
	}
	for _, v := range box.Environment() {
		ts.Setenv(v.Name, v.Value)
	}
	settings, err := box.Settings()
	ts.Check(err)
	ts.Setenv("SCIM_SYNC_CONFIG", ts.MkAbs("sandbox.env.yaml"))
	ts.Check(os.WriteFile(ts.MkAbs("sandbox.env.yaml"), settings, 0o600))
	ts.Setenv("SCIM_SYNC_STATE_URL", "file://"+filepath.ToSlash(ts.MkAbs("behaving.state/state.json")))
	ts.Check(os.RemoveAll(ts.MkAbs("behaving.state")))
}

// cmdExitCode runs a program that has to end with the given code.
func cmdExitCode(ts *testscript.TestScript, _ bool, args []string) {
	var want int
	if _, err := fmt.Sscan(args[0], &want); err != nil || len(args) < 2 {
		ts.Fatalf("usage: exitcode N program [args…]")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s ended with %d, not %d", strings.Join(args[1:], " "), got, want)
	}
	if args[1] == "scim-sync" {
		codeInHelp(ts, args[2:], want)
	}
}

// codeInHelp sees to it that the help of a command names each code it ends with in
// any story.
func codeInHelp(ts *testscript.TestScript, line []string, code int) {
	c, _, err := cmd.Tree("test").Find(line)
	if err == nil && !slices.ContainsFunc(cli.ExitCodesOf(c), func(x cli.ExitCode) bool { return x.Code == code }) {
		ts.Fatalf("the help of %s does not say that it may end with %d", c.CommandPath(), code)
	}
}

// cmdHand makes a change by hand: EVENT key=value…; a value with commas is a
// list where the key is plural, and profile is JSON.
func cmdHand(ts *testscript.TestScript, neg bool, variable string, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: okta|attio EVENT key=value…")
	}
	event := map[string]any{"event": args[0]}
	for _, a := range args[1:] {
		k, v, _ := strings.Cut(a, "=")
		switch {
		case k == "roles" || k == "domains" || k == "members":
			event[k] = strings.FieldsFunc(v, func(r rune) bool { return r == ',' })
		case k == "profile":
			var profile map[string]any
			ts.Check(json.Unmarshal([]byte(v), &profile))
			event[k] = profile
		case k == "seats":
			var n int
			_, _ = fmt.Sscan(v, &n)
			event[k] = n
		case v == "true" || v == "false":
			event[k] = v == "true"
		default:
			event[k] = v
		}
	}
	body, err := json.Marshal(event)
	ts.Check(err)
	resp, err := http.Post(ts.Getenv(variable)+"/sandbox/do", "application/json", bytes.NewReader(body))
	ts.Check(err)
	defer resp.Body.Close()
	said, _ := io.ReadAll(resp.Body)
	if ok := resp.StatusCode < 300; ok == neg {
		ts.Fatalf("%s: %s %s", args[0], resp.Status, said)
	}
}

// cmdPush switches the push of a group over Okta's own API, as an admin does.
func cmdPush(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: push GROUP on|off|end")
	}
	mappings := "/api/v1/apps/" + ts.Getenv("SCIM_SYNC_OKTA_APP_ID") + "/group-push/mappings"
	var groups []struct {
		ID, Type string
		Profile  struct{ Name string }
	}
	askOkta(ts, http.MethodGet, "/api/v1/groups?q="+url.QueryEscape(args[0]), "", &groups)
	for _, g := range groups {
		if g.Type == "APP_GROUP" || g.Profile.Name != args[0] {
			continue
		}
		var pushed []struct{ ID string }
		askOkta(ts, http.MethodGet, mappings+"?sourceGroupId="+g.ID, "", &pushed)
		switch {
		case args[1] == "on" && len(pushed) == 0:
			askOkta(ts, http.MethodPost, mappings, fmt.Sprintf(`{"sourceGroupId": %q, "targetGroupName": %q}`, g.ID, args[0]), nil)
		case len(pushed) == 0:
			ts.Fatalf("%s is not pushed", args[0])
		case args[1] == "end":
			askOkta(ts, http.MethodDelete, mappings+"/"+pushed[0].ID, "", nil)
		default:
			status := map[string]string{"on": "ACTIVE", "off": "INACTIVE"}[args[1]]
			askOkta(ts, http.MethodPatch, mappings+"/"+pushed[0].ID, fmt.Sprintf(`{"status": %q}`, status), nil)
		}
		return
	}
	ts.Fatalf("Okta has no group %s", args[0])
}

// askOkta asks Okta's API as the admin whose token the sandbox has.
func askOkta(ts *testscript.TestScript, method, path, body string, into any) {
	req, err := http.NewRequest(method, ts.Getenv("SCIM_SYNC_OKTA_ORG_URL")+path, strings.NewReader(body))
	ts.Check(err)
	req.Header.Set("Authorization", "SSWS "+ts.Getenv("SCIM_SYNC_OKTA_API_TOKEN"))
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if resp.StatusCode >= 300 {
		ts.Fatalf("%s %s: %s %s", method, path, resp.Status, said)
	}
	if into != nil {
		ts.Check(json.Unmarshal(said, into))
	}
}

type request struct {
	N      int    `json:"n"`
	Method string `json:"method"`
	Path   string `json:"path"`
	Query  string `json:"query"`
	Status int    `json:"status"`
	Write  bool   `json:"write"`
}

// cmdRequests prints the requests that one side has seen since the last time.
func cmdRequests(ts *testscript.TestScript, _ bool, args []string) {
	variable := map[string]string{"okta": "SCIM_SYNC_OKTA_ORG_URL", "attio": "SCIM_SYNC_ATTIO_API_URL"}[args[0]]
	var all []request
	get(ts, ts.Getenv(variable)+"/sandbox/requests.json", &all)
	seen := ts.Getenv("SEEN_" + args[0])
	var from int
	_, _ = fmt.Sscan(seen, &from)
	writes := 0
	for _, r := range all[min(from, len(all)):] {
		if r.Method != http.MethodGet {
			writes++
		}
		fmt.Fprintln(ts.Stdout(), r.Method, r.Path, r.Status)
	}
	fmt.Fprintf(ts.Stdout(), "%d requests, %d writes\n", len(all)-from, writes)
	ts.Setenv("SEEN_"+args[0], fmt.Sprint(len(all)))
}

func show[T any](ts *testscript.TestScript, what string, line func(T) string) {
	var all []T
	get(ts, ts.Getenv("SCIM_SYNC_ATTIO_API_URL")+"/sandbox/"+what+".json", &all)
	if len(all) == 0 {
		// A command that prints nothing leaves the output of the one before it.
		fmt.Fprintln(ts.Stdout(), "no", what)
	}
	for _, v := range all {
		fmt.Fprintln(ts.Stdout(), line(v))
	}
}

type member struct {
	Email      string `json:"email"`
	GivenName  string `json:"given_name"`
	FamilyName string `json:"family_name"`
	Role       string `json:"role"`
	Status     string `json:"status"`
	Sessions   int    `json:"sessions"`
}

func memberLine(m member) string {
	return fmt.Sprintf("%s %s %s %q sessions=%d", m.Email, m.Status, m.Role, m.GivenName+" "+m.FamilyName, m.Sessions)
}

type team struct {
	Name    string   `json:"name"`
	Members []string `json:"members"`
}

func teamLine(t team) string { return fmt.Sprintf("%s: %s", t.Name, strings.Join(t.Members, " ")) }

type mail struct {
	To   string `json:"to"`
	Kind string `json:"kind"`
}

func mailLine(m mail) string { return m.Kind + " " + m.To }

func get(ts *testscript.TestScript, address string, into any) {
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.Get(address)
	ts.Check(err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s", address, resp.Status)
	}
	ts.Check(json.NewDecoder(resp.Body).Decode(into))
}
