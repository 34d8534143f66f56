package view

import (
	"bytes"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Progress tells how far a long reading is. Its methods are safe for
// concurrent use, and harmless after Done.
type Progress interface {
	// Start names what is being done: "Reading".
	Start(what string)
	// Expect says about how many of something there will be, by what there was
	// before: what is left to do is told by it.
	Expect(what string, n int)
	// Count says how many of something there are so far; a smaller number
	// than before is ignored, as answers of parallel requests may overtake.
	Count(what string, n int)
	// Wait says for how long a limit of one side makes it wait, and why.
	Wait(side string, d time.Duration, why string)
	// Done takes the line away. It returns when nothing is drawn any more.
	Done()
}

// ProgressMode is how progress is told.
type ProgressMode int

// The modes.
const (
	NoProgress     ProgressMode = iota
	LiveProgress                // a line that is drawn anew: see [UseProgress]
	LoggedProgress              // a line every ten seconds, for a log
)

// NewProgress tells of a reading on a stream.
func NewProgress(s Stream, mode ProgressMode) Progress {
	switch mode {
	case LiveProgress:
		return &liveLine{stream: s}
	case LoggedProgress:
		return &loggedLine{stream: s, ended: make(chan struct{})}
	}
	return silence{}
}

type silence struct{}

func (silence) Start(string)                       {}
func (silence) Expect(string, int)                 {}
func (silence) Count(string, int)                  {}
func (silence) Wait(string, time.Duration, string) {}
func (silence) Done()                              {}

// loggedLine writes a line every ten seconds. What has to be waited for gets a line
// of its own from whoever waits.
type loggedLine struct {
	reading
	stream Stream
	begin  sync.Once
	end    sync.Once
	ended  chan struct{}
	lines  sync.WaitGroup
}

// logEvery is how often a log hears how far it is.
const logEvery = 10 * time.Second

func (l *loggedLine) Start(what string) {
	l.start(what)
	l.begin.Do(func() {
		l.lines.Go(func() {
			tick := time.NewTicker(logEvery)
			defer tick.Stop()
			for {
				select {
				case <-l.ended:
					return
				case <-tick.C:
					_ = Line(l.stream, l.text()) // a log that is gone stops nothing
				}
			}
		})
	})
}

func (l *loggedLine) Done() {
	l.end.Do(func() { close(l.ended) })
	l.lines.Wait()
}

// liveLine is one line with a spinner, drawn anew several times a second.
type liveLine struct {
	reading
	stream Stream

	drawing sync.Mutex
	screen  *mpb.Progress
	bar     *mpb.Bar
	ended   bool
}

func (l *liveLine) Start(what string) {
	l.start(what)
	l.drawing.Lock()
	defer l.drawing.Unlock()
	if l.screen != nil || l.ended {
		return
	}
	l.screen = screenOn(l.stream)
	l.bar = l.screen.New(0, mpb.SpinnerStyle().PositionLeft(), mpb.BarWidth(2), mpb.BarFillerTrim(), mpb.BarRemoveOnComplete(),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return " " + fit(l.text(), l.stream.wrapAt()-4) })))
}

func (l *liveLine) Done() {
	l.drawing.Lock()
	screen, bar := l.screen, l.bar
	l.screen, l.ended = nil, true
	l.drawing.Unlock()
	if screen != nil { // not under the lock: drawing takes it
		bar.Abort(true)
		screen.Wait()
	}
}

// screenOn draws on the stream, which is known to be a terminal even when a
// filter hides that from the library.
func screenOn(s Stream) *mpb.Progress {
	return mpb.New(mpb.WithOutput(oneLine{s.W}), mpb.WithWidth(s.wrapAt()-1), mpb.ForceTTY(), mpb.WithAutoRefresh(),
		mpb.WithRefreshRate(120*time.Millisecond), mpb.WithDebugOutput(io.Discard))
}

// oneLine erases a line as such, and not the screen below it, as the library does
// before it draws anew: of a screen that is erased from its first line on, terminals
// keep a copy in what can be scrolled back to.
type oneLine struct{ w io.Writer }

func (o oneLine) Write(b []byte) (int, error) {
	_, err := o.w.Write(bytes.ReplaceAll(b, []byte("\x1b[1A\x1b[J"), []byte("\x1b[1A\x1b[2K")))
	return len(b), err
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
