package auth

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"strings"
)

// OpenBrowser opens an address in the person's browser: the program that
// BROWSER names, else the system's own way. It returns as soon as that has
// started; what it writes is thrown away. env is the environment it gets.
func OpenBrowser(ctx context.Context, env []string, address string) error {
	line, err := browserOf(env)
	if err != nil {
		return err
	}
	placed := false
	for i, part := range line {
		if strings.Contains(part, "%s") {
			line[i], placed = strings.ReplaceAll(part, "%s", address), true
		}
	}
	if !placed {
		line = append(line, address)
	}
	// The browser outlives this program: ending the sign-in must not close it.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), line[0], line[1:]...) //nolint:gosec // the person's own choice
	cmd.Env = env
	if err := cmd.Start(); err != nil {
		return errors.New(line[0] + " could not be started")
	}
	go func() { _ = cmd.Wait() }() // nobody waits for a browser
	return nil
}

// browserOf gives the program and its arguments.
func browserOf(env []string) ([]string, error) {
	get := func(name string) string {
		value := ""
		for _, pair := range env {
			if v, ok := strings.CutPrefix(pair, name+"="); ok {
				value = v
			}
		}
		return value
	}
	first := get("BROWSER")
	if runtime.GOOS != "windows" {
		first, _, _ = strings.Cut(first, ":") // a list, as PATH is one
	}
	if line := strings.Fields(first); len(line) > 0 {
		return line, nil
	}
	switch runtime.GOOS {
	case "darwin":
		return []string{"open"}, nil
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler"}, nil
	}
	// Without a screen xdg-open would start a browser in the terminal.
	if get("DISPLAY") == "" && get("WAYLAND_DISPLAY") == "" {
		return nil, errors.New("there is no screen here")
	}
	return []string{"xdg-open"}, nil
}
