package state

import (
	"bytes"
	"time"
)

// head is the beginning of a line, read without the rest: most lines of a
// journal say that a run found nothing to do, and some hold a whole state.
// Its texts are parts of the line.
type head struct {
	seq  uint64
	at   []byte
	run  []byte
	kind []byte
	prev []byte
	rest []byte // what follows
}

// headSize is enough for the head of every line, with a run's id of 64 bytes.
const headSize = 512

// headOf reads the head of a line as this program writes it, and false for all
// others, such as those whose run has a name that JSON escapes.
func headOf(raw []byte) (h head, ok bool) {
	text, rest, ok := between(raw, `{"seq":`, ',')
	if !ok {
		return h, false
	}
	if h.seq, ok = number(text); !ok {
		return head{}, false
	}
	if h.at, rest, ok = between(rest, `"at":"`, '"'); ok {
		if h.run, rest, ok = between(rest, `,"run":"`, '"'); ok {
			if h.kind, rest, ok = between(rest, `,"kind":"`, '"'); ok {
				h.prev, h.rest, ok = between(rest, `,"prev":"`, '"')
			}
		}
	}
	return h, ok && bytes.IndexByte(h.run, '\\') < 0
}

// between gives what stands after the prefix and before the end, and what
// follows that.
func between(raw []byte, prefix string, end byte) (text, rest []byte, ok bool) {
	if len(raw) < len(prefix) || string(raw[:len(prefix)]) != prefix {
		return nil, nil, false
	}
	raw = raw[len(prefix):]
	n := bytes.IndexByte(raw, end)
	if n < 0 {
		return nil, nil, false
	}
	return raw[:n], raw[n+1:], true
}

// number reads digits.
func number(text []byte) (n uint64, ok bool) {
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + uint64(c-'0')
	}
	return n, len(text) > 0 && len(text) < 20
}

// idle says whether the line is all that there is of a run that wrote nothing:
// it changes nothing but which run was the last.
func (h head) idle() bool {
	if string(h.kind) != string(LineEnd) {
		return false
	}
	format, rest, ok := between(h.rest, `,"format":`, ',')
	if n, good := number(format); !ok || !good || n != Format {
		return false
	}
	run, _, ok := between(rest, `"info":{"run_id":"`, '"')
	return ok && bytes.Equal(run, h.run)
}

func (h head) time() (time.Time, error) { return time.Parse(time.RFC3339Nano, string(h.at)) }

// pruned gives the first line that is kept, as a part's first line says; 0
// when it says nothing of that.
func (h head) pruned() uint64 {
	text, _, ok := between(h.rest, `,"rotated":{"pruned":{"before":`, ',')
	if !ok {
		return 0
	}
	seq, _ := number(text) // what cannot be read says nothing
	return seq
}
