package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"scim-sync/attio"
	"scim-sync/cmd/view"
	"scim-sync/config"
	"scim-sync/idp"
	"scim-sync/idp/okta"
)

// doctorVersion is the version of the document that doctor --format json
// writes. It only grows.
const doctorVersion = 1

func newDoctor(a *app) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check every setting, token, scope and endpoint, and say how to mend what fails",
		Long: `doctor looks at everything that a run needs, one line each, and says how to
mend what is not right: the settings, Okta and its credential, Attio and its
token, the state, the clock. It changes nothing.

Each red line has its mend. Without one it exits with 0, whatever should be
looked at besides; else with the code of the first: 3 a safety rail, 5 a
setting, 6 a credential, 7 the lock, 75 a service that could not be asked, 1
anything else. A red line need not stop a run: with Okta's own provisioning on,
or a wrong clock, one goes on and should not (1).`,
		Example: "  scim-sync doctor\n  scim-sync doctor --format json | jq '.checks[] | select(.status == \"fail\")'",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.doctor(c.Context(), format) },
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

// finding is a check as doctor shows it.
type finding struct {
	Code   string       `json:"code"`
	Title  string       `json:"title"`
	Status okta.Verdict `json:"status"` // ok, warn, fail, skipped
	Detail string       `json:"detail,omitempty"`
	Mend   string       `json:"mend,omitempty"`

	err error
}

// checkup is one round of checks and what they need of each other.
type checkup struct {
	a   *app
	s   *session
	all []finding
}

func (u *checkup) good(code, title, detail string) {
	u.all = append(u.all, finding{Code: code, Title: title, Status: okta.Good, Detail: detail})
}

func (u *checkup) odd(code, title, detail, mend string) {
	u.all = append(u.all, finding{Code: code, Title: title, Status: okta.Odd, Detail: detail, Mend: mend})
}

func (u *checkup) skip(why, code, title string) {
	u.all = append(u.all, finding{Code: code, Title: title, Status: okta.Skipped, Detail: why})
}

// bad adds a failure in the words of its error, with its hint as the mend.
func (u *checkup) bad(code, title string, err error) {
	detail := strings.Join(strings.Split(err.Error(), "\n"), "; ")
	u.all = append(u.all, finding{Code: code, Title: title, Status: okta.Bad, Detail: detail, Mend: hintOf(err), err: err})
}

// hintOf gives the hint of the first error in a chain that has one.
func hintOf(err error) string {
	var (
		ours   *attio.Error
		theirs *idp.Error
		other  interface{ Hint() string }
		keys   *config.Error
	)
	switch {
	case errors.As(err, &ours):
		return ours.Hint
	case errors.As(err, &theirs):
		return theirs.Hint
	case errors.As(err, &other):
		return other.Hint()
	case errors.As(err, &keys):
		return "Correct the settings file or the variables; scim-sync config show says where each value comes from."
	}
	return "Run it again with --log-level debug to see more."
}

func (a *app) doctor(ctx context.Context, format string) error {
	if format != "text" && format != "json" {
		return usagef("--format %q: use text or json", format)
	}
	u := &checkup{a: a, s: &session{began: a.Now()}}
	err := a.load(ctx, u.s)
	defer u.s.close()
	if err != nil {
		u.badSettings(err)
	} else {
		u.settings()
		u.okta(ctx)
		u.attio(ctx)
		u.state(ctx)
	}
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if format == "json" {
		err = findingsJSON(a.Stdout, u.all)
	} else {
		err = a.findingsText(u.all)
	}
	if err != nil {
		return err
	}
	return exit(codeOfFindings(u.all))
}

// codeOfFindings is the exit code of the first thing that is wrong: by its kind,
// as for a run, and also when it stops none.
func codeOfFindings(all []finding) int {
	for _, f := range all {
		if f.Status != okta.Bad {
			continue
		}
		if f.err == nil {
			return ExitFailed
		}
		return codeOf(f.err)
	}
	return ExitOK
}

func findingsJSON(w io.Writer, all []finding) error {
	good := true
	for i, f := range all {
		good = good && f.Status != okta.Bad
		all[i].Detail, all[i].Mend = view.Clean(f.Detail), view.Clean(f.Mend)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		FormatVersion int       `json:"format_version"`
		OK            bool      `json:"ok"`
		Checks        []finding `json:"checks"`
	}{doctorVersion, good, all})
}

func (a *app) findingsText(all []finding) error {
	counts := map[okta.Verdict]int{}
	lines := make([]view.CheckLine, len(all))
	for i, f := range all {
		counts[f.Status]++
		lines[i] = view.CheckLine{Status: string(f.Status), Title: f.Title, Detail: f.Detail, Mend: f.Mend}
	}
	return view.Checks(a.out, lines, verdictOf(counts))
}

func verdictOf(counts map[okta.Verdict]int) string {
	switch {
	case counts[okta.Bad] > 0:
		return view.Count(counts[okta.Bad], "thing has", "things have") + " to be mended."
	case counts[okta.Odd] > 0:
		return "A run will work; " + view.Count(counts[okta.Odd], "thing", "things") + " should be looked at."
	}
	if counts[okta.Skipped] > 0 {
		return "Everything that could be looked at is right."
	}
	return "Everything is right."
}

func (u *checkup) badSettings(err error) {
	u.bad("settings", "the settings are right", err)
	for _, rest := range []string{"Okta", "Attio", "state"} {
		u.skip("the settings cannot be read", strings.ToLower(rest), rest)
	}
}

func (u *checkup) settings() {
	from := "the environment"
	if f := u.s.settings.File(); f != "" {
		from = f
	}
	if u.s.sandbox != nil {
		from = "the sandbox"
	}
	if list := u.s.settings.Unusable(); len(list) > 0 {
		u.bad("settings", "the settings are right", &config.Error{Problems: list})
		return
	}
	u.good("settings", "the settings are right", from)
}

func (u *checkup) okta(ctx context.Context) {
	c := u.s.settings
	err := c.Need(config.NeedOkta)
	if err == nil {
		if c.Okta.OrgURL, err = okta.NormalOrgURL(c.Okta.OrgURL); err == nil {
			err = u.a.connectOkta(ctx, u.s)
		}
	}
	if err != nil {
		u.bad("okta-settings", "Okta's settings are complete", err)
		return
	}
	checker, ok := u.s.source.(*okta.Source)
	if !ok {
		return
	}
	for _, x := range checker.Check(ctx, okta.CheckQuery{
		Teams: idp.TeamSource(c.Teams.Source), AdminGroups: c.Roles.AdminGroups, Share: c.Okta.RateShare.Fraction(), Now: u.a.Now,
	}) {
		u.all = append(u.all, finding{Code: x.Code, Title: x.Title, Status: x.Verdict, Detail: x.Detail, Mend: x.Mend, err: x.Err})
	}
}
