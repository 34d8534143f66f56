package state

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

// BackupFormat is the version of the files that Backup writes.
const BackupFormat = 1

// BackupHead is the first line of a backup. The snapshot follows, then each part
// of the journal, all with the sizes that it names and as they are; the last line
// is {"sha256":"…"}, of every byte before it.
type BackupHead struct {
	Format      int       `json:"scim_sync_backup"`
	Made        time.Time `json:"made"`
	By          string    `json:"by,omitempty"`
	ToolVersion string    `json:"tool_version,omitempty"`
	Place       string    `json:"place"` // of the state, in words
	WorkspaceID string    `json:"workspace_id"`
	OrgURL      string    `json:"org_url"`
	AppID       string    `json:"app_id"`
	Serial      uint64    `json:"serial"`
	Seq         uint64    `json:"seq"`
	People      int       `json:"people"` // who are in it, released ones as well
	Teams       int       `json:"teams"`
	// Damaged says why it could not be read as it was; such a file is for people.
	Damaged string `json:"damaged,omitempty"`
	// Snapshot and Parts are sizes in bytes.
	Snapshot int64   `json:"snapshot_bytes"`
	Parts    []int64 `json:"part_bytes"`
}

const backupEnd = "{\"sha256\":\"%s\"}\n"

// Backup is a file that a state was backed up into, as a Source.
type Backup struct {
	reader
	Head BackupHead

	path     string
	file     *os.File
	snapshot int64 // where it begins
}

// OpenBackup opens a backup, after checking that it is as it was written. Errors:
// *CorruptError, *FormatError of a newer program, and those of files.
func OpenBackup(path string) (*Backup, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	b, err := readBackup(f, path)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return b, nil
}

// Close closes the file.
func (b *Backup) Close() error { return b.file.Close() }

func readBackup(f *os.File, path string) (*Backup, error) {
	b := &Backup{path: path, file: f}
	b.reader = reader{b, migrations()}
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	tail := int64(len(fmt.Sprintf(backupEnd, hex.EncodeToString(sum.Sum(nil)))))
	body := bufio.NewReader(io.TeeReader(io.NewSectionReader(f, 0, max(st.Size()-tail, 0)), sum))
	head, err := body.ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if json.Unmarshal(head, &b.Head) != nil || b.Head.Format == 0 {
		return nil, b.corrupt("it does not begin as a backup of scim-sync does")
	}
	if b.Head.Format > BackupFormat {
		return nil, &FormatError{Place: path, Have: b.Head.Format, Know: BackupFormat}
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		return nil, err
	}
	end := make([]byte, min(tail, st.Size()))
	if _, err := f.ReadAt(end, st.Size()-int64(len(end))); err != nil {
		return nil, err
	}
	if want := fmt.Sprintf(backupEnd, hex.EncodeToString(sum.Sum(nil))); string(end) != want {
		return nil, b.corrupt("its checksum is not that of its content")
	}
	size := int64(len(head)) + b.Head.Snapshot + tail
	for _, n := range b.Head.Parts {
		size += n
	}
	if size != st.Size() {
		return nil, b.corrupt(fmt.Sprintf("it has %d bytes and not the %d that its first line names", st.Size(), size))
	}
	if b.Head.Damaged != "" {
		return nil, b.corrupt("it keeps a state that could not be read when it was written (" + b.Head.Damaged + ")")
	}
	b.snapshot = int64(len(head))
	return b, nil
}

func (b *Backup) corrupt(why string) error {
	return &CorruptError{Place: "the backup " + b.path, Why: why, WayBack: "take another backup; nothing was changed"}
}

// load reads the state that was backed up, after checking each line.
func (b *Backup) load(ctx context.Context) (*loaded, error) {
	l, err := b.loadMoved(ctx)
	if err != nil {
		return nil, err
	}
	v, err := b.check(ctx, l.replay.pos)
	if err == nil && v.Bad != nil {
		err = b.corrupt(fmt.Sprintf("line %d of %s: %s", v.Bad.Line, v.Bad.Part, v.Bad.Why))
	}
	l.replay.moved = nil // it is what was moved
	return l, err
}

// Paths says which file it is.
func (b *Backup) Paths() Paths {
	return Paths{Kind: "backup", Snapshot: "the backup " + b.path, Journal: "the journal in the backup " + b.path}
}

// Snapshot gives the one that was backed up.
func (b *Backup) Snapshot(context.Context) ([]byte, error) {
	raw := make([]byte, b.Head.Snapshot)
	_, err := io.ReadFull(io.NewSectionReader(b.file, b.snapshot, b.Head.Snapshot), raw)
	return raw, err
}

// Parts lists the parts that were backed up.
func (b *Backup) Parts(context.Context) ([]Part, error) {
	var parts []Part
	for i, size := range b.Head.Parts {
		parts = append(parts, Part{Name: "part " + strconv.Itoa(i+1), Size: size})
	}
	return parts, nil
}

// Open reads a part.
func (b *Backup) Open(ctx context.Context, part string, offset int64) (io.ReadCloser, error) {
	at := b.snapshot + b.Head.Snapshot
	parts, err := b.Parts(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if p.Name == part {
			offset = min(offset, p.Size)
			return io.NopCloser(io.NewSectionReader(b.file, at+offset, p.Size-offset)), nil
		}
		at += p.Size
	}
	return io.NopCloser(bytes.NewReader(nil)), nil
}
