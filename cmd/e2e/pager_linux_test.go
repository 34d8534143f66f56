package e2e

import (
	"strings"
	"testing"
)

// TestATerminalIsReadPageByPage: what may be longer than a screen goes through the
// pager that somebody names, which hears of no secret; what asks or answers in a few
// lines does not, and a pager that cannot be started keeps nothing back.
func TestATerminalIsReadPageByPage(t *testing.T) {
	const shows = `sed "s/^/page|/"; echo "told:$SCIM_SYNC_ATTIO_TOKEN:$LESS"`
	for name, row := range map[string]struct {
		env   []string
		args  []string
		paged bool
	}{
		"a plan":             {[]string{"PAGER=" + shows}, []string{"plan", "--sandbox"}, true},
		"our own goes first": {[]string{"PAGER=false", "SCIM_SYNC_PAGER=" + shows}, []string{"plan", "--sandbox"}, true},
		"no pager":           {[]string{"PAGER="}, []string{"plan", "--sandbox"}, false},
		"cat":                {[]string{"PAGER=cat"}, []string{"plan", "--sandbox"}, false},
		"none of that name":  {[]string{"PAGER=no-such-pager --flag"}, []string{"plan", "--sandbox"}, false},
		"a status":           {[]string{"PAGER=" + shows}, []string{"status", "--sandbox"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			out := inTerminal(t, 80, append(row.env, "PATH=/usr/bin:/bin", "SCIM_SYNC_ATTIO_TOKEN=hidden-token"), row.args...)
			if got := strings.Contains(out, "page|"); got != row.paged || row.paged && !strings.Contains(out, "told::FRX") || !strings.Contains(out, "ernwood") {
				t.Errorf("paged: %v\n%s", got, out)
			}
		})
	}
}
