package check

import (
	"context"
	"slices"
	"strings"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
)

// title is what a check makes sure of.
type title struct{ code, words string }

// checkup is one round of checks and what they need of each other.
type checkup struct {
	*cli.Program
	s     *cli.Settings
	all   []view.Check
	first error // of the first check that failed

	credential cli.Credential
	attio      *cli.AttioSide // nil until there is a token
	workspace  string         // its id, empty while it is not known
}

func (u *checkup) add(t title, status view.CheckStatus, detail, fix string) {
	u.all = append(u.all, view.Check{Code: t.code, Title: t.words, Status: status, Detail: detail, Fix: fix})
}

func (u *checkup) good(t title, detail string) { u.add(t, view.CheckGood, detail, "") }

func (u *checkup) odd(t title, detail, fix string) { u.add(t, view.CheckOdd, detail, fix) }

func (u *checkup) skip(why string, titles ...title) {
	for _, t := range titles {
		u.add(t, view.CheckSkipped, why, "")
	}
}

// bad adds a failure in the words of its error, with the advice that every other
// command gives.
func (u *checkup) bad(t title, err error) {
	detail := strings.Join(strings.Split(err.Error(), "\n"), "; ")
	u.fail(t, detail, advice(err), err)
}

func advice(err error) string { return strings.Join(view.Advice(err), " ") }

func (u *checkup) fail(t title, detail, fix string, err error) {
	if fix == "" {
		fix = "Run it again with --log-level debug to see more."
	}
	u.add(t, view.CheckBad, detail, fix)
	if u.first == nil {
		u.first = err
	}
}

// isGood says whether a check came out well.
func (u *checkup) isGood(code string) bool {
	return slices.ContainsFunc(u.all, func(c view.Check) bool { return c.Code == code && c.Status == view.CheckGood })
}

// result is the exit code of the first thing that is wrong: by its kind, as for
// a run, and also when it stops none.
func (u *checkup) result(ctx context.Context) error {
	if u.first == nil {
		return nil
	}
	return cli.Exit(cli.Code(ctx, u.first))
}
