package view

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	core "scim-sync/sync"
)

// teamChange is all that a plan does to one team.
type teamChange struct {
	groups       []string // names, or ids where that is all there is
	name         string
	word         string // new, linked, renamed, deleted
	tone         tone
	comes, leave int
	place        int // in the plan
}

func (t *teamChange) size() int { return t.comes + t.leave + 1 }

// teamChanges gathers the steps of each team, in the plan's order.
func teamChanges(p *core.Plan) (list []*teamChange) {
	by := map[string]*teamChange{}
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.Team == nil {
			continue
		}
		key := firstOf(s.Team.OktaID, s.Team.AttioID, s.Team.Name)
		t := by[key]
		if t == nil {
			t = &teamChange{groups: groupsOf(s.Team), name: s.Team.Name, tone: toneKnown, place: len(list)}
			by[key], list = t, append(list, t)
		}
		t.add(s)
	}
	return list
}

// groupsOf names the groups that make a team: most are called as it is.
func groupsOf(t *core.TeamRef) []string {
	switch {
	case len(t.GroupNames) > 0:
		return t.GroupNames
	case len(t.Groups) > 0:
		return t.Groups
	}
	return []string{firstOf(t.Name, t.OktaID)}
}

func (t *teamChange) add(s *core.Step) {
	switch s.Action {
	case core.CreateTeam:
		t.word, t.tone = "new", toneAdd
	case core.LinkTeam:
		t.word = "linked"
	case core.RenameTeam:
		if t.word == "" {
			t.word, t.tone = "renamed", toneChange
		}
		if len(s.Team.GroupNames)+len(s.Team.Groups) == 0 && s.After.Name != "" { // it is to be called as its group is
			t.groups = []string{s.After.Name}
		}
	case core.DeleteTeam:
		t.word, t.tone = "deleted", toneCut
	case core.AddMembers:
		t.comes += len(s.People)
	case core.RemoveMembers:
		t.leave += len(s.People)
	default:
	}
}

// The drawing's measures, in its own units.
const (
	drawnTeams = 24 // the largest; more are told below it
	drawnWidth = 920
	boxWidth   = 320
	boxHeight  = 30
	boxPitch   = 40
	nameCols   = 34
)

// drawTeams draws which groups become which teams, as SVG; empty where the plan
// touches no team.
func drawTeams(p *core.Plan, v voice) template.HTML {
	all := teamChanges(p)
	if len(all) == 0 {
		return ""
	}
	drawn := slices.Clone(all)
	if len(drawn) > drawnTeams {
		slices.SortStableFunc(drawn, func(a, b *teamChange) int { return cmp.Compare(b.size(), a.size()) })
		drawn = drawn[:drawnTeams]
		slices.SortFunc(drawn, func(a, b *teamChange) int { return cmp.Compare(a.place, b.place) })
	}
	const mostGroups = 6 // of one team
	var b strings.Builder
	y := 46
	for _, t := range drawn {
		groups := t.groups
		if rest := len(groups) - mostGroups; rest > 0 {
			groups = append(slices.Clone(groups[:mostGroups]), fmt.Sprintf("… and %s more", thousands(rest)))
		}
		team := y + (len(groups)-1)*boxPitch/2
		for _, g := range groups {
			fmt.Fprintf(&b, `<path class="%s" d="M%d %d C%d %d %d %d %d %d"/>`, classOf(t.tone), boxWidth+10, y+boxHeight/2,
				drawnWidth/2, y+boxHeight/2, drawnWidth/2, team+boxHeight/2, drawnWidth-boxWidth-10, team+boxHeight/2)
			drawBox(&b, 10, y, v.name(g), "", toneKnown)
			y += boxPitch
		}
		drawBox(&b, drawnWidth-boxWidth-10, team, v.name(firstOf(t.name, "a team without a name")), t.words(), t.tone)
	}
	summary := count(len(all), "team", "teams") + " of this plan, each with the groups that make it; the table of teams below says the same."
	head := fmt.Sprintf(`<svg class="drawing" viewBox="0 0 %d %d" role="img" aria-label="%s"><text class="soft" x="10" y="26">%s</text><text class="soft" x="%d" y="26">Attio's teams</text>`,
		drawnWidth, y+4, inHTML(summary), inHTML(v.okta()+"'s groups"), drawnWidth-boxWidth-10)
	text := head + b.String() + `</svg>`
	if rest := len(all) - len(drawn); rest > 0 {
		text += `<p class="soft" align="center">The ` + thousands(len(drawn)) + ` that change most; ` + count(rest, "more team is", "more teams are") + ` in the table below.</p>`
	}
	return template.HTML(text) //nolint:gosec // just escaped
}

// words say what becomes of a team.
func (t *teamChange) words() string {
	var parts []string
	if t.word != "" {
		parts = append(parts, t.word)
	}
	if t.comes > 0 {
		parts = append(parts, "+"+thousands(t.comes))
	}
	if t.leave > 0 {
		parts = append(parts, "-"+thousands(t.leave))
	}
	return strings.Join(parts, " ")
}

// drawBox draws a name in a box, with a word at its right end.
func drawBox(b *strings.Builder, x, y int, name, word string, t tone) {
	cols := nameCols
	if word != "" {
		cols -= width(word) + 2
	}
	fmt.Fprintf(b, `<rect class="box" x="%d" y="%d" width="%d" height="%d" rx="6"/><text x="%d" y="%d">%s<title>%s</title></text>`,
		x, y, boxWidth, boxHeight, x+12, y+20, inHTML(fit(name, cols)), inHTML(name))
	if word != "" {
		fmt.Fprintf(b, `<text class="small end %s" x="%d" y="%d">%s</text>`, classOf(t), x+boxWidth-12, y+20, inHTML(word))
	}
}
