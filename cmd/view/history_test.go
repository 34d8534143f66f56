package view

import (
	"testing"

	"scim-sync/sync/state"
)

// TestARunIsCalledWhatItWas: refused where a rail refused it, before there was a plan
// too; nothing is said to be done that was not.
func TestARunIsCalledWhatItWas(t *testing.T) {
	for want, r := range map[string]state.RunRecord{
		"refused, exit 3":                                {Summary: &state.Summary{ExitCode: 3, Refusals: []string{"source-empty"}}},
		"2 done, 1 refused, exit 3":                      {Summary: &state.Summary{ExitCode: 3, Counts: map[string]int{"done": 2, "refused": 1}}, Intents: 2},
		"failed before it wrote anything, exit 75":       {Summary: &state.Summary{ExitCode: 75, Error: "HTTP 503"}},
		"interrupted before it wrote anything, exit 130": {Summary: &state.Summary{ExitCode: 130}},
		"nothing changed, exit 0":                        {Summary: &state.Summary{}},
		"only state changed, exit 0":                     {Summary: &state.Summary{}, Changes: 1},
		"cut off, or goes on":                            {Intents: 3},
	} {
		if got := (voice{}).ending(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	noState := state.RunRecord{Summary: &state.Summary{ExitCode: 3, Error: "no-state: there is none"}}
	if got := (voice{}).ending(noState); got != "refused, exit 3" {
		t.Errorf("a refusal before the plan: %q", got)
	}
}

// TestStatusCallsARefusedRunRefused, and says what was done besides.
func TestStatusCallsARefusedRunRefused(t *testing.T) {
	code := func(n int) *int { return &n }
	const at = "just now (2026-08-20 03:00 UTC): "
	for want, r := range map[string]RunStatus{
		at + "refused: too-many-removals (exit 3); by ada; run #7": {Number: 7, Operator: "ada", ExitCode: code(3), Refusals: []string{"too-many-removals"}},
		at + "12 done; refused: last-admin (exit 3)":               {ExitCode: code(3), Steps: map[string]int{"done": 12}, Refusals: []string{"last-admin"}},
		at + "refused (exit 3); no-state: there is none":           {ExitCode: code(3), Error: "no-state: there is none"},
		at + "a step failed (exit 4); refused: last-admin":         {ExitCode: code(4), Outcome: "a step failed", Refusals: []string{"last-admin"}},
		at + "done": {ExitCode: code(0), Outcome: "done"},
	} {
		if r.Began = made; runWords(r, made) != want {
			t.Errorf("%q, want %q", runWords(r, made), want)
		}
	}
}
