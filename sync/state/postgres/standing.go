package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"scim-sync/sync/state"
	"scim-sync/sync/state/postgres/database"
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
func look(ctx context.Context, d *database.Database, p database.Patience) (s standing, err error) {
	var version int
	var holder string
	err = d.Row(ctx, p, `select v.version, s.workspace is not null, coalesce(s.owner, ''), coalesce(s.fence, 0), coalesce(s.serial, 0),
		coalesce(s.first_part, 1), coalesce(s.former, '{}'), coalesce(s.size, 0), coalesce(s.seq, 0), coalesce(s.hash, ''),
		coalesce(s.owner <> '' and s.until > clock_timestamp(), false), coalesce(s.holder, ''), coalesce(s.renewed, 'epoch'),
		case when s.until > s.renewed then s.until else 'epoch' end, coalesce(s.renewals, 0)
		from {s}.version v left join {s}.state s on s.workspace = $1`, []any{d.Workspace},
		&version, &s.exists, &s.owner, &s.fence, &s.serial, &s.first, &s.former, &s.size, &s.end.Seq, &s.end.Hash,
		&s.held, &holder, &s.renewed, &s.until, &s.renewals)
	if database.NoTable(err) {
		return standing{}, nil
	}
	if err == nil {
		err = d.Known(version)
	}
	s.end.Offset = s.size
	_ = json.Unmarshal([]byte(holder), &s.holder) // it is for people alone
	return s, err
}

// locked says who holds the lock.
func (s standing) locked(d *database.Database) error {
	return &state.LockedError{Holder: s.holder, Place: d.Lock, Note: s.note()}
}

func (s standing) note() string {
	return "it was renewed at " + s.renewed.UTC().Format(time.RFC3339) + " by the server's clock"
}

func (s standing) mark() string { return fmt.Sprintf("%s %d", s.owner, s.renewals) }

func partName(d *database.Database, n int) string { return fmt.Sprintf("%s, part %d", d.Journal, n) }

// partNumber is the number in a name that Parts gave.
func partNumber(d *database.Database, name string) (int, error) {
	text, ok := strings.CutPrefix(name, d.Journal+", part ")
	n, err := strconv.Atoi(text)
	if !ok || err != nil {
		return 0, fmt.Errorf("%s: there is no such part", name)
	}
	return n, nil
}
