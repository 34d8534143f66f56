package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/internal/atomicfile"
	"scim-sync/internal/piecewise"
	core "scim-sync/sync"
)

// staleError is a saved plan that cannot be carried out any more.
type staleError struct{ detail string }

func (e *staleError) Error() string { return e.detail }

// Hint says how to go on.
func (e *staleError) Hint() string {
	return "Nothing was written. Make a new plan and look at it: scim-sync plan --out FILE"
}

// ExitCode is the code of such a plan.
func (e *staleError) ExitCode() int { return cli.ExitStalePlan }

// savePlan writes the plan document, readable by its owner only: it names
// people.
func savePlan(path string, p core.Plan) error {
	err := atomicfile.WriteBy(path, 0o600, func(w *os.File) error { return view.PlanJSON(w, p) })
	if err != nil {
		return fmt.Errorf("save the plan: %w", err)
	}
	return nil
}

// readPlan reads a saved plan. It is not trusted: its steps are only carried
// out where a fresh plan holds them too.
func readPlan(path string) (*core.Plan, error) {
	const most = 512 << 20
	info, err := os.Stat(path)
	if err != nil {
		return nil, cli.Unreadable("the saved plan", path, err)
	}
	if info.Size() > most || !info.Mode().IsRegular() {
		return nil, &cli.UsageError{Text: path + " is no plan that scim-sync saved"}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, cli.Unreadable("the saved plan", path, err)
	}
	defer f.Close()
	return parsePlan(path, f)
}

// parsePlan reads a saved plan's text, a step at a time.
func parsePlan(path string, r io.Reader) (*core.Plan, error) {
	var p core.Plan
	known := named{}
	err := piecewise.Read(r, &p, map[string]func(*json.Decoder) error{
		"steps": piecewise.Into(&p.Steps, known.once),
		"held":  piecewise.Into(&p.Held, func(h *core.HeldStep) error { return known.once(&h.Step) }),
	})
	if err != nil || p.FormatVersion == 0 || !whole(p.Steps) {
		return nil, &staleError{path + " is no plan that scim-sync saved, or it is damaged"}
	}
	if p.FormatVersion > core.FormatVersion {
		return nil, &staleError{fmt.Sprintf("%s was saved by a newer scim-sync (format %d, this one knows %d)", path, p.FormatVersion, core.FormatVersion)}
	}
	if p.ID != p.Digest() {
		return nil, &staleError{path + " was changed after it was saved"}
	}
	return &p, nil
}

// named are those whom a plan names, by their Okta ids: most are named again with
// each of their teams.
type named map[string]*core.MemberRef

// once has a step hold no text that a former one holds.
func (n named) once(s *core.Step) error {
	s.People = slices.Clone(s.People) // in no more room than it takes
	for i, m := range s.People {
		if m == nil {
			return errors.New("a step has nobody among its people")
		}
		if known, ok := n[m.OktaID]; ok && *known == *m {
			s.People[i] = known
		} else {
			n[m.OktaID] = m
		}
	}
	return nil
}

// whole says whether each step is about somebody or a team, not both, and nobody is
// missing among its people.
func whole(steps []core.Step) bool {
	for _, s := range steps {
		if (s.Person == nil) == (s.Team == nil) || slices.Contains(s.People, nil) {
			return false
		}
	}
	return true
}

// match gives the keys of those of the fresh plan's steps that the saved plan
// asks for. Every saved step must be there, identical; changes elsewhere do not
// matter.
func match(saved *core.Plan, fresh *core.Plan, applied []core.AppliedPlan) (map[string]bool, error) {
	for _, a := range applied {
		if a.ID == saved.ID && a.CreatedAt.Equal(saved.CreatedAt) {
			return nil, &staleError{"this plan was applied already, on " + a.At.Format(time.RFC3339)}
		}
	}
	if saved.Workspace.ID != fresh.Workspace.ID || saved.Source.OrgURL != fresh.Source.OrgURL || saved.Source.AppID != fresh.Source.AppID {
		return nil, &staleError{"this plan was made for another workspace, Okta org or app"}
	}
	there := make(map[string]*core.Step, len(fresh.Steps))
	for i := range fresh.Steps {
		there[fresh.Steps[i].Key()] = &fresh.Steps[i]
	}
	wanted := make(map[string]bool, len(saved.Steps))
	for _, s := range saved.Steps {
		key := s.Key()
		now, ok := there[key]
		if !ok {
			return nil, &staleError{fmt.Sprintf("step %d of the saved plan is not needed any more: %s", s.N, view.Describe(s))}
		}
		if !s.Same(*now) {
			return nil, &staleError{fmt.Sprintf("step %d of the saved plan has changed: %s", s.N, difference(s, *now))}
		}
		wanted[key] = true
	}
	return wanted, nil
}

// difference says how a step has changed: in what it does, or else why.
func difference(was, is core.Step) string {
	if a, b := view.Describe(was), view.Describe(is); a != b {
		return "it was " + a + ", now it is " + b
	}
	if was.Cause != is.Cause || was.Reason != is.Reason {
		return fmt.Sprintf("%s is still to be done, but for another reason: it was %q (%s), now it is %q (%s)", view.Describe(is), was.Reason, was.Cause, is.Reason, is.Cause)
	}
	return view.Describe(is) + " is still to be done, but the ids or values behind it have changed"
}

// stillRefused tells what a saved plan refused, too, where it is refused still: the
// rails have looked at its steps alone.
func stillRefused(p *core.Plan, whole core.Plan, saved *core.Plan) {
	in := func(all []core.Refusal, x core.Refusal) bool {
		return slices.ContainsFunc(all, func(y core.Refusal) bool { return x.Code == y.Code && x.Subject == y.Subject })
	}
	for _, x := range whole.Refusals {
		if in(saved.Refusals, x) && !in(p.Refusals, x) {
			p.Refusals = append(p.Refusals, x)
		}
	}
	for _, x := range whole.Held {
		same := func(y core.HeldStep) bool { return x.Code == y.Code && x.Key() == y.Key() }
		if slices.ContainsFunc(saved.Held, same) && !slices.ContainsFunc(p.Held, same) {
			p.Held = append(p.Held, x)
		}
	}
}
