package manage

import (
	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// Remade is a managed person whose id the source has no more, while exactly one
// person assigned has their address under an id that state does not know: a
// re-import, mostly.
type Remade struct {
	Was core.ManagedPerson
	Now idp.Person
}

// FindRemade lists those who were made anew, by their former ids. Whether the
// source really has no such id any more is to be asked of it by id.
func FindRemade(m core.Managed, dir idp.Directory) []Remade {
	here, byEmail := map[string]bool{}, map[string][]idp.Person{}
	for _, p := range dir.People {
		here[p.ID] = here[p.ID] || p.Access != idp.Revoked
		if e := attio.FoldEmail(p.Email); e != "" && p.Access == idp.Granted {
			byEmail[e] = append(byEmail[e], p)
		}
	}
	shared := map[string]int{} // managed entries that have one address
	for _, e := range m.People {
		if !e.Released {
			shared[attio.FoldEmail(e.Email)]++
		}
	}
	var list []Remade
	for _, e := range m.SortedPeople() {
		email := attio.FoldEmail(e.Email)
		heirs := byEmail[email]
		if e.Released || e.AttioID == "" || here[e.OktaID] || len(heirs) != 1 || shared[email] != 1 || m.People[heirs[0].ID].OktaID != "" {
			continue
		}
		list = append(list, Remade{Was: e, Now: heirs[0]})
	}
	return list
}

// HandOver gives the changes of state by which each account passes to the new
// id, with all that is known of it.
func HandOver(list []Remade) []core.Change {
	changes := make([]core.Change, len(list))
	for i, r := range list {
		e := r.Was
		e.OktaID = r.Now.ID
		changes[i] = core.Change{Person: &e, ForgetPerson: r.Was.OktaID}
	}
	return changes
}
