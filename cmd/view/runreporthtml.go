package view

import (
	"io"
	"slices"
	"time"

	core "scim-sync/sync"
)

// RunReportHTML writes a run as one file that needs nothing else, as [PlanHTML]
// does a plan.
func RunReportHTML(w io.Writer, r RunReport) error {
	return writePage(w, "plan.html", func(v voice, d dress) any { return r.page(v, d) })
}

func (r RunReport) page(v voice, d dress) page {
	out := page{Dress: d, Made: pageMade{"none", r.Ended.UTC().Format(time.RFC3339), v.name(r.ScimSync), ""}}
	if r.Plan != nil {
		v.from = r.Plan.Source.Name
		if r.Did == nil {
			out = pageOf(*r.Plan, v, d)
		} else {
			out = pageAround(*r.Plan, v, d)
			out.Drawing = drawTeams(r.Plan, v)
		}
	}
	out.Run = pageRun{r.Did != nil, r.facts(v), r.ends(v)}
	out.Head.Headline, out.Made.Cost = r.headline(), r.Footer.String()
	if r.Did != nil {
		r.results(&out, v)
	} else if r.Plan == nil {
		out.Head.Lead, out.Head.Tally = "Plan", "there is none, the run ended before it"
	}
	return out
}

// results adds what was carried out.
func (r RunReport) results(out *page, v voice) {
	did := r.Did
	out.Head.Lead, out.Head.Tally = "Done", firstOf(done(did.Results), "nothing")
	c := countsOf(*did, len(r.Plan.Held))
	out.Figures = figures(
		figure{thousands(c.Failed), "failed", "cut"}, figure{thousands(c.Refused), "refused at the last moment", "cut"},
		figure{thousands(len(r.Plan.Refusals)), plural(len(r.Plan.Refusals), "refusal", "refusals"), "cut"},
		figure{thousands(c.Skipped), "skipped", "change"}, figure{thousands(c.NotRun), "not done", "change"},
		figure{thousands(c.Held), "held back", "change"}, figure{thousands(c.Done), plural(c.Done, "step done", "steps done"), "add"},
		figure{thousands(c.Writes), plural(c.Writes, "changed Attio", "changed Attio"), "known"})
	out.Kinds = kindsDone(did)
	for _, g := range outcomeGroups(did) {
		s := pageSection{Title: g.title, Count: thousands(len(g.results)), Class: g.class, Open: g.trouble || len(g.results) <= openRows, Became: g.trouble, results: g.results, voice: v, links: out.Links}
		out.Sections = append(out.Sections, s)
	}
	for _, g := range heldByCode(r.Plan.Held) {
		out.Sections = append(out.Sections, newSection("Held back by "+v.name(g.code), g.steps, v, out.Links))
	}
	for _, n := range did.Notes {
		out.Notes = append(out.Notes, v.pageNote(n))
	}
	out.Choices = choicesOf(out.Kinds)
}

// kindsDone counts the steps of a run by kind, and what was done of each, by
// people where they are memberships.
func kindsDone(did *core.Report) []kindBar {
	const isDone, failed, other = 0, 1, 2
	by := map[core.Action]*[3]int{}
	for i := range did.Results {
		r := &did.Results[i]
		n := by[r.Step.Action]
		if n == nil {
			n = new([3]int)
			by[r.Step.Action] = n
		}
		all, part := max(1, len(r.Step.People)), other
		if r.Outcome == core.StepFailed {
			part = failed
		}
		switch {
		case r.Step.Action.OfMembers():
			n[isDone] += min(r.People, all)
			n[part] += max(0, all-r.People)
		case r.Outcome == core.StepOK:
			n[isDone]++
		default:
			n[part]++
		}
	}
	return bars(func(a core.Action) (string, []int) {
		n := by[a]
		if n == nil {
			return "0", nil
		}
		if rest := n[failed] + n[other]; rest > 0 {
			return thousands(n[isDone]) + " of " + thousands(n[isDone]+rest), slices.Clone(n[:])
		}
		return thousands(n[isDone]), slices.Clone(n[:])
	}, func(core.Action) []string { return []string{"add", "failed", "ink"} })
}
