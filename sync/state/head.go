package state

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// head is the beginning of a line, read without the rest: most lines of a
// journal say that a run found nothing to do, and some hold a whole state.
type head struct {
	seq  uint64
	at   string
	run  string
	kind LineKind
	prev string
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
	seq, err := strconv.ParseUint(string(text), 10, 64)
	if err != nil {
		return h, false
	}
	h.seq = seq
	for _, field := range []struct {
		name string
		to   *string
	}{{`"at":"`, &h.at}, {`,"run":"`, &h.run}, {`,"kind":"`, (*string)(&h.kind)}, {`,"prev":"`, &h.prev}} {
		if text, rest, ok = between(rest, field.name, '"'); !ok || bytes.IndexByte(text, '\\') >= 0 {
			return head{}, false
		}
		*field.to = string(text)
	}
	h.rest = rest
	return h, true
}

// between gives what stands after the prefix and before the end, and what
// follows that.
func between(raw []byte, prefix string, end byte) (text, rest []byte, ok bool) {
	raw, ok = bytes.CutPrefix(raw, []byte(prefix))
	n := bytes.IndexByte(raw, end)
	if !ok || n < 0 {
		return nil, nil, false
	}
	return raw[:n], raw[n+1:], true
}

// idle says whether the line is all that there is of a run that wrote nothing:
// it changes nothing but which run was the last.
func (h head) idle() bool {
	return h.kind == LineEnd && bytes.HasPrefix(h.rest, fmt.Appendf(nil, `,"format":%d,"info":{"run_id":"%s",`, Format, h.run))
}

func (h head) time() (time.Time, error) { return time.Parse(time.RFC3339Nano, h.at) }

// pruned gives the first line that is kept, as a part's first line says; 0
// when it says nothing of that.
func (h head) pruned() uint64 {
	text, _, ok := between(h.rest, `,"rotated":{"pruned":{"before":`, ',')
	if !ok {
		return 0
	}
	seq, _ := strconv.ParseUint(string(text), 10, 64) // what cannot be read says nothing
	return seq
}
