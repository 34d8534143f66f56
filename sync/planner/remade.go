package planner

import (
	"fmt"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// Somebody made anew in the source, by a re-import or by hand, has a new id under
// the old address. Whoever had the old id must lose their sessions, for the new
// id may be somebody else; and whether it is, only a look can tell.

// madeAnew says whether s has the address of a managed person whose id the
// source has no more, and nobody else assigned has it.
func (r *roster) madeAnew(s, former *identity) bool {
	e := attio.FoldEmail(s.email())
	alone := r.wanting[e] == s && s.alike == nil
	return alone && former.managed && former.status == out && former.entry.AttioID != "" && s.entry.OktaID == "" && attio.FoldEmail(former.entry.Email) == e &&
		(former.person == nil || former.person.Access == idp.Revoked)
}

// remadeWords tell what became of the account of somebody who was made anew.
func (r *roster) remadeWords(heir *identity) string {
	src, former := r.in.source(), heir.former
	fate := "so it is to be suspended"
	switch m := r.at(former); {
	case m == nil:
		fate = "and Attio has it no more"
	case m.Status == attio.Suspended:
		fate = "so it was suspended"
	case m.Status == attio.Invited:
		fate = "so the invite is to be withdrawn"
	}
	return fmt.Sprintf("the account in Attio is that of %s, who is %s, %s; %s, who is assigned in %s, has the address now", former.id, former.outWords(src), fate, heir.id, src)
}

// remadeRemedy is the command that hands an account over.
func (r *roster) remadeRemedy(heir *identity) string {
	return fmt.Sprintf("If %s is the same person, or may have the account: scim-sync release %s, and the next run hands it over. Else give one of them another address in %s.",
		heir.id, core.Quote(heir.former.entry.Email), r.in.source())
}
