package view

import (
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Progress tells how far a long reading is. Its methods are safe for
// concurrent use, and harmless after Done.
type Progress interface {
	// Start names what is being done: "Reading Okta and Attio".
	Start(what string)
	// Count says how many of something there are so far; a smaller number
	// than before is ignored, as answers of parallel requests may overtake.
	Count(what string, n int)
	// Wait says for how long a limit of one side makes it wait, and why.
	Wait(side string, d time.Duration, why string)
	// Done takes the line away. It returns when nothing is drawn any more.
	Done()
}

// NewProgress gives a live line when live (see [UseProgress]) and silence
// otherwise: logs are no place for counting.
func NewProgress(s Stream, live bool) Progress {
	if !live {
		return silence{}
	}
	return &liveLine{stream: s}
}

type silence struct{}

func (silence) Start(string)                       {}
func (silence) Count(string, int)                  {}
func (silence) Wait(string, time.Duration, string) {}
func (silence) Done()                              {}

// liveLine is one line with a spinner, drawn anew several times a second.
type liveLine struct {
	stream Stream

	mu     sync.Mutex
	screen *mpb.Progress
	bar    *mpb.Bar
	title  string
	order  []string
	counts map[string]int
	waits  []pause
	ended  bool
}

// pause is a wait of one side, as long as it lasts.
type pause struct {
	side, why string
	until     time.Time
}

func (l *liveLine) Start(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.title, l.order, l.counts = what, nil, map[string]int{}
	if l.screen != nil || l.ended {
		return
	}
	l.screen = screenOn(l.stream)
	l.bar = l.screen.New(0, mpb.SpinnerStyle().PositionLeft(), mpb.BarWidth(2), mpb.BarFillerTrim(), mpb.BarRemoveOnComplete(),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return " " + fit(l.text(), l.stream.wrapAt()-4) })))
}

func (l *liveLine) Count(what string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	have, known := l.counts[what]
	if l.counts == nil || known && n < have {
		return
	}
	if !known {
		l.order = append(l.order, what)
	}
	l.counts[what] = n
}

func (l *liveLine) Wait(side string, d time.Duration, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waits = append(l.waits, pause{side, why, time.Now().Add(d)})
}

// text is the line as it stands: "Reading: people 1,200, teams 14", or for what
// it waits.
func (l *liveLine) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waits = slices.DeleteFunc(l.waits, func(p pause) bool { return time.Until(p.until) <= 0 })
	if n := len(l.waits); n > 0 {
		last := l.waits[n-1]
		return Waiting(last.side, time.Until(last.until), last.why)
	}
	parts := make([]string, len(l.order))
	for i, what := range l.order {
		parts[i] = clean(what) + " " + thousands(l.counts[what])
	}
	text := clean(l.title)
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text
}

func (l *liveLine) Done() {
	l.mu.Lock()
	screen, bar := l.screen, l.bar
	l.screen, l.ended = nil, true
	l.mu.Unlock()
	if screen != nil { // not under the lock: drawing takes it
		bar.Abort(true)
		screen.Wait()
	}
}

// screenOn draws on the stream, which is known to be a terminal even when a
// filter hides that from the library.
func screenOn(s Stream) *mpb.Progress {
	return mpb.New(mpb.WithOutput(s.W), mpb.WithWidth(s.wrapAt()-1), mpb.ForceTTY(), mpb.WithAutoRefresh(),
		mpb.WithRefreshRate(120*time.Millisecond), mpb.WithDebugOutput(io.Discard))
}

// fit cuts clean text to n columns.
func fit(s string, n int) string {
	if width(s) <= n {
		return s
	}
	for width(s) > n-1 && s != "" {
		s = s[:tailOf(s, 1)]
	}
	return s + "…"
}
