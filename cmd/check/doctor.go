package check

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/config"
	"scim-sync/idp/file"
	"scim-sync/idp/okta"
)

func newDoctor(p *cli.Program) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:        "doctor",
		SuggestFor: []string{"check", "test"},
		Short:      "Check settings, credentials and services; say how to fix them",
		Long: `doctor looks at everything that a run needs, one line each, and says how to
fix what is not right: the settings, Okta and its credential, Attio and its
token, the state, the clock. It changes nothing.

Each red line says how to fix it. Without one it exits with 0, whatever should be
looked at besides; else with the code of the first: 3 a safety rail, 5 a
setting, 6 a credential, 7 the lock, 75 a service that could not be asked, 1
anything else. A red line need not stop a run: with Okta's own provisioning on,
or a wrong clock, one goes on and should not (1).`,
		Example: `  scim-sync doctor
  scim-sync doctor --format json | jq '.checks[] | select(.status == "fail")'`,
		Annotations: cli.EndsAfterWriting(),
		Args:        cobra.NoArgs,
		RunE:        func(c *cobra.Command, _ []string) error { return doctor(c.Context(), p, format) },
	}
	cli.Format(c, &format, "text", "json")
	return c
}

// Doctor is the command of that name, for people.
func Doctor(ctx context.Context, p *cli.Program) error { return doctor(ctx, p, "text") }

func doctor(ctx context.Context, p *cli.Program, format string) error {
	u, t := &checkup{Program: p}, title{"settings", "the settings can be read"}
	s, err := cli.NewSettings(ctx, p)
	if err != nil {
		u.bad(t, err)
		u.skip("the settings cannot be read", title{"okta", "Okta"}, title{"attio", "Attio"}, title{"state", "state"})
	} else {
		defer s.Close()
		u.s = s
		u.checkSettings(t)
		u.checkOkta(ctx)
		u.checkAttio(ctx)
		u.checkState(ctx)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if format == "json" {
		err = view.ChecksJSON(p.Stdout, u.all)
	} else {
		err = view.ChecksText(p.Out, u.all)
	}
	if err != nil {
		return err
	}
	return u.result(ctx)
}

func (u *checkup) checkSettings(t title) {
	if list := u.s.Unusable(); len(list) > 0 {
		u.bad(t, &config.Error{Problems: list})
		return
	}
	if u.s.Sandbox == nil && u.s.File() == "" && !u.s.Set() {
		u.add(t, view.CheckSkipped, "nothing is set: there is no settings file, and no variable of scim-sync",
			"Begin with docs/set-up.md; or look around without any: scim-sync plan --sandbox")
		return
	}
	u.good(t, u.s.From())
}

func (u *checkup) checkOkta(ctx context.Context) {
	t := title{"okta-settings", "Okta's settings are complete"}
	if u.s.IDP.Source == config.FromDirectoryFile {
		t = title{"directory-file", "the directory file is whole"}
	}
	side, err := cli.NewOktaSide(ctx, u.Program, u.s)
	if err != nil {
		u.bad(t, err)
		return
	}
	if f, ok := side.Source.(*file.Source); ok {
		u.good(t, f.String())
	}
	source, ok := side.Source.(*okta.Source)
	if !ok {
		return
	}
	for _, x := range source.Check(ctx, okta.CheckQuery{
		Teams: u.s.Policy.Teams.Source, AdminGroups: u.s.Policy.Roles.AdminGroups, Share: u.s.Okta.RateShare.Fraction(), Now: u.Now,
	}) {
		t := title{x.Code, x.Title}
		if x.Verdict != okta.Bad {
			u.add(t, view.CheckStatus(x.Verdict), x.Detail, x.Remedy)
			continue
		}
		if x.Err == nil {
			x.Err = errors.New(x.Detail) // nothing that would end a run
		}
		u.fail(t, x.Detail, cmp.Or(advice(x.Err), x.Remedy), x.Err)
	}
}
