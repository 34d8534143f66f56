package state

import (
	"encoding/json"
	"testing"

	core "scim-sync/sync"
)

// TestALineWithAStateInItIsAsJSONSaysIt: putting the state in by itself changes no
// byte, also where the texts around it look like its place.
func TestALineWithAStateInItIsAsJSONSaysIt(t *testing.T) {
	state := snapshot{header: header{Format: Format, Serial: 3}, People: []core.ManagedPerson{{OktaID: "00u1", Email: `<a>&"b"@acme.example`}}}
	text, err := state.encode()
	if err != nil {
		t.Fatal(err)
	}
	trap := `"state":null, {"state":null}`
	for name, line := range map[string]Line{
		"rotated":  {Seq: 1, Run: trap, Kind: LineRotated, Rotated: &Rotated{Pruned: &Pruned{Before: 2, Hash: trap}, State: text}, Recovered: &Recovered{Note: trap}},
		"restored": {Seq: 1, Prev: trap, Kind: LineRestored, Restored: &Restored{By: trap, State: text}, Summary: &Summary{Error: trap}},
		"without":  {Seq: 1, Run: trap, Kind: LineEnd, Summary: &Summary{Error: trap}},
		"empty":    {Seq: 1, Kind: LineRotated, Rotated: &Rotated{}},
	} {
		want, err := json.Marshal(&line)
		if err != nil {
			t.Fatal(err)
		}
		got, err := line.body()
		if err != nil || string(got) != string(want) {
			t.Errorf("%s: %v\n%s\n%s", name, err, got, want)
		}
	}
}
