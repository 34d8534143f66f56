package view

import (
	"bytes"
	"strings"
	"testing"

	core "scim-sync/sync"
	"scim-sync/sync/state"
)

func TestPeopleAreCountedInPlainWords(t *testing.T) {
	for want, c := range map[string]PeopleCounts{
		"300 people: 245 active, 55 suspended":                             {Active: 245, Suspended: 55},
		"1,300 people: 1,240 active, 5 invited, 50 suspended, 5 withdrawn": {Active: 1245, Invited: 5, Suspended: 55, Withdrawn: 5},
		"1 person: 1 invited (and 2 released)":                             {Active: 1, Invited: 1, Released: 2},
		"0 people":                                                         {},
	} {
		if got := c.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestEveryPageCountsPeopleInTheSameWords, and its rows say the same.
func TestEveryPageCountsPeopleInTheSameWords(t *testing.T) {
	m := somePeople(70)
	m.People["gone"] = core.ManagedPerson{OktaID: "gone", Released: true}
	m.People["vain"] = core.ManagedPerson{OktaID: "vain"}
	people, teams := CountManaged(m)
	const want = "70 people: 48 active, 8 invited, 12 suspended, 2 withdrawn (and 1 released)"
	if people.String() != want || people.Active != 56 || people.Suspended != 14 {
		t.Errorf("%+v: %s", people, people)
	}
	var status, stateText bytes.Buffer
	if err := StatusText(Stream{W: &status}, Status{State: &StateStatus{Exists: true, People: people, Teams: teams}}, made); err != nil {
		t.Fatal(err)
	}
	if err := StateText(Stream{W: &stateText}, m, nil, state.Info{Exists: true}, "free", false); err != nil {
		t.Fatal(err)
	}
	for _, b := range []*bytes.Buffer{&status, &stateText} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("not in these words:\n%s", b)
		}
	}
	for word, n := range map[string]int{"active": 48, "invited": 8, "suspended": 12, "withdrawn": 2, "released": 1, "not made": 1} {
		if got := strings.Count(stateText.String(), "\t"+word+"\t"); got != n {
			t.Errorf("%d rows say %s, want %d", got, word, n)
		}
	}
}
