package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	core "scim-sync/sync"
)

// header opens a snapshot. People and teams follow, one a line, sorted by
// their Okta ids; then the rest.
type header struct {
	Format      int    `json:"format"`
	Serial      uint64 `json:"serial"` // grows by one with each snapshot
	WorkspaceID string `json:"workspace_id"`
	OrgURL      string `json:"org_url"`
	AppID       string `json:"app_id"`
}

type footer struct {
	Removals     []core.Removal         `json:"removals,omitempty"`
	Repairs      []core.Repair          `json:"repairs,omitempty"`
	Invites      map[string][]time.Time `json:"invites,omitempty"`
	FirstSync    bool                   `json:"first_sync,omitempty"`
	Latched      *core.Latch            `json:"latched,omitempty"`
	Everyone     *core.GroupSeen        `json:"everyone,omitempty"`
	Pause        *core.Pause            `json:"pause,omitempty"`
	Told         []core.ToldTrouble     `json:"told,omitempty"`
	Notified     []core.ToldTrouble     `json:"notified,omitempty"`
	PlansApplied []core.AppliedPlan     `json:"plans_applied,omitempty"`
	Unfinished   []pending              `json:"unfinished,omitempty"`
	LastRun      *RunRecord             `json:"last_run,omitempty"`
	Moved        *Moved                 `json:"moved,omitempty"` // in format 2, and there alone
	Journal      Position               `json:"journal"`
}

// snapshot is a whole snapshot.
type snapshot struct {
	header
	People []core.ManagedPerson `json:"people"`
	Teams  []core.ManagedTeam   `json:"teams"`
	footer
}

// encode gives the snapshot as JSON, one person and one team a line, so that
// two of them compare well.
func (s snapshot) encode() ([]byte, error) {
	var b bytes.Buffer
	head, err := json.Marshal(s.header)
	if err != nil {
		return nil, fmt.Errorf("state snapshot: %w", err)
	}
	foot, err := json.Marshal(s.footer)
	if err != nil {
		return nil, fmt.Errorf("state snapshot: %w", err)
	}
	b.Grow(len(head) + sizeOf(s.People, s.Teams) + len(foot))
	b.Write(head[:len(head)-1])
	b.WriteString(",\n\"people\":[")
	if err := writeRows(&b, s.People, personID); err != nil {
		return nil, err
	}
	b.WriteString("],\n\"teams\":[")
	if err := writeRows(&b, s.Teams, groupID); err != nil {
		return nil, err
	}
	b.WriteString("],\n")
	b.Write(foot[1:])
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// migration brings the top level of a snapshot from one format to the next.
type migration func(map[string]json.RawMessage) error

// migrations are by the format that they start from. Format 1 is the first.
func migrations() map[int]migration { return map[int]migration{} }

// decodeSnapshot reads a snapshot, bringing an older format to this one.
// stored is the format that it had. Errors: *FormatError, or why it is corrupt.
func decodeSnapshot(raw []byte, steps map[int]migration) (s snapshot, stored int, err error) {
	stored, err = formatOf(raw)
	if err != nil {
		return snapshot{}, 0, err
	}
	if stored != Format && stored != FormatMoved {
		if raw, err = migrate(raw, stored, steps); err != nil {
			return snapshot{}, stored, err
		}
	}
	s, err = readSnapshot(raw)
	switch {
	case stored == FormatMoved && (err != nil || s.Moved == nil):
		return snapshot{}, stored, &FormatError{Have: stored, Know: Format}
	case err != nil:
		return snapshot{}, stored, err
	}
	return s, stored, s.check()
}

// readSnapshot reads a snapshot of this format, in the way that is fast where it
// is laid out as this program does it.
func readSnapshot(raw []byte) (s snapshot, err error) {
	if rest, ok := readRows(raw, &s.People, &s.Teams); ok && json.Unmarshal(rest, &s) == nil {
		return s, nil
	}
	s = snapshot{}
	return s, json.Unmarshal(raw, &s)
}

// formatOf looks for the format first: all else may be different in a newer one.
func formatOf(raw []byte) (int, error) {
	if h, ok := leading(raw); ok {
		return h.Format, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	var first struct{ Format *int }
	if err := d.Decode(&first); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("it is empty")
		}
		return 0, err
	}
	if first.Format == nil {
		return 0, errors.New("it names no format")
	}
	return *first.Format, nil
}

// leading reads format and serial from the beginning of a snapshot, where
// this program writes them, without reading the rest.
func leading(raw []byte) (h header, ok bool) {
	var rest string
	n, err := fmt.Sscanf(string(raw[:min(len(raw), 128)]), `{"format":%d,"serial":%d,%s`, &h.Format, &h.Serial, &rest)
	return h, err == nil && n == 3
}

// trailing reads the position from the end of a snapshot, where this program
// writes it.
func trailing(raw []byte) (p Position, ok bool) {
	i := bytes.LastIndex(raw, []byte(`"journal":{"seq":`))
	if i < 0 {
		return p, false
	}
	err := json.NewDecoder(bytes.NewReader(raw[i+len(`"journal":`):])).Decode(&p)
	return p, err == nil
}

func migrate(raw []byte, from int, steps map[int]migration) ([]byte, error) {
	if from > Format {
		return nil, &FormatError{Have: from, Know: Format}
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(raw, &top); err != nil {
		return nil, err
	}
	for f := from; f < Format; f++ {
		step, ok := steps[f]
		if !ok {
			return nil, &FormatError{Have: from, Know: Format}
		}
		if err := step(top); err != nil {
			return nil, fmt.Errorf("from format %d to %d: %w", f, f+1, err)
		}
	}
	top["format"] = json.RawMessage(fmt.Sprint(Format))
	return json.Marshal(top)
}

// check finds what no snapshot of this program ever says.
func (s snapshot) check() error {
	if s.Serial == 0 {
		return errors.New("it carries no serial")
	}
	people := make(map[string]bool, len(s.People))
	for _, p := range s.People {
		if p.OktaID == "" || people[p.OktaID] {
			return fmt.Errorf("the person %q is in it twice or has no id", p.OktaID)
		}
		people[p.OktaID] = true
	}
	teams := make(map[string]bool, len(s.Teams))
	for _, t := range s.Teams {
		if t.GroupID == "" || teams[t.GroupID] {
			return fmt.Errorf("the team of group %q is in it twice or has no id", t.GroupID)
		}
		teams[t.GroupID] = true
	}
	for _, p := range s.Unfinished {
		if p.Ticket == 0 || p.Ticket > s.Journal.Seq {
			return fmt.Errorf("it lists an unfinished write %d that the journal cannot hold", p.Ticket)
		}
	}
	if s.Journal.Offset < 0 || (s.Journal.Seq == 0) != (s.Journal.Hash == "") {
		return errors.New("its place in the journal makes no sense")
	}
	return nil
}

// SerialOf reads a snapshot's serial, and the place in the journal at which it was
// made; one that does not say so where this program writes it was made after all
// lines.
func SerialOf(raw []byte) (serial uint64, at Position, err error) {
	if h, ok := leading(raw); ok {
		serial = h.Serial
	} else if serial, err = serialOf(raw); err != nil {
		return 0, Position{}, err
	}
	at, ok := trailing(raw)
	if !ok {
		at = Position{Seq: math.MaxInt64 - 1}
	}
	return serial, at, nil
}

// serialOf reads the serial of a snapshot in whatever format and shape.
func serialOf(raw []byte) (uint64, error) {
	var h struct{ Serial uint64 }
	if err := json.Unmarshal(raw, &h); err != nil {
		return 0, fmt.Errorf("read the serial of the state: %w", err)
	}
	return h.Serial, nil
}
