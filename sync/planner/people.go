package planner

import (
	"sort"
	"strings"

	"scim-sync/attio"
	core "scim-sync/sync"
)

// comparePeople compares every identity with its place in Attio.
func comparePeople(r *roster, roles roleRules) (placements, findings) {
	found := &findings{steps: make([]core.Step, 0, newcomers(r)+2*len(r.in.Directory.Groups))}
	at := placements{r, make([]placement, len(r.identities))}
	p, shared := new(personPlan), newSharedParts() // one for all, one after the other
	for _, s := range r.identities {
		*p = personPlan{roster: r, out: found, roles: roles, s: s, m: r.at(s), shared: shared}
		switch s.status {
		case in:
			p.wantIn()
		case out:
			p.wantOut()
		default:
			if p.m != nil {
				p.place = placement{willBePresent: p.m.Status != attio.Suspended, attioID: p.m.ID}
			}
		}
		at.of[s.n] = p.place
	}
	if roles.attribute {
		found.notes = append(found.notes, unknownRoleNotes(r)...)
	}
	roles.attributeNote(r.in, found)
	idlePeopleSettings(r, found)
	userNameNote(r, found)
	emailAttributeNote(r, found)
	return at, *found
}

// newcomers counts those who will be provisioned or adopted: a list of steps
// that grows as it goes would be copied many times over.
func newcomers(r *roster) (n int) {
	for _, s := range r.identities {
		if s.status == in && (s.member < 0 || !s.managed) {
			n++
		}
	}
	return n
}

// unknownRoleNotes tells each unknown value once, with a count.
func unknownRoleNotes(r *roster) []core.Note {
	who, about := map[string][]string{}, map[string][]core.About{}
	for _, s := range r.identities {
		if s.status != in {
			continue
		}
		for _, v := range unknownRoles(s.person.Roles) {
			if have := who[v]; len(have) == 0 || have[len(have)-1] != s.email() {
				who[v], about[v] = append(have, s.email()), append(about[v], r.about(s))
			}
		}
	}
	var notes []core.Note
	for v, emails := range who {
		sort.Strings(emails)
		notes = append(notes, core.Note{Code: core.NoteUnknownRole, Subject: v, About: about[v],
			Detail: "is no role of Attio and counts as member, for " + core.Counted(len(emails), "person", "people") + ": " + core.Few(emails)})
	}
	return notes
}

// userNameNote tells, once, whose name in the app is another than the address
// that counts.
func userNameNote(r *roster, out *findings) {
	var who []string
	for _, s := range r.identities {
		if s.status == in && s.person.UserName != "" && attio.FoldEmail(s.person.UserName) != attio.FoldEmail(s.person.Email) {
			who = append(who, s.email()+" ("+strings.TrimSpace(s.person.UserName)+")")
		}
	}
	if len(who) == 0 {
		return
	}
	sort.Strings(who)
	out.note(core.NoteUserNameDiffers, "okta.email_attribute", "the app knows "+core.Counted(len(who), "person", "people")+" by another name than the address that counts here: "+core.Few(who))
}
