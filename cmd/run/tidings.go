package run

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"scim-sync/attio"
	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/idp"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// reach is how far a run has looked: what it has not looked at is as it was.
type reach int

const (
	nowhere    reach = iota // it was interrupted, or is about a part alone
	beforePlan              // it failed before there was a plan
	everywhere
)

// tidings are what there is to tell of troubles, and what is told then. A trouble
// that nobody has looked after is neither told again nor over.
func tidings(was []core.ToldTrouble, now []core.Trouble, looked reach, at time.Time) (core.Tidings, []core.ToldTrouble) {
	same := func(t core.ToldTrouble) bool {
		return slices.ContainsFunc(now, func(n core.Trouble) bool { return n.Key == t.Key })
	}
	open, kept := parted(was, func(t core.ToldTrouble) bool {
		return looked == everywhere || same(t) || looked == beforePlan && t.Lead == "failed"
	})
	news, told := core.Tell(open, now, at)
	if looked != everywhere { // what ended is for a run to say that got as far as that
		news.Ended = nil
	}
	return news, sorted(append(told, kept...))
}

func sorted(told []core.ToldTrouble) []core.ToldTrouble {
	slices.SortFunc(told, func(a, b core.ToldTrouble) int { return cmp.Compare(a.Key, b.Key) })
	return told
}

// allTidings are those of a run's troubles and of the hooks that it could not tell.
func allTidings(was []core.ToldTrouble, now []core.Trouble, looked reach, d deliveries, at time.Time) (core.Tidings, []core.ToldTrouble) {
	ofHooks, rest := parted(was, func(t core.ToldTrouble) bool { return t.Lead == undelivered })
	news, told := tidings(rest, now, looked, at)
	more, still := d.tidings(ofHooks, at)
	return core.Tidings{
		Begun: append(news.Begun, more.Begun...), Lasting: append(news.Lasting, more.Lasting...), Ended: append(news.Ended, more.Ended...),
	}, sorted(append(told, still...))
}

// deliveries are what became of telling web hooks in a run.
type deliveries struct {
	there, asked map[string]bool // hooks, and those that were told something, by the key of a failure
	failed       []core.Trouble
}

// undelivered is the lead of the trouble that a hook could not be told.
const undelivered = "warning"

// tidings are those of hooks that could not be told. One that there was nothing to tell
// is as it was, and one that is in no setting any more is over.
func (d deliveries) tidings(was []core.ToldTrouble, at time.Time) (core.Tidings, []core.ToldTrouble) {
	asked, rest := parted(was, func(t core.ToldTrouble) bool { return d.asked[t.Key] || d.there != nil && !d.there[t.Key] })
	news, told := core.Tell(asked, d.failed, at)
	return news, append(told, rest...)
}

// tellOutside does the same for a run that failed before it held the lock. Where the
// state's place is not known without asking anybody, or another run is at it, the
// error is told each time.
func tellOutside(ctx context.Context, p *cli.Program, command string, d deliveries, failed error, code int) (told bool) {
	ctx = context.WithoutCancel(ctx)
	store, err := cli.OpenStateUnasked(ctx, p)
	if err != nil || store == nil {
		return false
	}
	defer store.Close()
	m, _, info, err := store.Read(ctx)
	if err != nil || !info.Exists || m.WorkspaceID == "" {
		return false
	}
	news, next := allTidings(m.Told, []core.Trouble{failedRun(failed, code)}, beforePlan, d, p.Now().UTC())
	if !news.Some() {
		return true
	}
	err = noteOutside(ctx, p, command, store.Store, failed, code, core.Change{Told: &core.ToldList{List: next}})
	return err == nil && tell(ctx, p, store.Store, news) == nil
}

// noteOutside notes what was told of a run that failed before it held the lock, and
// with that the run itself.
func noteOutside(ctx context.Context, p *cli.Program, command string, store *state.Store, failed error, code int, c core.Change) error {
	run, err := store.Begin(ctx, state.RunInfo{RunID: cli.RunID(p.Now()), Operator: p.User + "@" + p.Host, ToolVersion: p.Version, Command: command, Now: p.Now})
	if err != nil {
		return err
	}
	defer run.Close()
	if err := run.Learn(ctx, nil, c); err != nil {
		return err
	}
	return run.Finish(ctx, state.Summary{ExitCode: code, Error: failed.Error()})
}

// tell writes tidings, with how many runs a trouble has lasted.
func tell(ctx context.Context, p *cli.Program, store *state.Store, news core.Tidings) error {
	if !news.Some() {
		return nil
	}
	runs, err := runsOf(ctx, store, news)
	if err != nil {
		return err
	}
	return view.Troubles(p.Err, news, runs, p.Now())
}

// runsOf counts the runs that have met each trouble that is not new, by its key: of
// those that came to their end since it was met first, the ones that did not end well.
func runsOf(ctx context.Context, store *state.Store, news core.Tidings) (map[string]int, error) {
	old := append(slices.Clone(news.Lasting), news.Ended...)
	runs := make(map[string]int, len(old))
	if len(old) == 0 {
		return runs, nil
	}
	for r, err := range store.Runs(ctx) {
		if err != nil {
			return nil, err
		}
		for _, t := range old {
			if ended := cli.EndOf(r); !ended.Before(t.Since.Truncate(time.Second)) && r.Summary != nil && r.Summary.ExitCode != cli.ExitOK {
				runs[t.Key]++
			}
		}
	}
	return runs, nil
}

// failedRun is a run that came to no end. Its words differ from time to time by
// counts and ids: what makes it the same is how it ended, and on which side.
func failedRun(err error, code int) core.Trouble {
	return core.Trouble{Key: key("failed", strconv.Itoa(code), strconv.Itoa(int(idp.KindOf(err))), strconv.Itoa(int(attio.KindOf(err)))),
		Lead: "failed", Text: err.Error(), Remedy: strings.Join(view.Advice(err), " ")}
}

// key is short, for it is kept.
func key(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}
