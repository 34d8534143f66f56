package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// browser is a Chromium that is driven by the W3C WebDriver protocol
// (https://www.w3.org/TR/webdriver2/) through chromedriver.
type browser struct {
	session string // address of the session
	client  http.Client
}

// newBrowser starts one, or skips the test where there is none.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	chromium, driver := program("chromium", "chromium-browser", "google-chrome"), program("chromedriver")
	if chromium == "" || driver == "" {
		if os.Getenv("SCIM_SYNC_REQUIRE_CHROMIUM") != "" {
			t.Fatal("Chromium and chromedriver are asked for and not here: apt-get install chromium chromium-driver")
		}
		t.Skip("no Chromium or no chromedriver here: apt-get install chromium chromium-driver")
	}
	home, err := os.MkdirTemp("", "scim-sync-chromium-") //nolint:usetesting // Chromium may still write there when the test is over
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{client: http.Client{Timeout: time.Minute}}
	root := startDriver(t, driver, home)
	var made struct {
		SessionID string `json:"sessionId"`
	}
	b.session = root
	b.ask(t, "POST", "/session", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"goog:loggingPrefs": map[string]string{"browser": "ALL"},
		"goog:chromeOptions": map[string]any{"binary": chromium, "args": []string{
			"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=760,1010",
			"--user-data-dir=" + home + "/profile",
		}},
	}}}, &made)
	b.session = root + "/session/" + made.SessionID
	t.Cleanup(func() {
		req, err := http.NewRequest(http.MethodDelete, b.session, nil) // the test's context is over
		if err == nil {
			if resp, err := b.client.Do(req); err == nil {
				_ = resp.Body.Close()
			}
		}
	})
	return b
}

func program(names ...string) string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// startDriver runs chromedriver on a port of its choice.
func startDriver(t *testing.T, driver, home string) string {
	t.Helper()
	cmd := exec.Command(driver, "--port=0")
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + home}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait(); _ = os.RemoveAll(home) })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := regexp.MustCompile(`started successfully on port (\d+)`).FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return "http://127.0.0.1:" + m[1]
		}
	}
	t.Fatal("chromedriver did not start")
	return ""
}

// ask makes one command and reads its value.
func (b *browser) ask(t *testing.T, method, path string, body, into any) {
	t.Helper()
	if err := b.try(t, method, path, body, into); err != "" {
		t.Fatalf("%s %s: %s", method, path, err)
	}
}

// try makes one command and gives what was wrong.
func (b *browser) try(t *testing.T, method, path string, body, into any) string {
	t.Helper()
	var sent io.Reader
	if method == http.MethodPost {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		sent = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, b.session+path, sent)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		return string(answer.Value)
	}
	if into != nil {
		if err := json.Unmarshal(answer.Value, into); err != nil {
			t.Fatal(err)
		}
	}
	return ""
}

func (b *browser) open(t *testing.T, address string) {
	t.Helper()
	b.ask(t, "POST", "/url", map[string]string{"url": address}, nil)
}

// element gives the path of an element.
func (b *browser) element(t *testing.T, css string) (path, problem string) {
	t.Helper()
	var found map[string]string
	problem = b.try(t, "POST", "/element", map[string]string{"using": "css selector", "value": css}, &found)
	for _, id := range found {
		path = "/element/" + id
	}
	return path, problem
}

func (b *browser) click(t *testing.T, css string) {
	t.Helper()
	e, problem := b.element(t, css)
	if problem != "" {
		t.Fatalf("%s: %s", css, problem)
	}
	b.ask(t, "POST", e+"/click", struct{}{}, nil)
}

func (b *browser) fill(t *testing.T, css, text string) {
	t.Helper()
	e, problem := b.element(t, css)
	if problem != "" {
		t.Fatalf("%s: %s", css, problem)
	}
	b.ask(t, "POST", e+"/value", map[string]string{"text": text}, nil)
}

// wait waits until an element shows the words.
func (b *browser) wait(t *testing.T, css, words string) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(30 * time.Second)
	for {
		text := ""
		e, problem := b.element(t, css)
		if problem == "" {
			problem = b.try(t, "GET", e+"/text", nil, &text)
		}
		if strings.Contains(text, words) {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			var source, at string
			b.ask(t, "GET", "/source", nil, &source)
			b.ask(t, "GET", "/url", nil, &at)
			t.Fatalf("%s never said %q, but %q %s at %s:\n%s", css, words, text, problem, at, source)
		}
	}
}

// devtools sends a command of the Chrome DevTools Protocol.
func (b *browser) devtools(t *testing.T, command string, params any) {
	t.Helper()
	b.ask(t, "POST", "/goog/cdp/execute", map[string]any{"cmd": command, "params": params}, nil)
}

// run runs a script in the page and reads what it returns.
func (b *browser) run(t *testing.T, script string, into any) {
	t.Helper()
	b.ask(t, "POST", "/execute/sync", map[string]any{"script": script, "args": []any{}}, into)
}

// complaints are what the console holds of warnings and errors since the last time.
func (b *browser) complaints(t *testing.T) (said []string) {
	t.Helper()
	var log []struct{ Level, Message string }
	b.ask(t, "POST", "/se/log", map[string]string{"type": "browser"}, &log)
	for _, entry := range log {
		if entry.Level == "SEVERE" || entry.Level == "WARNING" {
			said = append(said, entry.Message)
		}
	}
	return said
}
