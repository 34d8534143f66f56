package metrics

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func ask(t *testing.T, s *Server, path string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Addr()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// TestServerTellsWhetherTheWatchLives: alive until a sign of life is late, ready once
// a run has read both sides and until one cannot.
func TestServerTellsWhetherTheWatchLives(t *testing.T) {
	var late atomic.Int64
	late.Store(int64(-time.Hour))
	s, err := Listen(t.Context(), "127.0.0.1:0", false, New(true), func() time.Duration { return time.Duration(late.Load()) })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var watched Watched = s
	is := func(path string, status int, words string) {
		t.Helper()
		if code, body := ask(t, s, path); code != status || !strings.Contains(body, words) {
			t.Errorf("%s: %d %s, want %d %s", path, code, body, status, words)
		}
	}
	is("/healthz", 200, "ok")
	is("/readyz", 503, "no run has read both sides yet")
	watched.Ready(true)
	is("/readyz", 200, "ok")
	late.Store(int64(30 * time.Second))
	is("/healthz", 503, "should have been heard of 30s ago")
	late.Store(0)
	is("/healthz", 200, "ok")
	watched.Ready(false)
	is("/readyz", 503, "the last one could not")
	watched.Observe(refused())
	is("/metrics", 200, `scim_sync_runs_total{exit_code="3",workspace="acme"} 1`)
	is("/else", 404, "")
}

// TestServerListensToThisMachineAlone: unless somebody says otherwise.
func TestServerListensToThisMachineAlone(t *testing.T) {
	alive := func() time.Duration { return 0 }
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.com:80", "9464", "[::]:0"} {
		s, err := Listen(t.Context(), address, false, New(true), alive)
		if wrong, ok := errors.AsType[*AddressError](err); !ok || wrong.ExitCode() != 5 || !strings.Contains(wrong.Error(), address) {
			t.Errorf("%s: %v", address, err)
		}
		if s != nil {
			s.Close()
		}
	}
	for address, anywhere := range map[string]bool{"localhost:0": false, "0.0.0.0:0": true} {
		s, err := Listen(t.Context(), address, anywhere, New(true), alive)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		s.Close()
	}
}
