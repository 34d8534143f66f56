package sandbox

import (
	"embed"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
)

//go:embed worlds
var worldFiles embed.FS

// WorldNames are the worlds that are built in, beside the default one.
func WorldNames() []string {
	entries, err := worldFiles.ReadDir("worlds")
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	return names
}

// readWorld reads a world's text: a file's or, where there is no file of that name,
// that of a world which is built in.
func readWorld(name string) ([]byte, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(name, `/\`) {
		if built, err := worldFiles.ReadFile(path.Join("worlds", name+".yaml")); err == nil {
			return built, nil
		}
	}
	return text, err
}
