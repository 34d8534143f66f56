package planner

import (
	"fmt"
	"runtime"
	"scim-sync/config"
	core "scim-sync/sync"
	"slices"
	"testing"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/idset"
)

// sized is a company of n people in teams of which everybody is in ten. With
// full, Attio has everybody already, in their teams; with managed, state says
// so too.
func sized(n, teams int, full, managed bool) Input {
	in := Input{Directory: idp.Directory{Origin: idp.Origin{Name: "Okta"}}, Policy: config.Default().Policy, Now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), FirstRun: !managed}
	in.Policy.Teams.LinkSameName = true
	in.Managed = core.Managed{People: map[string]core.ManagedPerson{}, Teams: map[string]core.ManagedTeam{}}
	in.Workspace.Identity = attio.Identity{WorkspaceID: "w", WorkspaceSlug: "acme"}
	members := make([][]string, teams)
	there := make([][]string, teams)
	who, where := idset.NewDictionary(), idset.NewDictionary()
	for i := range n {
		id, at, email := fmt.Sprintf("00u%017d", i), fmt.Sprintf("%08d-0000-5000-8000-000000000000", i), fmt.Sprintf("person%06d@acme.example", i)
		in.Directory.People = append(in.Directory.People, idp.Person{ID: id, Email: email, EmailFrom: idp.EmailAttribute, UserName: email, GivenName: "Person", FamilyName: fmt.Sprint(i),
			Roles: []string{"member"}, HasRole: true, Access: idp.Granted, AppStatus: "ACTIVE", UserStatus: "ACTIVE", Direct: true})
		for k := range 10 {
			t := (i + k*teams/10) % teams
			members[t] = append(members[t], id)
			there[t] = append(there[t], at)
		}
		if full {
			in.Workspace.Members = append(in.Workspace.Members, attio.Member{ID: at, RestID: at, Email: email, Profile: attio.Profile{GivenName: "Person", FamilyName: fmt.Sprint(i)}, Status: attio.Active, Role: attio.RoleMember})
		}
		if managed {
			in.Managed.People[id] = core.ManagedPerson{OktaID: id, AttioID: at, Kind: core.Membership, Email: email, RoleSeen: true, RoleFrom: fromAttribute,
				Applied: core.Applied{Role: attio.RoleMember, Profile: attio.Profile{GivenName: "Person", FamilyName: fmt.Sprint(i)}, Active: true}}
		}
	}
	for t := range teams {
		g, at, name := fmt.Sprintf("00g%017d", t), fmt.Sprintf("team-%d", t), fmt.Sprintf("Team %04d", t)
		ids := slices.Compact(slices.Sorted(slices.Values(members[t])))
		in.Directory.Groups = append(in.Directory.Groups, idp.Group{GroupRef: idp.GroupRef{ID: g, Name: name}, Members: numbered(who, ids), Team: true})
		if full {
			in.Workspace.Teams = append(in.Workspace.Teams, attio.Team{ID: at, Name: name, Members: numbered(where, there[t])})
		}
		if managed {
			in.Managed.Teams[g] = core.ManagedTeam{GroupID: g, TeamID: at, Created: true, Applied: core.AppliedTeam{Name: name, Members: core.NewMemberSet(ids)}}
		}
	}
	return in
}

func numbered(b *idset.Dictionary, ids []string) idset.Set {
	numbers := make([]uint32, len(ids))
	for i, id := range ids {
		numbers[i] = b.Number(id)
	}
	return b.Set(numbers)
}

// BenchmarkPlan is the whole way from two readings to a plan: 1,000 people
// with 50 teams, 10,000 with 200, 100,000 with 2,000, everybody in ten.
func BenchmarkPlan(b *testing.B) {
	for _, size := range []struct{ people, teams int }{{1000, 50}, {10_000, 200}, {100_000, 2000}} {
		for _, world := range []struct {
			name          string
			full, managed bool
		}{{"empty", false, false}, {"full", true, false}, {"in-step", true, true}} {
			b.Run(fmt.Sprintf("%d/%s", size.people, world.name), func(b *testing.B) {
				in := sized(size.people, size.teams, world.full, world.managed)
				b.ReportAllocs()
				var p *Draft
				for b.Loop() {
					var err error
					if p, err = Plan(in); err != nil {
						b.Fatal(err)
					}
					p.Seal()
				}
				if world.managed && len(p.Plan.Steps) > 0 {
					b.Fatal(p.Plan.Steps[0])
				}
				with := inUse()
				runtime.KeepAlive(p)
				p = nil
				b.ReportMetric(float64(with-inUse())/float64(size.people), "kept-B/person")
			})
		}
	}
}

func inUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
