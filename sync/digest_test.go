package sync

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

// What the digest is over is the plan as encoding/json writes it, whatever is
// in it.
func TestDigestIsOverTheDocument(t *testing.T) {
	person, team := &PersonRef{OktaID: "00u1", Email: "<null>@x"}, &TeamRef{OktaID: "00g1", Name: `n"ull`, Groups: []string{"a", "b"}}
	for name, p := range map[string]Plan{
		"zero":  {},
		"empty": {Steps: []Step{}, Held: []HeldStep{}, Refusals: []Refusal{}, Notes: []Note{}, Unmanaged: []Unmanaged{}, UnmanagedTeams: []string{}},
		"full": {
			FormatVersion: 1, ID: "sha256:x", CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), ScimSync: "v1",
			Workspace: WorkspaceRef{"1", "null", "\u2028 & null"}, Source: SourceRef{"Okta", "https://x", "0oa", "null"}, Summary: Summary{Provision: 3, UnmanagedTeams: 9},
			Steps: []Step{{N: 1, Action: Provision, Person: person}, {N: 2, Action: AddMembers, Team: team, People: []*MemberRef{{"1", "2", "3"}}}},
			Held:  []HeldStep{{Step{N: 3, Action: Suspend, Person: person}, "last-admin"}}, Refusals: []Refusal{{Code: "a", Reach: "b", Subject: "c", Detail: "d", Remedy: "e"}},
			Notes: []Note{{Code: "null", Subject: "b", Detail: "c", About: []About{{OktaID: "x"}}}, {Code: "d"}}, Unmanaged: []Unmanaged{{Email: "x", Teams: []string{}}}, UnmanagedTeams: []string{"y", "<z>"},
		},
	} {
		var want, got bytes.Buffer
		if err := json.NewEncoder(&want).Encode(p); err != nil {
			t.Fatal(err)
		}
		if digestTo(&got, p); got.String() != want.String() {
			t.Errorf("%s:\n%s\n%s", name, got.String(), want.String())
		}
	}
}
