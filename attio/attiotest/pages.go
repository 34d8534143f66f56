package attiotest

import (
	"embed"
	"sync"

	"scim-sync/internal/pages"
)

//go:embed html
var htmlFiles embed.FS

// loadPages parses the embedded pages, once a process.
var loadPages = sync.OnceValues(func() (*pages.Set, error) { //nolint:gochecknoglobals // never changes
	return pages.New("attio", htmlFiles)
})
