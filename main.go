// Command scim-sync keeps an Attio workspace in step with Okta.
package main

import (
	_ "embed"
	"os"

	"scim-sync/cmd"
)

// defaultWorld is what --sandbox serves.
//
//go:embed testdata/worlds/default.yaml
var defaultWorld []byte

// version is set by the linker for releases.
var version = "dev"

func main() { os.Exit(cmd.Process(version, defaultWorld)) }
