package s3

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"scim-sync/sync/state"
)

// The names of the objects, below the prefix.
const (
	lockName  = "lock.json"
	stateName = "state.json"
	cacheName = "cache.json"
	journal   = "journal/"
	previous  = "previous/"
	aside     = "aside/"
)

// lockDoc is the first line of what lock.json says; the lines of the journal
// that lie nowhere else yet follow it.
type lockDoc struct {
	Holder *state.Holder `json:"holder,omitempty"` // nil: the lock is free
	Lease  string        `json:"lease,omitempty"`  // how long it lasts unrenewed
	// Clean: what is said here of the journal is all that there is. While the
	// lock is held, and after a holder that was not heard of again, objects may
	// follow.
	Clean bool `json:"clean"`
	contents
}

// contents is what the journal is made of.
type contents struct {
	Seq   uint64 `json:"seq"`            // of the last line
	Hash  string `json:"hash,omitempty"` // of the last line
	Parts []part `json:"parts,omitempty"`
	// End is the end of the last object, for who only looks how the journal ends.
	End []byte `json:"end,omitempty"`
	// Slot is the ETag of an object without lines that has the next object's
	// name; empty: there is none.
	Slot string `json:"slot,omitempty"`
	// tail are lines after the last object. A run that found nothing to do
	// leaves one line, which is not worth an object.
	tail []byte
}

// part is one part of the journal.
type part struct {
	N       uint64 `json:"n"`
	Head    []byte `json:"head,omitempty"` // how it begins, as far as that lies in objects
	Objects []span `json:"objects,omitempty"`
}

// span is an object of the journal.
type span struct {
	Name  string `json:"name"`
	First uint64 `json:"first"`
	Last  uint64 `json:"last"`
	From  int64  `json:"from"` // in the part, in bytes
	Size  int64  `json:"size"` // of its lines
	// Fence: its name keeps a former holder from writing, and stays.
	Fence bool `json:"fence,omitempty"`

	lines []byte // while this process still has them
}

const (
	headKept = 512 // what a reader wants to see of a part's first line
	endKept  = 256 // and of the last one's end
)

// lineName is the name of the object whose first line has the seq.
func lineName(seq uint64) string { return fmt.Sprintf("%s%020d.jsonl", journal, seq) }

// mergedName is the name of a merged object.
func mergedName(first, last uint64, run string) string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '_'
	}, run)
	return fmt.Sprintf("%s%020d-%020d-%.80s.jsonl", journal, first, last, clean)
}

// firstOf gives the seq in an object's name, and whether it is one of a single
// group commit.
func firstOf(name string) (seq uint64, single, ok bool) {
	rest, ok := strings.CutPrefix(name, journal)
	if !ok || len(rest) < 20 {
		return 0, false, false
	}
	if _, err := fmt.Sscanf(rest[:20], "%d", &seq); err != nil {
		return 0, false, false
	}
	return seq, rest[20:] == ".jsonl", strings.HasSuffix(rest, ".jsonl")
}

func (p part) size() int64 {
	if len(p.Objects) == 0 {
		return 0
	}
	last := p.Objects[len(p.Objects)-1]
	return last.From + last.Size
}

// clone shares no slice that grows.
func (c contents) clone() contents {
	parts := make([]part, len(c.Parts))
	for i, p := range c.Parts {
		p.Objects = append([]span(nil), p.Objects...)
		parts[i] = p
	}
	c.Parts = parts
	return c
}

// last is the part that lines are appended to. There is one.
func (c *contents) last() *part { return &c.Parts[len(c.Parts)-1] }

// size is that of the last part, tail included.
func (c *contents) size() int64 {
	if len(c.Parts) == 0 {
		return 0
	}
	return c.last().size() + int64(len(c.tail))
}

// empty says that the journal holds no line.
func (c *contents) empty() bool {
	return len(c.tail) == 0 && (len(c.Parts) == 0 || len(c.Parts) == 1 && len(c.Parts[0].Objects) == 0)
}

// next is the seq with which the next object begins: the tail's lines come first.
func (c *contents) next() uint64 { return c.Seq + 1 - uint64(bytes.Count(c.tail, []byte("\n"))) }

// ride puts lines behind the tail.
func (c *contents) ride(lines []byte, seq uint64) {
	if len(c.Parts) == 0 {
		c.Parts = []part{{N: 1}}
	}
	c.tail = append(bytes.Clone(c.tail), lines...)
	c.Seq, c.Hash = seq, hashIn(lines)
}

// add puts an object behind the others. What was the tail is in it.
func (c *contents) add(n uint64, s span, lines []byte) {
	if len(c.Parts) == 0 || c.last().N < n {
		c.Parts = append(c.Parts, part{N: n})
		c.End = nil
	}
	p := c.last()
	p.Objects = append(p.Objects, s)
	if short := headKept - len(p.Head); short > 0 {
		p.Head = append(bytes.Clone(p.Head), lines[:min(short, len(lines))]...)
	}
	c.End = append(bytes.Clone(c.End), lines[max(0, len(lines)-endKept):]...)
	c.End = c.End[max(0, len(c.End)-endKept):]
	c.Seq, c.Hash, c.Slot, c.tail = s.Last, hashIn(lines), "", nil
}

// hashIn is the hash at the end of the last line; empty where it ends otherwise.
func hashIn(lines []byte) string {
	const open, size = `"hash":"`, 64
	end, ok := bytes.CutSuffix(lines, []byte("\"}\n"))
	if !ok || len(end) < size+len(open) || string(end[len(end)-size-len(open):len(end)-size]) != open {
		return ""
	}
	return string(end[len(end)-size:])
}

// encode gives what lock.json holds behind its head.
func (d lockDoc) encode() ([]byte, error) {
	raw, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	return append(append(raw, '\n'), d.tail...), nil
}

func decodeLock(content []byte) (d lockDoc, err error) {
	first, tail, ok := bytes.Cut(content, []byte("\n"))
	if !ok {
		return d, errors.New("its second line does not end")
	}
	if err := json.Unmarshal(first, &d); err != nil {
		return d, errors.New("its second line cannot be read")
	}
	d.tail = tail
	return d, nil
}

// lasts is how long the holder's lease is.
func (d lockDoc) lasts(usual time.Duration) time.Duration {
	if own, err := time.ParseDuration(d.Lease); err == nil && own > 0 {
		return own
	}
	return usual
}
