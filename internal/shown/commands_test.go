package shown_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"scim-sync/internal/sample"
	"scim-sync/internal/shown"
)

// TestNothingInALogIsACommandToARunner: what the runners look for is not there
// any more, and all else is as it was.
func TestNothingInALogIsACommandToARunner(t *testing.T) {
	for in, want := range map[string]string{
		"":                                 "",
		"C## and a::b, ## [x]":             "C## and a::b, ## [x]",
		"+ rename ##[error]x":              `+ rename #\x23[error]x`,
		"##vso[task.setvariable]##[group]": `#\x23vso[task.setvariable]#\x23[group]`,
		"###[warning]":                     `##\x23[warning]`,
		"##teamcity[x]":                    `#\x23teamcity[x]`,
		"::error::x\n  ::add-mask::y":      `:\x3aerror::x` + "\n" + `  :\x3aadd-mask::y`,
		":::x\r::y":                        `:\x3a:x` + "\r" + `:\x3ay`,
		"a ::notice::b":                    "a ::notice::b",
		"::":                               `:\x3a`,
	} {
		if got := string(shown.NoCommands([]byte(in), `\x23`, `\x3a`)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	command := regexp.MustCompile(`(?m)##[A-Za-z0-9]*\[|^[ \t]*::`)
	sample.Check(t, func(t *rapid.T) {
		in := rapid.StringMatching(`([#:\[ \n\ta]|##\[|::)*`).Draw(t, "text")
		got := string(shown.NoCommands([]byte(in), `\x23`, `\x3a`))
		if command.MatchString(got) || strings.NewReplacer(`\x23`, "#", `\x3a`, ":").Replace(got) != in {
			t.Errorf("%q: %q", in, got)
		}
	})
}
