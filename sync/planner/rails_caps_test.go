package planner

import (
	"fmt"
	"scim-sync/config"
	core "scim-sync/sync"
	"strings"
	"testing"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/idset"
)

// company is a scene with the default caps: n managed people in all, the boss
// among them, of whom some have left.
func company(n, left int) *scene {
	s := newScene()
	s.in.Policy.Protect = config.Default().Policy.Protect
	for i := 1; i < n; i++ {
		id, email := fmt.Sprintf("%03d", i), fmt.Sprintf("p%03d@acme.com", i)
		if i <= left {
			s.left(id, email)
		} else {
			s.tied(id, email)
		}
	}
	return s
}

// rail is one case of a rail: what it refuses, and what is in its words.
type rail struct {
	name    string
	scene   func() *scene
	refuses []string // codes and subjects
	blocks  bool
	says    []string
	learns  []string // latch, unlatch
}

func checkRails(t *testing.T, rails []rail) {
	t.Helper()
	for _, r := range rails {
		t.Run(r.name, func(t *testing.T) {
			p := r.scene().propose(t)
			alike(t, "refusals", r.refuses, refusalWords(p.Plan.Refusals))
			if p.Blocked != r.blocks {
				t.Errorf("blocks the run: %v, want %v", p.Blocked, r.blocks)
			}
			text := fmt.Sprint(p.Plan.Refusals)
			for _, part := range r.says {
				if !strings.Contains(text, part) {
					t.Errorf("no refusal says %q: %s", part, text)
				}
			}
			var learns []string
			for _, c := range changeWords(p.Updates) {
				if strings.Contains(c, "latch") {
					learns = append(learns, c)
				}
			}
			alike(t, "learns", r.learns, learns)
		})
	}
}

func TestRemovalCapAtItsEdges(t *testing.T) {
	const code, latch = "too-many-removals Acme", "latch too-many-removals"
	protect := func(s *scene, change func(*core.ProtectPolicy)) *scene {
		change(&s.in.Policy.Protect)
		return s
	}
	var rails []rail
	// Managed people, the most who may go, and why.
	for _, c := range []struct {
		why        string
		managed    int
		most       int
		change     func(*core.ProtectPolicy)
		alwaysSays string
	}{
		{why: "20 % of 60", managed: 60, most: 12},
		{why: "20 % of 64, rounded down", managed: 64, most: 12},
		{why: "never more than the ceiling", managed: 200, most: 25},
		{why: "the floor, where 20 % are less", managed: 20, most: 5},
		{why: "the floor is never more than half", managed: 8, most: 4},
		{why: "the floor is never more than half, rounded down", managed: 5, most: 2},
		{why: "one of three", managed: 3, most: 1},
		{why: "a number", managed: 60, most: 7, change: func(p *core.ProtectPolicy) { p.Removals = core.Amount{N: 7} }},
		{why: "a number below the floor", managed: 60, most: 5, change: func(p *core.ProtectPolicy) { p.Removals = core.Amount{N: 3} }},
		{why: "none at all", managed: 60, most: 0, change: func(p *core.ProtectPolicy) { p.Removals, p.RemovalsFloor = core.Amount{}, 0 }},
	} {
		at := func(left int) func() *scene {
			return func() *scene {
				s := company(c.managed, left)
				if c.change != nil {
					c.change(&s.in.Policy.Protect)
				}
				return s
			}
		}
		rails = append(rails,
			rail{name: c.why + ": just within", scene: at(c.most)},
			rail{name: c.why + ": one too many", scene: at(c.most + 1), blocks: true, refuses: []string{code}, learns: []string{latch},
				says: []string{fmt.Sprintf("%d of %d managed people", c.most+1, c.managed), fmt.Sprintf("protect.removals allows %d", c.most), fmt.Sprintf("scim-sync apply --allow-removals %d", c.most+1)}})
	}
	window := func(left int, ago time.Duration, change func(*core.ProtectPolicy)) func() *scene {
		return func() *scene {
			s := protect(company(60, left), change)
			for i := range 10 {
				s.in.Managed.Removals = append(s.in.Managed.Removals, core.Removal{At: now.Add(-ago), Action: core.Suspend, OktaID: fmt.Sprint("gone", i)})
			}
			return s
		}
	}
	none := func(*core.ProtectPolicy) {}
	rails = append(rails,
		rail{name: "the window counts: 10 before and 2 now", scene: window(2, 23*time.Hour, none)},
		rail{name: "the window counts: 10 before and 3 now", scene: window(3, 23*time.Hour, none), blocks: true, refuses: []string{code}, learns: []string{latch},
			says: []string{"after 10 in the last 24 h", "3 of 60"}},
		rail{name: "what is older does not count", scene: window(12, 24*time.Hour, none)},
		rail{name: "0s: this run alone", scene: window(12, time.Hour, func(p *core.ProtectPolicy) { p.RemovalsWindow = 0 })},
		rail{name: "nothing to remove is never refused", scene: window(0, time.Hour, func(p *core.ProtectPolicy) { p.Removals, p.RemovalsFloor = core.Amount{}, 0 })},
		rail{name: "withdrawn invites count", scene: func() *scene {
			s := company(20, 5)
			s.left("mo", "mo@else.com", invited(1))
			return s
		}, blocks: true, refuses: []string{code}, learns: []string{latch}, says: []string{"6 of 21"}},
		rail{name: "whom a run that was cut off may have removed, and this one removes, counts once", scene: func() *scene {
			s := company(60, 12)
			s.in.Managed.Removals = []core.Removal{{At: now.Add(-time.Hour), Action: core.Suspend, OktaID: "001", Unfinished: true}}
			return s
		}},
		rail{name: "who was removed, came back and would be removed again counts twice", blocks: true, refuses: []string{code}, learns: []string{latch},
			says: []string{"12 of 60 managed people would lose their place, after 1 in the last 24 h"}, scene: func() *scene {
				s := company(60, 12)
				s.in.Managed.Removals = []core.Removal{{At: now.Add(-time.Hour), Action: core.Suspend, OktaID: "001"}}
				return s
			}},
	)
	checkRails(t, rails)
}

func TestLatch(t *testing.T) {
	latched := func(s *scene) *scene {
		s.in.Managed.Latched = &core.Latch{Code: "too-many-removals", At: now.Add(-time.Hour)}
		return s
	}
	options := func(s *scene, o Options) *scene {
		s.in.Options = o
		return s
	}
	n := func(n int) *int { return &n }
	checkRails(t, []rail{
		{name: "within the floor: unlatched", scene: func() *scene { return latched(company(60, 5)) }, learns: []string{"unlatch"}},
		{name: "nothing to remove: unlatched", scene: func() *scene { return latched(company(60, 0)) }, learns: []string{"unlatch"}},
		{name: "beyond the floor, though within the percentage", scene: func() *scene { return latched(company(60, 6)) },
			blocks: true, refuses: []string{"too-many-removals Acme"}, learns: []string{"latch too-many-removals"},
			says: []string{"after a refusal (too-many-removals) only 5 are allowed", "--allow-removals 6"}},
		{name: "allowed: unlatched", scene: func() *scene { return options(latched(company(60, 30)), Options{AllowRemovals: n(30)}) }, learns: []string{"unlatch"}},
		{name: "held back by --no-removals: still latched", scene: func() *scene { return options(latched(company(60, 30)), Options{NoRemovals: true}) }},
		{name: "held back by setting: still latched", scene: func() *scene {
			s := latched(company(60, 30))
			s.in.Policy.Protect.NoRemovals = true
			return s
		}},
		{name: "one of them by name: still latched", scene: func() *scene { return options(latched(company(60, 30)), Options{Only: "p001@acme.com"}) }},
		{name: "refused for another reason: still latched", scene: func() *scene {
			s := latched(company(60, 0))
			for i := range 31 {
				s.fresh(fmt.Sprint("new", i), fmt.Sprintf("n%d@acme.com", i))
			}
			return s
		}, blocks: true, refuses: []string{"too-many-additions Acme"}},
		{name: "the source is empty: latched", scene: func() *scene { return emptied(company(10, 0)) },
			blocks: true, refuses: []string{"source-empty Attio"}, learns: []string{"latch source-empty"}},
	})
}

// TestSettlesOfABlockedRun: what a blocked run settles is the latch alone.
func TestSettlesOfABlockedRun(t *testing.T) {
	s := company(60, 0)
	s.tied("1", "ada@acme.com", suspendedByHand, access(idp.Revoked, "INACTIVE")) // else learned
	for i := range 31 {
		s.fresh(fmt.Sprint("new", i), fmt.Sprintf("n%d@acme.com", i))
	}
	if p := s.propose(t); !p.Blocked || len(p.Learns()) > 0 {
		t.Errorf("blocked %v, settles %v; want blocked, and nothing to settle", p.Blocked, len(p.Learns()) > 0)
	}
	if p := emptied(company(10, 0)).propose(t); !p.Blocked || len(p.Learns()) == 0 {
		t.Errorf("blocked %v, settles %v; want blocked, and the latch to settle", p.Blocked, len(p.Learns()) > 0)
	}
}

// emptied has nobody in Okta's list, and everybody confirmed as gone.
func emptied(s *scene) *scene {
	for _, p := range s.in.Directory.People {
		s.in.Answers.People[p.ID] = idp.Standing{Access: idp.Revoked}
	}
	s.in.Directory.People = nil
	s.in.Policy.Protect.Members = []string{"boss@acme.com"}
	return s
}

func TestAllowRemovals(t *testing.T) {
	allow := func(n int, s *scene) func() *scene {
		return func() *scene {
			s.in.Options.AllowRemovals = &n
			return s
		}
	}
	// mixed would suspend 30, demote 2 and take 9 of 10 out of a team.
	mixed := func() *scene {
		s := company(60, 30)
		s.tied("d1", "d1@acme.com", admin, roles("member"))
		s.tied("d2", "d2@acme.com", admin, roles("member"))
		var ids, in []string
		for i := 40; i < 50; i++ {
			ids, in = append(ids, fmt.Sprintf("%03d", i)), append(in, fmt.Sprintf("a-%03d", i))
		}
		s.tiedTeam("Eng", ids...)
		s.in.Directory.Groups[0].Members, s.in.Workspace.Teams[0].Members = idset.Of(ids[:1]...), idset.Of(in...)
		return s
	}
	all := []string{"too-many-admin-removals Acme", "too-many-removals Acme", "too-many-team-removals Eng"}
	latches := []string{"latch too-many-admin-removals", "latch too-many-removals"}
	checkRails(t, []rail{
		{name: "not given: every rail names the same number", scene: mixed, blocks: true, refuses: all, learns: latches, says: []string{"--allow-removals 41"}},
		{name: "exactly the number lifts all of them", scene: allow(41, mixed())},
		{name: "one less", scene: allow(40, mixed()), blocks: true, refuses: []string{"too-many-removals --allow-removals", "too-many-team-removals Eng"},
			says: []string{"40 removals were allowed, but the plan has 41", "scim-sync apply --allow-removals 41"}},
		{name: "one more", scene: allow(42, mixed()), blocks: true, refuses: []string{"too-many-removals --allow-removals", "too-many-team-removals Eng"}},
		{name: "another number is refused though no cap is reached", scene: allow(2, company(60, 1)), blocks: true, refuses: []string{"too-many-removals --allow-removals"}},
		{name: "the number, though no cap is reached", scene: allow(1, company(60, 1))},
		{name: "it lifts nothing else", scene: allow(10, emptied(company(11, 0))), blocks: true, refuses: []string{"source-empty Attio"}, learns: []string{"latch source-empty"}},
	})
	if p := mixed().propose(t); p.Plan.Summary.Removals != 41 {
		t.Errorf("summary.removals is %d, want 41: what --allow-removals asks for", p.Plan.Summary.Removals)
	}
}

func TestAdditionCaps(t *testing.T) {
	grow := func(managed, arrivals, back int) *scene {
		s := company(managed, 0)
		for i := range arrivals {
			s.fresh(fmt.Sprint("new", i), fmt.Sprintf("n%d@acme.com", i))
		}
		for i := range back {
			s.tied(fmt.Sprint("back", i), fmt.Sprintf("b%d@acme.com", i), suspended)
		}
		return s
	}
	promote := func(n int) *scene {
		s := company(20, 0)
		for i := range n {
			s.tied(fmt.Sprint("up", i), fmt.Sprintf("u%d@acme.com", i), roles("admin"))
		}
		return s
	}
	met := func(n int, ago time.Duration) *scene { // ago: when a first run adopted them; 0: none has
		s := promote(n)
		for id, e := range s.in.Managed.People {
			if e.ManagedSince = now.Add(-ago); ago == 0 {
				delete(s.in.Managed.People, id)
				continue
			}
			s.in.Managed.People[id] = e
		}
		return s
	}
	first := func(in *Input) { in.FirstRun = true }
	with := func(s *scene, change func(*Input)) func() *scene {
		return func() *scene {
			change(&s.in)
			return s
		}
	}
	n := func(n int) *int { return &n }
	both := func(additions, promotions *int) *scene {
		s := promote(4)
		for i := range 40 {
			s.fresh(fmt.Sprint("new", i), fmt.Sprintf("n%d@acme.com", i))
		}
		s.in.Options.AllowAdditions, s.in.Options.AllowPromotions = additions, promotions
		return s
	}
	additions, promotions := []string{"too-many-additions Acme"}, []string{"too-many-promotions Acme"}
	checkRails(t, []rail{
		{name: "50 % of 60", scene: func() *scene { return grow(60, 20, 10) }},
		{name: "one more", scene: func() *scene { return grow(60, 20, 11) }, blocks: true, refuses: additions,
			says: []string{"31 people would be provisioned or reactivated beside 60 managed; protect.additions allows 30", "scim-sync apply --allow-additions 31"}},
		{name: "the floor", scene: func() *scene { return grow(10, 20, 0) }},
		{name: "one more than the floor", scene: func() *scene { return grow(10, 21, 0) }, blocks: true, refuses: additions},
		{name: "not on a first run", scene: with(grow(1, 200, 0), func(in *Input) { in.FirstRun = true })},
		{name: "allowed", scene: with(grow(10, 40, 0), func(in *Input) { in.Options.AllowAdditions = n(40) })},
		{name: "another number", scene: with(grow(10, 40, 0), func(in *Input) { in.Options.AllowAdditions = n(39) }), blocks: true,
			refuses: []string{"too-many-additions --allow-additions"}, says: []string{"39 additions were allowed, but the plan has 40"}},
		{name: "another number on a first run", scene: with(grow(10, 40, 0), func(in *Input) { in.FirstRun, in.Options.AllowAdditions = true, n(39) }), blocks: true,
			refuses: []string{"too-many-additions --allow-additions"}},
		{name: "three new admins", scene: func() *scene { return promote(3) }},
		{name: "four new admins", scene: func() *scene { return promote(4) }, blocks: true, refuses: promotions,
			says: []string{"4 people would become admin; protect.promotions allows 3", "--allow-promotions 4"}},
		{name: "four new admins on a first run", scene: with(met(4, 0), first)},
		{name: "four new admins on one that goes on where it was cut off", scene: with(met(4, time.Hour), first)},
		{name: "four who were members for days, while a first run waits for seats", scene: with(met(4, 25*time.Hour), first), blocks: true, refuses: promotions},
		{name: "four allowed", scene: with(promote(4), func(in *Input) { in.Options.AllowPromotions = n(4) })},
		{name: "three allowed of four", scene: with(promote(4), func(in *Input) { in.Options.AllowPromotions = n(3) }), blocks: true,
			refuses: []string{"too-many-promotions --allow-promotions"}, says: []string{"3 new admins were allowed, but the plan has 4"}},
		{name: "allowed additions allow no new admins", scene: with(promote(4), func(in *Input) { in.Options.AllowAdditions = n(0) }), blocks: true, refuses: promotions},
		{name: "allowed new admins allow no newcomers", scene: with(grow(10, 21, 0), func(in *Input) { in.Options.AllowPromotions = n(0) }), blocks: true, refuses: additions},
		{name: "newcomers and new admins: one command lets both through", scene: func() *scene { return both(nil, nil) }, blocks: true,
			refuses: []string{"too-many-additions Acme", "too-many-promotions Acme"},
			says:    []string{"scim-sync apply --allow-additions 40 --allow-promotions 4 (40 additions, 4 new admins); or raise protect.additions.", "4 (40 additions, 4 new admins); or raise protect.promotions."}},
		{name: "newcomers allowed, new admins not", scene: func() *scene { return both(n(40), nil) }, blocks: true, refuses: promotions,
			says: []string{"scim-sync apply --allow-additions 40 --allow-promotions 4"}},
		{name: "new admins allowed, newcomers not", scene: func() *scene { return both(nil, n(4)) }, blocks: true, refuses: additions,
			says: []string{"scim-sync apply --allow-promotions 4 --allow-additions 40"}},
		{name: "both allowed", scene: func() *scene { return both(n(40), n(4)) }},
		{name: "newcomers who are admins count", scene: func() *scene {
			s := promote(3)
			s.fresh("n", "n@acme.com", roles("admin"))
			return s
		}, blocks: true, refuses: promotions},
		{name: "admins who come back do not", scene: func() *scene {
			s := promote(3)
			s.tied("n", "n@acme.com", admin, roles("admin"), suspended)
			return s
		}},
	})
}

func TestAdminRemovalCap(t *testing.T) {
	admins := func(suspend, demote int, change func(*scene)) func() *scene {
		return func() *scene {
			s := company(20, 0)
			for i := range suspend {
				s.left(fmt.Sprint("s", i), fmt.Sprintf("s%d@acme.com", i), admin)
			}
			for i := range demote {
				s.tied(fmt.Sprint("d", i), fmt.Sprintf("d%d@acme.com", i), admin, roles("member"))
			}
			if change != nil {
				change(s)
			}
			return s
		}
	}
	before := func(action core.Action, admin bool) func(*scene) {
		return func(s *scene) {
			s.in.Managed.Removals = []core.Removal{{At: now.Add(-time.Hour), Action: action, OktaID: "x", Admin: admin}}
		}
	}
	refuses, latch := []string{"too-many-admin-removals Acme"}, []string{"latch too-many-admin-removals"}
	checkRails(t, []rail{
		{name: "one suspended", scene: admins(1, 0, nil)},
		{name: "one demoted", scene: admins(0, 1, nil)},
		{name: "one of each", scene: admins(1, 1, nil), blocks: true, refuses: refuses, learns: latch,
			says: []string{"2 admins would be suspended or demoted (0 more in the last 24 h); protect.admin_removals allows 1", "--allow-removals 2"}},
		{name: "one, after one within the window", scene: admins(0, 1, before(core.Suspend, true)), blocks: true, refuses: refuses, learns: latch,
			says: []string{"1 admin would be suspended or demoted (1 more in the last 24 h)"}},
		{name: "one, after a member within the window", scene: admins(0, 1, before(core.Suspend, false))},
		{name: "none allowed", scene: admins(1, 0, func(s *scene) { s.in.Policy.Protect.AdminRemovals = 0 }), blocks: true, refuses: refuses, learns: latch},
		{name: "an invited one has never been one", scene: admins(1, 0, func(s *scene) {
			s.tied("i", "mo@else.com", admin, roles("member"), invited(1), func(t *trio) { t.attio.Role = attio.RoleAdmin })
		})},
	})
}
