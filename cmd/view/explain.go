package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	core "scim-sync/sync"
	"scim-sync/sync/planner"
	"scim-sync/sync/state"
)

// ExplainText writes one page about a person or a team: what Okta says, what
// Attio has, what the state holds, what happened last and what the next run
// would do. Values from outside cannot act on a terminal. The error is the
// stream's.
func ExplainText(s Stream, e planner.Explanation, past []state.Event) error {
	out := explainText{newPrinter(s)}
	for i, p := range e.People {
		if i > 0 {
			out.blank()
		}
		out.person(p)
	}
	for i, t := range e.Teams {
		if i > 0 {
			out.blank()
		}
		out.teamPage(t)
	}
	out.heading("What happened last")
	if len(past) == 0 {
		out.line(2, 4, plain("The journal holds nothing about it."))
	}
	out.events(past, true)
	for _, r := range e.Stopped {
		out.blank()
		out.line(0, 2, seg{text: "No run writes anything at present:", paint: out.alarm})
		out.refusal(r)
	}
	return out.flush()
}

// explainText is what an explanation is written on.
type explainText struct{ *printer }

// ExplainJSON writes the same for programs.
func ExplainJSON(w io.Writer, e planner.Explanation, past []state.Event) error {
	return writeJSON(w, struct {
		planner.Explanation
		History []state.Event `json:"history"`
	}{e, orEmpty(past)}, "  ")
}

func (p explainText) heading(text string) {
	p.blank()
	p.line(0, 2, seg{text: text, paint: p.bold})
}

func (p explainText) person(x planner.PersonExplained) {
	p.line(0, 2, seg{text: p.name(firstOf(x.Email, x.OktaID)), paint: p.bold}, plain("  "+p.say(x.Next.Verdict, longestDetail)))
	p.heading("Okta")
	p.oktaPart(x)
	p.heading("Attio")
	p.attioPart(x.Attio)
	p.heading("State")
	p.statePart(x.State)
	if len(x.Teams) > 0 {
		p.heading("Teams")
		for _, t := range x.Teams {
			p.fact(p.name(t.Team), p.membership(t))
		}
	}
	p.next(x.Next)
}

func (p explainText) oktaPart(x planner.PersonExplained) {
	o := x.Okta
	if o == nil {
		p.line(2, 4, plain("Nobody of this address is assigned to the app."))
		return
	}
	p.fact("id", p.name(x.OktaID))
	if !o.Listed {
		p.line(2, 4, plain("Is not in the list of those assigned to the app."))
		if o.Proof != nil {
			p.fact("asked", p.proofWords(*o.Proof))
		}
		p.fact("groups", p.groupNames(o.Groups))
		return
	}
	p.fact("name", p.name(strings.TrimSpace(o.GivenName+" "+o.FamilyName)))
	p.fact("email", p.name(o.Email))
	if o.UserName != "" && !strings.EqualFold(o.UserName, o.Email) {
		p.fact("user name", p.name(o.UserName))
	}
	p.fact("assigned", p.assignedBy(o))
	status := "app user " + p.name(o.AppStatus)
	if o.UserStatus != "" {
		status += ", Okta user " + p.name(o.UserStatus)
	}
	p.fact("status", status+": "+p.name(o.Access))
	p.fact("groups", p.groupNames(o.Groups))
	roles := "none in the profile"
	if len(o.Roles) > 0 {
		roles = p.name(strings.Join(o.Roles, ", "))
	}
	p.fact("role", roles)
	if r := x.Role; r != nil {
		from := map[string]string{"attribute": "the role attribute", "group": "an admin group", "absence": "the absence of a role in Okta"}[r.From]
		p.fact("should be", fmt.Sprintf("%s, from %s: %s", p.role(r.Wanted), from, p.detail(r.Why)))
	}
}

func (p explainText) assignedBy(o *planner.PersonInOkta) string {
	switch {
	case o.Direct:
		return "directly"
	case o.Via != nil:
		return "by the group " + firstOf(p.name(o.Via.Name), p.name(o.Via.ID)) + p.viaID(o.Via)
	}
	return "by a group"
}

func (p explainText) viaID(g *planner.GroupNamed) string {
	if g.Name == "" {
		return ""
	}
	return " (" + p.name(g.ID) + ")"
}

func (p explainText) groupNames(groups []planner.GroupNamed) string {
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = p.name(firstOf(g.Name, g.ID))
	}
	return strings.Join(names, ", ")
}

func (p explainText) attioPart(a *planner.PersonInAttio) {
	if a == nil {
		p.line(2, 4, plain("Has nobody who would be this one."))
		return
	}
	p.fact("id", firstOf(p.name(a.ID), "none over SCIM: only the member list has them"))
	p.fact("name", p.name(strings.TrimSpace(a.GivenName+" "+a.FamilyName)))
	p.fact("email", p.name(a.Email))
	p.fact("status", p.name(string(a.Status)))
	p.fact("role", firstOf(p.role(a.Role), "not shown"))
}

func (p explainText) statePart(e *core.ManagedPerson) {
	if e == nil {
		p.line(2, 4, plain("Nothing: no run has ever managed them."))
		return
	}
	switch {
	case e.Released:
		p.fact("managed", "no: released by hand")
	case e.Adopted:
		p.fact("managed", "since "+when(e.ManagedSince)+", adopted: was in Attio before")
	default:
		p.fact("managed", "since "+when(e.ManagedSince))
	}
	p.fact("Attio id", p.name(e.AttioID))
	p.fact("email", p.name(e.Email))
	applied := "suspended, or invite withdrawn"
	if e.Applied.Active {
		applied = list(p.role(e.Applied.Role), p.name(e.Applied.Name()))
	}
	if e.AttioID != "" {
		p.fact("applied", applied)
	}
	p.fact("provision", when(e.InvitedAt))
	if n := e.NotTaken; n != nil {
		p.fact("not taken", list(p.role(n.Role), p.name(n.Name()), p.name(n.Email))+" (Attio answered well and kept another value)")
	}
}

// membership says where somebody stands in one team.
func (p explainText) membership(t planner.MembershipFound) string {
	groups := make([]string, len(t.Groups))
	for i, g := range t.Groups {
		groups[i] = p.name(g)
	}
	in := "is in it"
	if !t.In {
		in = "is not in it"
	}
	if t.AttioID == "" {
		in = "does not exist yet"
	}
	switch {
	case !t.Managed:
		return in + "; the team is not managed"
	case len(groups) > 0:
		return in + "; Okta's group " + strings.Join(groups, ", ") + " has them"
	}
	return in + "; no Okta group of the team has them"
}

// next writes what the next run would do about one subject.
func (p explainText) next(n planner.NextRun) {
	p.heading("The next run")
	if len(n.Steps)+len(n.Held)+len(n.Refusals)+len(n.Notes) == 0 {
		p.line(2, 4, plain(p.say(n.Verdict, longestDetail)))
	}
	var all core.Step
	for _, s := range n.Steps {
		p.step(p.row(s))
		all.People = append(all.People, s.People...)
	}
	p.witnessed(4, all, n.Log)
	for _, h := range n.Held {
		r := p.row(h.Step)
		r.why = "held back by " + p.name(string(h.Code)) + "; " + r.why
		p.step(r)
	}
	for _, r := range n.Refusals {
		p.refusal(r)
	}
	for _, note := range n.Notes {
		p.note(note)
	}
}

func (p explainText) teamPage(t planner.TeamExplained) {
	p.line(0, 2, seg{text: p.name(t.Name), paint: p.bold}, plain("  "+p.say(t.Next.Verdict, longestDetail)))
	p.heading("Okta")
	if len(t.Groups) == 0 {
		p.line(2, 4, plain("No group goes to this team."))
	}
	for _, g := range t.Groups {
		p.fact("group", p.groupLine(g))
	}
	p.heading("Attio")
	p.fact("id", firstOf(p.name(t.AttioID), "there is no such team yet"))
	in := 0
	for _, m := range t.Members {
		if m.InTeam {
			in++
		}
	}
	p.fact("members", thousands(in))
	p.heading("State")
	p.tied(t.Groups)
	p.members(t.Members)
	p.next(t.Next)
}

func (p explainText) groupLine(g planner.GroupExplained) string {
	text := p.name(g.ID)
	if g.Name != "" {
		text = p.name(g.Name) + " (" + p.name(g.ID) + "), " + count(g.People, "person", "people")
	}
	if !g.InScope {
		text += "; yields no team by Okta's assignments and the settings, or is gone"
	}
	return text
}

// tied says what the state has of a team's groups.
func (p explainText) tied(groups []planner.GroupExplained) {
	none := true
	for _, g := range groups {
		e := g.State
		if e == nil {
			continue
		}
		none = false
		var parts []string
		switch {
		case e.Unlinked:
			parts = append(parts, "unlinked: not managed")
		case e.OutOfScope:
			parts = append(parts, "out of scope: not managed until the group yields a team again")
		case e.Created:
			parts = append(parts, "created by scim-sync")
		case e.ByHand:
			parts = append(parts, "linked by hand")
		default:
			parts = append(parts, "linked")
		}
		if e.Applied.KeepName {
			parts = append(parts, "keeps its own name")
		}
		if e.TeamID != "" {
			parts = append(parts, "team "+p.name(e.TeamID))
		}
		p.fact("group", p.name(firstOf(g.Name, g.ID))+": "+strings.Join(parts, ", "))
	}
	if none {
		p.line(2, 4, plain("Nothing: no run has ever managed it."))
	}
}

// mostMembers who are as they should be are listed; all others always are.
const mostMembers = 40

func (p explainText) members(all []planner.MemberExplained) {
	if len(all) == 0 {
		return
	}
	p.title("Members", len(all), p.bold)
	odd := func(m planner.MemberExplained) bool { return m.Next != "stays" }
	shown, rest := 0, 0
	for _, m := range slices.Concat(pickMembers(all, odd), pickMembers(all, func(m planner.MemberExplained) bool { return !odd(m) })) {
		if !odd(m) {
			if shown++; shown > mostMembers {
				rest++
				continue
			}
		}
		p.memberLine(m)
	}
	if rest > 0 {
		p.line(2, 4, seg{text: "… and " + thousands(rest) + " more who stay; --format json lists all", paint: p.faint})
	}
}

func pickMembers(all []planner.MemberExplained, which func(planner.MemberExplained) bool) []planner.MemberExplained {
	return slices.DeleteFunc(slices.Clone(all), func(m planner.MemberExplained) bool { return !which(m) })
}

func (p explainText) memberLine(m planner.MemberExplained) {
	sigil, style := " ", p.faint
	switch m.Next {
	case "add":
		sigil, style = "+", p.add
	case "remove":
		sigil, style = "-", p.cut
	case "held":
		sigil, style = "~", p.change
	}
	text := "  " + p.name(m.Next) + ": " + p.detail(m.Why)
	if m.Status != "" && m.Status != "active" {
		text += " (" + p.name(string(m.Status)) + ")"
	}
	p.line(2, 6, seg{text: sigil + " ", paint: style}, seg{text: p.name(firstOf(m.Email, m.OktaID, m.AttioID)), paint: p.bold}, plain(text))
}
