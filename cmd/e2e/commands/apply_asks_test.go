package commands

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scim-sync/attio/attiotest"
	"scim-sync/cmd"
)

// heard is a stream on which somebody waits for words.
type heard struct {
	mu    sync.Mutex
	text  string
	news  chan struct{}
	first func() // done when the first word comes, before anything goes on
}

func newHeard() *heard { return &heard{news: make(chan struct{}, 1)} }

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	h.text += string(p)
	first := h.first
	h.first = nil
	h.mu.Unlock()
	if first != nil {
		first()
	}
	select {
	case h.news <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text
}

// await waits until words were heard n times.
func (h *heard) await(t *testing.T, words string, n int) {
	t.Helper()
	late := time.After(30 * time.Second)
	for strings.Count(h.String(), words) < n {
		select {
		case <-h.news:
		case <-late:
			t.Fatalf("%q was not heard %d times: %s", words, n, h)
		}
	}
}

// asked is an apply on a terminal, which has asked its question.
type asked struct {
	in        io.WriteCloser
	out, errs *heard
	code      chan int
}

const question = `Only "yes" does: `

func (p *place) ask(ctx context.Context, args ...string) *asked {
	p.t.Helper()
	in, keys := io.Pipe()
	a := &asked{in: keys, out: newHeard(), errs: newHeard(), code: make(chan int, 1)}
	sys := p.system(append([]string{"apply"}, args...), in, a.out, a.errs)
	sys.Interactive = true
	go func() { a.code <- cmd.Execute(ctx, sys) }()
	a.errs.await(p.t, question, 1)
	return a
}

func (a *asked) says(t *testing.T, line string) {
	t.Helper()
	if _, err := io.WriteString(a.in, line+"\n"); err != nil {
		t.Fatal(err)
	}
}

// settled is a small world after a first run.
func settled(t *testing.T) *place {
	t.Helper()
	p := serve(t, nil)
	if r := p.run("apply", "--yes", "--first-run"); r.code != 0 {
		t.Fatal(r)
	}
	return p
}

// TestAnOpenQuestionKeepsNoOtherRunFromItsWork: a second apply does all there is
// to do while the first one asks; the first one then sees that nothing is left.
func TestAnOpenQuestionKeepsNoOtherRunFromItsWork(t *testing.T) {
	p := settled(t)
	ok(t, p.box.Okta.RemoveMember("Sales", "bo@acme.example"))
	first := p.ask(t.Context())
	if r := p.run("apply", "--yes"); r.code != 0 || !strings.Contains(r.out, "1 suspended") {
		t.Errorf("the second run: %d %s %s", r.code, r.out, r.errors)
	}
	first.says(t, "yes")
	if code := <-first.code; code != 0 || !strings.Contains(first.out.String(), "Nothing to do") || !strings.Contains(first.errs.String(), "something has changed") {
		t.Errorf("the first run: %d %s %s", code, first.out, first.errs)
	}
}

// TestAChangeWhileItAsksIsShownAndAskedAboutAgain: yes is an answer to the plan
// that was shown, and to no other.
func TestAChangeWhileItAsksIsShownAndAskedAboutAgain(t *testing.T) {
	p := settled(t)
	ok(t, p.box.Okta.RemoveMember("Sales", "bo@acme.example"))
	a := p.ask(t.Context())
	ok(t, p.box.Okta.AddMember("Sales", "bo@acme.example"), p.box.Okta.SetName("bo@acme.example", "Bob", "Berg"))
	a.says(t, "yes")
	a.errs.await(t, question, 2)
	a.says(t, "yes")
	if code := <-a.code; code != 0 || !strings.Contains(a.out.String(), "1 renamed") {
		t.Errorf("%d %s %s", code, a.out, a.errs)
	}
	if m, _ := p.box.Attio.Snapshot().Member("bo@acme.example"); m.Status != attiotest.Active || m.GivenName != "Bob" {
		t.Errorf("in Attio: %+v", m)
	}
}

// TestAChangedPlanWithoutAnybodyToAskIsStale: when the terminal has gone by the
// time of the second question, nothing is written, and the run ends with 8.
func TestAChangedPlanWithoutAnybodyToAskIsStale(t *testing.T) {
	p := settled(t)
	ok(t, p.box.Okta.RemoveMember("Sales", "bo@acme.example"))
	a := p.ask(t.Context())
	ok(t, p.box.Okta.AddMember("Sales", "bo@acme.example"), p.box.Okta.SetName("bo@acme.example", "Bob", "Berg"))
	before := len(p.box.Attio.Writes())
	a.says(t, "yes")
	_ = a.in.Close()
	if code := <-a.code; code != 8 || !strings.Contains(a.errs.String(), "changed while it was asked about") || len(p.box.Attio.Writes()) != before {
		t.Errorf("%d %s, %d writes", code, a.errs, len(p.box.Attio.Writes())-before)
	}
	b := p.ask(t.Context()) // whoever is gone at the first question has declined
	_ = b.in.Close()
	if code := <-b.code; code != 1 || !strings.Contains(b.errs.String(), "Declined: ") || strings.Contains(b.errs.String(), "Error") {
		t.Errorf("%d %s", code, b.errs)
	}
}

// TestWhoComesBackAfterAnOldPlanStays: the machine sleeps between the plan and its
// writes, and who was to be suspended is assigned again meanwhile.
func TestWhoComesBackAfterAnOldPlanStays(t *testing.T) {
	p := settled(t)
	ok(t, p.box.Okta.RemoveMember("Sales", "bo@acme.example"))
	var slept atomic.Int64
	out, errs := newHeard(), new(bytes.Buffer)
	out.first = func() { // the plan is shown when all proofs are there
		ok(t, p.box.Okta.AddMember("Sales", "bo@acme.example"))
		slept.Store(int64(8 * time.Hour))
	}
	sys := p.system([]string{"apply", "--yes"}, strings.NewReader(""), out, errs)
	sys.Elapsed = func() time.Duration { return time.Duration(slept.Load()) }
	if code := cmd.Execute(t.Context(), sys); code != 75 || !strings.Contains(out.String(), "changed since the plan was made (is assigned again)") {
		t.Errorf("%d %s %s", code, out, errs)
	}
	if m, _ := p.box.Attio.Snapshot().Member("bo@acme.example"); m.Status != attiotest.Active {
		t.Errorf("in Attio: %+v", m)
	}
	if r := p.run("apply", "--yes"); r.code != 0 || !strings.Contains(r.out, "Nothing to do") {
		t.Errorf("the next run: %d %s %s", r.code, r.out, r.errors)
	}
}

func ok(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}
