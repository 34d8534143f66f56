package view

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"scim-sync/internal/piecewise"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// historyVersion is the version of the history's JSON. It only grows.
const historyVersion = 1

// RunsText lists runs, the oldest first, and says how many older ones there
// are. wide shows all of each, however narrow the terminal is. The error is the
// stream's.
func RunsText(s Stream, runs []state.RunRecord, older int, wide bool) error {
	out := newPrinter(s)
	if len(runs) == 0 {
		out.line(0, 2, plain("There has been no run yet."))
		return out.flush()
	}
	if older > 0 {
		out.line(0, 2, seg{text: count(older, "older run", "older runs") + " not shown: --last 0 shows all.", paint: out.faint})
	}
	out.table(runsTable(out, runs, wide))
	return out.flush()
}

// runsTable has the columns that scripts know in a pipe; people begin with the number.
func runsTable(p *printer, runs []state.RunRecord, wide bool) grid {
	g := grid{wide: wide, columns: []column{
		{title: "RUN", rank: 5}, {title: "BEGAN", rank: 1}, {title: "COMMAND", rank: 3},
		{title: "BY", rank: 4}, {title: "ENDED"}, {title: "NOTE", rank: 2, least: 16},
	}}
	for _, r := range runs {
		g.rows = append(g.rows, []string{p.name(r.Info.RunID), when(r.Info.Began), p.name(r.Info.Command), p.name(r.Info.Operator), p.ending(r), p.aside(r)})
	}
	if !p.stream.TTY {
		return g
	}
	g.columns = append([]column{{title: "#"}}, g.columns...)
	for i, r := range runs {
		g.rows[i] = append([]string{runNumber(r)}, g.rows[i]...)
	}
	return g
}

// runNumber is how a run is called in short.
func runNumber(r state.RunRecord) string {
	if r.Info.Number == 0 {
		return ""
	}
	return "#" + strconv.FormatUint(r.Info.Number, 10)
}

// RunsJSON writes the same for programs.
func RunsJSON(w io.Writer, runs []state.RunRecord) error {
	return writeJSON(w, struct {
		FormatVersion int               `json:"format_version"`
		Runs          []state.RunRecord `json:"runs"`
	}{historyVersion, orEmpty(runs)}, "  ")
}

// EventsJSON writes lines of the journal for programs, as they are.
func EventsJSON(w io.Writer, events []state.Event) error {
	return writeJSONPieces(w, "  ", func(pieces io.Writer) error {
		o := piecewise.NewObject(pieces, false)
		o.Fields(struct {
			FormatVersion int `json:"format_version"`
		}{historyVersion})
		piecewise.List(o, "events", orEmpty(events))
		return o.End()
	})
}

// The exit codes that a page has words for. They never change.
const (
	exitRefused     = 3
	exitInterrupted = 130
)

// ending says how a run ended, in a few words.
func (v voice) ending(r state.RunRecord) string {
	if r.Summary == nil {
		return "cut off, or goes on"
	}
	var parts []string
	for _, o := range []core.StepOutcome{core.StepOK, core.StepFailed, core.StepRefused, core.StepSkipped, core.StepNotRun} {
		if n := r.Summary.Counts[string(o)]; n > 0 {
			parts = append(parts, thousands(n)+" "+strings.ReplaceAll(string(o), "_", " "))
		}
	}
	switch {
	case len(parts) > 0:
	case r.Intents == 0 && (len(r.Summary.Refusals) > 0 || r.Summary.ExitCode == exitRefused):
		parts = []string{"refused"}
	case r.Summary.ExitCode == exitInterrupted && r.Intents == 0:
		parts = []string{"interrupted before it wrote anything"}
	case r.Summary.ExitCode != 0 && r.Intents == 0:
		parts = []string{"failed before it wrote anything"}
	case r.Intents == 0 && r.Changes == 0:
		parts = []string{"nothing changed"}
	case r.Intents == 0:
		parts = []string{"only state changed"}
	default:
		parts = []string{count(r.Intents, "write", "writes")}
	}
	return fmt.Sprintf("%s, exit %d", strings.Join(parts, ", "), r.Summary.ExitCode)
}

// aside is what else is worth telling of a run: its refusals, error, reason.
func (v voice) aside(r state.RunRecord) string {
	var parts []string
	if r.Summary != nil && len(r.Summary.Refusals) > 0 {
		codes := slices.Compact(slices.Sorted(slices.Values(r.Summary.Refusals)))
		parts = append(parts, "refused: "+v.codes(codes))
	}
	if r.Summary != nil && r.Summary.Error != "" {
		parts = append(parts, "error: "+v.detail(r.Summary.Error))
	}
	if r.Info.Reason != "" {
		parts = append(parts, "reason: "+v.detail(r.Info.Reason))
	}
	return strings.Join(parts, "; ")
}

// RunText shows one run: who asked for it, each step and what became of it,
// and its end. The error is the stream's.
func RunText(s Stream, r state.RunRecord, events []state.Event) error {
	out := newPrinter(s)
	out.line(0, 2, seg{text: strings.TrimSpace("Run " + out.name(r.Info.RunID) + "  " + runNumber(r)), paint: out.bold})
	out.fact("command", out.name(r.Info.Command))
	out.fact("by", out.name(r.Info.Operator))
	out.fact("CI job", out.detail(r.Info.CIJob))
	out.fact("reason", out.detail(r.Info.Reason))
	out.fact("began", when(r.Info.Began))
	out.fact("ended", when(r.Ended))
	out.fact("program", "scim-sync "+out.name(r.Info.ToolVersion))
	out.fact("plan", out.name(r.Info.PlanID))
	out.fact("settings", out.name(r.Info.SettingsDigest))
	out.fact("came to", out.ending(r))
	if r.Summary != nil {
		out.fact("error", out.detail(r.Summary.Error))
		out.fact("refused", out.codes(r.Summary.Refusals))
		out.fact("requests", requests(r.Summary.Requests))
	}
	out.blank()
	out.events(events, false)
	return out.flush()
}

func requests(by map[string]int) string {
	var parts []string
	for side, n := range by {
		parts = append(parts, clean(side)+" "+thousands(n))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// PersonText shows all that the journal holds about somebody, with the run
// that each line belongs to. The error is the stream's.
func PersonText(s Stream, name string, events []state.Event) error {
	out := newPrinter(s)
	told := slices.DeleteFunc(slices.Clone(events), func(e state.Event) bool { return !Tells(e) })
	if len(told) == 0 {
		out.line(0, 2, plain("The journal holds nothing about "+out.name(name)+"."))
		return out.flush()
	}
	out.events(aboutThem(told, name), true)
	return out.flush()
}

// VerdictText says what a check of the journal found. The error is the stream's.
func VerdictText(s Stream, v state.Verdict) error {
	out := newPrinter(s)
	span := fmt.Sprintf("%s in %s", count(v.Lines, "line", "lines"), count(v.Parts, "part", "parts"))
	if v.Lines > 0 {
		span += fmt.Sprintf(", %d to %d", v.First, v.Last)
	}
	if v.Bad != nil {
		out.line(0, 2, seg{text: "The journal is not as it was written.", paint: out.alarm})
		out.line(0, 2, plain(fmt.Sprintf("%s, line %d (byte %d): %s", out.detail(v.Bad.Part), v.Bad.Line, v.Bad.Offset, out.detail(v.Bad.Why))))
		out.line(0, 2, plain("Intact before it: "+span+". What follows cannot be relied on; compare it with a backup."))
		return out.flush()
	}
	out.line(0, 2, seg{text: "The journal is whole: " + span + ".", paint: out.add})
	switch {
	case v.Lost != "":
		out.line(0, 2, seg{text: fmt.Sprintf("Its beginning is missing: lines before %d are lost, since %s when the run of that line began.", v.First, out.detail(v.Lost)), paint: out.alarm})
	case v.Pruned != nil:
		out.line(0, 2, plain(fmt.Sprintf("It begins with line %d: what is older than %s was removed (journal.keep), and that line carries the hash of the one before it.", v.First, when(v.Pruned.Until))))
	case v.First > 1:
		out.line(0, 2, plain(fmt.Sprintf("Lines before %d were put away with older parts.", v.First)))
	}
	if v.TornBytes > 0 {
		out.line(0, 2, plain(count(int(v.TornBytes), "byte", "bytes")+" at the end belong to a line that is not finished: a run that writes now, or one that was cut off. The next run puts that right."))
	}
	return out.flush()
}

// VerdictJSON writes the same for programs.
func VerdictJSON(w io.Writer, v state.Verdict) error {
	return writeJSON(w, struct {
		FormatVersion int  `json:"format_version"`
		Whole         bool `json:"whole"`
		state.Verdict
	}{historyVersion, v.Bad == nil, v}, "  ")
}
