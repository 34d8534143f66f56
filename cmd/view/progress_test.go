package view

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	core "scim-sync/sync"
)

// screen is what a terminal shows after some output: it knows lines, "cursor
// up" and "erase the line", which is all that is drawn with: of a screen that is
// erased as a whole, terminals keep a copy.
type screen struct {
	mu    sync.Mutex
	raw   bytes.Buffer
	lines []string
	row   int
	t     *testing.T
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw.Write(b)
	for text := string(b); text != ""; {
		if rest, ok := strings.CutPrefix(text, "\x1b["); ok {
			i := strings.IndexFunc(rest, func(r rune) bool { return r >= '@' })
			n, _ := strconv.Atoi(rest[:i])
			switch rest[i] {
			case 'A':
				s.row = max(0, s.row-max(n, 1))
			case 'K':
				if s.row < len(s.lines) {
					s.lines[s.row] = ""
				}
			default:
				s.t.Errorf("a sequence that is not expected: %q", text[:i+3])
			}
			text = rest[i+1:]
			continue
		}
		end := strings.IndexAny(text, "\n\x1b")
		line := text
		if end >= 0 {
			line = text[:end]
		}
		for len(s.lines) <= s.row {
			s.lines = append(s.lines, "")
		}
		s.lines[s.row] += line
		text = text[len(line):]
		if strings.HasPrefix(text, "\n") {
			s.row++
			text = text[1:]
		}
	}
	return len(b), nil
}

func (s *screen) shown() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.TrimRight(strings.Join(s.lines, "\n"), "\n")
}

func TestLiveProgressShowsAndGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &screen{t: t}
		p := NewProgress(Stream{W: s, TTY: true, Width: 80}, LiveProgress)
		p.Start("Reading Okta and Attio")
		var readers sync.WaitGroup
		for i := range 5 {
			readers.Go(func() { p.Count("okta app users", (i+1)*500) })
		}
		p.Count("teams\x1b[2J", 14)
		readers.Wait()
		p.Count("okta app users", 7) // overtaken
		time.Sleep(time.Second)      // of the bubble's clock
		if got := s.shown(); !strings.Contains(got, "Reading Okta and Attio: ") || !strings.Contains(got, "2,500 people in Okta") || !strings.Contains(got, `14 teams\x1b[2J`) {
			t.Errorf("after a second the screen shows %q", got)
		}
		p.Wait("okta", 41*time.Second, "our share of its rate limit is used up")
		time.Sleep(2 * time.Second)
		if got := s.shown(); !strings.Contains(got, " s for Okta: our share of its rate limit is used up.") || strings.Contains(got, "2,500") {
			t.Errorf("while it waits the screen shows %q", got)
		}
		time.Sleep(40 * time.Second)
		if got := s.shown(); strings.Contains(got, "Waiting") || !strings.Contains(got, "2,500 people in Okta") {
			t.Errorf("after the wait the screen shows %q", got)
		}
		p.Done()
		p.Done()
		p.Count("okta app users", 9)
		p.Start("again")
		if got := s.shown(); got != "" {
			t.Errorf("something is left: %q", got)
		}
	})
}

// TestALogHearsOfALongReading: a line every ten seconds, with what is left where
// that can be told, and nothing of a reading that is over before.
func TestALogHearsOfALongReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &screen{t: t}
		quick := NewProgress(Stream{W: s}, LoggedProgress)
		quick.Start("Reading")
		quick.Count("okta app users", 40)
		time.Sleep(9 * time.Second)
		quick.Done()
		long := NewProgress(Stream{W: s}, LoggedProgress)
		long.Start("Reading")
		long.Expect("okta app users", 100_000)
		for i := range 22 {
			time.Sleep(1100 * time.Millisecond)
			long.Count("okta app users", (i+1)*500)
			long.Count("attio teams", 14)
		}
		long.Done()
		long.Done()
		want := "Reading: 4,500 of about 100,000 people in Okta, 14 teams; 450 a second, about 3 min 30 s left\n" +
			"Reading: 9,000 of about 100,000 people in Okta, 14 teams; 450 a second, about 3 min 20 s left"
		if got := s.shown(); got != want {
			t.Errorf("%q", got)
		}
	})
}

func TestNoProgressIsSilent(t *testing.T) {
	var b bytes.Buffer
	p := NewProgress(Stream{W: &b}, NoProgress)
	p.Start("Reading")
	p.Count("okta app users", 5)
	p.Done()
	if b.Len() > 0 {
		t.Errorf("written: %q", b.String())
	}
}

func TestStepsGolden(t *testing.T) {
	for name, o := range map[string]StepsOptions{"lines": {}, "quiet": {Quiet: true}} {
		for _, kind := range streams {
			var b bytes.Buffer
			s := kind.s
			s.W = &b
			steps := NewSteps(s, o)
			for _, r := range someReport().Results {
				steps.StepStarted(r.Step)
				steps.StepDone(r)
			}
			steps.Close()
			golden(t, "steps-"+name+"-"+kind.name, b.Bytes())
		}
	}
}

func TestLiveStepsLeaveOnlyTheFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &screen{t: t}
		results := make([]core.StepResult, 200)
		for i := range results {
			results[i] = core.StepResult{Step: person(core.Provision, fmt.Sprintf("p%d@acme.com", i), core.Values{}, core.Values{}, ""), Outcome: core.StepOK}
		}
		results[3].Outcome, results[3].Detail, results[3].Status = core.StepFailed, "taken", 409
		results[199].Outcome, results[199].Detail = core.StepFailed, "the very last"
		steps := NewSteps(Stream{W: s, TTY: true, Width: 100}, StepsOptions{Total: len(results), Live: true})
		for i, r := range results {
			steps.StepStarted(r.Step)
			time.Sleep(40 * time.Millisecond)
			if i == 50 {
				steps.Wait("attio", 30*time.Second, "it asked for a pause")
			}
			if i == 100 {
				if got := s.shown(); !strings.Contains(got, "Applying") || !strings.Contains(got, " of 200") || !strings.Contains(got, "p3@acme.com  taken") {
					t.Errorf("half way the screen shows %q", got)
				}
			}
			steps.StepDone(r)
		}
		steps.Close()
		steps.Close()
		var left []string
		for line := range strings.Lines(s.shown()) {
			left = append(left, strings.TrimRight(line, " \n"))
		}
		want := []string{"failed   provision       p3@acme.com  taken", "Waiting 30 s for Attio: it asked for a pause.", "failed   provision       p199@acme.com  the very last"}
		if strings.Join(left, "\n") != strings.Join(want, "\n") {
			t.Errorf("left on the screen:\n%s\nwant:\n%s", strings.Join(left, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestInterruptedLiveStepsLeaveNothing(t *testing.T) {
	s := &screen{t: t}
	steps := NewSteps(Stream{W: s, TTY: true, Width: 100}, StepsOptions{Total: 10, Live: true})
	steps.StepStarted(fullPlan().Steps[0])
	steps.StepDone(core.StepResult{Step: fullPlan().Steps[0], Outcome: core.StepFailed, Detail: "told at once"})
	steps.Close()
	if got := s.shown(); strings.Contains(got, "Applying") || !strings.Contains(got, "told at once") {
		t.Errorf("left on the screen: %q", got)
	}
}
