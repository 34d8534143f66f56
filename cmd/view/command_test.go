package view

import (
	"bytes"
	"strings"
	"testing"
)

// TestACommandToCopyIsOneWord: from its name to its last argument, and no further.
func TestACommandToCopyIsOneWord(t *testing.T) {
	for text, want := range map[string]string{
		"scim-sync apply --allow-removals 31; or raise protect.removals.":        "scim-sync apply --allow-removals 31;",
		"scim-sync login again and choose the right one.":                        "scim-sync login",
		"scim-sync state restore FILE) brings it back":                           "scim-sync state restore FILE)",
		"scim-sync asks for access":                                              "scim-sync asks",
		`scim-sync link "Field Sales" 'The field team', or`:                      `scim-sync link "Field Sales" 'The field team',`,
		"scim-sync apply --yes --first-run. Otherwise keep":                      "scim-sync apply --yes --first-run.",
		"scim-sync apply --reason \"sales left, ticket 1\" --yes writes nothing": "scim-sync apply --reason \"sales left, ticket 1\" --yes",
		"scim-sync plan --workspace acme says more":                              "scim-sync plan --workspace acme",
		"(scim-sync history --last 0) lists them":                                "(scim-sync history --last 0)",
		"scim-sync release ada@acme.com, and the next run":                       "scim-sync release ada@acme.com,",
		"scim-sync login --token-stdin < token.txt":                              "scim-sync login --token-stdin < token.txt",
		"scim-sync state rebind --remade says":                                   "scim-sync state rebind --remade",
		"scim-sync explain 'it's' too":                                           "scim-sync explain 'it's'",
		"GRANT USAGE ON SCHEMA s TO u; or the SQL":                               "GRANT USAGE ON SCHEMA s TO u;",
		"scim-syncs are not it":                                                  "scim-syncs",
		"scim-sync ":                                                             "scim-sync",
		"a \"b c\" d":                                                            "a",
		"don't break 'here'":                                                     "don't",
		"":                                                                       "",
	} {
		if got := text[:wordEnd(text)]; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestRemediesWrapAtWords: at the terminal's width, and never inside a command; one
// that is too long stands alone.
func TestRemediesWrapAtWords(t *testing.T) {
	const command = "scim-sync apply --allow-removals 3104 --allow-promotions 4 --allow-additions 400 --reason 'ticket 4711'"
	remedy := "Look at who would be removed, one by one, before anything is done. If it is right: " + command + "; or raise protect.removals, which says how many a day there may be."
	for _, w := range []int{60, 80, 100, 140} {
		var b bytes.Buffer
		p := newPrinter(Stream{W: &b, TTY: true, Width: w})
		p.wayOn(4, remedy)
		if err := p.flush(); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			alone := strings.TrimSpace(line) == command+";"
			if width(strings.TrimSuffix(line, "\n")) > w && !alone {
				t.Errorf("%d columns: %q", w, line)
			}
		}
		if !strings.Contains(b.String(), command) || strings.Join(strings.Fields(b.String()), " ") != "→ "+remedy {
			t.Errorf("%d columns:\n%s", w, b.String())
		}
	}
	var b bytes.Buffer
	p := newPrinter(Stream{W: &b})
	if p.wayOn(4, remedy); p.flush() != nil || b.String() != "    → "+remedy+"\n" {
		t.Errorf("in a pipe: %q", b.String())
	}
}
