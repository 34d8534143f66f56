package state

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	core "scim-sync/sync"
)

// legible says whether this program knows what the line says.
func (l *Line) legible() bool {
	return l.Kind.known() && (l.Format <= Format || l.Kind == LineMoved && l.Format == FormatMoved)
}

// Line is one line of the journal. Which fields it has is for its Kind to say.
type Line struct {
	Seq  uint64    `json:"seq"` // 1, 2, 3 … over all parts
	At   time.Time `json:"at"`
	Run  string    `json:"run"`
	Kind LineKind  `json:"kind"`
	Prev string    `json:"prev"` // hash of the line before, empty in the first

	Format    int           `json:"format,omitempty"` // of the lines of this run
	Info      *RunInfo      `json:"info,omitempty"`
	Binding   *Binding      `json:"binding,omitempty"`
	Intent    *core.Intent  `json:"intent,omitempty"`
	Ticket    uint64        `json:"ticket,omitempty"` // seq of the intent that an outcome belongs to
	Outcome   *core.Outcome `json:"outcome,omitempty"`
	Step      *core.Step    `json:"step,omitempty"`
	Change    *core.Change  `json:"change,omitempty"`
	Override  *Override     `json:"override,omitempty"`
	Settled   []uint64      `json:"settled,omitempty"` // tickets
	Recovered *Recovered    `json:"recovered,omitempty"`
	Rotated   *Rotated      `json:"rotated,omitempty"`
	Moved     *Moved        `json:"moved,omitempty"`
	Restored  *Restored     `json:"restored,omitempty"`
	Summary   *Summary      `json:"summary,omitempty"`

	Hash string `json:"hash,omitempty"` // always the last field of a line
}

// RunInfo says which run this is and who asked for it.
type RunInfo struct {
	RunID string `json:"run_id"`
	// Number is what people call the run: one more than that of the one before, set by
	// Begin. 0: an older program's.
	Number         uint64    `json:"number,omitempty"`
	PlanID         string    `json:"plan_id,omitempty"`
	Operator       string    `json:"operator,omitempty"`
	CIJob          string    `json:"ci_job,omitempty"`
	Reason         string    `json:"reason,omitempty"`
	ToolVersion    string    `json:"tool_version,omitempty"`
	SettingsDigest string    `json:"settings_digest,omitempty"`
	Command        string    `json:"command,omitempty"`
	Began          time.Time `json:"began"` // set by Begin

	// Now is the only clock that is read; from several goroutines at once.
	Now func() time.Time `json:"-"`
	// Redated tells a time that Now gave at Begin once more, by what is known of
	// clocks when the first line is written; nil: it stays as it is.
	Redated func(time.Time) time.Time `json:"-"`
}

// Binding is the one place that a state belongs to.
type Binding struct {
	WorkspaceID string `json:"workspace_id"`
	OrgURL      string `json:"org_url"`
	AppID       string `json:"app_id"`
}

// Override is a safety rail that somebody lifted for one run.
type Override struct {
	Flag   string `json:"flag"` // as typed: --allow-removals
	N      int    `json:"n,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Recovered says what a crash left at the end of the journal.
type Recovered struct {
	CutBytes int64  `json:"cut_bytes,omitempty"`
	Aside    string `json:"aside,omitempty"` // where it is kept
	Note     string `json:"note,omitempty"`
}

// Rotated opens a new part of the journal with the state as it is there, so
// that older parts may be put away. Its Prev is their last line's hash.
type Rotated struct {
	Pruned *Pruned         `json:"pruned,omitempty"`
	State  json.RawMessage `json:"state"`
}

// Pruned says that older parts were removed, and where the journal begins
// since. Being a line of it, it is signed by all that follow.
type Pruned struct {
	Before uint64    `json:"before"` // seq of the first line that is kept
	Hash   string    `json:"hash"`   // of the line before that, which its Prev names
	Until  time.Time `json:"until"`  // what was removed is older than this
}

// Restored is the state that takes the place of the one before, and where it
// comes from.
type Restored struct {
	Made   time.Time       `json:"made"`         // when it was backed up
	By     string          `json:"by,omitempty"` // by whom
	Serial uint64          `json:"serial"`       // of its snapshot then
	Seq    uint64          `json:"seq"`          // of its last line then
	State  json.RawMessage `json:"state"`
}

// Summary is how a run ended.
type Summary struct {
	ExitCode int            `json:"exit_code"`
	Counts   map[string]int `json:"counts,omitempty"`   // steps by outcome or action
	Requests map[string]int `json:"requests,omitempty"` // by side
	Refusals []string       `json:"refusals,omitempty"` // codes of safety rails
	Error    string         `json:"error,omitempty"`
}

// RunRecord is a run as the journal shows it.
type RunRecord struct {
	Info RunInfo `json:"info"`
	// Ended is zero, and Summary nil, for a run that was cut off or goes on.
	Ended   time.Time `json:"ended,omitzero"`
	Summary *Summary  `json:"summary,omitempty"`
	// Intents counts the writes announced, Changes the changes of state.
	Intents int `json:"intents,omitempty"`
	Changes int `json:"changes,omitempty"`
}

func (r *RunRecord) clone() *RunRecord {
	if r == nil {
		return nil
	}
	c := *r
	if r.Summary != nil {
		s := *r.Summary
		s.Counts, s.Requests = maps.Clone(s.Counts), maps.Clone(s.Requests)
		s.Refusals = append([]string(nil), s.Refusals...)
		c.Summary = &s
	}
	return &c
}

const (
	hashOpen  = `,"hash":"`
	hashClose = `"}`
	hashTail  = len(hashOpen) + 2*sha256.Size + len(hashClose)
)

// encode gives the bytes of the line, newline included, and sets its Hash.
func (l *Line) encode() ([]byte, error) {
	l.Hash = ""
	body, err := l.body()
	if err != nil {
		return nil, fmt.Errorf("journal line of kind %s: %w", l.Kind, err)
	}
	sum := sha256.Sum256(body)
	l.Hash = hex.EncodeToString(sum[:])
	body = append(body[:len(body)-1], hashOpen...)
	body = append(body, l.Hash...)
	return append(body, hashClose+"\n"...), nil
}

// body is the line as JSON. A state in it is copied once, not three times as by
// encoding/json: of a large company it is tens of megabytes.
func (l *Line) body() ([]byte, error) {
	short, state := l.apart()
	text, err := json.Marshal(short)
	if err != nil || state == nil {
		return text, err
	}
	key := []byte(`"state":`)
	at := bytes.Index(text, append(key, "null"...)) + len(key) // a text has its quotes escaped
	b := bytes.NewBuffer(make([]byte, 0, len(text)+len(state)+hashTail))
	b.Write(text[:at])
	if err := json.Compact(b, state); err != nil {
		return nil, err
	}
	b.Write(text[at+len("null"):])
	return b.Bytes(), nil
}

// apart gives the line without the state in it, and that state, if there is one.
func (l *Line) apart() (*Line, json.RawMessage) {
	short := *l
	switch {
	case l.Rotated != nil && l.Rotated.State != nil:
		rotated := *l.Rotated
		rotated.State, short.Rotated = nil, &rotated
		return &short, l.Rotated.State
	case l.Restored != nil && l.Restored.State != nil:
		restored := *l.Restored
		restored.State, short.Restored = nil, &restored
		return &short, l.Restored.State
	}
	return l, nil
}

var errHash = errors.New("its hash is not that of its content")

// hashOf gives the hash that a line without its newline carries, after
// checking it against the content.
func hashOf(raw []byte) (string, error) {
	cut := len(raw) - hashTail
	if cut < 1 || !bytes.HasPrefix(raw[cut:], []byte(hashOpen)) || !bytes.HasSuffix(raw, []byte(hashClose)) {
		return "", errors.New("it does not end with a hash")
	}
	h := sha256.New()
	h.Write(raw[:cut])
	h.Write([]byte{'}'})
	var sum [sha256.Size]byte
	var want [2 * sha256.Size]byte
	hex.Encode(want[:], h.Sum(sum[:0]))
	have := raw[cut+len(hashOpen) : len(raw)-len(hashClose)]
	if !bytes.Equal(want[:], have) {
		return "", errHash
	}
	return string(have), nil
}

// FirstSeq gives the seq of the first of whole lines, and fallback where that is not
// written as this program does. Nothing is checked.
func FirstSeq(lines []byte, fallback uint64) uint64 {
	line, _, _ := bytes.Cut(lines, []byte("\n"))
	if text, _, ok := between(line, `{"seq":`, ','); ok {
		if seq, ok := number(text); ok {
			return seq
		}
	}
	return fallback
}

// Names gives the run and the hash that a whole line of the journal names, each
// empty where it is not written as this program does. Nothing is checked.
func Names(line []byte) (run, hash string) {
	line = bytes.TrimSuffix(line, []byte("\n"))
	if h, ok := headOf(line); ok {
		run = string(h.run)
	}
	if cut := len(line) - hashTail; cut > 0 && bytes.HasPrefix(line[cut:], []byte(hashOpen)) && bytes.HasSuffix(line, []byte(hashClose)) {
		hash = string(line[cut+len(hashOpen) : len(line)-len(hashClose)])
	}
	return run, hash
}

// decodeLine reads a line without its newline and checks its hash.
func decodeLine(raw []byte) (Line, error) {
	hash, err := hashOf(raw)
	if err != nil {
		return Line{}, err
	}
	var l Line
	if err := json.Unmarshal(raw, &l); err != nil {
		return Line{}, err
	}
	l.Hash = hash
	return l, nil
}
