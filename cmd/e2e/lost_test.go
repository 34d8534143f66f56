package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scim-sync/attio/attiotest"
	"scim-sync/internal/sample"
)

// lose has the answer of some writes thrown away after they were done. Each
// write is lost so many times in a row.
func (s *stage) lose(times int, picks func(r *http.Request) bool) *int {
	lost := new(int)
	seen := map[string]int{}
	s.meet(func(side string, _ http.ResponseWriter, r *http.Request, serve func()) {
		s.mu.Lock()
		mine := isWrite(side, r) && picks(r)
		if mine {
			mine = seen[r.Method+r.URL.Path] < times
		}
		if mine {
			seen[r.Method+r.URL.Path]++
			*lost++
		}
		s.mu.Unlock()
		serve()
		if mine {
			panic(http.ErrAbortHandler) // what was said does not leave
		}
	})
	return lost
}

// TestLostAnswers: each kind of write is done and its answer lost. The run
// looks before it repeats anything: nobody is mailed twice, no team is there
// twice, and the run ends as if nothing had been lost.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for name, sc := range scenes(t) {
		want, _ := sc.uninterrupted(t)
		type loss struct {
			method, path string
			times        int
		}
		for _, c := range sample.Of([]loss{
			{"POST", "/Users", 1}, {"POST", "/Users", 2}, {"POST", "/Groups", 1}, {"POST", "", 1},
			{"PATCH", "/Users", 1}, {"PATCH", "/Groups", 1}, {"PUT", "/Users", 1}, {"DELETE", "/Users", 1}, {"", "", 1},
		}, 4) {
			t.Run(strings.ReplaceAll(fmt.Sprintf("%s %s %s %d", name, c.method, c.path, c.times), "/", ""), func(t *testing.T) {
				t.Parallel()
				b := attiotest.DefaultBehaviour()
				b.DuplicateStatus = http.StatusCreated // which mails an invited person again
				s := sc.play(t, attiotest.WithBehaviour(b))
				lost := s.lose(c.times, func(r *http.Request) bool {
					return strings.Contains(r.Method, c.method) && strings.Contains(r.URL.Path, c.path)
				})
				s.run(0, apply...)
				s.meet(nil)
				s.same(want)
				s.settled()
				s.sound()
				t.Logf("%d answers were lost", *lost)
				if name == "managed" && *lost == 0 {
					t.Error("no answer was lost")
				}
			})
		}
	}
}

// TestRetryAfter: a 429 is waited out as told, in each of the forms, and any
// method is repeated then; no write comes back too early.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	sc := newScene(t, defaultWorld)
	want, _ := sc.uninterrupted(t)
	for form, told := range map[string]func(time.Time) (string, time.Time){
		"date": func(now time.Time) (string, time.Time) {
			at := now.Truncate(time.Second).Add(2 * time.Second)
			return at.UTC().Format(http.TimeFormat), at
		},
		"iso": func(now time.Time) (string, time.Time) {
			at := now.Add(time.Second)
			return at.UTC().Format(time.RFC3339Nano), at
		},
		"seconds": func(now time.Time) (string, time.Time) { return "1", now.Add(time.Second) },
	} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			s := sc.play(t)
			refused := s.refuse(told, 1, 4, 9)
			s.run(0, apply...)
			s.meet(nil)
			s.same(want)
			if n := refused(); n != 3 {
				t.Errorf("%d writes were refused with 429, not 3", n)
			}
			s.settled()
			s.sound()
		})
	}
}

// refuse answers the n-th writes with 429, telling when to come back, and checks
// that each does so no earlier. It gives how many were refused.
func (s *stage) refuse(told func(time.Time) (string, time.Time), nth ...int64) func() int {
	var mu sync.Mutex
	var n int64
	until := map[string]time.Time{}
	s.meet(func(side string, w http.ResponseWriter, r *http.Request, serve func()) {
		if !isWrite(side, r) {
			serve()
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			s.t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		write, now := r.Method+" "+r.URL.Path+" "+string(body), time.Now()
		mu.Lock()
		n++
		again, was := until[write]
		if was && now.Before(again) {
			s.t.Errorf("%s came back %s too early", write, again.Sub(now))
		}
		if was || !slices.Contains(nth, n) {
			mu.Unlock()
			serve()
			return
		}
		header, at := told(now)
		until[write] = at
		mu.Unlock()
		w.Header().Set("Retry-After", header)
		w.WriteHeader(http.StatusTooManyRequests)
	})
	return func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(until)
	}
}

// TestSaidYesDidNothing: a write that was answered well and changed nothing is
// a failed step that names who and what; it is tried again by the next run.
func TestSaidYesDidNothing(t *testing.T) {
	t.Parallel()
	sc := newScene(t, defaultWorld)
	want, _ := sc.uninterrupted(t)
	for _, c := range []struct {
		name   string
		change func(*attiotest.Behaviour)
		seats  int
		says   []string
		next   int    // exit code of the next run, while it goes on; 0: there is none
		stays  string // what is not tried again until Okta's value changes
	}{
		{"PATCH and PUT change nothing", func(b *attiotest.Behaviour) { b.SilentNoop = true }, 45, []string{
			"failed   promote         emil.sand@fernwood.example", "left the role at member",
			"failed   suspend         henrik.dahl@fernwood.example", "failed   reactivate      grace.okafor@fernwood.example",
			"failed   rename team     Customer Care", "failed   add members     Sales", "failed   remove members  Sales"}, 4, "olivia|marta"},
		{"a POST makes nobody", func(b *attiotest.Behaviour) { b.NoSeatAnswers201 = true }, 1, []string{
			"not made: Attio answered well, but there is no such member"}, 0, "mika"}, // twice in a row, and they wait for seven days
		{"the address stays", func(b *attiotest.Behaviour) { b.PutChangesUserName = false }, 45, []string{
			"failed   change email    olivia.hart@fernwood.example", "email-not-changed: Attio answered well and kept the address olivia.grant@fernwood.example"}, 3, "olivia"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := attiotest.DefaultBehaviour()
			c.change(&b)
			s := sc.play(t, attiotest.WithBehaviour(b))
			if err := s.attio.SetSeats(c.seats, false); err != nil {
				t.Fatal(err)
			}
			run := s.run(4, "apply", "--yes")
			said := run.out.String() + run.errOut.String()
			for _, part := range c.says {
				if !strings.Contains(said, part) {
					t.Errorf("does not say %q:\n%s", part, said)
				}
			}
			s.sound()
			if c.next != 0 {
				s.run(c.next, "apply", "--yes")
			}
			// Attio does as it says again: the rest is done, and once.
			s.attio.SetBehaviour(attiotest.DefaultBehaviour())
			if err := s.attio.SetSeats(45, false); err != nil {
				t.Fatal(err)
			}
			s.start("apply", "--yes").code()
			before := s.writes()
			s.start("apply", "--yes").code()
			if n := s.writes() - before; n != 0 {
				t.Errorf("%d writes in a run that has nothing to do", n)
			}
			s.sound()
			stays, got := regexp.MustCompile(c.stays), s.ending()
			for _, line := range want {
				if !slices.Contains(got, line) && !stays.MatchString(line) {
					t.Errorf("missing in the end: %s", line)
				}
			}
		})
	}
}

// same checks that things stand as wanted.
func (s *stage) same(want []string) {
	s.t.Helper()
	got := s.ending()
	for _, line := range want {
		if !slices.Contains(got, line) {
			s.t.Errorf("missing: %s", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			s.t.Errorf("not as it should be: %s", line)
		}
	}
	if len(got) != len(want) {
		s.t.Errorf("%d things at the end, not %d: something is there twice", len(got), len(want))
	}
}
