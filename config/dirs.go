package config

import (
	"fmt"
	"path/filepath"
)

// The folders follow the XDG Base Directory Specification,
// https://specifications.freedesktop.org/basedir-spec/latest/: a variable that
// does not hold a full path is ignored.

const dirName = "scim-sync"

// ConfigDir is $XDG_CONFIG_HOME/scim-sync, or ~/.config/scim-sync.
func ConfigDir(env map[string]string) (string, error) {
	return dir(env, "XDG_CONFIG_HOME", ".config")
}

// StateDir is $XDG_STATE_HOME/scim-sync, or ~/.local/state/scim-sync.
func StateDir(env map[string]string) (string, error) {
	return dir(env, "XDG_STATE_HOME", ".local", "state")
}

// DataDir is $XDG_DATA_HOME/scim-sync, or ~/.local/share/scim-sync.
func DataDir(env map[string]string) (string, error) {
	return dir(env, "XDG_DATA_HOME", ".local", "share")
}

func dir(env map[string]string, variable string, below ...string) (string, error) {
	if base := env[variable]; filepath.IsAbs(base) {
		return filepath.Join(base, dirName), nil
	}
	for _, home := range []string{env["HOME"], env["USERPROFILE"]} {
		if filepath.IsAbs(home) {
			return filepath.Join(append(append([]string{home}, below...), dirName)...), nil
		}
	}
	return "", fmt.Errorf("there is no folder for scim-sync's files: neither %s nor HOME is set to a full path", variable)
}
