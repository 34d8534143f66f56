package notify

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/config"
	core "scim-sync/sync"
)

var everything = []config.HookEvent{config.OnRefused, config.OnFailed, config.OnApplied, config.OnRecovered, config.OnStale}

// news are one of each kind. A name would mention a channel and link somewhere if it
// could, and a text repeats a token.
func news() Message {
	began := time.Date(2026, 3, 1, 20, 9, 0, 0, time.UTC)
	events := Troubles(core.Tidings{
		Begun: []core.Trouble{
			{Key: "a", Lead: "refused", Code: core.TooManyRemovals, Text: "31 of 40 people would be suspended", Remedy: "To go on: scim-sync apply --allow-removals 31"},
			{Key: "b", Lead: "failed", Text: "suspend <!channel> [x](https://evil.example) & hush-hush-token: 500"},
		},
		Lasting: []core.ToldTrouble{{Key: "c", Lead: "note", Code: core.NoteGroupNotFound, Text: "Sales", Since: began}},
		Ended:   []core.ToldTrouble{{Key: "d", Lead: "failed", Text: "Okta was away", Since: began}},
	}, map[string]int{"c": 96, "d": 12})
	person := func(a core.Action, email string) core.StepResult {
		return core.StepResult{Step: core.Step{Action: a, Person: &core.PersonRef{Email: email}}, Outcome: core.StepOK, Status: 204}
	}
	applied, _ := Applied(core.Report{Results: []core.StepResult{
		person(core.Suspend, "a@acme.example"), person(core.Suspend, "b@acme.example"), person(core.Suspend, "c@acme.example"), person(core.Suspend, "d@acme.example"),
		{Step: core.Step{Action: core.AddMembers, Team: &core.TeamRef{Name: "Eng"}, People: []*core.MemberRef{{}, {}}}, Outcome: core.StepOK, Status: 200},
		{Step: core.Step{Action: core.Promote, Person: &core.PersonRef{Email: "e@acme.example"}}, Outcome: core.StepFailed},
	}})
	return Message{Version: "1.2.3", Workspace: "acme", RunID: "20260302T201100Z-00000000", Command: "apply", ExitCode: 4, Outcome: "a step failed",
		At: time.Date(2026, 3, 2, 20, 11, 0, 5, time.UTC), Events: append(events, applied)}
}

func scrub(text string) string { return strings.ReplaceAll(text, "hush-hush-token", "(secret)") }

// TestPayloads: what each format looks like, letter by letter.
func TestPayloads(t *testing.T) {
	for _, format := range []config.HookFormat{config.HookJSON, config.HookSlack, config.HookTeams} {
		body, err := encode(news(), format, scrub)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := json.Indent(&got, body, "", "  "); err != nil {
			t.Fatal(err)
		}
		got.WriteByte('\n')
		file := filepath.Join("testdata", string(format)+".json")
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got.String()); d != "" {
			t.Errorf("%s: %s", format, d)
		}
		if strings.Contains(got.String(), "hush") || strings.Contains(got.String(), "d@acme.example") {
			t.Errorf("%s tells a secret, or more names than a few:\n%s", format, got.String())
		}
	}
}

// TestLongMessagesAreCut: chat programs refuse what is too long.
func TestLongMessagesAreCut(t *testing.T) {
	m := news()
	for range 500 {
		m.Events = append(m.Events, Event{Event: config.OnFailed, Text: strings.Repeat("ü", 5000), Remedy: strings.Repeat("x", 5000)})
	}
	for _, format := range []config.HookFormat{config.HookJSON, config.HookSlack, config.HookTeams} {
		body, err := encode(m, format, scrub)
		if err != nil || len(body) > 64<<10 || !bytes.Contains(body, []byte("and 485 more")) {
			t.Errorf("%s: %d bytes, %v", format, len(body), err)
		}
	}
	if len(m.Events) != 505 {
		t.Errorf("the message itself was cut to %d", len(m.Events))
	}
}

// post is what a hook was sent.
type post struct{ path, method, kind, agent, body string }

// receiver is a service with web hooks; the path says what it answers.
type receiver struct {
	mu    sync.Mutex
	posts []post
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	r.posts = append(r.posts, post{req.URL.RequestURI(), req.Method, req.Header.Get("Content-Type"), req.Header.Get("User-Agent"), string(body)})
	n := 0
	for _, p := range r.posts {
		if p.path == req.URL.RequestURI() {
			n++
		}
	}
	r.mu.Unlock()
	switch {
	case strings.HasPrefix(req.URL.Path, "/bad"), strings.HasPrefix(req.URL.Path, "/once") && n == 1:
		http.Error(w, "no", http.StatusInternalServerError)
	case strings.HasPrefix(req.URL.Path, "/moved"):
		http.Redirect(w, req, "/elsewhere", http.StatusTemporaryRedirect)
	case strings.HasPrefix(req.URL.Path, "/gone"):
		http.Error(w, "no_service", http.StatusNotFound)
	default:
		w.WriteHeader(http.StatusAccepted)
	}
}

func (r *receiver) at(path string) (found []post) {
	for _, p := range r.posts {
		if p.path == path {
			found = append(found, p)
		}
	}
	return found
}

// TestEachHookIsToldWhatItWantsToHear: once, twice where the service was not well the
// first time; no redirect is followed, and no address gets into an error.
func TestEachHookIsToldWhatItWantsToHear(t *testing.T) {
	var r receiver
	srv := httptest.NewServer(&r)
	defer srv.Close()
	hook := func(path string, on ...config.HookEvent) config.Hook {
		return config.Hook{URL: config.NewSecret(srv.URL + path), Format: config.HookJSON, On: on}
	}
	away := config.Hook{URL: config.NewSecret("http://127.0.0.1:1/away-secret"), Format: config.HookJSON, On: everything}
	s := &Sender{Scrub: scrub, UserAgent: "scim-sync/x", Pause: time.Millisecond, Hooks: []config.Hook{
		hook("/all?sig=1", everything...), hook("/failed", config.OnFailed), hook("/stale", config.OnStale), hook("/once", everything...),
		hook("/bad-secret", everything...), hook("/moved-secret", everything...), hook("/gone-secret", everything...), away, {Format: config.HookJSON, On: everything},
	}}
	results := s.Send(t.Context(), news())
	errs := map[string]string{}
	for _, x := range results {
		if x.Err != nil {
			errs[x.Name] = x.Err.Error()
			if strings.Contains(x.Err.Error(), "secret") {
				t.Errorf("%s: %v tells the address", x.Name, x.Err)
			}
		}
	}
	host := strings.TrimPrefix(srv.URL, "http://")
	want := map[string]string{
		"notify[4] (json, " + host + ")": "it answered 500 Internal Server Error", "notify[5] (json, " + host + ")": "it answered 307 Temporary Redirect",
		"notify[6] (json, " + host + ")": "it answered 404 Not Found", "notify[7] (json, 127.0.0.1:1)": "dial tcp 127.0.0.1:1: connect: connection refused",
	}
	if d := cmp.Diff(want, errs); d != "" || len(results) != 7 {
		t.Errorf("%d results: %s", len(results), d)
	}
	for path, n := range map[string]int{"/all?sig=1": 1, "/failed": 1, "/stale": 0, "/once": 2, "/bad-secret": tries, "/moved-secret": 1, "/elsewhere": 0, "/gone-secret": 1} {
		if got := r.at(path); len(got) != n {
			t.Errorf("%s was asked %d times, want %d", path, len(got), n)
		}
	}
	var told jsonMessage
	if p := r.at("/failed")[0]; json.Unmarshal([]byte(p.body), &told) != nil || len(told.Events) != 1 || told.Events[0].Event != "failed" || p.kind != "application/json" || p.agent != "scim-sync/x" || p.method != http.MethodPost {
		t.Errorf("%+v", p)
	}
}

// TestHeartbeatIsAskedFor: by GET, and a failure is told without its address.
func TestHeartbeatIsAskedFor(t *testing.T) {
	var r receiver
	srv := httptest.NewServer(&r)
	defer srv.Close()
	s := &Sender{Scrub: scrub, Pause: time.Millisecond}
	if err := s.Beat(t.Context(), config.NewSecret(srv.URL+"/once/id")); err != nil {
		t.Error(err)
	}
	if got := r.at("/once/id"); len(got) != 2 || got[1].method != http.MethodGet || got[1].body != "" {
		t.Errorf("%+v", got)
	}
	if err := s.Beat(t.Context(), config.NewSecret(srv.URL+"/gone/id")); err == nil || err.Error() != "it answered 404 Not Found" {
		t.Errorf("%v", err)
	}
}

// TestAppliedTellsOfWritesAlone: a run that learned something without a request
// applied nothing.
func TestAppliedTellsOfWritesAlone(t *testing.T) {
	adopted := core.StepResult{Step: core.Step{Action: core.Adopt, Person: &core.PersonRef{Email: "a@acme.example"}}, Outcome: core.StepOK}
	if e, ok := Applied(core.Report{Results: []core.StepResult{adopted}}); ok {
		t.Errorf("%+v", e)
	}
}
