package cmd

import (
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// TestVersionSaysWhatItWasBuiltFrom: of a release the commit and its date, of
// changed files that they were, and of a build without git that nothing is known.
func TestVersionSaysWhatItWasBuiltFrom(t *testing.T) {
	of := func(settings ...string) *debug.BuildInfo {
		info := &debug.BuildInfo{GoVersion: "go1.26.8"}
		for _, s := range append(settings, "GOOS=linux", "GOARCH=arm64") {
			k, v, _ := strings.Cut(s, "=")
			info.Settings = append(info.Settings, debug.BuildSetting{Key: k, Value: v})
		}
		return info
	}
	for _, c := range []struct {
		info *debug.BuildInfo
		want []string
	}{
		{of("vcs.revision=abc", "vcs.time=2026-11-30T03:00:00Z", "vcs.modified=false"), []string{"commit: abc", "date:   2026-11-30T03:00:00Z", "go:     go1.26.8 linux/arm64"}},
		{of("vcs.revision=abc", "vcs.time=2026-11-30T03:00:00Z", "vcs.modified=true"), []string{"commit: abc, with changes", "date:   2026-11-30T03:00:00Z", "go:     go1.26.8 linux/arm64"}},
		{of(), []string{"commit: not known", "go:     go1.26.8 linux/arm64"}},
	} {
		if got := built(c.info); !slices.Equal(got, c.want) {
			t.Errorf("%q, not %q", got, c.want)
		}
	}
}
