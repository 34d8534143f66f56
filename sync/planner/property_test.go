package planner

import (
	core "scim-sync/sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/sample"
)

// withOptions is any situation and anything that a run may ask for.
func withOptions(t *rapid.T) Input {
	in := anyInput(t)
	in.Options.Only = one(t, append([]string{"", "", "", "", "Eng", "g1", "p1", "nobody"}, someEmails...), "only")
	in.Options.NoRemovals = rapid.IntRange(0, 5).Draw(t, "flag no removals") == 0
	if rapid.IntRange(0, 3).Draw(t, "allow") == 0 {
		n := rapid.IntRange(0, 4).Draw(t, "allowed")
		in.Options.AllowRemovals, in.Options.AllowAdditions = &n, &n
	}
	return in
}

// TestPlanIsOfTheSituationAlone: not of the order in which things were read,
// nor of the hour.
func TestPlanIsOfTheSituationAlone(t *testing.T) {
	sample.Check(t, func(t *rapid.T) {
		in := withOptions(t)
		p, ok := proposeAny(t, in)
		if !ok {
			return
		}
		later := shuffled(in, rapid.Int64().Draw(t, "seed"))
		later.Now = now.Add(time.Second)
		q, ok := proposeAny(t, later)
		if !ok {
			t.Fatal("the same situation in another order is an error")
		}
		p.Seal()
		q.Seal()
		p.Plan.CreatedAt = q.Plan.CreatedAt
		if d := cmp.Diff(p.Plan, q.Plan, cmpopts.IgnoreFields(core.Step{}, "Record")); d != "" {
			t.Fatalf("the same situation in another order, a second later:\n%s", d)
		}
		if p.Plan.ID != p.Plan.Digest() {
			t.Fatal("the id is not the digest of the content")
		}
	})
}

// TestAnActiveAdminRemains after every step, whichever step is the last that
// is carried out.
func TestAnActiveAdminRemains(t *testing.T) {
	sample.Check(t, func(t *rapid.T) {
		in := withOptions(t)
		p, ok := proposeAny(t, in)
		if !ok {
			return
		}
		admins := map[string]bool{}
		for _, m := range in.Workspace.Members {
			if m.Status == attio.Active && m.Role == attio.RoleAdmin {
				admins[m.ID] = true
			}
		}
		if len(admins) == 0 {
			return
		}
		for _, s := range p.Plan.Steps {
			switch {
			case s.Action == core.Promote && s.After.Status != attio.Invited, s.Action == core.Reactivate && s.After.Role == attio.RoleAdmin:
				admins[s.AttioID] = true
			case s.Action == core.Provision && s.After.Role == attio.RoleAdmin && s.After.Status == attio.Active:
				admins["new "+s.Person.OktaID] = true
			case s.Action == core.Suspend, s.Action == core.Demote:
				delete(admins, s.AttioID)
			}
			if len(admins) == 0 {
				t.Fatalf("no active admin is left after step %d: %s", s.N, told(s))
			}
		}
	})
}

// TestOnlyWhoIsManagedIsTouched: every step is about somebody whom Okta
// assigns, or who is in state and not released, and about their own place.
func TestOnlyWhoIsManagedIsTouched(t *testing.T) {
	sample.Check(t, func(t *rapid.T) {
		in := withOptions(t)
		p, ok := proposeAny(t, in)
		if !ok {
			return
		}
		w := whose{in: in, granted: map[string]idp.Person{}, members: map[string]attio.Member{}, owner: map[string]string{}}
		for _, m := range in.Workspace.Members {
			w.members[m.ID] = m
		}
		for _, person := range in.Directory.People {
			if person.Access == idp.Granted {
				w.granted[person.ID] = person
			}
		}
		linked := map[string]bool{}
		for _, s := range p.Plan.Steps {
			if s.Person != nil {
				w.person(t, s)
			}
			if s.Action == core.LinkTeam {
				linked[s.Team.AttioID] = true
			}
		}
		for _, s := range p.Plan.Steps {
			if s.Team != nil {
				w.team(t, s, linked)
			}
		}
	})
}

// whose knows from the input alone who may be touched.
type whose struct {
	in      Input
	granted map[string]idp.Person
	members map[string]attio.Member
	owner   map[string]string // Attio id → the one identity that has steps about it
}

func (w whose) person(t *rapid.T, s core.Step) {
	e, known := w.in.Managed.People[s.Person.OktaID]
	person, assigned := w.granted[s.Person.OktaID]
	begun := map[string]bool{} // addresses that a run which was cut off began to provision them under
	for _, u := range w.in.Unfinished {
		if st := u.Intent.Step; st.Action == core.Provision && st.Person.OktaID == s.Person.OktaID {
			begun[attio.FoldEmail(st.After.Email)] = true
		}
		if st := u.Intent.Step; !known && st.Action == core.Provision && st.Person.OktaID == s.Person.OktaID && st.After.Email != "" {
			known, e = true, core.ManagedPerson{Email: st.After.Email}
		}
	}
	managed := known && !e.Released
	if known && e.Released || !managed && !assigned {
		t.Fatalf("touches somebody who is not managed: %s", told(s))
	}
	takesAway := s.Action == core.Suspend || s.Action == core.CancelInvite
	if takesAway && !managed {
		t.Fatalf("takes away from somebody who was never managed: %s", told(s))
	}
	if s.AttioID == "" {
		return
	}
	if other := w.owner[s.AttioID]; other != "" && other != s.Person.OktaID {
		t.Fatalf("two identities at one place: %s and %s", other, told(s))
	}
	w.owner[s.AttioID] = s.Person.OktaID
	m := w.members[s.AttioID]
	byState := managed && (m.ID == e.AttioID || attio.FoldEmail(m.Email) == attio.FoldEmail(e.Email)) || begun[attio.FoldEmail(m.Email)]
	byAddress := assigned && attio.FoldEmail(m.Email) == attio.FoldEmail(person.Email)
	if !byState && !byAddress {
		t.Fatalf("is not their place (%s): %s", m.Email, told(s))
	}
	for _, email := range w.in.Policy.Protect.Members {
		if (s.Action == core.Suspend || s.Action == core.Demote) && attio.FoldEmail(s.Person.Email) == attio.FoldEmail(email) {
			t.Fatalf("takes away from somebody protected: %s", told(s))
		}
	}
	if own := attio.FoldEmail(w.in.Workspace.OwnEmail); own != "" && own == attio.FoldEmail(m.Email) && (s.Action == core.Suspend || s.Action == core.Demote) {
		t.Fatalf("takes away from the token's own person: %s", told(s))
	}
}

func (w whose) team(t *rapid.T, s core.Step, linked map[string]bool) {
	if s.Team.AttioID != "" && !linked[s.Team.AttioID] {
		tied := false
		for _, m := range w.in.Managed.Teams {
			tied = tied || m.TeamID == s.Team.AttioID && !m.Unlinked
		}
		if !tied {
			t.Fatalf("touches a team that no group is tied to: %s", told(s))
		}
	}
	for _, m := range s.People {
		if m.OktaID == "" && (s.Action != core.RemoveMembers || !w.in.Policy.Teams.RemoveStrangers) {
			t.Fatalf("touches the membership of a stranger: %s", told(s))
		}
		if w.in.Managed.People[m.OktaID].Released {
			t.Fatalf("touches the membership of somebody released: %s", told(s))
		}
		if s.Action == core.RemoveMembers && w.members[m.AttioID].Status == attio.Suspended && !w.comesBack(m.OktaID) {
			t.Fatalf("removes a membership of somebody suspended: %s", told(s))
		}
	}
}

// comesBack says whether somebody is assigned, and so active after the plan.
func (w whose) comesBack(oktaID string) bool {
	_, ok := w.granted[oktaID]
	return ok
}

// TestSummaryAddsUp: the numbers are those of the steps.
func TestSummaryAddsUp(t *testing.T) {
	sample.Check(t, func(t *rapid.T) {
		in := withOptions(t)
		p, ok := proposeAny(t, in)
		if !ok {
			return
		}
		n, inDeleted := map[core.Action]int{}, 0
		inTeam := peopleIn(in.Workspace, p.Plan.Steps)
		count := func(s core.Step) {
			n[s.Action] += max(1, len(s.People))
			if s.Action == core.Provision && s.ChangesAddress() {
				n[core.ChangeEmail]++
			}
			if s.Action == core.DeleteTeam {
				inDeleted += inTeam[s.Team.AttioID]
			}
		}
		held := 0
		for i, s := range p.Plan.Steps {
			count(s)
			if s.N != i+1 {
				t.Fatalf("step %d has the number %d", i+1, s.N)
			}
		}
		for _, h := range p.Plan.Held {
			switch h.Code {
			case "too-many-team-removals":
				count(h.Step)
			case "no-removals", "needs-held-step":
				held++
			}
		}
		want := core.Summary{
			Provision: n[core.Provision], Adopt: n[core.Adopt], Reactivate: n[core.Reactivate], Suspend: n[core.Suspend], CancelInvite: n[core.CancelInvite], Promote: n[core.Promote], Demote: n[core.Demote],
			Rename: n[core.Rename], ChangeEmail: n[core.ChangeEmail], CreateTeam: n[core.CreateTeam], LinkTeam: n[core.LinkTeam], RenameTeam: n[core.RenameTeam], DeleteTeam: n[core.DeleteTeam],
			AddMembers: n[core.AddMembers], RemoveMembers: n[core.RemoveMembers], Refused: len(p.Plan.Refusals), Held: held,
			Removals: n[core.Suspend] + n[core.CancelInvite] + n[core.Demote] + n[core.RemoveMembers] + inDeleted, Additions: n[core.Provision] + n[core.Reactivate],
			NewAdmins: p.Plan.Summary.NewAdmins, SeatsTaken: n[core.Provision] + n[core.Reactivate], SeatsFreed: n[core.Suspend] + n[core.CancelInvite],
			UnmanagedMembers: len(p.Plan.Unmanaged), UnmanagedTeams: p.Plan.Summary.UnmanagedTeams,
		}
		if d := cmp.Diff(want, p.Plan.Summary); d != "" {
			t.Fatalf("(-want +got):\n%s", d)
		}
		// The number that lifts the caps is the summary's.
		if in.Options.AllowRemovals == nil {
			in.Options.AllowRemovals, in.Options.AllowAdditions, in.Options.AllowEmailChanges = &p.Plan.Summary.Removals, &p.Plan.Summary.Additions, &p.Plan.Summary.ChangeEmail
			in.Options.AllowPromotions = &p.Plan.Summary.NewAdmins
			q, _ := proposeAny(t, in)
			for _, r := range q.Plan.Refusals {
				switch r.Code {
				case "too-many-removals", "too-many-admin-removals", "too-many-team-removals", "too-many-additions", "too-many-promotions", "too-many-email-changes":
					t.Fatalf("--allow-removals %d and --allow-additions %d leave %s: %s", *in.Options.AllowRemovals, *in.Options.AllowAdditions, r.Code, r.Detail)
				}
			}
		}
	})
}

// peopleIn counts who would lose a place if a team were deleted: everybody who
// is active or invited and whom the steps leave so.
func peopleIn(w attio.Workspace, steps []core.Step) map[string]int {
	here := map[string]bool{}
	for _, m := range w.Members {
		here[m.ID] = m.Status != attio.Suspended
	}
	for _, s := range steps {
		if s.Action == core.Suspend || s.Action == core.CancelInvite {
			here[s.AttioID] = false
		}
	}
	n := map[string]int{}
	for _, team := range w.Teams {
		for _, id := range team.Members.IDs() {
			if here[id] {
				n[team.ID]++
			}
		}
	}
	return n
}
