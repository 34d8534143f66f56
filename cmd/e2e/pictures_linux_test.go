package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"scim-sync/internal/termsvg"
)

// TestPicturesShowWhatTheProgramPrints: the pictures of a plan in README.md are what
// the program prints today, in a terminal 80 columns wide, colours included. With
// SCIM_SYNC_SCREENSHOTS=docs they are made again.
//
// The last line is not in them: it has the time that it took, another one each time.
func TestPicturesShowWhatTheProgramPrints(t *testing.T) {
	const columns = 80
	world := filepath.Join(root, "testdata", "worlds", "picture.yaml")
	output := inTerminal(t, columns, []string{worldVariable + "=" + world}, "plan", "--sandbox")
	took := regexp.MustCompile(`[^\n]*Took [^\n]*\n$`)
	if !took.MatchString(output) {
		t.Fatalf("the last line has no time:\n%q", output)
	}
	screen, err := termsvg.Read(columns, "\x1b[2m$\x1b[0m \x1b[1mscim-sync plan --sandbox\x1b[0m\r\n\r\n"+took.ReplaceAllString(output, ""))
	if err != nil {
		t.Fatal(err)
	}
	for name, theme := range map[string]termsvg.Theme{"light": termsvg.Light(), "dark": termsvg.Dark()} {
		file := filepath.Join(root, "docs", "plan-"+name+".svg")
		svg := screen.SVG("scim-sync: a plan", theme)
		if folder := screenshots(); folder != "" {
			if err := os.WriteFile(filepath.Join(folder, filepath.Base(file)), []byte(svg), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		held, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(held) != svg {
			t.Errorf("%s shows another plan than the program prints now; make it again as CONTRIBUTING.md says:\n%s", file, screen.Text())
		}
	}
}
