package state

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"scim-sync/internal/atomicfile"
)

// Backup writes the state, snapshot and whole journal, into a file of the
// owner's alone, which it reads back before the file is there under its name. It
// takes no lock. A file that is there is overwritten only with force. With moved, a
// state that was moved away is written as it was then.
//
// Errors: fs.ErrExist, and those of Read.
func (s *Store) Backup(ctx context.Context, path string, info RunInfo, force, moved bool) (BackupHead, error) {
	if _, err := os.Lstat(path); err == nil && !force {
		return BackupHead{}, &fs.PathError{Op: "back up into", Path: path, Err: fs.ErrExist}
	}
	load := s.load
	if moved {
		load = s.loadMoved
	}
	const tries = 5
	for try := 1; ; try++ {
		head, err := s.backUp(ctx, path, info, load)
		if _, corrupt := errors.AsType[*CorruptError](err); !corrupt || try == tries {
			return head, err
		}
		// A run may have replaced one of them in between.
		if err := wait(ctx, 100*time.Millisecond); err != nil {
			return head, err
		}
	}
}

func (s *Store) backUp(ctx context.Context, path string, info RunInfo, load func(context.Context) (*loaded, error)) (BackupHead, error) {
	l, err := load(ctx)
	if err != nil {
		return BackupHead{}, err
	}
	if !l.exists() {
		return BackupHead{}, &RefusedError{Place: s.Paths().Snapshot, Why: "there is no state yet, so that there is nothing to back up", WayOn: "The first apply makes it."}
	}
	if l.snapshot == nil {
		if l.snapshot, err = snapshotOf(l.replay, 1).encode(); err != nil {
			return BackupHead{}, err
		}
	}
	b := backupWriter{from: s.from, head: s.headOf(l, info), snapshot: l.snapshot, parts: whole(l.parts, l.replay.pos)}
	return b.head, atomicfile.WriteBy(path, fileMode, func(f *os.File) error {
		if err := b.write(ctx, f); err != nil {
			return err
		}
		back, err := readBackup(f, path)
		if err == nil {
			_, err = back.load(ctx)
		}
		return err
	})
}

func (s *Store) headOf(l *loaded, info RunInfo) BackupHead {
	m := l.replay.managed
	info = s.scrub.info(info)
	return BackupHead{Format: BackupFormat, Made: info.Now(), By: info.Operator, ToolVersion: info.ToolVersion, Place: s.Paths().Snapshot,
		WorkspaceID: m.WorkspaceID, OrgURL: m.OrgURL, AppID: m.AppID, Serial: max(l.serial, 1), Seq: l.replay.pos.Seq, People: len(m.People), Teams: len(m.Teams)}
}

// keepDamaged writes what there is of a state that cannot be read into a file.
func (s *Store) keepDamaged(ctx context.Context, path string, info RunInfo, why error) error {
	snapshot, err := s.from.Snapshot(ctx)
	if _, gone := errors.AsType[*CorruptError](err); err != nil && !gone {
		return err
	}
	parts, err := s.from.Parts(ctx)
	if err != nil {
		return err
	}
	b := backupWriter{from: s.from, head: s.headOf(&loaded{replay: newReplay()}, info), snapshot: snapshot, parts: parts}
	b.head.Damaged = why.Error()
	return atomicfile.WriteBy(path, fileMode, func(f *os.File) error { return b.write(ctx, f) })
}

// backupWriter puts a backup together.
type backupWriter struct {
	from     Source
	head     BackupHead
	snapshot []byte
	parts    []Part
}

func (b *backupWriter) write(ctx context.Context, to io.Writer) error {
	b.head.Snapshot, b.head.Parts = int64(len(b.snapshot)), nil
	for _, p := range b.parts {
		b.head.Parts = append(b.head.Parts, p.Size)
	}
	head, err := json.Marshal(b.head)
	if err != nil {
		return err
	}
	sum := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(to, sum), 256<<10)
	_, _ = out.Write(append(head, '\n')) // its error stays until Flush
	_, _ = out.Write(b.snapshot)
	for _, p := range b.parts {
		if err := b.part(ctx, out, p); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(to, backupEnd, hex.EncodeToString(sum.Sum(nil)))
	return err
}

func (b *backupWriter) part(ctx context.Context, out io.Writer, p Part) error {
	if p.Size == 0 {
		return nil
	}
	body, err := b.from.Open(ctx, p.Name, 0)
	if err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	defer body.Close()
	n, err := io.CopyN(out, body, p.Size)
	if errors.Is(err, io.EOF) {
		return &CorruptError{Place: p.Name, Why: fmt.Sprintf("it ends after %d of %d bytes", n, p.Size), WayBack: "try again: a run may have been at work there"}
	}
	return err
}
