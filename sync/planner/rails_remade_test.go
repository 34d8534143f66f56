package planner

import (
	"fmt"
	"strings"
	"testing"

	core "scim-sync/sync"
)

// reimported is a company of 40 in which so many have a new Okta id.
func reimported(n int) *scene {
	s := company(40, n)
	for i := 1; i <= n; i++ {
		s.fresh(fmt.Sprintf("new-%03d", i), fmt.Sprintf("p%03d@acme.com", i))
	}
	return s
}

// More people made anew at once than the floor of removals are a re-import: none
// of them is suspended, and one command hands all over.
func TestAReimportSuspendsNobody(t *testing.T) {
	conflicts := func(n int) (list []string) {
		for i := 1; i <= n; i++ {
			list = append(list, fmt.Sprintf("email-conflict p%03d@acme.com", i))
		}
		return list
	}
	checkRails(t, []rail{
		{name: "five", scene: func() *scene { return reimported(5) }, refuses: conflicts(5)},
		{name: "six", scene: func() *scene { return reimported(6) }, blocks: true, refuses: append(conflicts(6), "remade Acme"),
			says: []string{"6 people have a new id in Okta under their old address", "scim-sync state rebind --remade --dry-run", "hand all of their accounts over: scim-sync state rebind --remade.", "scim-sync apply --allow-removals 6"}},
		{name: "all: no cap says more", scene: func() *scene { return reimported(39) }, blocks: true, refuses: append(conflicts(39), "remade Acme")},
		{name: "six leavers, five of them made anew", scene: func() *scene {
			s := reimported(6)
			s.in.Directory.People = s.in.Directory.People[:len(s.in.Directory.People)-1]
			return s
		}, refuses: conflicts(5)},
		{name: "they are other people: the plan's own number goes on", scene: allowing(6, func() *scene { return reimported(6) }), refuses: conflicts(6)},
		{name: "those who were suspended before are over", scene: func() *scene {
			s := reimported(8)
			for id, e := range s.in.Managed.People {
				if strings.HasPrefix(id, "0") && id <= "008" {
					e.Applied.Active = false
					s.in.Managed.People[id] = e
				}
			}
			for i := 1; i <= 8; i++ {
				s.in.Workspace.Members[i].Status = "suspended"
			}
			return s
		}, refuses: conflicts(8)},
	})
}

// Explain says the same of the former and of the new one, by address or id.
func TestExplainOfSomebodyMadeAnew(t *testing.T) {
	s := newScene()
	s.left("old", "ada@acme.com", suspended)
	s.fresh("new", "ada@acme.com")
	p := s.propose(t)
	for _, name := range []string{"ada@acme.com", "old", "new"} {
		e, err := Explain(p, name)
		if err != nil || len(e.People) == 0 {
			t.Fatalf("%s: %+v, %v", name, e, err)
		}
		for _, who := range e.People {
			if !strings.Contains(who.Next.Verdict, "so it was suspended; new, who is assigned in Okta, has the address now") ||
				len(who.Next.Refusals) != 1 || who.Next.Refusals[0].Code != core.EmailConflict || !strings.Contains(who.Next.Refusals[0].Remedy, "scim-sync release ada@acme.com") {
				t.Errorf("%s: %s: %+v", name, who.OktaID, who.Next)
			}
		}
	}
}
