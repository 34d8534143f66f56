package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"scim-sync/sync/state"
)

// journal says which parts the journal has, and how it ends.
type journal struct {
	first  int     // the number of the oldest part
	former []int64 // bytes of the parts before the last one
	size   int64   // bytes of the last one
	end    state.Position
}

func (j journal) last() int { return j.first + len(j.former) }

// standing is the row of a state, as it is now.
type standing struct {
	exists bool
	owner  string
	fence  int64
	serial uint64
	journal
	held           bool // the lock, by the server's clock
	holder         state.Holder
	renewed, until time.Time
	renewals       int64
}

// look reads the row; without one, or without tables, nothing exists.
func (b *backend) look(ctx context.Context) (standing, error) { return b.db.look(ctx, reading) }

func (d *database) look(ctx context.Context, p patience) (s standing, err error) {
	var version int
	var holder string
	err = d.row(ctx, p, `select v.version, s.workspace is not null, coalesce(s.owner, ''), coalesce(s.fence, 0), coalesce(s.serial, 0),
		coalesce(s.first_part, 1), coalesce(s.former, '{}'), coalesce(s.size, 0), coalesce(s.seq, 0), coalesce(s.hash, ''),
		coalesce(s.owner <> '' and s.until > clock_timestamp(), false), coalesce(s.holder, ''), coalesce(s.renewed, 'epoch'),
		case when s.until > s.renewed then s.until else 'epoch' end, coalesce(s.renewals, 0)
		from {s}.version v left join {s}.state s on s.workspace = $1`, []any{d.workspace},
		&version, &s.exists, &s.owner, &s.fence, &s.serial, &s.first, &s.former, &s.size, &s.end.Seq, &s.end.Hash,
		&s.held, &holder, &s.renewed, &s.until, &s.renewals)
	if noTable(err) {
		return standing{}, nil
	}
	if err == nil {
		err = d.known(version)
	}
	s.end.Offset = s.size
	_ = json.Unmarshal([]byte(holder), &s.holder) // it is for people alone
	return s, err
}

// locked says who holds the lock.
func (d *database) locked(s standing) error {
	return &state.LockedError{Holder: s.holder, Place: d.Lock, Note: s.note()}
}

func (s standing) note() string {
	return "it was renewed at " + s.renewed.UTC().Format(time.RFC3339) + " by the server's clock"
}

func (s standing) mark() string { return fmt.Sprintf("%s %d", s.owner, s.renewals) }

func (b *backend) Standing(ctx context.Context) (*state.Standing, error) {
	s, err := b.look(ctx)
	if err != nil || !s.held {
		return nil, err
	}
	return &state.Standing{Holder: s.holder, Renewed: s.renewed.UTC(), Until: s.until.UTC(), Every: b.length / 3, Mark: s.mark()}, nil
}

func (b *backend) Break(ctx context.Context, at state.Standing) error {
	_, err := b.db.exec(ctx, reading, `update {s}.state set owner = '', until = '-infinity'
		where workspace = $1 and owner || ' ' || renewals = $2`, b.db.workspace, at.Mark)
	if noTable(err) {
		return nil
	}
	if err != nil {
		return err
	}
	s, err := b.look(ctx)
	if err == nil && s.held {
		err = b.db.locked(s)
	}
	return err
}
