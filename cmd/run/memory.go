package run

import (
	"context"
	"slices"
	"time"

	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// memory is what people were told and could not be noted in the state: there is none
// yet, or it is away. It lasts as long as the process.
type memory struct {
	unnoted []core.ToldTrouble
	dropped map[string]bool // by key: were told to be over
}

// was is what people were told: by the state, and beside it.
func (m *memory) was(noted []core.ToldTrouble) []core.ToldTrouble {
	all := slices.Clone(m.unnoted)
	for _, t := range noted {
		if !m.dropped[t.Key] && !has(all, t.Key) {
			all = append(all, t)
		}
	}
	return all
}

// keep keeps what was told beside what the state says of it.
func (m *memory) keep(told, noted []core.ToldTrouble) {
	*m = memory{dropped: map[string]bool{}}
	for _, t := range told {
		if !slices.Contains(noted, t) {
			m.unnoted = append(m.unnoted, t)
		}
	}
	for _, t := range noted {
		m.dropped[t.Key] = !has(told, t.Key)
	}
}

// parted parts what was told in two, in its order.
func parted(all []core.ToldTrouble, is func(core.ToldTrouble) bool) (those, others []core.ToldTrouble) {
	for _, t := range all {
		if is(t) {
			those = append(those, t)
		} else {
			others = append(others, t)
		}
	}
	return those, others
}

func has(all []core.ToldTrouble, key string) bool {
	return slices.ContainsFunc(all, func(t core.ToldTrouble) bool { return t.Key == key })
}

// byJournal adds what people must have been told as well where there is no state to note it in:
// the runs that ended before in the very same way have told it, and once a day again.
func byJournal(ctx context.Context, store *state.Store, m core.Managed, was []core.ToldTrouble, now []core.Trouble) []core.ToldTrouble {
	if m.WorkspaceID != "" || store == nil {
		return was
	}
	for _, t := range now {
		var since, last time.Time
		for r, err := range store.Runs(ctx) {
			switch {
			case err != nil:
				return was // it is told once more
			case r.Summary == nil: // this one
			case r.Summary.Error != t.Text:
				since = time.Time{}
			case since.IsZero():
				since, last = r.Ended, r.Ended
			case r.Ended.Sub(last) >= core.RemindEvery:
				last = r.Ended
			}
		}
		if !since.IsZero() && !has(was, t.Key) {
			was = append(was, core.ToldTrouble{Key: t.Key, Lead: t.Lead, Code: t.Code, Text: t.Text, Since: since, Last: last})
		}
	}
	return was
}
