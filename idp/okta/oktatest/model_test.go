package oktatest_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/sample"
)

// plain is the rule of who is assigned, written down without any cleverness.
type plain struct {
	active  bool
	status  map[string]string
	direct  map[string]bool
	members map[string]map[string]bool
	granted map[string]int
}

func (p *plain) lines() []string {
	var out []string
	for login, status := range p.status {
		if status == "DEPROVISIONED" {
			continue
		}
		if p.direct[login] {
			out = append(out, login+" USER []")
			continue
		}
		best := ""
		for _, g := range []string{"G0", "G1", "G2"} { // ids fall in this order
			if prio, on := p.granted[g]; p.active && on && p.members[g][login] && (best == "" || prio < p.granted[best]) {
				best = g
			}
		}
		if best != "" {
			out = append(out, login+" GROUP "+best+" []")
		}
	}
	slices.Sort(out)
	return out
}

// Whatever an admin does, the list is what the rule says of the result: the
// server keeps it up step by step and must never lose one.
func TestTheListIsWhatTheRuleSays(t *testing.T) {
	sample.Check(t, func(rt *rapid.T) {
		in := oktatest.Org{APIToken: token, App: oktatest.App{ID: "0oa1b2c3d4e5f6g7h8i9"}}
		p := &plain{active: true, status: map[string]string{}, direct: map[string]bool{}, members: map[string]map[string]bool{}, granted: map[string]int{}}
		var logins []string
		for i := range 4 {
			login := fmt.Sprintf("p%d@acme.com", i)
			logins = append(logins, login)
			in.Users = append(in.Users, oktatest.User{Login: login})
			p.status[login] = "ACTIVE"
		}
		for i := range 3 {
			name := fmt.Sprintf("G%d", i)
			in.Groups = append(in.Groups, oktatest.Group{ID: fmt.Sprintf("00g%017d", i), Name: name})
			p.members[name] = map[string]bool{}
		}
		o := start(t, in, oktatest.WithRateLimits(oktatest.NoLimits()))
		must := func(err error) {
			if err != nil {
				rt.Fatal(err)
			}
		}
		login := rapid.SampledFrom(logins)
		name := rapid.SampledFrom([]string{"G0", "G1", "G2"})
		rt.Repeat(map[string]func(*rapid.T){
			"join": func(rt *rapid.T) {
				g, u := name.Draw(rt, "group"), login.Draw(rt, "login")
				must(o.AddMember(g, u))
				p.members[g][u] = true
			},
			"leave": func(rt *rapid.T) {
				g, u := name.Draw(rt, "group"), login.Draw(rt, "login")
				must(o.RemoveMember(g, u))
				delete(p.members[g], u)
			},
			"grant": func(rt *rapid.T) {
				g, prio := name.Draw(rt, "group"), rapid.IntRange(0, 3).Draw(rt, "priority")
				must(o.AssignGroup(oktatest.GroupAssignment{Group: g, Priority: prio}))
				p.granted[g] = prio
			},
			"revoke": func(rt *rapid.T) {
				g := name.Draw(rt, "group")
				_, on := p.granted[g]
				if err := o.UnassignGroup(g); (err == nil) != on {
					rt.Fatal(err)
				}
				delete(p.granted, g)
			},
			"assign": func(rt *rapid.T) {
				u := login.Draw(rt, "login")
				if err := o.Assign(u); (err == nil) != (p.status[u] != "DEPROVISIONED") {
					rt.Fatal(err)
				}
				p.direct[u] = p.status[u] != "DEPROVISIONED"
			},
			"unassign": func(rt *rapid.T) {
				u := login.Draw(rt, "login")
				if err := o.Unassign(u); (err == nil) != p.direct[u] {
					rt.Fatal(err)
				}
				p.direct[u] = false
			},
			"status": func(rt *rapid.T) {
				u, st := login.Draw(rt, "login"), rapid.SampledFrom([]string{"ACTIVE", "SUSPENDED", "DEPROVISIONED"}).Draw(rt, "status")
				must(o.SetStatus(u, st))
				if p.status[u] = st; st == "DEPROVISIONED" {
					p.direct[u] = false
				}
			},
			"switch": func(rt *rapid.T) {
				p.active = rapid.Bool().Draw(rt, "active")
				must(o.SetAppStatus(map[bool]string{true: "ACTIVE", false: "INACTIVE"}[p.active]))
			},
			"": func(rt *rapid.T) {
				if d := cmp.Diff(p.lines(), o.lines()); d != "" {
					rt.Fatal(d)
				}
			},
		})
	})
}
