package state

import (
	"fmt"
	"path/filepath"
	"testing"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// largeState is what is managed of 100,000 people in 2,000 teams.
func largeState() *replay {
	g := newReplay()
	g.managed.WorkspaceID, g.managed.OrgURL, g.managed.AppID = "ws-1", "https://acme.okta.com", "0oa1"
	for i := range 100_000 {
		id := fmt.Sprintf("00u%017d", i)
		g.managed.People[id] = core.ManagedPerson{
			OktaID: id, AttioID: fmt.Sprintf("3fe5fb0c-43a8-4d45-9d5a-%012d", i), Kind: core.Membership, Email: fmt.Sprintf("person%06d@acme.example", i),
			Applied:  core.Applied{Role: attio.RoleMember, Profile: attio.Profile{GivenName: "Person", FamilyName: fmt.Sprintf("Number %d", i)}, Active: true},
			RoleSeen: true, RoleFrom: "attribute", ManagedSince: day0, InvitedAt: day0,
		}
	}
	for t := range 2000 {
		ids := make([]string, 500)
		for i := range ids {
			ids[i] = fmt.Sprintf("00u%017d", (t*500+i)%100_000)
		}
		id := fmt.Sprintf("00g%017d", t)
		g.managed.Teams[id] = core.ManagedTeam{GroupID: id, TeamID: fmt.Sprintf("9c3f64f5-0000-4d45-9d5a-%012d", t), Created: true,
			Applied: core.AppliedTeam{Name: fmt.Sprintf("Team %04d", t), Members: core.NewMemberSet(ids)}}
	}
	g.touched = true
	return g
}

// BenchmarkLargeState reads and writes the state of 100,000 people, as a run does.
func BenchmarkLargeState(b *testing.B) {
	g := largeState()
	s, err := Open(b.Context(), Location{Path: filepath.Join(b.TempDir(), "state.json")})
	if err != nil {
		b.Fatal(err)
	}
	w, err := s.backend.Lock(b.Context(), Holder{})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Release(b.Context())
	snaps := saver{writer: w, now: clock()}
	if err := snaps.save(b.Context(), snapshotOf(g, 1), false); err != nil {
		b.Fatal(err)
	}
	b.Run("written", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := snaps.save(b.Context(), snapshotOf(g, snaps.serial+1), false); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if m, _, _, err := s.Read(b.Context()); err != nil || len(m.People) != len(g.managed.People) {
				b.Fatal(err, len(m.People))
			}
		}
	})
	b.Run("begun", func(b *testing.B) { // as apply reads it
		b.ReportAllocs()
		for b.Loop() {
			l, err := s.load(b.Context())
			if err != nil || len(l.replay.view(everything).People) != len(g.managed.People) {
				b.Fatal(err)
			}
		}
	})
}
