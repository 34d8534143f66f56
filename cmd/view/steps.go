package view

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	core "scim-sync/sync"
)

// StepsOptions say how an apply is followed.
type StepsOptions struct {
	Total int // steps of the plan
	// Live draws a bar (see [UseProgress]); failures appear above it.
	// Otherwise every step that wrote something gets a line when it is done.
	Live bool
	// Quiet leaves only the failures.
	Quiet bool
	// Technical tells the HTTP status and how long a step took.
	Technical bool
}

// Steps follows an apply on a terminal or in a log. It is a [core.Observer];
// Close ends it and must be called before anything else is written to the
// stream. Steps that failed, were refused or skipped are always told.
type Steps struct {
	mu      sync.Mutex
	line    sync.Mutex // while one is written
	out     *printer
	quiet   bool
	screen  *mpb.Progress
	bar     *mpb.Bar
	current string
	began   time.Time
	causes  map[string]int // how often each was met
}

// NewSteps begins to follow an apply.
func NewSteps(s Stream, o StepsOptions) *Steps {
	t := &Steps{quiet: o.Quiet || o.Live, began: time.Now(), causes: map[string]int{}}
	if o.Live && o.Total > 0 {
		t.screen = screenOn(s)
		t.bar = t.screen.New(int64(o.Total), mpb.BarStyle(), mpb.BarWidth(24), mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name("Applying "), decor.CountersNoUnit("%d of %d ")),
			mpb.AppendDecorators(decor.Any(func(x decor.Statistics) string { return fit(" "+t.pace(x.Current, x.Total), s.wrapAt()-46) })))
		s.W = above{t.screen, s.W}
	}
	t.out = newPrinter(s)
	t.out.technical = o.Technical
	return t
}

// above writes above the bar, and past it once it is gone.
type above struct {
	screen *mpb.Progress
	w      io.Writer
}

func (a above) Write(b []byte) (int, error) {
	if n, err := a.screen.Write(b); err == nil {
		return n, nil
	}
	return a.w.Write(b)
}

// pace says how fast the steps are done, how long the rest takes, and what is being
// done.
func (t *Steps) pace(done, total int64) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	took := time.Since(t.began)
	if done == 0 || done >= total || took < time.Second {
		return t.current
	}
	left := time.Duration(float64(took) * float64(total-done) / float64(done))
	return speed(int(done), took) + ", " + leftWords(left) + " left" + t.current
}

// StepStarted implements [core.Observer].
func (t *Steps) StepStarted(s core.Step) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current = "  " + markOf(s.Action).verb + " " + t.out.subject(s)
}

// StepDone implements [core.Observer].
func (t *Steps) StepDone(r core.StepResult) {
	if t.bar != nil {
		t.bar.Increment()
	}
	switch {
	case r.Outcome == core.StepNotRun:
		return // the report counts them; nothing happened
	case r.Outcome == core.StepOK && (t.quiet || !r.Step.Action.Writes()):
		return
	}
	if t.bar != nil && t.alike(&r) {
		return
	}
	t.tell(&r)
}

// alike counts those that failed for one cause: on a terminal a few of them tell it,
// and the report has them all.
func (t *Steps) alike(r *core.StepResult) bool {
	if r.Outcome == core.StepOK {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := reportText{printer: t.out}.causeOf(r)
	t.causes[key]++
	return t.causes[key] > fewAlike
}

// tell writes one line at once: "done     provision      ada@acme.com".
func (t *Steps) tell(r *core.StepResult) {
	t.line.Lock()
	defer t.line.Unlock()
	p := t.out
	style := p.add
	if r.Outcome != core.StepOK {
		style = p.alarm
	}
	segs := []seg{
		{text: pad(clean(string(r.Outcome)), len(core.StepSkipped)), paint: style},
		plain("  " + pad(markOf(r.Step.Action).verb, widestVerb) + "  "),
		{text: p.subject(r.Step), paint: p.bold},
	}
	switch n := len(r.Step.People); {
	case n > 0 && r.People < n && (r.Outcome == core.StepOK || r.People > 0):
		segs = append(segs, plain("  "+thousands(r.People)+" of "+count(n, "member", "members")))
	case n > 0:
		segs = append(segs, plain("  "+count(n, "member", "members")))
	}
	if why := p.whatHappened(r); why != "" {
		segs = append(segs, plain("  "+why))
	}
	if p.technical && r.Outcome == core.StepOK && r.Took > 0 {
		segs = append(segs, seg{text: fmt.Sprintf("  (%s)", span(r.Took)), paint: p.faint})
	}
	p.line(0, len(core.StepSkipped)+2, segs...)
	_ = p.flush() // a log that is gone must not stop the work
}

// Wait writes a line that says for how long a limit of one side makes the run
// wait, and why.
func (t *Steps) Wait(side string, d time.Duration, why string) {
	t.line.Lock()
	defer t.line.Unlock()
	t.out.line(0, len(core.StepSkipped)+2, plain(Waiting(side, d, why)))
	_ = t.out.flush()
}

// Close takes the bar away. It returns when nothing is drawn any more.
func (t *Steps) Close() {
	if t.bar != nil {
		t.bar.Abort(true)
		t.screen.Wait()
		t.bar = nil
	}
}
