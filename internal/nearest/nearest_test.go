package nearest

import "testing"

func TestName(t *testing.T) {
	known := []string{"users", "groups", "assigned_groups", "push_mappings"}
	for given, want := range map[string]string{
		"userz": "users", "suers": "users", "Users": "users", "push-mapings": "push_mappings", "mappings": "push_mappings", "x": "", "": "", "teams": "",
	} {
		if got := Name(given, known); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
	if got := Suggestion("teams", known[:2]); got != "; known here: users, groups" {
		t.Error(got)
	}
}

// TestNameOfPeopleAndFlags: whoever knows a part of an address, or writes a flag another
// way, is told the whole.
func TestNameOfPeopleAndFlags(t *testing.T) {
	known := []string{"bo.berg@acme.example", "ada.arden@acme.example", "allow-removals", "log-level", "Sales EMEA"}
	for given, want := range map[string]string{
		"ada": "ada.arden@acme.example", "berg": "bo.berg@acme.example", "ada.ardn@acme.example": "ada.arden@acme.example", "allow_removal": "allow-removals",
		"loglevel": "log-level", "sales-emea": "Sales EMEA", "sales": "Sales EMEA", "zz": "", "ad": "",
		"nobo@acme.example": "", "ada.ardn@acme.exampel": "ada.arden@acme.example",
	} {
		if got := Name(given, known); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}
