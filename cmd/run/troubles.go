package run

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"scim-sync/attio"
	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/idp"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
	"scim-sync/sync/state"
)

// troublesOf is what went wrong in a run: what is refused first, then the steps that
// failed, then the notes of weight, then what ended it; those of one cause together.
func troublesOf(d *planner.Draft, r core.Report, err error, code int) []core.Trouble {
	var g causes
	if d != nil {
		for _, x := range d.Plan.Refusals {
			g.add(cause{lead: "refused", code: x.Code}, x.Subject, x.Detail, x.Remedy)
		}
	}
	for i := range r.Results {
		if x := &r.Results[i]; x.Outcome == core.StepFailed || x.Outcome == core.StepRefused {
			c := cause{lead: string(x.Outcome), code: x.Code, action: x.Step.Action, status: x.Status}
			g.add(c, view.Subject(x.Step), view.WhatHappened(x), x.Hint)
		}
	}
	if d != nil {
		for _, n := range d.Plan.Notes {
			once := n.Code == core.NoteTeamReleased
			if n.Code.Weighty() && (!once || !d.Blocked) {
				g.add(cause{lead: "note", code: n.Code, once: once}, n.Subject, n.Detail, "")
			}
		}
	}
	all := g.troubles()
	if err == nil {
		err = r.Err
	}
	if err != nil && !cli.Told(err) && code != cli.ExitInterrupted {
		all = append(all, failedRun(err, code))
	}
	return all
}

// cause is what troubles have in common that are told as one.
type cause struct {
	lead   string
	code   core.Code
	action core.Action
	status int
	once   bool
}

// causes gathers troubles by their cause, in the order in which they came.
type causes struct {
	order []cause
	of    map[cause]*[]occurrence
}

type occurrence struct{ subject, detail, remedy string }

func (g *causes) add(c cause, subject, detail, remedy string) {
	if g.of == nil {
		g.of = map[cause]*[]occurrence{}
	}
	if g.of[c] == nil {
		g.order, g.of[c] = append(g.order, c), new([]occurrence)
	}
	*g.of[c] = append(*g.of[c], occurrence{subject, detail, remedy})
}

// fewTroubles of one cause are told one by one.
const fewTroubles = 3

// troubles gives one for each cause that has many: with whom, and what the first of
// them says.
func (g *causes) troubles() (all []core.Trouble) {
	for _, c := range g.order {
		some := *g.of[c]
		if len(some) > fewTroubles {
			all = append(all, c.trouble(some))
			continue
		}
		for i := range some {
			all = append(all, c.trouble(some[i:i+1]))
		}
	}
	return all
}

func (c cause) trouble(some []occurrence) core.Trouble {
	subjects := make([]string, len(some))
	parts := []string{c.lead, string(c.code), string(c.action), strconv.Itoa(c.status)}
	for i, x := range some {
		subjects[i] = x.subject
		parts = append(parts, x.subject)
		switch {
		case c.code == core.TooManyRemovals: // its words change once it has refused
			parts = append(parts, strings.Join(numbers().FindAllString(x.detail, -1), " "))
		case c.lead == "refused":
			parts = append(parts, x.detail) // another number is another refusal
		}
	}
	text := join(core.Few(subjects), some[0].detail)
	if c.action != "" {
		text = view.Verb(c.action) + " " + text
	}
	return core.Trouble{Key: key(parts...), Lead: c.lead, Code: c.code, Once: c.once, Text: text, Remedy: some[0].remedy}
}

// failedRun is a run that came to no end. Its words differ from time to time by
// counts and ids: what makes it the same is how it ended, and on which side.
func failedRun(err error, code int) core.Trouble {
	return core.Trouble{Key: key("failed", strconv.Itoa(code), strconv.Itoa(int(idp.KindOf(err))), strconv.Itoa(int(attio.KindOf(err)))),
		Lead: "failed", Text: err.Error(), Remedy: strings.Join(view.Advice(err), " ")}
}

func numbers() *regexp.Regexp { return regexp.MustCompile(`\d+`) }

// key is short, for it is kept.
func key(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

func join(subject, detail string) string {
	if subject == "" {
		return detail
	}
	return subject + ": " + detail
}

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
	var open, kept []core.ToldTrouble
	for _, t := range was {
		if looked == everywhere || same(t) || looked == beforePlan && t.Lead == "failed" {
			open = append(open, t)
		} else {
			kept = append(kept, t)
		}
	}
	news, told := core.Tell(open, now, at)
	if looked != everywhere { // what ended is for a run to say that got as far as that
		news.Ended = nil
	}
	told = append(told, kept...)
	slices.SortFunc(told, func(a, b core.ToldTrouble) int { return cmp.Compare(a.Key, b.Key) })
	return news, told
}

// tellOutside does the same for a run that failed before it held the lock. Where the
// state's place is not known without asking anybody, or another run is at it, the
// error is told each time.
func tellOutside(ctx context.Context, p *cli.Program, failed error, code int) (told bool) {
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
	news, next := tidings(m.Told, []core.Trouble{failedRun(failed, code)}, beforePlan, p.Now().UTC())
	if !news.Some() {
		return true
	}
	err = noteOutside(ctx, p, store.Store, failed, code, core.Change{Told: &core.ToldList{List: next}})
	return err == nil && tell(ctx, p, store.Store, news) == nil
}

// noteOutside notes what was told of a run that failed before it held the lock, and
// with that the run itself.
func noteOutside(ctx context.Context, p *cli.Program, store *state.Store, failed error, code int, c core.Change) error {
	run, err := store.Begin(ctx, state.RunInfo{RunID: cli.RunID(p.Now()), Operator: p.User + "@" + p.Host, ToolVersion: p.Version, Command: "apply", Now: p.Now})
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

// runsOf counts the runs that have met each trouble that is not new, by its key.
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
			if !r.Info.Began.Before(t.Since.Add(-time.Minute)) {
				runs[t.Key]++
			}
		}
	}
	return runs, nil
}
