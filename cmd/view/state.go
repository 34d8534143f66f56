package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"scim-sync/attio"
	"scim-sync/internal/piecewise"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// StateText shows what is managed and how the state stands; lock says who holds
// it. wide shows all of the tables, however narrow the terminal is. The error is the stream's.
func StateText(s Stream, m core.Managed, unfinished []core.Unfinished, info state.Info, lock string, wide bool) error {
	out := newPrinter(s)
	out.fact("state", out.detail(info.Paths.Snapshot))
	out.fact("store", out.name(info.Paths.Kind))
	out.fact("size", fmt.Sprintf("snapshot %s (serial %d), journal %s (line %d)", byteWords(info.SnapshotSize), info.Serial, byteWords(info.JournalSize), info.Seq))
	out.fact("lock", out.detail(lock))
	if !info.Exists {
		out.line(2, 4, plain("There is no state yet: nothing is managed."))
		return out.flush()
	}
	out.fact("workspace", out.name(m.WorkspaceID))
	out.fact("Okta", "app "+out.name(m.AppID)+" of "+out.name(m.OrgURL))
	people, _ := CountManaged(m)
	out.fact("managed", people.String())
	out.fact("teams", tallyTeams(m))
	out.fact("removals", fmt.Sprintf("%s within the last days: caps may count them", removalWords(m.Removals)))
	if l := m.Latched; l != nil {
		out.fact("latched", out.name(l.Code)+" since "+when(l.At)+": removals beyond the floor are refused until they are within it again or allowed")
	}
	if n := len(unfinished); n > 0 {
		out.fact("unfinished", count(n, "write", "writes")+" whose end is not known, or of a run that goes on; the next run looks first")
	}
	if r := info.LastRun; r != nil {
		out.fact("last run", strings.TrimSpace(out.name(r.Info.RunID)+" "+runNumber(*r))+" ("+out.name(r.Info.Command)+"): "+out.ending(*r))
	}
	out.managedPeople(m, wide)
	out.managedTeams(m, wide)
	return out.flush()
}

// StateJSON writes the same for programs.
func StateJSON(w io.Writer, m core.Managed, unfinished []core.Unfinished, info state.Info, lock *state.Standing) error {
	return writeJSONPieces(w, "  ", func(pieces io.Writer) error {
		o := piecewise.NewObject(pieces, false)
		o.Fields(struct {
			FormatVersion int    `json:"format_version"`
			Exists        bool   `json:"exists"`
			Place         string `json:"place"`
			Journal       string `json:"journal"`
			Serial        uint64 `json:"serial"`
			JournalLine   uint64 `json:"journal_line"`
			Store         string `json:"store"`
			SnapshotBytes int64  `json:"snapshot_bytes"`
			JournalBytes  int64  `json:"journal_bytes"`
			Lock          *held  `json:"lock"` // null: it is free
			core.Managed
		}{1, info.Exists, info.Paths.Snapshot, info.Paths.Journal, info.Serial, info.Seq, info.Paths.Kind, info.SnapshotSize, info.JournalSize, heldBy(lock), m})
		piecewise.List(o, "people", m.SortedPeople())
		piecewise.List(o, "teams", m.SortedTeams())
		piecewise.List(o, "unfinished", orEmpty(unfinished))
		o.Fields(struct {
			LastRun *state.RunRecord `json:"last_run"`
		}{info.LastRun})
		return o.End()
	})
}

// held is who holds a lock; the times are of one that runs out.
type held struct {
	state.Holder
	Renewed time.Time `json:"renewed,omitzero"`
	Until   time.Time `json:"until,omitzero"`
}

func heldBy(s *state.Standing) *held {
	if s == nil {
		return nil
	}
	return &held{s.Holder, s.Renewed, s.Until}
}

// byteWords gives a size as people read it.
func byteWords(n int64) string {
	const kB = 1000
	if n < kB {
		return count(int(n), "byte", "bytes")
	}
	size, unit := float64(n)/kB, "kB"
	if size >= kB {
		size, unit = size/kB, "MB"
	}
	return fmt.Sprintf("%.1f %s", size, unit)
}

// removalWords counts removals, and changes of address where there are any.
func removalWords(list []core.Removal) string {
	moved := 0
	for _, r := range list {
		if r.Action == core.ChangeEmail {
			moved++
		}
	}
	words := thousands(len(list) - moved)
	if moved > 0 {
		words += " and " + count(moved, "change of address", "changes of address")
	}
	return words
}

func tallyTeams(m core.Managed) string {
	managed, unlinked, outside := 0, 0, 0
	for _, t := range m.Teams {
		switch {
		case t.Unlinked:
			unlinked++
		case t.OutOfScope:
			outside++
		default:
			managed++
		}
	}
	return count(managed, "group", "groups") + " managed" + clause("; ", []number{{unlinked, "unlinked"}, {outside, "out of scope"}})
}

func (p *printer) managedPeople(m core.Managed, wide bool) {
	if len(m.People) == 0 {
		return
	}
	p.blank()
	var rows [][]string
	people := m.SortedPeople()
	slices.SortStableFunc(people, func(a, b core.ManagedPerson) int {
		return cmp.Compare(attio.FoldEmail(a.Email), attio.FoldEmail(b.Email))
	})
	for _, e := range people {
		rows = append(rows, []string{p.name(e.Email), firstOf(standing(e), "not made"), p.role(e.Applied.Role), p.name(e.OktaID), p.name(e.AttioID), when(e.ManagedSince)})
	}
	p.table(grid{wide: wide, rows: rows, columns: []column{
		{title: "EMAIL"}, {title: "STATUS", rank: 1}, {title: "ROLE", rank: 2}, {title: "OKTA ID", rank: 4}, {title: "ATTIO ID", rank: 5}, {title: "SINCE", rank: 3},
	}})
}

func (p *printer) managedTeams(m core.Managed, wide bool) {
	if len(m.Teams) == 0 {
		return
	}
	p.blank()
	var rows [][]string
	for _, t := range m.SortedTeams() {
		status := "linked"
		switch {
		case t.Unlinked:
			status = "unlinked"
		case t.OutOfScope:
			status = "out of scope"
		case t.Created:
			status = "created"
		}
		rows = append(rows, []string{p.name(t.Applied.Name), status, p.name(t.GroupID), p.name(t.TeamID)})
	}
	p.table(grid{wide: wide, rows: rows, columns: []column{{title: "TEAM"}, {title: "STATUS", rank: 1}, {title: "OKTA GROUP", rank: 2}, {title: "ATTIO ID", rank: 3}}})
}
