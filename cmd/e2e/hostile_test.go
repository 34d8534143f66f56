package e2e

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scim-sync/internal/sample"
)

// answer is what a service says instead of what it should.
type answer struct {
	name string
	give func(w http.ResponseWriter, r *http.Request, elsewhere string)
	code int // exit code of apply
}

func say(status int, contentType, body string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, _ string) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func redirect(status int) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, r *http.Request, elsewhere string) {
		w.Header().Set("Location", elsewhere+r.URL.RequestURI())
		w.WriteHeader(status)
	}
}

// flood sends more than anybody should read.
func flood(w http.ResponseWriter, _ *http.Request, _ string) {
	w.Header().Set("Content-Type", "application/json")
	chunk := []byte(strings.Repeat(" ", 1<<20))
	for range 200 {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

// badAnswers are what a broken proxy, a wrong address or somebody ill-disposed
// may say to any request.
func badAnswers() []answer {
	const escape = "\x1b[31mred\r\nINJECTED\u202e<script>"
	return []answer{
		{"redirect to another host", redirect(http.StatusFound), 75},
		{"redirect that keeps the method", redirect(http.StatusTemporaryRedirect), 75},
		{"redirect to nowhere", func(w http.ResponseWriter, _ *http.Request, _ string) {
			w.Header()["Location"] = []string{"javascript:alert(1)"}
			w.WriteHeader(http.StatusMovedPermanently)
		}, 75},
		{"page to sign in", say(http.StatusOK, "text/html", "<html><body>Please sign in</body></html>"), 75},
		{"no JSON though it says so", say(http.StatusOK, "application/json", "Please sign in"), 75},
		{"another type", say(http.StatusOK, "application/json", `"hello"`), 75},
		{"null", say(http.StatusOK, "application/json", "null"), 75},
		{"nothing", say(http.StatusOK, "application/json", ""), 75},
		{"no content", say(http.StatusNoContent, "application/json", ""), 75},
		{"half", say(http.StatusOK, "application/json", `{"Resources": [{"id": "x", `), 75},
		{"depth", say(http.StatusOK, "application/json", strings.Repeat("[", 200_000)), 75},
		{"flood", flood, 75},
		{"an error that paints", say(http.StatusBadGateway, "application/json", `{"errorSummary": "`+"\\u001b[31m"+`", "detail": "`+"\\u001b[31m\\nINJECTED"+`"}`), 75},
		{"an error that is no JSON", say(http.StatusServiceUnavailable, "text/plain", escape), 75},
		{"a wait without end", func(w http.ResponseWriter, _ *http.Request, _ string) {
			w.Header().Set("Retry-After", "99999999999")
			w.WriteHeader(http.StatusTooManyRequests)
		}, 75},
		{"a forbidding error that paints", say(http.StatusForbidden, "application/json", `{"errorCode":"E\u001b[31m","errorSummary": "no\u001b[31m\nINJECTED", "message": "\u202eno\u001b[31m", "detail": "no\u001b[31m\nINJECTED"}`), 6},
	}
}

// raw is what must not reach a terminal; INJECTED must not begin a line.
var raw = regexp.MustCompile(`[\x00-\x08\x0b-\x1f\x7f\x{80}-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}]|(?m:^\s*INJECTED)`)

// TestNothingIsTakenFromABadAnswer: when a side begins to answer so, at
// whichever of its requests, the run ends with its own code, nothing is
// written, nothing is sent elsewhere, and nothing of the answer reaches the
// terminal raw.
func TestNothingIsTakenFromABadAnswer(t *testing.T) {
	t.Parallel()
	sc := newScene(t, defaultWorld)
	for _, side := range []string{"okta", "attio"} {
		reads := sc.readsBeforeWriting(t, side)
		for _, bad := range sample.Of(badAnswers(), 3) {
			t.Run(side+" "+bad.name, func(t *testing.T) {
				t.Parallel()
				for _, n := range []int{1, reads/2 + 1, reads}[:sample.Times(1, 3)] {
					s := sc.play(t)
					s.answerBadly(side, n, bad)
					s.sound()
				}
			})
		}
	}
}

// readsBeforeWriting counts what a side is asked while nothing is written yet.
func (sc *scene) readsBeforeWriting(t *testing.T, side string) int {
	t.Helper()
	s := sc.play(t)
	n := 0
	wrote := false
	s.meet(func(at string, _ http.ResponseWriter, r *http.Request, serve func()) {
		s.mu.Lock()
		wrote = wrote || isWrite(at, r)
		if at == side && !wrote && needed(r) {
			n++
		}
		s.mu.Unlock()
		serve()
	})
	s.run(0, apply...)
	if n < 3 {
		t.Fatalf("%s was asked only %d times", side, n)
	}
	return n
}

// needed leaves out who did it: a plan is shown without that as well.
func needed(r *http.Request) bool { return r.URL.Path != "/api/v1/logs" }

// answerBadly runs apply while every answer of a side, from the n-th on, is
// bad, and checks how that ends.
func (s *stage) answerBadly(side string, n int, bad answer) {
	s.t.Helper()
	elsewhere := s.elsewhere()
	var asked atomic.Int64
	s.meet(func(at string, w http.ResponseWriter, r *http.Request, serve func()) {
		before := asked.Load() < int64(n)
		if at == side && needed(r) {
			before = asked.Add(1) < int64(n)
		}
		if at != side || before {
			serve()
			return
		}
		bad.give(w, r, elsewhere)
	})
	c := s.run(bad.code, "apply", "--yes", "--log-level", "debug")
	if said := c.out.String() + c.errOut.String(); raw.MatchString(said) {
		s.t.Errorf("from request %d on: the answer reaches the terminal: %q\n%q", n, raw.FindString(said), said)
	}
	if w := s.writes(); w > 0 {
		s.t.Errorf("from request %d on: %d writes were made", n, w)
	}
	if c.errOut.Len() > 64<<10 {
		s.t.Errorf("%d bytes of complaint", c.errOut.Len())
	}
}

// elsewhere is a host that nothing may be sent to.
func (s *stage) elsewhere() string {
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		s.t.Errorf("a request went to another host: %s %s, with %d bytes of Authorization", r.Method, r.URL, len(r.Header.Get("Authorization")))
	}))
	s.t.Cleanup(srv.Close)
	return srv.URL
}

// TestNextPageElsewhere: the link to the next page leads to another host. It
// is not followed there, with or without a credential.
func TestNextPageElsewhere(t *testing.T) {
	sc := newScene(t, defaultWorld)
	for name, form := range map[string]string{
		"whole": `<http://%s/api/v1/apps?after=x>; rel="next"`, "without scheme": `<//%s/x?after=y>; rel="next"`, "with user": `<http://user:pass@%s/x?after=z>; rel=next`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sc.play(t)
			host := strings.TrimPrefix(s.elsewhere(), "http://")
			var led atomic.Int64
			s.meet(func(side string, w http.ResponseWriter, r *http.Request, serve func()) {
				if side == "okta" && strings.HasSuffix(r.URL.Path, "/users") {
					led.Add(1)
					w.Header().Add("Link", fmt.Sprintf(form, host))
				}
				serve()
			})
			s.run(75, "apply", "--yes")
			if n := s.writes(); n > 0 {
				t.Errorf("%d writes were made", n)
			}
			if led.Load() == 0 {
				t.Error("no answer carried the link")
			}
		})
	}
}

// TestTokensStayAtHome: in a whole sync Okta never sees anything of Attio's
// credential, nor Attio of Okta's, and nothing shows one to the operator.
func TestTokensStayAtHome(t *testing.T) {
	sc := newScene(t, defaultWorld)
	okta, site := sc.world.Okta.APIToken, sc.world.Attio.Tokens[0].Token
	s := sc.play(t)
	var seen atomic.Int64
	s.meet(func(side string, _ http.ResponseWriter, r *http.Request, serve func()) {
		mine, other := okta, site
		if side == "attio" {
			mine, other = site, okta
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		for name, text := range map[string]string{"address": r.URL.String(), "body": string(body), "header": fmt.Sprint(r.Header)} {
			if strings.Contains(text, other) {
				t.Errorf("%s: the %s of %s %s holds the other side's token", side, name, r.Method, r.URL.Path)
			}
			if name != "header" && strings.Contains(text, mine) {
				t.Errorf("%s: the %s of %s %s holds the token", side, name, r.Method, r.URL.Path)
			}
		}
		if strings.HasSuffix(r.Header.Get("Authorization"), mine) {
			seen.Add(1)
		}
		serve()
	})
	c := s.run(0, "apply", "--yes", "--log-level", "debug", "--log-format", "json")
	if seen.Load() == 0 {
		t.Error("no request carried a token")
	}
	said := c.out.String() + c.errOut.String()
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		said += string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{okta, site} {
		if strings.Contains(said, token) {
			t.Errorf("the output, a log line or a file of the run holds a token")
		}
	}
}

// TestSlowDrip: an answer that comes a byte at a time and never ends holds a
// run up, but neither signals nor safety: it ends at once when told to.
func TestSlowDrip(t *testing.T) {
	sc := newScene(t, defaultWorld)
	for _, side := range []string{"okta", "attio"} {
		t.Run(side, func(t *testing.T) {
			t.Parallel()
			s := sc.play(t)
			dripping := make(chan struct{})
			var once sync.Once
			s.meet(func(at string, w http.ResponseWriter, r *http.Request, serve func()) {
				if at != side {
					serve()
					return
				}
				w.Header().Set("Content-Type", "application/json")
				drop := time.NewTicker(20 * time.Millisecond)
				defer drop.Stop()
				for r.Context().Err() == nil {
					_, _ = io.WriteString(w, " ")
					_ = http.NewResponseController(w).Flush()
					<-drop.C
					once.Do(func() { close(dripping) })
				}
			})
			c := s.start("apply", "--yes")
			after(t, "a drop", dripping)
			c.signal(t, os.Interrupt)
			after(t, "the end", c.ended)
			if code := c.code(); code != 130 {
				t.Errorf("ended with %d, not 130\n%s", code, &c.errOut)
			}
			if n := s.writes(); n > 0 {
				t.Errorf("%d writes", n)
			}
		})
	}
}
