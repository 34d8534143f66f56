package e2e

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEchoedTokenIsNotKept: a service that sends our own token back, in an id
// of the request or in an error, has it in no file of the state.
func TestEchoedTokenIsNotKept(t *testing.T) {
	sc := newScene(t, defaultWorld)
	token := sc.world.Attio.Tokens[0].Token
	s := sc.play(t)
	s.meet(func(side string, w http.ResponseWriter, r *http.Request, serve func()) {
		if !isWrite(side, r) {
			serve()
			return
		}
		w.Header().Set("X-Request-Id", token)
		w.WriteHeader(http.StatusConflict)
		_, _ = w.Write([]byte(`{"detail":"` + strings.Repeat("x", 390) + token + `"}`))
	})
	s.run(4, apply...)
	redacted := 0
	err := filepath.WalkDir(filepath.Join(s.dir, "state"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if strings.Contains(string(b), token) {
			t.Errorf("%s holds the token", d.Name())
		}
		redacted += strings.Count(string(b), "(secret)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if redacted == 0 {
		t.Error("nothing was echoed into the journal: the test proves nothing")
	}
}
