package postgres

import (
	"context"
	"io"

	"github.com/jackc/pgx/v5"

	"scim-sync/sync/state/postgres/database"
)

// Lines are read in bunches: a few where the beginning of a part is wanted, as it
// may be alone, then many. Of a line that is long, as one that holds a whole state, only the
// beginning comes along at first.
const (
	few       = 4
	bunch     = 512
	long      = 64 << 10
	beginning = 4096 // letters
)

// piece is a line, or where it ends or begins.
type piece struct {
	start, size int64 // of the line, in bytes of its part
	from        int64 // where text begins
	text        string
}

// partReader reads a part from an offset on.
type partReader struct {
	ctx   context.Context
	db    *database.Database
	part  int
	at    int64 // what is read next
	next  int   // how many lines to ask for
	ready []piece
	ended bool // nothing comes after ready
	// keep is given the lines that go on to the end of the part.
	keep func([]piece)
}

func newReader(ctx context.Context, db *database.Database, part int, offset int64, keep func([]piece)) *partReader {
	r := &partReader{ctx: ctx, db: db, part: part, at: offset, next: bunch, keep: keep}
	if offset == 0 {
		r.next = few
	}
	return r
}

func (r *partReader) Close() error { return nil }

func (r *partReader) Read(p []byte) (int, error) {
	for {
		for len(r.ready) > 0 {
			first := r.ready[0]
			skip := r.at - first.from
			if skip < int64(len(first.text)) {
				n := copy(p, first.text[skip:])
				r.at += int64(n)
				return n, nil
			}
			if r.at < first.start+first.size { // the rest of a long line
				if err := r.whole(first); err != nil {
					return 0, err
				}
				continue
			}
			r.ready = r.ready[1:]
		}
		if r.ended {
			return 0, io.EOF
		}
		if err := r.fetch(); err != nil {
			return 0, err
		}
	}
}

// fetch reads the next lines. The one that the offset lies in comes without what
// is before it.
func (r *partReader) fetch() error {
	var pieces []piece
	err := r.db.Ask(r.ctx, database.Reading(), func(ctx context.Context, c *pgx.Conn) error {
		rows, err := c.Query(ctx, r.db.SQL(`select start, size, case when start < $3 then right(line, (start + size - $3)::integer)
				when size > $5 then left(line, $6) else line end
			from {s}.journal where workspace = $1 and part = $2 and start + size > $3
			and start >= coalesce((select max(start) from {s}.journal where workspace = $1 and part = $2 and start <= $3), 0)
			order by start limit $4`), r.db.Workspace, r.part, r.at, r.next, long, beginning)
		if err != nil {
			return err
		}
		pieces, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p piece, err error) {
			err = row.Scan(&p.start, &p.size, &p.text)
			p.from = p.start
			if p.start < r.at { // so many letters are at least so many bytes
				p.text = p.text[int64(len(p.text))-(p.start+p.size-r.at):]
				p.from = r.at
			}
			return p, err
		})
		return err
	})
	if err != nil {
		return err
	}
	r.ready, r.ended = pieces, len(pieces) < r.next
	if r.ended && r.next == bunch {
		r.keep(pieces)
	}
	r.next = bunch
	return nil
}

// whole reads all of a line of which only the beginning is there.
func (r *partReader) whole(p piece) error {
	p.from = p.start
	err := r.db.Row(r.ctx, database.Reading().Carrying(int(p.size)), `select line from {s}.journal where workspace = $1 and part = $2 and start = $3`,
		[]any{r.db.Workspace, r.part, p.start}, &p.text)
	if err != nil {
		return err
	}
	r.ready = append([]piece{p}, r.ready[1:]...) // the others may read the same pieces
	return nil
}
