package view

import (
	"cmp"
	"fmt"
	"strings"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// row is a step in words, clean and ready to show.
type row struct {
	tone    tone
	sigil   string
	verb    string // "cancel invite"
	subject string // whom or which team
	what    string // before → after, names, role
	why     string // cause and reason
}

// mark is how an action looks: a sigil and a word, so that colour is never
// needed to tell.
type mark struct {
	tone        tone
	sigil, verb string
}

func markOf(a core.Action) mark {
	t := a.Traits()
	tones := map[string]tone{"+": toneAdd, "↻": toneAdd, "=": toneKnown, "-": toneCut}
	return mark{cmp.Or(tones[t.Sign], toneChange), t.Sign, clean(t.Verb)}
}

// widestVerb is the column that verbs are filled up to.
const widestVerb = len("remove members")

// stepVoice says what a step does to its subject.
type stepVoice struct{ voice }

// row puts a step into words.
func (v voice) row(s core.Step) row {
	m := markOf(s.Action)
	return row{
		tone: m.tone, sigil: m.sigil, verb: m.verb,
		subject: v.subject(s), what: stepVoice{v}.what(s), why: v.why(s),
	}
}

// subject names whom a step is about.
func (v voice) subject(s core.Step) string {
	switch {
	case s.Team != nil && s.Team.Name != "":
		return v.name(s.Team.Name)
	case s.Team != nil:
		return "team " + v.name(firstOf(s.Team.AttioID, s.Team.OktaID, "without a name"))
	case s.Person != nil:
		return v.name(firstOf(s.Person.Email, s.Person.OktaID, s.AttioID, "somebody without an address"))
	}
	return v.name(firstOf(s.AttioID, "unknown"))
}

func firstOf(values ...string) string {
	for _, s := range values {
		if s != "" {
			return s
		}
	}
	return ""
}

// what says what the step does to its subject.
func (v stepVoice) what(s core.Step) string {
	b, a := s.Before, s.After
	switch s.Action {
	case core.Provision:
		return list(v.fullName(a), v.role(a.Role), arrival(a.Status))
	case core.Adopt:
		return v.adopted(s)
	case core.Reactivate:
		return asRole(v.role(a.Role))
	case core.Suspend:
		return was(v.role(b.Role))
	case core.CancelInvite:
		return was(v.role(b.Role))
	case core.Promote, core.Demote:
		return arrow(v.role(b.Role), v.role(a.Role))
	case core.Rename:
		return arrow(v.fullName(b), v.fullName(a))
	case core.ChangeEmail:
		return list(v.moves(s), was(v.role(b.Role)))
	case core.RenameTeam:
		return arrow(v.name(b.Name), v.name(a.Name))
	case core.CreateTeam, core.LinkTeam, core.DeleteTeam:
		return v.team(s)
	case core.AddMembers:
		return "+" + thousands(len(s.People)) + " " + v.people(s.People)
	case core.RemoveMembers:
		return "-" + thousands(len(s.People)) + " " + v.people(s.People)
	}
	return ""
}

// moves says from where to where an address changes, without what the subject has
// said already.
func (v stepVoice) moves(s core.Step) string {
	b, a := s.Before.Email, s.After.Email
	switch {
	case s.Person == nil || b == a:
	case s.Person.Email == a:
		return "was " + v.name(b)
	case s.Person.Email == b:
		return "→ " + v.name(a)
	}
	return arrow(v.name(b), v.name(a))
}

// arrival says what somebody new will hear from Attio: people on a verified
// domain are added at once, all others get an invite (https://attio.com/apps/okta).
func arrival(s attio.Status) string {
	switch s {
	case attio.Active:
		return "added"
	case attio.Invited:
		return "invited"
	}
	return "added or invited"
}

func (v stepVoice) adopted(s core.Step) string {
	parts := []string{"in Attio already"}
	if known := firstOf(s.After.Email, s.Before.Email); known != "" && (s.Person == nil || known != s.Person.Email) {
		parts = append(parts, "as "+v.name(known))
	}
	var role, status string
	if r := firstOf(string(s.After.Role), string(s.Before.Role)); r != "" {
		role = clean(r)
	}
	if st := firstOf(string(s.After.Status), string(s.Before.Status)); st != "" {
		status = clean(st)
	}
	return list(strings.Join(parts, " "), role, status)
}

func (v stepVoice) team(s core.Step) string {
	var what string
	switch s.Action {
	case core.CreateTeam:
		what = "a new team"
	case core.LinkTeam:
		what = "the existing team"
		if name := s.Before.Name; name != "" && (s.Team == nil || name != s.Team.Name) {
			what += " " + v.name(name)
		}
	default:
		what = "the team goes, its people stay"
	}
	if s.Team != nil && len(s.Team.Groups) > 1 {
		what += " for " + thousands(len(s.Team.Groups)) + " groups"
	}
	return what
}

// mostNames is how many members a line names before it counts.
const mostNames = 8

// people names the first members and counts the rest.
func (v voice) people(members []*core.MemberRef) string {
	shown := members
	if len(shown) > mostNames+1 && !v.all { // "and 1 more" would take no less room
		shown = shown[:mostNames]
	}
	names := make([]string, len(shown))
	for i, m := range shown {
		names[i] = v.name(firstOf(m.Email, m.AttioID, m.OktaID))
	}
	text := strings.Join(names, ", ")
	if rest := len(members) - len(shown); rest > 0 {
		text += " and " + thousands(rest) + " more"
	}
	return text
}

// why joins the cause, in words, and the reason.
func (v voice) why(s core.Step) string {
	var cause string
	switch s.Cause {
	case core.CauseOkta: // as nearly always: the reason says it
	case core.CauseDrift:
		cause = "changed by hand in Attio"
	case core.CauseAdopt:
		cause = "adopted"
	default:
		cause = clean(string(s.Cause))
	}
	reason := v.detail(s.Reason)
	if s.Cause == core.CauseDrift && strings.Contains(reason, "by hand in Attio") {
		cause = "" // it says so
	}
	if cause == "" || reason == "" {
		return cause + reason
	}
	return cause + ": " + reason
}

func (v voice) role(r attio.Role) string { return v.name(string(r)) }

func (v stepVoice) fullName(x core.Values) string {
	return v.name(x.Profile.Name())
}

func asRole(role string) string {
	if role == "" {
		return ""
	}
	return "as " + role
}

func was(role string) string {
	if role == string(attio.RoleAdmin) {
		return "an admin"
	}
	return ""
}

// arrow shows before → after. Nothing before is said as such; the same before
// and after is not.
func arrow(before, after string) string {
	switch {
	case before == "" && after == "":
		return ""
	case before == "":
		before = "(none)"
	case after == "":
		after = "(none)"
	}
	return fmt.Sprintf("%s → %s", before, after)
}

// list joins what is not empty.
func list(parts ...string) string {
	kept := parts[:0]
	for _, s := range parts {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, ", ")
}
