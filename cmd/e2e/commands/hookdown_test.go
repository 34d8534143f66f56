package commands

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scim-sync/cmd"
	"scim-sync/internal/sample"
)

// apply makes a run as cron does, with the clock of the bubble.
func (d *day) apply(args ...string) result {
	var out, errs syncBuffer
	sys := d.system(append([]string{"apply", "--yes"}, args...), strings.NewReader(""), &out, &errs)
	sys.Elapsed = func() time.Duration { return time.Since(d.began) }
	return result{cmd.Execute(d.t.Context(), sys), out.String(), errs.String()}
}

const secretPath = "/very-secret?sig=hush-hush"

// keepsAddress fails where the address of a web hook is in a text or a file of the state.
func (d *day) keepsAddress(text string) {
	d.t.Helper()
	for name, content := range files(d.t, d.home) {
		text += "\n" + name + "\n" + content
	}
	if strings.Contains(text, "very-secret") || strings.Contains(text, "hush") {
		d.t.Errorf("the address of a web hook is in %s", text)
	}
}

// TestAQuietRunSaysOnceThatAHookWasNotTold: whether it refuses connections or answers
// 500, the run ends as it would without, and says it once, however many runs try again;
// and once that the hook could be told.
func TestAQuietRunSaysOnceThatAHookWasNotTold(t *testing.T) {
	for name, why := range map[string]string{"refused": "connect: connection refused", "broken": "it answered 500 Internal Server Error"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, d *day) {
				hook := strings.TrimSuffix(d.hookURL, "/hook")
				back := func() { d.meet(func(string, http.ResponseWriter, *http.Request) bool { return false }) }
				on := func(address string) {
					d.env["SCIM_SYNC_NOTIFY"] = fmt.Sprintf("[{url: %q, on: [refused, failed, applied, recovered]}]", address+secretPath)
				}
				on(hook)
				d.meet(func(side string, w http.ResponseWriter, _ *http.Request) bool {
					if side == "hook" {
						w.WriteHeader(http.StatusInternalServerError)
					}
					return side == "hook"
				})
				if name == "refused" {
					on("http://127.0.0.1:1")
				}
				refuse := func() { must(t, d.okta.SetRole("ada@acme.example", "member")) }
				token := d.env["SCIM_SYNC_ATTIO_TOKEN"]
				all := ""
				for _, step := range []struct {
					name  string
					do    func()
					code  int
					begun []string // how each line that is said begins, but for advice
					heard string
				}{
					{"the first run", nil, 0, []string{"warning: notify[0] (json, "}, ""},
					{"nothing to do", nil, 0, nil, ""},
					{"a change", func() { must(t, d.okta.SetName("bo@acme.example", "Bo", "Bergen")) }, 0, nil, ""},
					{"a refusal", refuse, 3, []string{"refused own-account: "}, ""},
					{"the same", nil, 3, nil, ""},
					{"a wrong token", func() { d.env["SCIM_SYNC_ATTIO_TOKEN"] = "wrong-token-0123456789" }, 6, []string{"failed: "}, ""},
					{"the same", nil, 6, nil, ""},
					{"the right one", func() { d.env["SCIM_SYNC_ATTIO_TOKEN"] = token }, 3, []string{"over: failed: "}, ""},
					{"the hook is back", func() { back(); on(hook) }, 3, []string{"over: warning: "}, "refused begun"},
					{"the same", nil, 3, nil, ""},
				} {
					time.Sleep(15 * time.Minute)
					if step.do != nil {
						step.do()
					}
					r := d.apply("--quiet", "--first-run")
					var begun []string
					for line := range strings.Lines(r.errors) {
						if !strings.HasPrefix(line, " ") {
							begun = append(begun, line)
						}
					}
					good := r.code == step.code && r.out == "" && len(begun) == len(step.begun)
					for i := range step.begun {
						good = good && strings.HasPrefix(begun[i], step.begun[i])
					}
					if !good {
						t.Errorf("%s: it ended with %d and said\n%s%s", step.name, r.code, r.out, r.errors)
					}
					if e, _ := d.heard.taken(); strings.Join(e, ", ") != step.heard {
						t.Errorf("%s: the hook heard %q", step.name, e)
					}
					all += r.out + r.errors
				}
				if !strings.Contains(all, "was not told: ") || !strings.Contains(all, why) {
					t.Errorf("nothing says that it was %s:\n%s", why, all)
				}
				d.keepsAddress(all)
			})
		})
	}
}

// TestAWatchSaysOnceThatNobodyCanBeTold: neither a hook, nor a heartbeat, nor a folder
// for its figures, over hours in which each run tries again.
func TestAWatchSaysOnceThatNobodyCanBeTold(t *testing.T) {
	inBubble(t, func(t *testing.T, d *day) {
		d.env["SCIM_SYNC_NOTIFY"] = fmt.Sprintf("[{url: %q, on: [refused, applied]}]", "http://127.0.0.1:1"+secretPath)
		d.env["SCIM_SYNC_HEARTBEAT_URL"] = "http://127.0.0.1:1" + secretPath
		must(t, os.Mkdir(filepath.Join(d.home, "taken.prom"), 0o700)) // a folder has the name of the file
		w := d.watch(t.Context(), "--first-run", "--poll", "0s", "--metrics-file", "taken.prom")
		d.at(2 * time.Hour)
		must(t, d.okta.SetRole("ada@acme.example", "member"))
		d.at(5 * time.Hour)
		said := w.stop(t)
		for text, times := range map[string]int{"was not told: ": 1, "heartbeat_url could not be called: ": 1, "The metrics were not written: ": 1, "refused own-account": 1} {
			if n := strings.Count(said, text); n != times {
				t.Errorf("%q was said %d times", text, n)
			}
		}
		if d.keepsAddress(said); t.Failed() {
			t.Log(said)
		}
	})
}

// TestARunOutlastsAHookThatHangs: whole, in the time of two tries; it takes twenty
// seconds, so that it is for a run of all tests.
func TestARunOutlastsAHookThatHangs(t *testing.T) {
	if !sample.All() {
		t.Skip("takes 20 s")
	}
	t.Parallel()
	hung := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	defer hung.Close()
	p := serve(t, nil)
	p.env["SCIM_SYNC_NOTIFY"] = fmt.Sprintf("[{url: %q, on: [applied]}, {url: %q, on: [applied]}]", hung.URL+secretPath, hung.URL+secretPath)
	r := p.run("apply", "--yes", "--first-run", "--quiet")
	lines := strings.Split(strings.TrimSpace(r.errors), "\n")
	if r.code != 0 || r.out != "" || len(lines) != 2 || strings.Contains(r.errors, "hush") {
		t.Errorf("it ended with %d and said\n%s%s", r.code, r.out, r.errors)
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, fmt.Sprintf("warning: notify[%d] (json, ", i)) || !strings.Contains(line, "was not told: ") {
			t.Errorf("it said %s", line)
		}
	}
	if r := p.run("plan", "--detailed-exitcode"); r.code != 0 {
		t.Errorf("there is something left to do: %d %s", r.code, r.out)
	}
}
