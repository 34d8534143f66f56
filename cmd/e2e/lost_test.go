package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"scim-sync/attio/attiotest"
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
	for name, sc := range scenes(t) {
		want, _ := sc.uninterrupted(t)
		for _, c := range []struct {
			method, path string
			times        int
		}{
			{"POST", "/Users", 1}, {"POST", "/Users", 2}, {"POST", "/Groups", 1}, {"POST", "", 1},
			{"PATCH", "/Users", 1}, {"PATCH", "/Groups", 1}, {"PUT", "/Users", 1}, {"DELETE", "/Users", 1}, {"", "", 1},
		} {
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
// method is repeated then; the run never comes back too early.
func TestRetryAfter(t *testing.T) {
	sc := newScene(t, defaultWorld)
	want, _ := sc.uninterrupted(t)
	for _, form := range []attiotest.RetryAfter{attiotest.RetryAfterDate, attiotest.RetryAfterISO, attiotest.RetryAfterSeconds} {
		t.Run(string(form), func(t *testing.T) {
			t.Parallel()
			b := attiotest.DefaultBehaviour()
			b.RetryAfter = form
			// The client believes that it may write 1,000 times a second.
			s := sc.play(t, attiotest.WithBehaviour(b), attiotest.WithRateLimits(100, 8))
			s.run(0, apply...)
			s.same(want)
			refused := 0
			for _, r := range s.attio.Writes() {
				if r.Status == http.StatusTooManyRequests {
					refused++
				}
			}
			// At most eight are under way when the limit is met; those who
			// came back before their time would be refused again and again.
			if refused == 0 || refused > 24 {
				t.Errorf("%d writes were refused with 429", refused)
			}
			s.settled()
			s.sound()
		})
	}
}

// TestSaidYesDidNothing: a write that was answered well and changed nothing is
// a failed step that names who and what; it is tried again by the next run.
func TestSaidYesDidNothing(t *testing.T) {
	sc := newScene(t, defaultWorld)
	want, _ := sc.uninterrupted(t)
	for _, c := range []struct {
		name   string
		change func(*attiotest.Behaviour)
		seats  int
		says   []string
		next   int    // exit code of the next run, while it goes on
		stays  string // what is not tried again until Okta's value changes
	}{
		{"PATCH and PUT change nothing", func(b *attiotest.Behaviour) { b.SilentNoop = true }, 45, []string{
			"failed   promote         emil.sand@fernwood.example", "left the role at member",
			"failed   suspend         henrik.dahl@fernwood.example", "failed   reactivate      grace.okafor@fernwood.example",
			"failed   rename team     Customer Care", "failed   add members     Sales", "failed   remove members  Sales"}, 4, "olivia|marta"},
		{"a POST makes nobody", func(b *attiotest.Behaviour) { b.NoSeatAnswers201 = true }, 1, []string{
			"HTTP 201: Attio answered well, but there is no such member"}, 4, "mika"},
		{"the address stays", func(b *attiotest.Behaviour) { b.PutChangesUserName = false }, 45, []string{
			"failed   change email    olivia.hart@fernwood.example", "kept the address olivia.grant@fernwood.example"}, 3, "olivia"},
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
			s.run(c.next, "apply", "--yes")
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
