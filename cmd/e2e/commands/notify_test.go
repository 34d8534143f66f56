package commands

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// hooked is a service with web hooks and a heartbeat.
type hooked struct {
	mu     sync.Mutex
	events []string // event and change of each that came in
	beats  int
	bodies string
	down   bool
}

func (h *hooked) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down {
		http.Error(w, "no", http.StatusBadRequest)
		return
	}
	if r.Method == http.MethodGet {
		h.beats++
		return
	}
	body, _ := io.ReadAll(r.Body)
	h.bodies += string(body)
	var m struct {
		Events []struct{ Event, Change string } `json:"events"`
	}
	_ = json.Unmarshal(body, &m)
	for _, e := range m.Events {
		h.events = append(h.events, strings.TrimSpace(e.Event+" "+e.Change))
	}
}

// taken gives what came in since the last time.
func (h *hooked) taken() (events []string, beats int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	events, beats = h.events, h.beats
	h.events, h.beats = nil, 0
	return events, beats
}

// TestHooksHearOnce: when a failure begins and when it is over, whether or not it was
// told on standard error as well; a hook that is down hears of it later; the
// heartbeat is called after good runs alone, and no token gets out.
func TestHooksHearOnce(t *testing.T) {
	var h hooked
	srv := httptest.NewServer(&h)
	defer srv.Close()
	p := serve(t, nil)
	p.env["SCIM_SYNC_NOTIFY"] = fmt.Sprintf("[{url: %q, on: [refused, failed, applied, recovered]}]", srv.URL+"/hook")
	p.env["SCIM_SYNC_HEARTBEAT_URL"] = srv.URL + "/beat"
	p.env["SCIM_SYNC_STATE_URL"] = "file://" + filepath.ToSlash(filepath.Join(t.TempDir(), "state.json"))
	token := p.env["SCIM_SYNC_ATTIO_TOKEN"]
	const wrong = "wrong-token-0123456789"
	for _, step := range []struct {
		name, token string
		down        bool
		args        []string
		events      []string
		beats       int
	}{
		{"the first run", token, false, []string{"--first-run"}, []string{"applied"}, 1},
		{"nothing to do", token, false, nil, nil, 1},
		{"a token that is wrong, and a hook that is down", wrong, true, nil, nil, 0},
		{"the hook is back", wrong, false, nil, []string{"failed begun"}, 0},
		{"the same failure", wrong, false, []string{"--quiet"}, nil, 0},
		{"all is well again", token, false, []string{"--quiet"}, []string{"recovered ended"}, 1},
		{"and stays so", token, false, nil, nil, 1},
	} {
		p.env["SCIM_SYNC_ATTIO_TOKEN"], h.down = step.token, step.down
		r := p.run(append([]string{"apply", "--yes"}, step.args...)...)
		events, beats := h.taken()
		if !slices.Equal(events, step.events) || beats != step.beats {
			t.Errorf("%s: %q and %d beats, want %q and %d\n%s%s", step.name, events, beats, step.events, step.beats, r.out, r.errors)
		}
	}
	if strings.Contains(h.bodies, wrong) || strings.Contains(h.bodies, token) {
		t.Errorf("a token got out: %s", h.bodies)
	}
}
