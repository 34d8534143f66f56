package setup

import (
	"context"
	"path/filepath"

	"scim-sync/cmd/internal/cli"
	"scim-sync/config"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// Doctor looks whether a run will work, and says so on standard output. Its error
// carries the exit code.
type Doctor func(ctx context.Context, p *cli.Program) error

func initialise(ctx context.Context, p *cli.Program, o options, doctor Doctor) error {
	w := &wizard{interview: interview{p, o.yes}, options: o}
	if err := w.begin(); err != nil {
		return err
	}
	apps, err := w.findOrg(ctx)
	if err != nil {
		return err
	}
	app, err := w.chooseApp(ctx, apps)
	if err != nil {
		return err
	}
	w.draft.appID, w.draft.app = app.ID, app.Label
	d, err := w.readApp(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && idp.KindOf(err) == 0 {
		return err
	}
	if err != nil { // what Okta does not tell now may be told to a run; doctor says more
		if err := w.wrong(err); err != nil {
			return err
		}
	}
	if err := w.findWorkspace(ctx, d); err != nil {
		return err
	}
	if err := w.keepToken(ctx); err != nil {
		return err
	}
	return w.finish(ctx, doctor)
}

// finish writes the file, and has doctor look at it.
func (w *wizard) finish(ctx context.Context, doctor Doctor) error {
	if err := create(w.target, w.draft.text(filepath.Dir(w.target)), 0o644); err != nil {
		return unwritable(w.target, err)
	}
	if err := w.Tell("Wrote " + w.target + "."); err != nil {
		return err
	}
	w.warn()
	w.Flags.Config = w.target
	w.Say("")
	err := doctor(ctx, w.Program)
	run := "scim-sync plan"
	if w.elsewhere() {
		run = "unset " + config.FileVariable + ", then " + run
	}
	switch {
	case !w.signedIn:
		w.Say("Next: scim-sync login, then " + run)
	case err != nil:
		w.Say("Next: see to what is red above, then " + run)
	default:
		w.Say("Next: " + run)
	}
	return err
}

// elsewhere says whether a variable points commands at another file.
func (w *wizard) elsewhere() bool {
	named := w.given("config", "")
	return named != "" && w.path(named) != w.target
}

// warn tells what stands between the file and a run.
func (w *wizard) warn() {
	if w.elsewhere() {
		w.Warn(config.FileVariable + " names another file, which commands read: " + w.given("config", "") + ". Unset it, or give --config " + core.Quote(w.target) + ".")
	}
	for _, key := range chosen() {
		says := map[string]string{"okta.org_url": w.draft.org, "okta.app_id": w.draft.appID, "attio.workspace": w.draft.workspace}[key]
		if env := w.given(key, ""); env != "" && says != "" && env != says {
			w.Warn(config.Variable(key) + " is set to " + env + " and goes before the file. Unset it.")
		}
	}
	if w.typed != "" && w.draft.token.file == "" {
		w.Warn("the token was not kept. Give it to each run as " + tokenVariable + ".")
	}
}
