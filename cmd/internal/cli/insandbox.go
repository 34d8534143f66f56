package cli

import (
	"context"
	"errors"
	"io/fs"

	"scim-sync/cmd/sandbox"
	"scim-sync/config"
)

// StartSandbox starts a world: a file's, or with an empty path the default one.
func StartSandbox(ctx context.Context, p *Program, world string, o sandbox.Options) (*sandbox.Sandbox, error) {
	load := func() (*sandbox.World, error) { return sandbox.LoadWorld(world) }
	if world == "" {
		load = func() (*sandbox.World, error) { return sandbox.ParseWorld(p.DefaultWorld) }
	}
	w, err := load()
	if _, unread := errors.AsType[*fs.PathError](err); unread {
		return nil, Unreadable("the world", world, err, sandbox.WorldNames()...)
	}
	if err != nil {
		return nil, &UsageError{Text: err.Error()}
	}
	o.Now = p.Now
	s, err := sandbox.Start(ctx, w, o)
	if err != nil {
		return nil, &UsageError{Text: err.Error()}
	}
	return s, nil
}

// inSandbox makes a sandbox in process. It is sealed: no variable and no file of
// the machine gets in, but for a settings file that was named on the command
// line, and of that no address, credential, workspace or state.
func inSandbox(ctx context.Context, p *Program, redirect string) (s *config.Settings, box *sandbox.Sandbox, err error) {
	box, err = StartSandbox(ctx, p, "", sandbox.Options{RedirectURI: redirect})
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			box.Close()
		}
	}()
	src := config.Sources{Env: map[string]string{}}
	for _, v := range box.Environment() {
		src.Env[v.Name] = v.Value
	}
	if p.Flags.Config != "" {
		src.ConfigFlag, src.WorkDir = p.Flags.Config, p.Dir
		src.Ignore = []string{"okta.org_url", "okta.app_id", "okta.api_token", "okta.api_token_file", "okta.service_app", "attio.workspace", "attio.api_url",
			"attio.scim_url", "attio.token", "attio.token_file", "attio.oauth", "state", "idp", "notify", "heartbeat_url", "heartbeat_url_file", "metrics_file"}
	} else if src.Text, err = box.Settings(); err != nil {
		return nil, nil, err
	}
	if names, _ := config.Workspaces(src); len(names) > 0 {
		src.Workspace = p.WorkspaceName()
	}
	s, err = config.Load(src)
	return s, box, err
}
