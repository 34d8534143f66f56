package view

import (
	"bytes"
	"io"

	"scim-sync/internal/shown"
)

// manyBytes are written before all is there.
const manyBytes = 1 << 16

// lineWriter writes whole lines at a time, so that what filters the stream sees
// no half of anything. The first error is kept, and nothing is written after it.
//
// Where escaped is not the zero value, what a CI runner would act on is broken
// up: any of this may end in its log.
type lineWriter struct {
	w       io.Writer
	escaped escaped
	text    []byte
	err     error
}

// escaped is how a format writes the characters of a runner's commands in
// another way.
type escaped struct{ hash, colon string }

// inText is how text for people is written: a terminal is no log.
func inText(s Stream) escaped {
	if s.TTY {
		return escaped{}
	}
	return escaped{`\x23`, `\x3a`}
}

// Write implements [io.Writer]; its error comes with flush.
func (l *lineWriter) Write(text []byte) (int, error) {
	l.put(string(text))
	return len(text), nil
}

func (l *lineWriter) put(text string) {
	l.text = append(l.text, text...)
	if len(l.text) < manyBytes {
		return
	}
	if end := bytes.LastIndexByte(l.text, '\n') + 1; end > 0 {
		l.write(l.text[:end])
		l.text = append(l.text[:0], l.text[end:]...)
	}
}

func (l *lineWriter) flush() error {
	l.write(l.text)
	l.text = l.text[:0]
	return l.err
}

func (l *lineWriter) write(lines []byte) {
	if len(lines) == 0 || l.err != nil {
		return
	}
	if l.escaped != (escaped{}) {
		lines = shown.NoCommands(lines, l.escaped.hash, l.escaped.colon)
	}
	_, l.err = l.w.Write(lines)
}

// LogLines is a stream for the lines of a log, which begin with the time: where
// it is no terminal, what a CI runner would act on is broken up. hash is how the
// log's format writes a # in another way.
func LogLines(s Stream, hash string) io.Writer {
	if s.TTY {
		return s.W
	}
	return logLines{s.W, hash}
}

type logLines struct {
	w    io.Writer
	hash string
}

func (l logLines) Write(line []byte) (int, error) {
	if _, err := l.w.Write(shown.NoCommands(line, l.hash, ":")); err != nil {
		return 0, err
	}
	return len(line), nil
}
