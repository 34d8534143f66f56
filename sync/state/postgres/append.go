package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"scim-sync/sync/state"
	"scim-sync/sync/state/postgres/database"
)

// ending is true where the journal ends at the position that a writer knows. An
// empty one takes up where a journal that is gone ended.
const ending = `s.size = $5 and (s.seq = $6 and ($7 = '' or s.hash = $7) or s.seq = 0)`

// put adds lines behind the row that says how the journal ends. The row is locked
// and changed by the same statement, so that it finds another holder, or another
// end, however long it waited.
const put = `), lines as (
		insert into {s}.journal (workspace, part, start, size, seq, fence, run, hash, line)
		select $1, head.part, u.start, u.size, $6 + u.n, $3, u.run, u.hash, u.line
		from head, unnest($10::bigint[], $11::bigint[], $12::text[], $13::text[], $14::text[]) with ordinality as u(start, size, run, hash, line, n)
		returning 1
	) select from lines`

const (
	appendLines = `with head as (
		update {s}.state s set size = s.size + $8, seq = $6 + cardinality($14::text[]), hash = $9, ` + renews + `
		where ` + mine + ` and ` + ending + ` returning first_part + cardinality(former) as part, ` + durable + put
	rotate = `with head as (
		update {s}.state s set former = s.former || s.size, size = $8, seq = $6 + cardinality($14::text[]), hash = $9, ` + renews + `
		where ` + mine + ` and ` + ending + ` returning first_part + cardinality(former) as part, ` + durable + put
)

// batch are lines on their way, one value a line.
type batch struct {
	starts, sizes      []int64
	runs, hashes, text []string
	size               int64
}

// linesOf takes lines apart, the first of which begins at the byte start of its
// part.
func linesOf(raw []byte, start int64) (b batch, err error) {
	if len(raw) == 0 || raw[len(raw)-1] != '\n' {
		return b, errors.New("the lines of the journal are not whole; nothing was written")
	}
	if err := textual("a line of the journal", raw); err != nil {
		return b, err
	}
	for line := range bytes.Lines(raw) {
		run, hash := state.Names(line)
		b.starts, b.sizes = append(b.starts, start+b.size), append(b.sizes, int64(len(line)))
		b.runs, b.hashes, b.text = append(b.runs, run), append(b.hashes, hash), append(b.text, string(line))
		b.size += int64(len(line))
	}
	return b, nil
}

func (w *writer) Append(ctx context.Context, after state.Position, lines []byte) error {
	j := w.journal()
	j.size = after.Offset
	return w.put(ctx, appendLines, after, lines, j)
}

func (w *writer) Rotate(ctx context.Context, after state.Position, first []byte) error {
	j := w.journal()
	j.former = append(slices.Clip(j.former), after.Offset)
	j.size = 0
	return w.put(ctx, rotate, after, first, j)
}

// put carries out a statement that adds lines after a position, which makes the
// journal j with them.
func (w *writer) put(ctx context.Context, statement string, after state.Position, lines []byte, j journal) error {
	b, err := linesOf(lines, j.size)
	if err != nil {
		return err
	}
	if after == (state.Position{}) { // a journal that is copied or restored need not begin with line 1
		after.Seq = state.FirstSeq(lines, 1) - 1
	}
	j.size += b.size
	j.end = state.Position{Seq: after.Seq + uint64(len(b.text)), Hash: b.hashes[len(b.hashes)-1], Offset: j.size}
	args := w.key(after.Offset, int64(after.Seq), after.Hash, b.size, j.end.Hash, b.starts, b.sizes, b.runs, b.hashes, b.text)
	err = w.write(ctx, len(lines), func(ctx context.Context, c *pgx.Conn) error {
		return database.One(ctx, c, w.db.SQL(statement), args...)
	}, endsAt(j))
	if err == nil {
		w.setJournal(j)
	}
	return err
}

// Cut is for a journal that somebody else has changed: no write of this program
// ends in the middle of a line here.
func (w *writer) Cut(ctx context.Context, at state.Position) (aside string, err error) {
	name := fmt.Sprintf("cut-%d", at.Seq+1)
	j := w.journal()
	j.size, j.end = at.Offset, at
	err = w.write(ctx, 0, func(ctx context.Context, c *pgx.Conn) error {
		return database.One(ctx, c, w.db.SQL(`with head as (
				update {s}.state s set size = $5, seq = $6, hash = $7, `+renews+` where `+mine+` and s.size > $5
				and ($5 = 0 or exists (select from {s}.journal j where j.workspace = $1
					and j.part = s.first_part + cardinality(s.former) and j.start + j.size = $5))
				returning first_part + cardinality(former) as part
			), gone as (
				delete from {s}.journal j using head where j.workspace = $1 and j.part = head.part and j.start >= $5
				returning j.seq, j.line
			) insert into {s}.aside (workspace, name, seq, content)
			select $1, $8, $6, convert_to(string_agg(line, '' order by seq), 'UTF8') from gone having count(*) > 0
			on conflict (workspace, name) do update set seq = excluded.seq, content = excluded.content`),
			w.key(at.Offset, int64(at.Seq), at.Hash, name)...)
	}, endsAt(j))
	if err != nil {
		return "", err
	}
	w.setJournal(j)
	return w.db.Journal + ", aside " + name, nil
}

// endsAt is settled where the journal ends so.
func endsAt(j journal) func(standing) (bool, error) {
	return func(s standing) (bool, error) {
		return s.last() == j.last() && s.size == j.size && s.end.Seq == j.end.Seq && s.end.Hash == j.end.Hash, nil
	}
}
