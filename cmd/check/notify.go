package check

import (
	"context"

	"github.com/spf13/cobra"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/internal/notify"
)

func newNotify(p *cli.Program) *cobra.Command {
	return cli.Parent("notify", "Try the web hooks that are told of runs", &cobra.Command{
		Use:   "test",
		Short: "Send a test message to each web hook of the setting notify",
		Long: `test sends a message to each web hook under notify, whatever it is to hear of, and
says what became of it. It ends with 1 where one was not taken. Neither Okta nor
Attio is asked, and heartbeat_url is not called: a service that waits for good runs
would take it for one.`,
		Example: `  scim-sync notify test
  scim-sync notify test --config staging.yaml`,
		Annotations: cli.Ends(),
		Args:        cobra.NoArgs,
		RunE:        func(c *cobra.Command, _ []string) error { return notifyTest(c.Context(), p) },
	})
}

func notifyTest(ctx context.Context, p *cli.Program) error {
	s, err := cli.NewSettings(ctx, p)
	if err != nil {
		return err
	}
	defer s.Close()
	message := notify.Message{Version: p.Version, Workspace: cli.WorkspaceOf(p, s), At: p.Now()}
	results := p.Sender(s).Test(ctx, message)
	if len(results) == 0 {
		return &cli.UsageError{Text: "no web hook that has an address stands under notify", Advice: "Write it in the settings: notify: [{url: ${HOOK}, format: slack, on: [refused, failed, recovered]}]"}
	}
	code := cli.ExitOK
	for _, x := range results {
		text := x.Name + ": sent"
		if x.Err != nil {
			text, code = x.Name+": failed: "+x.Err.Error(), cli.ExitFailed
		}
		if err := p.Tell(text); err != nil {
			return err
		}
	}
	return cli.Exit(code)
}
