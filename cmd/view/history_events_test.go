package view

import (
	"testing"

	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// TestWhatARunFoundIsNobodysCommand: of a watch no more than of an apply.
func TestWhatARunFoundIsNobodysCommand(t *testing.T) {
	for command, tells := range map[string]bool{"apply": false, "watch": false, "sandbox": false, "release": true, "link --undo": true} {
		e := state.Event{By: &state.RunInfo{Command: command}}
		e.Kind, e.Change = state.LineLearn, &core.Change{Person: &core.ManagedPerson{OktaID: "00u1"}}
		if Tells(e) != tells {
			t.Errorf("%s: told is %v", command, !tells)
		}
	}
}
