package planner

import (
	"context"
	"slices"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// Prepare makes a plan and asks both sides the questions that it raises: whether
// the absent are gone on either side, and where those are whom only one of
// Attio's lists knows. The caps are reviewed before anybody is asked about.
func Prepare(ctx context.Context, src idp.Source, r attio.Reader, in Input) (*Draft, error) {
	if err := believable(in.Workspace); err != nil {
		return nil, err
	}
	in.Answers = in.Answers.ready()
	const rounds = 6                          // each answers all questions of the one before; two are usual
	a, rechecked := asker{src, r, &in}, false // since the last proof
	for range rounds {
		d, err := Plan(in)
		if err != nil {
			return nil, err
		}
		if q := d.toAsk(); q.count() > 0 {
			if rechecked, err = a.ask(ctx, d, q); err != nil {
				return nil, err
			}
			continue
		}
		lost := in.Directory.Sight.Lost()
		if !rechecked {
			if rechecked, err = a.recheck(ctx, d); err != nil {
				return nil, err
			}
		}
		if in.Directory.Sight.Lost() == lost {
			return d.Seal(), nil
		}
	}
	return nil, &core.UntrustedError{Detail: "the answers of both sides kept changing while the plan was made", Advice: "Nothing was written. Run again."}
}

// Select is the plan of a saved plan's steps alone, by their keys: the rails
// look at what would run, and the source is asked about those who would go.
// file is where the plan was saved, for messages.
func (d *Draft) Select(ctx context.Context, src idp.Source, r attio.Reader, keys map[string]bool, file string) (*Draft, error) {
	in := d.input
	in.Options.Selected, in.Options.File = keys, file
	return Prepare(ctx, src, r, in)
}

// toAsk are the questions that matter to what the plan would do.
func (d *Draft) toAsk() Questions {
	q := d.Questions
	q.People = d.toProve()
	if d.Blocked {
		q.Members = nil // nothing will be sent to anybody
	}
	return q
}

// toProve are the absent people of whom something would be taken away.
func (d *Draft) toProve() []string {
	if d.Blocked || d.input.noRemovals() || d.input.Directory.Sight.Lost() {
		return nil
	}
	if d.input.Options.Selected == nil && d.input.Options.Only == "" {
		return d.Questions.People
	}
	goes := map[string]bool{}
	for i := range d.Plan.Steps {
		if p := d.Plan.Steps[i].Person; p != nil {
			goes[p.OktaID] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(d.Questions.People), func(id string) bool { return !goes[id] })
}
