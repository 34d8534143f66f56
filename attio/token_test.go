package attio

import (
	"strings"
	"testing"
)

// TestQuotesRoundAToken: they are named, for what they come from is not seen.
func TestQuotesRoundAToken(t *testing.T) {
	for text, want := range map[string]string{`"at-0123456789"`: "quotes round it", `'at-0123456789'`: "quotes round it", `"at-0123456789`: "quotes round it", "at-0123\"456789": "", "at-0123456789": "", `"`: "quotes", "": "empty"} {
		if why := UsableToken(text); (why == "") != (want == "") || !strings.Contains(why, want) {
			t.Errorf("%s: %q", text, why)
		}
	}
}
