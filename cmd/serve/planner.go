package serve

import (
	"bytes"
	"context"
	"strings"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/sandbox"
)

// Execute runs a command line, as the program itself does.
type Execute func(context.Context, cli.System) int

// planner makes the plan that the sandbox's pages show: the program's own command, with
// the variables of the sandbox and nothing else of the machine.
func planner(p *cli.Program, f envFile, execute Execute) sandbox.Planner {
	return func(ctx context.Context, s *sandbox.Sandbox, format string) ([]byte, bool) {
		var environ []string
		for _, v := range f.environment(s) {
			environ = append(environ, v.Name+"="+v.Value)
		}
		var out, said bytes.Buffer
		code := execute(ctx, cli.System{
			Args: []string{"plan", "--format", format, "--no-color", "--quiet"}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &said,
			Environ: environ, Now: p.Now, Elapsed: p.Elapsed, Version: p.Version, DefaultWorld: p.DefaultWorld,
		})
		if code != cli.ExitOK {
			return said.Bytes(), false
		}
		return out.Bytes(), true
	}
}
