package manage

import (
	"cmp"
	"fmt"
	"sort"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
	"scim-sync/internal/nearest"
	core "scim-sync/sync"
)

// Release stops managing somebody: they stay as they are in Attio although
// Okta lists them. people are those assigned in Okta, needed only for somebody
// whom state does not know.
func Release(m core.Managed, name string, people []idp.Person) (Tie, error) {
	e, err := whom(m, name, people, func(e core.ManagedPerson) bool { return !e.Released })
	if err != nil {
		return Tie{}, err
	}
	if e.Released && !e.ReleasedAll {
		return Tie{Said: []string{fmt.Sprintf("Nothing to do: %s (%s) is released already.", e.Email, e.OktaID)}}, nil
	}
	e.Released, e.ReleasedAll = true, false
	said := fmt.Sprintf("%s (%s) is no longer managed: nothing changes in Attio, whatever the directory says of them.", e.Email, e.OktaID)
	if e.AttioID == "" {
		said = fmt.Sprintf("%s (%s) has not been managed so far, and will not be: no run adds or changes them.", e.Email, e.OktaID)
	}
	return Tie{Changes: []core.Change{{Person: &e}}, Said: []string{said, "To take it back: scim-sync release --undo " + core.Quote(cmp.Or(e.Email, e.OktaID))}}, nil
}

// UndoRelease has somebody managed again.
func UndoRelease(m core.Managed, name string, people []idp.Person) (Tie, error) {
	e, err := whom(m, name, people, func(e core.ManagedPerson) bool { return e.Released })
	if err != nil {
		return Tie{}, err
	}
	if !e.Released {
		return Tie{Said: []string{fmt.Sprintf("Nothing to do: %s (%s) is not released.", e.Email, e.OktaID)}}, nil
	}
	return Tie{Changes: []core.Change{manageAgain(e)}, Said: []string{fmt.Sprintf("%s (%s) is managed again: the next run makes them as the directory says by then.", e.Email, e.OktaID)}}, nil
}

// manageAgain ends a release. Who had no place in Attio is met anew.
func manageAgain(e core.ManagedPerson) core.Change {
	if e.AttioID == "" {
		return core.Change{ForgetPerson: e.OktaID}
	}
	e.Released, e.ReleasedAll = false, false
	return core.Change{Person: &e}
}

// ReleaseAll stops managing everybody; undo has all who were let go of so
// managed again, but nobody who was released by name.
func ReleaseAll(m core.Managed, undo bool) Tie {
	var t Tie
	for _, e := range m.SortedPeople() {
		switch {
		case e.Released != undo, undo && !e.ReleasedAll:
		case undo:
			t.Changes = append(t.Changes, manageAgain(e))
		default:
			e.Released, e.ReleasedAll = true, true
			t.Changes = append(t.Changes, core.Change{Person: &e})
		}
	}
	n := core.Counted(len(t.Changes), "person", "people")
	switch {
	case len(t.Changes) == 0 && undo:
		t.Said = []string{"Nothing to do: nobody is released by --all."}
	case len(t.Changes) == 0:
		t.Said = []string{"Nothing to do: nobody is managed."}
	case undo:
		t.Said = []string{n + " managed again: the next run makes them as the directory says by then."}
	default:
		t.Said = []string{n + " released: nothing changes in Attio for them, whatever the directory says. Teams are still managed: scim-sync unlink GROUP.", "To take it back: scim-sync release --all --undo"}
	}
	return t
}

// whom finds the one person that a name means: in the state, else among those
// assigned in Okta. Of several, those who can be dealt with are meant.
func whom(m core.Managed, name string, people []idp.Person, fits func(core.ManagedPerson) bool) (core.ManagedPerson, error) {
	found := m.FindPeople(name)
	if len(found) == 0 {
		for _, p := range people {
			if p.ID != strings.TrimSpace(name) && attio.FoldEmail(p.Email) != attio.FoldEmail(name) {
				continue
			}
			e, ok := m.People[p.ID]
			if !ok {
				e = core.ManagedPerson{OktaID: p.ID, Email: strings.TrimSpace(p.Email)}
			}
			found = append(found, e)
		}
	}
	if len(found) > 1 {
		var some []core.ManagedPerson
		for _, e := range found {
			if fits(e) {
				some = append(some, e)
			}
		}
		if len(some) > 0 {
			found = some
		}
	}
	switch len(found) {
	case 0:
		return core.ManagedPerson{}, &TieError{Text: core.Quote(name) + " is neither managed nor assigned to the app", Advice: whomElse(m, name, people)}
	case 1:
		return found[0], nil
	}
	ids := make([]string, len(found))
	for i, e := range found {
		ids[i] = e.OktaID
	}
	sort.Strings(ids)
	return core.ManagedPerson{}, &TieError{Text: fmt.Sprintf("%s means several people: %s", core.Quote(name), strings.Join(ids, " and ")),
		Advice: "Name the one that is meant by the Okta id."}
}

// whomElse is the remedy for a name that nobody has.
func whomElse(m core.Managed, name string, people []idp.Person) string {
	var known []string
	for _, e := range m.SortedPeople() {
		known = append(known, e.Email)
	}
	for i := range people {
		known = append(known, people[i].Email)
	}
	if near := nearest.Name(name, known); near != "" {
		return "Did you mean " + core.Quote(near) + "?"
	}
	return "Look who is meant: scim-sync explain " + core.Quote(name)
}
